"""After a restore nobody is signed in, and no link from before the backup sets a password."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.backup.api import Restored, restore_steps
from numaru.kernel.staff import api as staff

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")


def test_a_restored_house_has_no_sessions_and_no_links(tmp_path: Path) -> None:
    nuri = staff.add_staff.do(HOUSE, login="nuri", name="한누리", roles=["administrator"], password="한옥마루 창가 자리").staff
    browser = Client()
    browser.post("/sign-in/", {"username": "nuri", "password": "한옥마루 창가 자리"})
    assert browser.get("/access/staff/").status_code == 200
    link = staff.issue_link.do(HOUSE, staff=nuri.pk, reason="t")
    assert staff.ticket_holder(link.secret) is not None
    assert restore_steps["10-sessions"].does(Restored(tmp_path, "b", clock.now(), None)) == []
    assert browser.get("/access/staff/").status_code == 302 and staff.ticket_holder(link.secret) is None
