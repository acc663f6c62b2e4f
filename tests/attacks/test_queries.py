"""SQL and nonsense in everything that reaches a query: search, sort, filters, cursors, numbers, fields nobody asked for."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from numaru.domains.billing.models import BillRun
from numaru.kernel.access import ROLES, hash_token
from numaru.kernel.models import Staff, StaffGrant
from tests.attacks.conftest import Caller, SignIn, staff, written
from tests.attacks.routes import OPEN, PORTAL, POST, ROUTES
from tests.attacks.test_reach import address
from tests.domains.billing.world import SLUG, World

INJECTIONS = [
    "'", "''", "' OR '1'='1", "'; DROP TABLE billing_billrun; --", "\" OR 1=1 --", "1) OR (1=1", "') UNION SELECT password FROM kernel_staff --", "\\'; --",
    "%27%20OR%201=1", "%", "_", "%%%", "\\", "E'\\x27'", "$$;SELECT pg_sleep(9)$$", "1;SELECT pg_sleep(9)", "{}", "NULL", "' AND pg_sleep(9) IS NULL --",
]  # fmt: skip
NONSENSE = [
    "\x00", "a\x00b", "\ud7ff", "\U0010ffff", "\ufffe", "９９９", "-1", "0", "9" * 30, "1e400", "NaN", "Infinity", "-0", "0x10", " ", "\t\r\n", "a" * 5000,
    "S-99999999999999999", "S-00000000000000000000001", "R2026-08-999999999", "R9999-99", "INV-2026-0000123", "A-9999999999999999999", "IMP-", "true", "[]", "../", "；",
]  # fmt: skip
LISTS = sorted(
    name for name in ROUTES if name.endswith((":list", ":runs", ":invoices", ":records", ":openings", ":findings", ":reviews", ":clients"))
)
PAGES = sorted(name for name, route in ROUTES.items() if route.may not in (OPEN, PORTAL, POST))
PARAMETERS = ("q", "sort", "after", "before", "served", "service", "state", "run", "kind", "show", "row", "count", "density", "why", "part", "open", "lang", "page", "month", "actor", "object", "action", "from", "to")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_nothing_in_an_address_breaks_a_page_or_reaches_sql(name: str, house: World, sign_in: SignIn) -> None:
    client, path = sign_in(*ROLES), address(name, house)
    values = [*INJECTIONS, *NONSENSE]
    for turn in range(0, len(values), 8):  # every parameter another value, and each page begins with others
        given = {key: values[(turn + place + PAGES.index(name)) % len(values)] for place, key in enumerate(PARAMETERS)}
        if turn % 16:
            given = {key: value for key, value in given.items() if "\0" not in value}  # NUL alone would hide what the others do
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path, given)
        assert answer.status_code in (200, 302, 400, 403, 404, 405, 409, 422), (given, answer.status_code)
        sent = [value for value in given.values() if len(value) > 8 and "'" in value]
        assert not [v for v in sent for q in asked.captured_queries if v in q["sql"]], "a value stands in a query as it was sent"
    assert BillRun.objects.exists()


@pytest.mark.parametrize("name", ["subscribers:list", "billing:invoices", "access:list", "audit:records"])
def test_a_search_for_injections_finds_nothing(name: str, house: World, sign_in: SignIn) -> None:
    client, path = sign_in(*ROLES), address(name, house)
    everything = client.get(path).content.decode().count("<tr")
    for value in [*INJECTIONS[2:6], "%", "_", "%%%"]:
        rows = client.get(path, {"q": value}).content.decode().count("<tr")
        assert everything > 2 and rows <= 1, (value, rows)


SAID: list[Any] = [
    ["new", 10**30], ["new", -(10**30)], ["new", "' OR 1=1"], ["new", "\x00"], ["new", 1e400], ["new", True], ["new", None], ["new", [1]], ["number", 1, 2],
    ["month", "2026-99-99", 1], ["month", "0000-00-00", 1], ["month", "9999-12-31", 10**25], ["month", "2026-08-01\x00", 1], {"new": 1}, "new", 5,
]  # fmt: skip
CURSORS = [("", c) for c in ("x", "=" * 50, base64.urlsafe_b64encode(b"[" * 20_000).decode())] + [
    (said[0] if isinstance(said, list) else "", base64.urlsafe_b64encode(json.dumps(said).encode()).decode()) for said in SAID
]


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_an_invented_cursor_shows_the_first_page(name: str, house: World, sign_in: SignIn) -> None:
    client, path = sign_in(*ROLES), address(name, house)
    for n, (sort, cursor) in enumerate(CURSORS):
        side = ("after", "before")[n % 2]
        answer = client.get(path, {side: cursor, "sort": sort})
        assert answer.status_code == 200, (side, cursor[:40], sort, answer.status_code)


@pytest.mark.slow
@pytest.mark.parametrize("value", [*INJECTIONS, *NONSENSE])
def test_numbers_in_paths_and_the_api_are_only_numbers(value: str, house: World, sign_in: SignIn, caller: Caller) -> None:
    client, program = sign_in(*ROLES), caller(*ROLES)
    for path in ("subscribers/{}/", "billing/runs/{}/", "billing/runs/{}/cancel/", "billing/runs/R2026-09/parked/{}/", "billing/invoices/{}/",
                 "billing/invoices/{}/pdf", "imports/{}/", "imports/{}/findings.csv", "approvals/{}/", "policies/{}/"):  # fmt: skip
        answer = client.get("/" + path.format(quote(value, safe="")))
        assert answer.status_code in (302, 400, 404, 409), (path, answer.status_code)
    for path in ("subscribers/{}", "bill-runs/{}", "invoices/{}", "bill-runs?service={}"):
        answer = program.get("/api/v1/" + path.format(quote(value, safe="")))
        assert answer.status_code in (200, 400, 404, 422), (path, answer.status_code)
        assert answer.status_code != 200 or json.loads(answer.content)["items"] == []


# ── fields that nobody asked for ──

EXTRA = {
    "role": "administrator", "roles": "administrator", "is_active": "true", "is_superuser": "1", "is_staff": "1", "service_id": "1", "state": "posted", "number": "R1",
    "actor": "1", "actor_id": "1", "approved_by": "1", "created_at": "2000-01-01", "id": "1", "pk": "1", "password": "x", "login": "root", "dry": "", "queue": "", "how": "stop",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", sorted(name for name, route in ROUTES.items() if route.change and route.works and not name.startswith("access:"))
)
def test_fields_that_nobody_asked_for_do_nothing(name: str, house: World, sign_in: SignIn) -> None:
    """The same POST with a load of extra fields: grants, accounts and states are what the plain one would leave."""
    from django.db import transaction

    route, path = ROUTES[name], address(name, house)
    person = staff(*ROLES)
    client = Client()
    client.force_login(person)

    def outcome(more: dict[str, str]) -> Any:
        mark = transaction.savepoint_create()
        answer = client.post(
            path,
            route.form(house) | {k: v for k, v in more.items() if k not in route.form(house) and not (k == "dry" and "imports" in name)},
        )
        left = (
            answer.status_code, written(), sorted(StaffGrant.objects.values_list("staff_id", "role", "service")),
            sorted(Staff.objects.values_list("login", "is_active", "name")), sorted(BillRun.objects.values_list("number", "state", "service_id")),
        )  # fmt: skip
        transaction.savepoint_rollback(mark)
        return left

    assert outcome({}) == outcome(EXTRA)


def test_preferences_keep_three_things_and_no_more(house: World, sign_in: SignIn) -> None:
    client = sign_in("auditor")
    before = Staff.objects.get(pk=client.session["_auth_user_id"])
    client.post("/preferences/", EXTRA | {"language": "en", "theme": "x'y", "keys": "maybe"})
    after = Staff.objects.get(pk=before.pk)
    assert after.language == "en" and (after.login, after.is_active, after.password, after.name) == (
        before.login,
        before.is_active,
        before.password,
        before.name,
    )
    assert "nm_theme" not in client.cookies or "x'y" not in client.cookies["nm_theme"].value


@pytest.mark.parametrize(
    "extra", [{"role": "administrator"}, {"state": "posted"}, {"actor": 1}, {"__proto__": {"x": 1}}, {"service_id": 1}]
)
def test_the_api_refuses_fields_that_it_does_not_know(house: World, caller: Caller, extra: dict[str, Any]) -> None:
    before = written()
    client = caller("billing_clerk")
    body = {"service": SLUG, "period": "2026-10"} | extra
    with_client = written()
    answer = client.post("/api/v1/bill-runs", json.dumps(body), "application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422 and written() == with_client and before != with_client


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000, b'{"a":' * 50_000, b'{"service":"\\ud800","period":"2026-10"}', b'{"service":NaN}', b"\xff\xfe", b"null", b'"x"', b"[]", b"{}",
        b'{"service":"' + b"a" * 1_000_000 + b'","period":"2026-10"}', b'{"service":"\\u0000","period":"2026-10"}', b'{"service":1e999,"period":2026}',
        b'{"service":["naru-video"],"period":{"$gt":""}}', b'{"service":"naru-video","service":"x","period":"2026-10","period":"x"}',
    ],
)  # fmt: skip
def test_json_bombs_are_told_as_problems(house: World, caller: Caller, body: bytes) -> None:
    client = caller("billing_clerk")
    before = written()
    answer = client.generic("POST", "/api/v1/bill-runs", body, "application/json", headers={"Idempotency-Key": "k"})
    assert answer.status_code in (400, 413, 422) and answer["Content-Type"].startswith("application/problem+json"), answer.status_code
    assert written() == before


# ── the key of a program ──


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer nmk_",
        "Bearer ' OR 1=1 --",
        "Bearer \x00",
        "Bearer " + "a" * 20_000,
        "bearer x y",
        "Token x",
        "Bearer null",
        "Bearer %00",
    ],
)
def test_an_invented_key_opens_nothing(house: World, header: str) -> None:
    before = written()
    for path in ("bill-runs", "bill-runs/R2026-08", "invoices/R2026-08-000001", "subscribers/S-0000001"):
        answer = Client(headers={"Authorization": header} if header else {}).get(f"/api/v1/{path}")
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer") and answer["Cache-Control"] == "no-store"
    assert written() == before


def test_a_session_is_no_key_and_a_key_is_no_session(house: World, sign_in: SignIn, caller: Caller) -> None:
    assert sign_in(*ROLES).get("/api/v1/bill-runs").status_code == 401
    assert caller(*ROLES).get("/billing/runs/").status_code == 302


def test_a_key_is_looked_up_by_its_hash_in_one_query_whatever_it_is(house: World, caller: Caller) -> None:
    """The time of a look-up tells nothing of other keys: what is compared is a hash that the sender can't steer."""
    from numaru.kernel.access import authenticate_client

    for given in ("nmk_x", "y" * 50):
        with CaptureQueriesContext(connection) as asked:
            assert authenticate_client(given) is None
        assert len(asked) == 1 and given not in asked.captured_queries[0]["sql"] and hash_token(given) in asked.captured_queries[0]["sql"]


def test_a_call_of_long_ago_is_answered_and_not_done_again(house: World, caller: Caller) -> None:
    """A recorded POST replayed by somebody gives the recorded answer; with another body or by another client nothing is taken over."""
    client, other = caller("billing_clerk"), caller("billing_clerk")
    body = json.dumps({"service": SLUG, "period": "2026-10"})

    def send(who: Client, content: str, key: str = "k1") -> Any:
        return who.post("/api/v1/bill-runs", content, "application/json", headers={"Idempotency-Key": key})

    first = send(client, body)
    runs = written()
    assert first.status_code == 202
    again = send(client, body)
    assert (again.status_code, json.loads(again.content)) == (202, json.loads(first.content)) and written() == runs
    assert send(client, body.replace("10", "09")).status_code == 409
    assert send(other, body).status_code == 409  # its own key: a second run of the month is refused by the room
    for key in ("", "a\tb", "가", "x" * 301, "a b"):
        assert send(client, body, key).status_code == 422, key
