"""What holds for every request, whichever part answers it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.urls import get_resolver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from numaru.config import limits
from numaru.config.edge import HEADERS, Edge, route_of
from numaru.kernel import context, gauges, health
from tests.config.asking import ask

NATIVE = ["/events", "/health", "/health/live", "/health/ready", "/metrics", "/api/v1/usage", "/static/nothing.css", "/static/ui/parts.css"]


@pytest.fixture(scope="module")
def house() -> Any:
    """The application as the web process serves it."""
    from numaru.config import server

    return Edge(server.inner, proxies="", tls=False)


async def echo(request: Request) -> Response:
    """Answers with what the application sees of the request."""
    found = context.current.get()
    size = len(await request.body())
    assert found is not None
    return PlainTextResponse(
        json.dumps({"peer": request.client.host if request.client else "", "scheme": request.url.scheme, "id": found.id, "size": size})
    )


def small(**how: Any) -> Edge:
    return Edge(
        Starlette(routes=[Mount("/", routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])]), **{"proxies": "", "tls": False} | how
    )


def _pages() -> list[str]:
    """An address for each pattern of the tree, with made-up keys."""
    found: list[str] = []

    def walk(patterns: Any, before: str) -> None:
        for one in patterns:
            here = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, here)
            elif "^" not in here:
                found.append("/" + "".join("1" if part.startswith("<") else part for part in _split(here)))

    walk(get_resolver().url_patterns, "")
    return sorted(set(found))


def _split(pattern: str) -> list[str]:
    return [bit for piece in pattern.split("<") for bit in ([f"<{piece.split('>')[0]}>", piece.split(">")[1]] if ">" in piece else [piece])]


@pytest.mark.django_db(transaction=True)
def test_every_answer_of_every_route_carries_the_headers(house: Any) -> None:
    addresses = NATIVE + _pages() + ["/no/such/page", "/api/v1/none"]
    assert len(addresses) > 40
    house.limits = limits.Limits()
    for number, address in enumerate(addresses):
        answer = ask(house, address, peer=f"198.51.100.{number % 250}")
        assert answer.status, address
        for name in HEADERS:
            assert answer.headers.get(name), (address, name)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-request-id"] and "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers
        if not address.startswith("/static/"):
            assert "no-store" in answer.headers["cache-control"] or "no-cache" in answer.headers["cache-control"], address
    assert ask(house, "/sign-in/", scheme="https").headers["strict-transport-security"] == "max-age=31536000"


def test_an_unknown_host_is_refused_on_native_routes_as_on_pages(house: Any) -> None:
    for address in ("/health", "/metrics", "/static/ui/parts.css", "/sign-in/", "/api/v1/usage"):
        for host in ("evil.example", "", "testserver.evil.example", "testserver@evil.example"):
            assert ask(house, address, headers={"Host": host}).status == 400, (address, host)
    assert ask(house, "/health/live", headers={"Host": "10.0.0.7:8600"}).status == 200  # a container is asked by its address


def test_only_a_trusted_proxy_says_who_asks() -> None:
    told = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7, 10.0.0.2", "X-Forwarded-Proto": "https", "X-Request-ID": "from-the-proxy-1"}
    seen = json.loads(ask(small(), "/x", headers=told, peer="10.0.0.1").body)
    assert (seen["peer"], seen["scheme"]) == ("10.0.0.1", "http") and seen["id"] != "from-the-proxy-1"
    answer = ask(small(proxies="10.0.0.0/24"), "/x", headers=told, peer="10.0.0.1")
    seen = json.loads(answer.body)
    assert (seen["peer"], seen["scheme"], seen["id"]) == (
        "198.51.100.7",
        "https",
        "from-the-proxy-1",
    )  # 192.0.2.1 is only what somebody wrote
    assert answer.headers["x-request-id"] == "from-the-proxy-1"
    for strange in ("short", "a" * 65, "line\tbreak-in-it", "김하늘김하늘김하늘".encode().decode("latin-1")):
        answer = ask(small(proxies="10.0.0.0/24"), "/x", headers={"X-Request-ID": strange}, peer="10.0.0.1")
        assert answer.headers["x-request-id"] != strange


def test_with_tls_plain_requests_are_sent_to_https_and_calls_of_programs_are_refused() -> None:
    edge = small(tls=True)
    answer = ask(edge, "/subscribers/", query="page=2")
    assert (answer.status, answer.headers["location"]) == (308, "https://testserver/subscribers/?page=2")
    assert ask(edge, "/api/v1/bill-runs").status == 403  # its token has been seen on the way already: it must not look well
    assert ask(edge, "/sign-in/", method="POST").status == 403
    assert ask(edge, "/health/live").status == 200
    assert ask(edge, "/subscribers/", scheme="https").status == 200


def test_a_caller_who_asks_too_much_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_LIMIT_CLIENT", "0.5/3")
    edge = small()
    token = {"Authorization": "Bearer nmk_one"}
    statuses = [ask(edge, "/api/v1/usage", method="POST", headers=token).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = ask(edge, "/api/v1/usage", method="POST", headers=token)
    assert answer.headers["content-type"] == "application/problem+json" and 1 <= int(answer.headers["retry-after"]) <= 3
    assert json.loads(answer.body)["code"] == "edge.too_many"
    assert ask(edge, "/api/v1/usage", method="POST", headers={"Authorization": "Bearer nmk_two"}).status == 200
    assert ask(edge, "/subscribers/").status == 200


def test_searches_and_spreadsheets_of_one_session_are_limited_and_reading_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_LIMIT_HEAVY", "0.1/10")
    edge = small()
    mine = {"Cookie": "sessionid=mine"}
    assert [ask(edge, "/subscribers/", headers=mine, query="format=xlsx").status for _ in range(3)] == [200, 200, 429]
    assert ask(edge, "/subscribers/", headers=mine).status == 200
    assert ask(edge, "/subscribers/", headers={"Cookie": "sessionid=yours"}, query="q=010").status == 200


def test_guessed_tokens_use_up_the_patience_with_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no(_request: Request) -> Response:
        return PlainTextResponse("no", 401)

    monkeypatch.setenv("NUMARU_LIMIT_REFUSED", "0.01/5")
    edge = Edge(Starlette(routes=[Route("/api/v1/usage", no, methods=["POST"])]), proxies="", tls=False)
    statuses = [ask(edge, "/api/v1/usage", method="POST", headers={"Authorization": f"Bearer nmk_{n}"}).status for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert ask(edge, "/api/v1/usage", method="POST", peer="203.0.113.10").status == 401


def test_a_body_that_is_too_large_compressed_or_cut_off_is_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "API", 1000)
    edge = small()
    call = {"path": "/api/v1/usage", "method": "POST"}
    assert json.loads(ask(edge, **call, body=[b"x" * 600, b"y" * 400]).body)["size"] == 1000  # type: ignore[arg-type]
    assert ask(edge, **call, headers={"Content-Length": "1001"}).status == 413  # type: ignore[arg-type]
    assert ask(edge, **call, headers={"Content-Length": "-1"}).status == 413  # type: ignore[arg-type]
    answer = ask(edge, **call, body=[b"x" * 600, b"y" * 401])  # type: ignore[arg-type]
    assert answer.status == 413 and json.loads(answer.body)["code"] == "api.body_too_large"
    assert ask(edge, **call, headers={"Content-Encoding": "gzip"}).status == 415  # type: ignore[arg-type]
    assert ask(edge, **call, body=[b"half"], leaves=True).status == 408  # type: ignore[arg-type]


def test_a_body_that_trickles_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PIECE_WITHIN", 0.2)

    async def waits(request: Request) -> Response:
        await request.body()
        return PlainTextResponse("taken")

    edge = Edge(Starlette(routes=[Route("/x", waits, methods=["POST"])]), proxies="", tls=False)

    import asyncio

    from tests.config.running import apart

    told: list[dict[str, Any]] = []

    async def run() -> None:
        first = [b"a"]

        async def receive() -> dict[str, Any]:
            if first:
                return {"type": "http.request", "body": first.pop(), "more_body": True}
            await asyncio.sleep(30)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "scheme": "http", "client": ("203.0.113.9", 1),
                 "headers": [(b"host", b"testserver")], "http_version": "1.1", "server": ("testserver", 80), "root_path": ""}  # fmt: skip
        await asyncio.wait_for(edge(scope, receive, send), 5)

    apart(run())
    assert told[0]["status"] == 408


def test_a_route_is_a_pattern_and_never_holds_what_was_asked_for() -> None:
    assert route_of("/billing/runs/R2026-10-000001/") == route_of("/billing/runs/R2026-09-000002/") != "(none)"
    assert "R2026" not in route_of("/billing/runs/R2026-10-000001/")
    assert route_of("/010-1234-5678") == "(none)"


def test_a_request_leaves_one_line_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "numaru.access"):
        ask(small(), "/billing/runs/R2026-10-000001/", query="q=010-1234-5678", headers={"Cookie": "sessionid=secret"})
    (line,) = [r for r in caplog.records if r.name == "numaru.access"]
    assert line.status == 200 and line.method == "GET" and line.ms >= 0  # type: ignore[attr-defined]
    said = line.getMessage()
    assert "R2026" not in said and "010" not in said and "secret" not in said


def test_a_request_that_breaks_is_a_plain_500_with_all_headers() -> None:
    async def breaks(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("김하늘 010-1234-5678")

    answer = ask(Edge(breaks, proxies="", tls=False), "/x")
    assert answer.status == 500 and b"010" not in answer.body and answer.headers["x-frame-options"] == "DENY"


@pytest.mark.django_db(transaction=True)
def test_health_names_parts_and_tells_more_only_to_the_holder_of_the_token(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from numaru.config import health as page

    health.forget()
    monkeypatch.setattr(page, "_kept", (0.0, {}, []))
    monkeypatch.setenv("NUMARU_METRICS_TOKEN", "a-long-token")
    answer = ask(house, "/health")
    told = json.loads(answer.body)
    assert answer.status == 503 and told["healthy"] is False and told["database"] is True and told["worker"] is False
    assert told["parts"]["database"] == "ok" and told["parts"]["worker"] == "bad" and told["parts"]["tables"] == "ok"
    assert {"outbox", "disk", "server", "files", "clocks"} <= told["parts"].keys()
    assert isinstance(json.loads(ask(house, "/health", headers={"Authorization": "Bearer wrong"}).body)["parts"]["worker"], str)
    full = json.loads(ask(house, "/health", headers={"Authorization": "Bearer a-long-token"}).body)["parts"]["worker"]
    assert full["state"] == "bad" and full["remedy_ko"] and full["remedy_en"]
    assert ask(house, "/health/live").status == 200 and ask(house, "/health/ready").status == 200


def test_a_part_that_breaks_is_bad_and_does_not_hide_the_others() -> None:
    def breaks() -> health.Seen:
        raise RuntimeError("010-1234-5678")

    from numaru.kernel.health import Part, _look
    from numaru.values.text import Text

    seen = _look("x", Part(Text("가", "a"), breaks))
    assert seen.state == "bad" and "010" not in seen.fact.ko and seen.remedy is not None


@pytest.mark.django_db(transaction=True)
def test_figures_are_for_the_machine_itself_or_the_holder_of_the_token(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMARU_METRICS_TOKEN", raising=False)
    gauges.count("usage_events", "accepted", 3)
    assert ask(house, "/metrics").status == 404
    assert ask(house, "/metrics", peer="127.0.0.1", headers={"X-Forwarded-For": "203.0.113.1"}).status == 404  # a proxy on this machine
    ask(house, "/sign-in/")
    answer = ask(house, "/metrics", peer="127.0.0.1")
    assert answer.status == 200
    text = answer.body.decode()
    for name in (
        "numaru_requests_total{", "numaru_request_seconds_bucket{", "numaru_jobs", "numaru_outbox_waiting", "numaru_outbox_parked",
        "numaru_outbox_oldest_seconds", "numaru_database_connections{", "numaru_database_pool{", "numaru_web_threads 16", "numaru_build_info{",
        "process_cpu_seconds_total", 'numaru_health_part{part="worker"} 2.0', "numaru_figures_unread 0.0", 'numaru_usage_events_total{outcome="accepted"}',
    ):  # fmt: skip
        assert name in text, name
    assert 'route="sign-in/"' in text
    monkeypatch.setenv("NUMARU_METRICS_TOKEN", "a-long-token")
    assert ask(house, "/metrics", peer="127.0.0.1").status == 404
    assert ask(house, "/metrics", headers={"Authorization": "Bearer a-long-token"}).status == 200
