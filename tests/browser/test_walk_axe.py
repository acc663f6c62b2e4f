"""Every screen of the house, walked: axe finds nothing, nothing runs off the side, one heading names the page, the skip link and the help are there.

The addresses come from ``tests/attacks/routes.py``: a new screen is walked as soon as it has its row there. A page that the walk does not
open must stand in :data:`ELSEWHERE` with the reason, and must really not open: the list cannot hide one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from watching import DESK, PHONE, Watched

from numaru.kernel import clock
from numaru.kernel.access import ROLES
from numaru.kernel.models import Staff, StaffGrant
from numaru.ui.shell import THEME_COOKIE
from tests.attacks.conftest import OTHER, bring
from tests.attacks.routes import OPEN, PORTAL, POST, ROUTES, walk
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables
from tests.domains.billing.world import HOUSE
from tests.screens import subscriber

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Addresses that open no page of their own in this world, each with the reason.
ELSEWHERE = {
    "console:stay": "figures, no page",
    "consents:publish": "leads back to writing while there is no draft",
    "work:feed": "a file",
    "work:file": "only after a dry run of a calendar file: not walked yet",
    "portal:stay": "figures, no page",
    "account_link": "a link that was guessed is told 404; a true one is walked in test_door_screens.py",
    "audit:finding": "nothing has been found in this world: walked in test_audit_pages.py",
    "audit:review": "no month has been put together in this world: walked in test_audit_pages.py",
    "backups:restored": "only in a house that was put back: walked in test_backups.py",
    "billing:bill-parked": "the account stands over the end of its contract here: its refusal is a page of errors",
    "billing:invoice-pdf": "a file",
    "billing:run-report": "a file",
    "desk:bulk": "belongs to whoever began it",
    "desk:rows": "a file of whoever began it",
    "destruction:one": "nobody was destroyed in this world: walked in test_privacy_screens.py",
    "destruction:paper": "a file",
    "exports:export": "nothing was opened in bulk in this world: walked in test_openings.py",
    "faces:index": "only in a demo house: tests/config/test_faces.py",
    "faces:put-on": "only by POST, in a demo house",
    "imports:findings": "a file",
    "indicators:board": "nobody has put a board together in this world",
    "indicators:change": "nobody has put a board together in this world",
    "leaks:edit": "nothing has been drafted in this world: walked in test_two_person_screens.py",
    "leaks:handover-file": "a file",
    "leaks:paper": "a file",
    "leaks:people": "nobody has been looked for in this world: walked in test_two_person_screens.py",
    "leaks:plain": "a file",
    "letters:list": "a file",
    "mfa_authenticate": "the second step of signing in: walked in test_access_screens.py",
    "mfa_deactivate_totp": "needs a factor that exists: walked in test_access_screens.py",
    "mfa_login_webauthn": "data for a passkey, no page",
    "mfa_reauthenticate_webauthn": "needs a passkey that exists: walked in test_access_screens.py",
    "mfa_remove_webauthn": "needs a passkey that exists: walked in test_access_screens.py",
    "mfa_view_recovery_codes": "needs codes that exist: walked in test_access_screens.py",
    "notices:bell": "a part of every page",
    "notices:menu": "a part of every page",
    "portal:agree": "needs a purpose in its address: looked at in tests/faces/portal/test_consents.py",
    "portal:pdf": "a file",
    "portal:worker": "a script",
}
LIGHTS = {"ko": ("light", "dark"), "en": ("dark", "light")}  # at the desk, on the phone
# The gallery shows every part in both lights and languages side by side, so landmarks stand there several times.
TWICE = {"gallery:parts": {"landmark-unique"}}
SMOKE = ("console:home", "subscribers:list", "help:page")


@pytest.fixture
def house(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[world.World]:
    """The company of the attack tests, committed: two months billed, a second service, an import with findings."""
    from numaru.facilities.catalogue import api as catalogue

    settings.HOME = tmp_path
    made = world.company()
    world.used(made)
    made.bill("2026-08")
    with world.on("2026-09-05"):
        made.fact("saebom", "ended", "2026-08-25")
    made.bill("2026-09")
    catalogue.open_service.do(HOUSE, slug=OTHER, name_ko="다른 서비스", name_en="Another", zone="Asia/Seoul", currency="KRW")
    bring()
    yield made
    drop_run_tables()


@pytest.fixture
def everybody(transactional_db: None) -> Staff:
    """Somebody with every role at once, so that every page opens."""
    person = Staff.objects.create(login="every", name="한누리", created_at=clock.now())
    StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, granted_at=clock.now()) for role in ROLES)
    return person


def address(name: str, made: world.World) -> str:
    args = ROUTES[name].args(made)
    wanted = next(pattern for found, pattern, _ in walk() if found == name).pattern.converters
    return reverse(name, kwargs={key: value for key, value in args.items() if key in wanted})


def is_page(answer: Any) -> bool:
    if answer.status_code != 200 or getattr(answer, "streaming", False) or "html" not in answer.get("Content-Type", ""):
        return False
    return b"<html" in answer.content  # a part of a page is walked on that page


def screens(made: world.World, person: Staff) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """(pages of the console, pages before sign-in, pages of the portal) by name, asked for once without a browser.

    An address that leads to another page is left out: that page is walked under its own name.
    """
    inside, before, own = Client(), Client(), subscriber(made, "haneul")
    inside.force_login(person)
    found: tuple[dict[str, str], dict[str, str], dict[str, str]] = ({}, {}, {})
    silent = []
    for name, route in ROUTES.items():
        if route.may == POST or route.post:
            continue
        at = 1 if route.may == OPEN else 2 if route.may == PORTAL else 0
        path = address(name, made)
        answer = (inside, before, own)[at].get(path)
        if is_page(answer):
            found[at][name] = path
        elif answer.status_code not in (301, 302, 405):
            silent.append(name)
    unnamed = sorted(set(silent) - set(ELSEWHERE))
    assert not unnamed, f"these open no page here; walk them elsewhere and say so in ELSEWHERE: {unnamed}"
    hidden = sorted(set(ELSEWHERE) & {name for group in found for name in group})
    assert not hidden, f"these open a page and are walked: take them out of ELSEWHERE: {hidden}"
    return found


def wrong(seen: Watched, name: str, path: str, lights: tuple[str, str], *, console: bool) -> list[str]:
    """What is wrong with one page, at the desk in one light and on the phone in the other."""
    page, out = seen.page, []
    for view, light, where in ((DESK, lights[0], "desk"), (PHONE, lights[1], "phone")):
        page.context.add_cookies([{"name": THEME_COOKIE, "value": light, "url": seen.base}])
        page.set_viewport_size(view)
        answer = seen.go(path)
        if answer.status != 200:
            out.append(f"{name}: status {answer.status}")
        out += [f"{name} {light} {where}: {found}" for found in seen.axe() if found.split(":")[0] not in TWICE.get(name, ())]
        if seen.overflow() > 0:
            out.append(f"{name} {where}: {seen.overflow()} px too wide")
    if page.locator("h1").count() != 1:
        out.append(f"{name}: {page.locator('h1').count()} headings of the first level")
    if not page.locator("a.skip").count():
        out.append(f"{name}: no way past the navigation")
    if console and page.locator("nav.pillar").count() and not page.locator("a.helplink").count():
        out.append(f"{name}: no help")
    return out


def cookies(client: Client) -> list[tuple[str, str]]:
    return [(key, morsel.value) for key, morsel in client.cookies.items()]


def opened(open_page: Callable[..., Any], lang: str, **more: Any) -> Watched:
    seen: Watched = open_page(lang=lang, theme=LIGHTS[lang][0], reduced_motion="reduce", **more)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_screen_is_walked(open_page: Callable[..., Any], house: world.World, everybody: Staff, lang: str) -> None:
    inside, before, own = screens(house, everybody)
    assert len(inside) > 60 and len(before) >= 1 and len(own) > 5
    seen = opened(open_page, lang, user=everybody)
    found = [fault for name, path in inside.items() for fault in wrong(seen, name, path, LIGHTS[lang], console=True)]
    seen = opened(open_page, lang)
    found += [fault for name, path in before.items() for fault in wrong(seen, name, path, LIGHTS[lang], console=False)]
    seen = opened(open_page, lang)
    client = subscriber(house, "haneul", lang)
    seen.page.context.add_cookies([{"name": name, "value": value, "url": seen.base} for name, value in cookies(client)])
    found += [fault for name, path in own.items() for fault in wrong(seen, name, path, LIGHTS[lang], console=False)]
    assert not found, f"{len(found)} faults:\n" + "\n".join(re.sub(r"\s+", " ", fault)[:600] for fault in found)


def test_a_few_screens_are_walked_each_time(open_page: Callable[..., Any], house: world.World, everybody: Staff) -> None:
    seen = opened(open_page, "ko", user=everybody)
    found = [fault for name in SMOKE for fault in wrong(seen, name, address(name, house), LIGHTS["ko"], console=True)]
    assert not found, "\n".join(found)
