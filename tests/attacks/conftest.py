"""The company that is attacked: billed, with an import that left findings, a second service, a request for approval, and people of every role."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.imports import api as imports
from numaru.kernel.models import AuditRecord, Staff, StaffGrant
from numaru.kernel.staff.api import make_client
from tests.domains.billing.world import HOUSE, SLUG, World, on
from tests.screens import SignIn, naru, shared, sign_in

__all__ = ["SignIn", "naru", "shared", "sign_in"]
OTHER = "another-service"
MAPPING = f"""
[import]
kind = "subscribers"
[service]
slug = "{SLUG}"
name_ko = "나루 비디오"
name_en = "Naru Video"
zone = "Asia/Seoul"
currency = "KRW"
[offer]
slug = "tested"
[[offer.charges]]
key = "fee"
kind = "recurring"
tax = "included"
[fields.external_id]
column = "id"
unique = true
[fields.price]
column = "price"
min = "0"
[fields.started]
column = "start"
"""
CONTENT = b"id,price,start\n=cmd|'/c calc'!A1,9900,2026-10-01\nx2,=HYPERLINK(1),2026-10-01\nx3,5900,2026-10-01\n"


def bring(content: bytes = CONTENT, *, name: str = "people.csv", mapping: str = MAPPING, dry: bool = True) -> imports.ImportCard:
    """A file imported the way the console does it, worked off at once."""
    key, sha = imports.keep(io.BytesIO(content))
    card = imports.start.do(
        HOUSE, kind="subscribers", file_name=name, sha256=sha, mapping_name="map.toml", mapping_text=mapping, file_key=key, dry=dry
    )
    return imports.execute(card.number)


@pytest.fixture(scope="module")
def world(shared: World, django_db_blocker: Any) -> World:
    """The company of :mod:`tests.screens` with a second service and the import IMP-000001, committed for the whole module."""
    with django_db_blocker.unblock(), on("2026-10-20"):
        catalogue.open_service.do(HOUSE, slug=OTHER, name_ko="다른 서비스", name_en="Another", zone="Asia/Seoul", currency="KRW")
        bring()
    return shared


@pytest.fixture
def house(world: World, naru: World) -> Iterator[World]:
    """The company with everything that can be asked for, on 2 November 2026; what a test changes is taken back."""
    yield world


def staff(*roles: str, service: str = "", login: str = "", name: str = "한누리") -> Staff:
    """Somebody with these roles, for one service or all."""
    person = Staff.objects.create(login=login or f"a{Staff.objects.count()}", name=name, created_at=clock.now())
    StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, service=service, granted_at=clock.now()) for role in roles)
    return person


def token(*roles: str, scope: str = "") -> str:
    """The secret of a new API client."""
    return make_client.do(Actor.system("test"), name=f"program {AuditRecord.objects.count()}", roles=list(roles), scope=scope).token


type Caller = Callable[..., Client]


@pytest.fixture
def caller(house: World) -> Caller:
    """``caller("billing_clerk", scope="")``: a program with these roles."""
    return lambda *roles, scope="": Client(headers={"Authorization": f"Bearer {token(*roles, scope=scope)}"})


def written() -> tuple[int, ...]:
    """How many rows stand in every table of ours and in the queue: nothing was written when it is the same before and after.

    The log of openings and that of tries to get in may grow: they are there to record the attack.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables()))
        return tuple(cursor.fetchone())


@functools.cache
def tables() -> tuple[str, ...]:
    """The tables of our models that stand in the database, with their schemas, and the queue."""
    ours = [m._meta.db_table for m in apps.get_models() if m.__module__.startswith("numaru.") and m.__name__ not in RECORDS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL", [[*ours, "procrastinate_jobs"]])
        return tuple(name for (name,) in cursor.fetchall())


RECORDS = frozenset({"VaultOpening", "SignInAttempt", "SignInGate"})
