"""Naru Video with people of several roles, for the tests of work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant
from tests.screens import naru, shared, sign_in  # noqa: F401

type Hire = Callable[..., Staff]


@pytest.fixture
def hire(db: None) -> Hire:
    """``hire("billing_clerk", service="")``: a member of staff with that role."""

    def make(*roles: str, service: str = "", name: str = "한누리") -> Staff:
        person = Staff.objects.create(login=f"w{Staff.objects.count()}", name=name, created_at=clock.now())
        StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, service=service, granted_at=clock.now()) for role in roles)
        return person

    return make
