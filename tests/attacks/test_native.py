"""The real server on a real socket: native routes, raw bytes, senders that lie about lengths, and the stream that must end with its session."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings

from numaru.kernel.access import ROLES
from numaru.kernel.models import IdempotentCall
from tests.attacks.conftest import OTHER, staff, token
from tests.attacks.serving import ask, raw, served
from tests.domains.billing.world import SLUG, World

pytestmark = pytest.mark.django_db
BATCH = "application/cloudevents-batch+json"
EVENT = {
    "specversion": "1.0", "id": "n1", "source": "attack", "type": "save", "subject": "noeul", "time": "2026-10-22T10:00:00+09:00", "data": {"quantity": "1"},
}  # fmt: skip


@pytest.fixture(scope="module")
def port(world: World, django_db_blocker: Any) -> Iterator[int]:
    from numaru.config.server import app

    with django_db_blocker.unblock(), served(app) as found:
        yield found


@pytest.fixture(scope="module")
def keys(world: World, django_db_blocker: Any) -> dict[str, str]:
    with django_db_blocker.unblock():
        return {"own": token(*ROLES, scope=SLUG), "other": token(*ROLES, scope=OTHER), "reader": token("auditor")}


def send(
    port: int, key: str, body: bytes, *, kind: str = BATCH, query: str = f"?service={SLUG}", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    return ask(port, "POST", f"/api/v1/usage{query}", body, {"Authorization": f"Bearer {key}", "Content-Type": kind} | headers)


def known() -> int:
    from numaru.facilities.metering.models import Delivery

    return Delivery.objects.count()


HEADERS = (
    "x-content-type-options",
    "content-security-policy",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/",
        "/",
        "/nothing",
        "/events",
        "/health",
        "/api/v1/usage",
        "/api/v1/bill-runs",
        "/api/v1/openapi.json",
        "/static/ui/x.css",
        "/static/../x",
        "/metrics",
    ],
)
def test_every_kind_of_answer_carries_the_headers(port: int, path: str) -> None:
    status, headers, _ = ask(port, "GET", path)
    assert not [name for name in HEADERS if name not in headers], (status, headers)
    assert "server" not in headers and "x-powered-by" not in headers and "unsafe" not in headers["content-security-policy"]
    assert "no-store" in headers["cache-control"] or path.startswith(("/static", "/api/v1/openapi")), headers["cache-control"]


def test_who_may_not_sends_no_usage(port: int, keys: dict[str, str]) -> None:
    before = known()
    body = json.dumps([EVENT]).encode()
    assert send(port, "nmk_invented", body)[0] == 401
    assert send(port, keys["other"], body)[0] == 403
    assert send(port, keys["reader"], body)[0] == 403
    assert ask(port, "POST", "/api/v1/usage", body, {"Content-Type": BATCH, "Cookie": "sessionid=x"})[0] == 401
    assert known() == before


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000, b'[{"a":' * 50_000, b'[{"specversion":"1.0","id":"\\ud800"}]', b"[NaN]", b"\xff", b"[null]", b"[[[]]]", b'"x"', b"0", b"",
        b'[{"specversion":"1.0","service":"\\u0000"}]', b'[{"specversion":"1.0","service":{"$gt":""}}]', b'[{"__proto__":{"a":1}}]', b"[" + b"1," * 100_000 + b"1]",
    ],
)  # fmt: skip
def test_bombs_of_json_are_refused_or_named(port: int, keys: dict[str, str], body: bytes) -> None:
    before = known()
    began = time.monotonic()
    status, headers, told = send(port, keys["own"], body)
    assert time.monotonic() - began < 10
    assert status in (200, 403, 404, 413, 422), (status, told[:200])
    assert (status == 200 and json.loads(told)["accepted"] == 0) or headers["content-type"] == "application/problem+json"
    assert status == 200 or known() == before


@pytest.mark.parametrize(
    "query",
    [
        f"?service={SLUG}&service={OTHER}",
        "?service=%00",
        "?service='%20OR%201=1",
        f"?service={SLUG}&role=administrator",
        "?service=" + "a" * 5000,
    ],
)
def test_parameters_are_strict(port: int, keys: dict[str, str], query: str) -> None:
    before = known()
    status, headers, _ = send(port, keys["own"], json.dumps([EVENT]).encode(), query=query)
    assert status in (400, 403, 404, 422) and headers["content-type"] == "application/problem+json" and known() == before


def test_a_packed_body_is_not_unpacked(port: int, keys: dict[str, str]) -> None:
    bomb = gzip.compress(b"[" + b" " * (64 * 2**20) + b"]")
    before = known()
    for coding in ("gzip", "deflate", "br", "gzip, gzip"):
        status, headers, _ = send(port, keys["own"], bomb, **{"Content-Encoding": coding})
        assert status == 415 and headers["content-type"] == "application/problem+json", (coding, status)
    assert send(port, keys["own"], bomb)[0] == 422 and known() == before


def test_a_body_that_is_too_large_is_refused_before_it_is_read(port: int, keys: dict[str, str]) -> None:
    head = f"POST /api/v1/usage HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {keys['own']}\r\nContent-Type: {BATCH}\r\nContent-Length: 99999999999\r\n\r\n"
    assert b" 413 " in raw(port, head.encode(), 3).split(b"\r\n")[0]


SMUGGLED = [
    b"POST /api/v1/usage HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /billing/runs/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    b"GET /\r\nX-Evil: 1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
]


@pytest.mark.parametrize("content", SMUGGLED, ids=range(len(SMUGGLED)))
def test_crooked_requests_are_never_read_as_two(port: int, content: bytes) -> None:
    heard = raw(port, content, 2)
    statuses = [line.split()[1] for line in heard.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert all(status[:1] in b"34" for status in statuses), heard[:300]
    assert b"X-Evil" not in heard and b"evil.example" not in heard
    assert ask(port, "GET", "/sign-in/")[0] == 200  # the house still answers


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80", "[evil]"])
def test_an_unknown_host_reaches_no_route(port: int, host: str) -> None:
    for path in ("/sign-in/", "/api/v1/usage", "/events", "/static/ui/parts.css"):
        status, _, body = ask(port, "GET", path, None, {"Host": host})
        assert status == 400 and b"evil" not in body, (path, status)


def test_forwarded_headers_of_strangers_count_for_nothing(port: int) -> None:
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded"):
        status, headers, body = ask(port, "GET", "/billing/runs/", None, {name: "evil.example", "X-Request-ID": "evil\tid"})
        assert status == 302 and headers["location"].startswith("/sign-in/") and "evil" not in str(headers) and b"evil" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fetc/passwd",
        "/static//etc/passwd",
        "/static/%00",
        "/static/ui/%2e%2e/%2e%2e/settings.py",
        "/static/",
    ],
)
def test_no_path_leaves_the_folder_of_files(port: int, path: str) -> None:
    assert ask(port, "GET", path)[0] in (400, 404)


def test_a_call_is_replayed_and_never_done_again(port: int, keys: dict[str, str]) -> None:
    body = json.dumps([EVENT | {"id": "replay"}]).encode()
    first = send(port, keys["own"], body, **{"Idempotency-Key": "replay-1"})
    before, calls = known(), IdempotentCall.objects.count()
    again = send(port, keys["own"], body, **{"Idempotency-Key": "replay-1"})
    assert first[0] == again[0] == 200 and json.loads(first[2]) == json.loads(again[2]) and json.loads(first[2])["accepted"] == 1
    assert send(port, keys["own"], body.replace(b'"1"', b'"2"'), **{"Idempotency-Key": "replay-1"})[0] == 409
    for key in ("x" * 301, "a b", "a\tb"):
        assert send(port, keys["own"], body, **{"Idempotency-Key": key})[0] == 422
    without = json.loads(send(port, keys["own"], body)[2])
    assert (without["accepted"], without["duplicates"]) == (0, 1)  # the event itself counts once, with a key or without
    assert known() == before + 1 and IdempotentCall.objects.count() == calls


def test_the_stream_is_for_who_has_signed_in(port: int) -> None:
    for cookie in ("", "sessionid=" + "a" * 32, 'sessionid="\\000aaaaaaaaaa"', "sessionid=' OR 1=1"):
        status, headers, body = ask(port, "GET", "/events", None, {"Cookie": cookie} if cookie else {})
        assert status == 401 and headers["cache-control"] == "no-store" and b"data:" not in body


@pytest.fixture
def session(world: World, django_db_blocker: Any) -> Iterator[str]:
    """The key of a session of somebody, seen by the server's own connections."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection
    from django.test import Client

    def enter() -> str:
        try:
            client = Client()
            client.force_login(staff("auditor", login=f"listener{time.monotonic_ns()}"))
            return str(client.cookies[settings.SESSION_COOKIE_NAME].value)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as apart:
        key = apart.submit(enter).result()
    yield key


def test_the_stream_tells_ids_alone_and_ends_with_the_session(port: int, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from numaru.config import stream

    monkeypatch.setattr(stream, "RECHECK", 0.0)
    link = socket.create_connection(("127.0.0.1", port), 10)
    link.sendall(f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: {settings.SESSION_COOKIE_NAME}={session}\r\n\r\n".encode())
    heard = link.recv(65_536)
    while b"retry:" not in heard:
        heard += link.recv(65_536)
    assert b" 200 " in heard.split(b"\r\n")[0]

    def leave() -> None:
        try:
            import_module(settings.SESSION_ENGINE).SessionStore(session).delete()
        finally:
            connection.close()

    stream.fan.tell('{"k": "billing.run", "id": "12"}')
    while b'"id": "12"' not in heard:
        heard += link.recv(65_536)
    with ThreadPoolExecutor(1) as apart:
        apart.submit(leave).result()
    stream.fan.tell('{"k": "secret.thing", "id": "13"}')
    link.settimeout(10)
    rest = b""
    while part := link.recv(65_536):
        rest += part
        if rest.endswith(b"0\r\n\r\n"):
            break
    link.close()
    assert b"secret.thing" not in rest, "the stream went on after its session had ended"
