"""Who reaches what: every address × every role × grants for all services, for its own and for another (a generated matrix).

Knowing a number gives nothing: what is of another service is told exactly as what does not exist. A change tried by who may not make it
writes nothing.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.kernel.access import ROLES, permissions
from numaru.kernel.audit.permissions import ACCESS_VIEW
from tests.attacks.conftest import OTHER, Caller, SignIn, written
from tests.attacks.routes import ANY, NOBODY, OPEN, PORTAL, POST, ROUTES, Route, walk
from tests.domains.billing.world import SLUG, World

SCOPES = {"all": "", "own": SLUG, "another": OTHER}
QUICK = [
    pytest.param(scope, marks=[] if scope == "another" else [pytest.mark.slow]) for scope in SCOPES
]  # a gate before each commit tries strangers
GUARDED = sorted(name for name, route in ROUTES.items() if route.may not in (OPEN, PORTAL))
READ = sorted(name for name, route in ROUTES.items() if route.may not in (OPEN, ANY, PORTAL, POST, NOBODY))
SHUT = sorted(name for name, route in ROUTES.items() if route.may == NOBODY)
CHANGED = sorted(name for name, route in ROUTES.items() if route.change)


def test_every_address_says_who_may_reach_it() -> None:
    found = {name for name, _, path in walk() if not path.startswith("api/")}
    assert not found - set(ROUTES), f"say in tests/attacks/routes.py who may reach: {sorted(found - set(ROUTES))}"
    assert not set(ROUTES) - found, f"these addresses are gone: {sorted(set(ROUTES) - found)}"


def address(name: str, world: World) -> str:
    """Where the thing stands; makes the thing when the world does not have it yet."""
    args = ROUTES[name].args(world)
    wanted = next(pattern for found, pattern, _ in walk() if found == name).pattern.converters
    return reverse(name, kwargs={key: value for key, value in args.items() if key in wanted})


def text(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    return str(body.decode(errors="replace"))


def reaches(permission: str, route: Route, role: str, scope: str) -> bool:
    """Whether a grant of ``role`` for ``scope`` gives ``permission`` on the thing of the route, by the declared table."""
    return role in permissions[permission].roles and (scope == "all" or (scope == "own" and route.scoped))


@pytest.mark.parametrize("name", GUARDED)
def test_nobody_reaches_anything_without_signing_in(name: str, house: World) -> None:
    path, route = address(name, house), ROUTES[name]
    before = written()
    for method in ("get", "post", "put", "delete", "patch", "head", "options"):
        answer = getattr(Client(), method)(path)
        assert answer.status_code in (302, 403, 405) or (method == "options" and not answer.content), (method, answer.status_code)
        assert answer.get("Location", "/sign-in/").startswith("/sign-in/"), (method, answer["Location"])
        secret = route.secret(house)
        assert not secret or secret not in text(answer)
    assert written() == before


@pytest.mark.parametrize("scope", QUICK)
@pytest.mark.parametrize("name", READ)
def test_every_read_by_every_role(name: str, scope: str, house: World, sign_in: SignIn) -> None:
    route, path = ROUTES[name], address(name, house)
    secret = route.secret(house)
    for role in ROLES:
        who = f"{name} by {role} ({scope})"
        answer = sign_in(role, service=SCOPES[scope]).get(path)
        shown = text(answer).replace(path, "")
        if reaches(route.may, route, role, scope):
            assert answer.status_code == route.status, f"{who}: {answer.status_code}"
        elif role not in permissions[route.may].roles:
            assert answer.status_code in (403, 404), f"{who} is open: {answer.status_code}"
        else:
            assert answer.status_code in (200, 404, 403), f"{who}: {answer.status_code}"  # a list that is empty, or not found
        if secret and reaches(route.tells or route.may, route, role, scope):
            assert secret in shown, f"{who} shows nothing"
        elif secret:
            assert secret not in shown, f"{who} tells what is not theirs"


@pytest.mark.parametrize("name", SHUT)
def test_what_lies_behind_its_own_gate_tells_nobody_of_another_house(name: str, house: World, sign_in: SignIn) -> None:
    """Roles that carry no permission at all, and every role for another service: no page, no file, no word."""
    path = address(name, house)
    for client in (sign_in(), sign_in("basic"), sign_in("support_engineer"), sign_in(*ROLES, service=OTHER)):
        answer = client.get(path)
        assert answer.status_code in (403, 404, 405), answer.status_code
        assert "사고 7f3a" not in text(answer)


@pytest.mark.parametrize("scope", QUICK)
@pytest.mark.parametrize("name", CHANGED)
def test_every_change_by_every_role(name: str, scope: str, house: World, sign_in: SignIn) -> None:
    route, path = ROUTES[name], address(name, house)
    for role in ROLES:
        who = f"{name} by {role} ({scope})"
        client = sign_in(role, service=SCOPES[scope])
        before = written()
        mark = transaction.savepoint_create()
        answer = client.post(path, route.form(house))
        if route.change != NOBODY and all(reaches(p, route, role, scope) for p in (route.change, route.also) if p):
            if route.works is None:
                transaction.savepoint_rollback(mark)
                continue
            assert answer.status_code in ((200, 302) if route.works else (409, 422)), f"{who}: {answer.status_code}"
            assert (written() != before or state(house) != "") if route.works else written() == before, who
        else:
            assert answer.status_code in (403, 404, 422), f"{who} is not refused: {answer.status_code}"
            assert written() == before, f"{who} wrote something"
            secret = route.secret(house)
            assert not secret or secret not in text(answer), who
        transaction.savepoint_rollback(mark)


def state(house: World) -> str:
    """The states of runs and works: a change that adds no row shows here."""
    from numaru.kernel.models import Work

    return ",".join(Work.objects.exclude(asked="").values_list("key", flat=True))


@pytest.mark.parametrize("name", sorted(name for name, route in ROUTES.items() if route.may == POST))
def test_changes_are_not_made_by_reading(name: str, house: World, sign_in: SignIn) -> None:
    path, client = address(name, house), sign_in(*ROLES)
    before = written()
    for method in ("get", "head"):
        assert getattr(client, method)(path).status_code in (302, 405)
    assert written() == before


NAMED = sorted(name for name, pattern, _ in walk() if name in READ and "number" in pattern.pattern.converters)


@pytest.mark.parametrize("name", NAMED)
def test_another_services_thing_and_a_missing_one_are_told_alike(name: str, house: World, sign_in: SignIn) -> None:
    """Word for word, but for the number that was asked for and the token of the forms."""
    path, client = address(name, house), sign_in(*ROLES, service=OTHER)
    asked = next(part for part in path.split("/") if re.search(r"\d", part))
    ghost = asked[:-1] + ("8" if asked[-1] != "8" else "7")
    hidden, missing = client.get(path), client.get(path.replace(asked, ghost))
    assert hidden.status_code == missing.status_code in (403, 404)

    def blank(answer: Any, number: str) -> str:
        shown = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text(answer)).replace(path.replace(asked, number), "#")
        return shown if number.isdigit() else shown.replace(number, "#")

    assert blank(hidden, asked) == blank(missing, ghost)


API: dict[str, tuple[str, ...]] = {
    "/api/v1/bill-runs": (RUN_VIEW,),
    "/api/v1/bill-runs/{number}": (RUN_VIEW,),
    "/api/v1/invoices/{number}": (INVOICE_VIEW,),
    "/api/v1/subscribers/{number}": (SUBSCRIBER_VIEW,),
    "/api/v1/subscribers/{number}/access-log": (SUBSCRIBER_VIEW, ACCESS_VIEW),
}
NUMBERS = {"bill-runs": "R2026-08", "invoices": "R2026-08-000001", "subscribers": "S-0000001"}


def test_every_read_of_the_description_is_tried() -> None:
    from numaru.faces.rest.api import api

    assert {path for path, operations in api.get_openapi_schema()["paths"].items() if "get" in operations} == set(API)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("path", API)
def test_every_read_of_the_api_by_every_role(path: str, scope: str, house: World, caller: Caller) -> None:
    where = path.format(number=NUMBERS[path.split("/")[3]])
    for role in ROLES:
        answer = caller(role, scope=SCOPES[scope]).get(where)
        has = all(role in permissions[permission].roles for permission in API[path])
        who = f"{path} by {role} ({scope}): {answer.status_code}"
        if not has:
            assert answer.status_code in ((403, 404) if scope == "another" else (403,)), who
        elif scope == "another" and "{" in path:
            assert answer.status_code == 404, who
        else:
            assert answer.status_code == 200, who
            assert (NUMBERS[path.split("/")[3]] in text(answer)) == (scope != "another"), who


def test_numbers_can_be_guessed_and_give_nothing(house: World, sign_in: SignIn, caller: Caller) -> None:
    """Walking through numbers as a stranger finds nothing: every answer is the same 404."""
    client, program = sign_in(*ROLES, service=OTHER), caller(*ROLES, scope=OTHER)
    paths = [f"subscribers/S-{n:07d}" for n in range(1, 9)] + [f"invoices/R2026-08-{n:06d}" for n in range(1, 5)] + ["bill-runs/R2026-08"]
    for path in paths:
        assert client.get(f"/{path.replace('invoices', 'billing/invoices').replace('bill-runs', 'billing/runs')}/").status_code == 404, path
        assert program.get(f"/api/v1/{path}").status_code == 404, path
