"""Naru Video billed for two months, and somebody of each role who signs in by name, for the days of roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant
from tests.browser.conftest import chromium, open_page  # noqa: F401
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables

PASSWORD = "한옥마루 창가 자리"


@pytest.fixture
def naru(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[world.World]:
    settings.HOME = tmp_path
    made = world.company()
    world.used(made)
    made.bill("2026-08")
    with world.on("2026-09-05"):
        made.fact("saebom", "ended", "2026-08-25")
    made.bill("2026-09")
    yield made
    drop_run_tables()


@pytest.fixture
def hired(naru: world.World) -> Callable[..., Staff]:
    """``hired("nuri", "billing_clerk")``: somebody with that role and the password of the tests."""

    def hire(login: str, *roles: str) -> Staff:
        person = Staff(login=login, name="한누리", created_at=clock.now(), language="ko")
        person.set_password(PASSWORD)
        person.save()
        StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, granted_at=clock.now()) for role in (*roles, "basic"))
        return person

    return hire
