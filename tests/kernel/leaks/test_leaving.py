"""A leaver's open cases go to whoever cuts off; files of hand-overs stay as evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import LeakCase, LeakEntry
from numaru.kernel.models import Staff
from numaru.kernel.staff import api as staff

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")


def made(login: str, role: str) -> Staff:
    return staff.add_staff.do(HOUSE, login=login, name=login.title(), roles=[role]).staff


def test_open_cases_are_handed_to_whoever_cuts_off() -> None:
    boss, leaver, other = made("boss", "administrator"), made("leaver", "privacy_officer"), made("other", "privacy_officer")
    numbers = [
        leaks.open_case.do(who.actor, kind="leak", known_at=clock.now() - timedelta(hours=2), happened="열람 기록에 이상한 점이 있음")
        for who in (leaver, other)
    ]
    assert staff.cut_off.plan(boss.actor, staff=leaver.pk).result["leaks"] == 1
    assert LeakCase.objects.get(number=numbers[0]).owner == leaver.pk, "a plan hands nothing over"
    assert staff.cut_off.do(boss.actor, staff=leaver.pk, reason="퇴사")["leaks"] == 1
    assert [LeakCase.objects.get(number=n).owner for n in numbers] == [boss.pk, other.pk]
    line = LeakEntry.objects.filter(case__number=numbers[0]).latest("id")
    assert (line.kind, line.actor_name) == ("owner", "Boss") and "Leaver" in line.text[0]
