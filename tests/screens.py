"""Naru Video for the tests of screens: billed once for a whole module; each test's changes are taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties.models import PortalAccount
from numaru.kernel import clock, outbox
from numaru.kernel.models import Staff, StaffGrant
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables

type SignIn = Callable[..., Client]


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: Any) -> Iterator[world.World]:
    """The company after August and September were billed, committed; the database is empty again afterwards."""
    assert connection.settings_dict["NAME"].startswith("test_"), "the tests' own database is not set up; refusing to empty this one"
    kept = settings.HOME
    with django_db_blocker.unblock(), tempfile.TemporaryDirectory(prefix="numaru-s-") as folder:
        settings.HOME = Path(folder)
        try:
            made = world.company()
            world.used(made)
            made.bill("2026-08")
            with world.on("2026-09-05"):
                made.fact("saebom", "ended", "2026-08-25")
            made.bill("2026-09")
            while outbox.dispatch_once():
                pass
            yield made
        finally:
            settings.HOME = kept
            call_command("flush", verbosity=0, interactive=False)
            drop_run_tables()


@pytest.fixture
def naru(shared: world.World, db: None) -> Iterator[world.World]:
    """The shared company, on 2 November 2026; what a test changes is taken back."""
    with world.on("2026-11-02"):
        yield shared


def subscriber(naru: world.World, who: str, language: str = "ko") -> Client:
    """Somebody of the cast, signed in to the portal, in the language of their account."""
    made = subscribers.portal_session_for(naru.subscriber(who).number, as_house=world.HOUSE)
    PortalAccount.objects.filter(party=naru.subscriber(who).party_id).update(language=language)
    client = Client()
    client.cookies[settings.PORTAL_COOKIE_NAME] = made.key
    return client


@pytest.fixture
def sign_in(naru: world.World) -> SignIn:
    """``sign_in("billing_clerk", service="")``: a client of somebody with that role. No role: somebody who may see nothing."""

    def make(*roles: str, service: str = "", language: str = "ko") -> Client:
        person = Staff.objects.create(login=f"p{Staff.objects.count()}", name="한누리", language=language, created_at=clock.now())
        StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, service=service, granted_at=clock.now()) for role in roles)
        Authenticator.objects.create(user=person, type="totp", data={})  # so that they may come in on any later day
        client = Client()
        client.force_login(person)
        return client

    return make
