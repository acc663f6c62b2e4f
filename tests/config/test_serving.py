"""The native routes: files that may be kept for ever, the event stream, the state of health."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import re
import threading
import urllib.parse
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import override_settings
from starlette.applications import Starlette
from starlette.routing import Route

from numaru.config import static, stream
from numaru.kernel.postgres import Server
from tests.config.running import House, apart, up


def ask(app: Any, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """One GET to an ASGI application, without a network."""
    told: list[dict[str, Any]] = []

    async def run() -> None:
        asked = 0

        async def receive() -> dict[str, Any]:
            nonlocal asked
            asked += 1
            if asked > 1:  # a browser that waits says nothing more
                await asyncio.sleep(60)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        await app(
            {
                "type": "http",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "query_string": b"",
                "root_path": "",
                "scheme": "http",
                "server": ("testserver", 80),
                "client": ("127.0.0.1", 1),
                "http_version": "1.1",
                "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            },
            receive,
            send,
        )

    apart(run())
    kept = {k.decode(): v.decode() for k, v in told[0]["headers"]}
    return told[0]["status"], kept, b"".join(m.get("body", b"") for m in told[1:])


FILES = Starlette(routes=[Route("/static/{path:path}", static.static)])


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "kit").mkdir(parents=True)
    (folder / "kit" / "a.css").write_text("@import 'b.css'; /* long enough to be worth squeezing */\n" + ".x { color: red }\n" * 100)
    (folder / "kit" / "b.css").write_text(".b { color: blue }")
    (folder / "kit" / "one.js").write_text('import { two } from "./two.js";\ntwo();\n')
    (folder / "kit" / "two.js").write_text("export function two() {}\n")
    return folder


def test_collected_files_carry_their_hash_and_may_be_kept_for_ever(tmp_path: Path, sources: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path / "out", STATICFILES_DIRS=[str(sources)], STATIC_HASHED=True):
        count = static.collect()
        assert count >= 4
        assert static.collect() == 0  # nothing has changed
        names: dict[str, str] = json.loads((tmp_path / "out" / "staticfiles.json").read_text())["paths"]
        hashed = names["kit/a.css"]
        assert re.fullmatch(r"kit/a\.[0-9a-f]{12}\.css", hashed)
        status, headers, body = ask(FILES, f"/static/{hashed}")
        assert status == 200
        assert headers["cache-control"] == static.FOREVER
        assert headers["content-type"].startswith("text/css")
        assert headers["x-content-type-options"] == "nosniff"
        assert names["kit/b.css"].split("/")[1].encode() in body  # a sheet names its sheets by their hashed names
        assert names["kit/two.js"].split("/")[1] in (tmp_path / "out" / names["kit/one.js"]).read_text()  # and a module its modules
        status, headers, squeezed = ask(FILES, f"/static/{hashed}", {"Accept-Encoding": "gzip, br"})
        assert headers["content-encoding"] == "gzip" and gzip.decompress(squeezed) == body and len(squeezed) < len(body) / 2
        assert ask(FILES, "/static/kit/a.css")[1]["cache-control"] == "no-cache"  # an unhashed name may change its content
        (sources / "kit" / "b.css").write_text(".b { color: green }")
        assert static.collect() == count
        assert json.loads((tmp_path / "out" / "staticfiles.json").read_text())["paths"]["kit/a.css"] != hashed


@pytest.mark.parametrize("name", ["../secret", "kit/../../secret", "%2e%2e/secret", "/etc/passwd", ".stamp", "staticfiles.json/..", ""])
@pytest.mark.parametrize("hashed", [True, False])
def test_nothing_outside_is_served(tmp_path: Path, sources: Path, name: str, hashed: bool) -> None:
    (tmp_path / "secret").write_text("no")
    with override_settings(STATIC_ROOT=tmp_path / "out", STATICFILES_DIRS=[str(sources)], STATIC_HASHED=True):
        static.collect()
    with override_settings(STATIC_ROOT=tmp_path / "out", STATICFILES_DIRS=[str(sources)], STATIC_HASHED=hashed):
        assert ask(FILES, f"/static/{name}")[0] == 404


def test_a_stream_is_for_those_who_have_signed_in(db: None) -> None:
    app = Starlette(routes=[Route("/events", stream.events)])
    for headers in ({}, {"Cookie": "sessionid=invented"}):
        status, told, _ = ask(app, "/events", headers)
        assert status == 401
        assert told["cache-control"] == "no-store"


def test_a_slow_page_is_told_to_look_at_everything_instead_of_growing() -> None:
    async def run() -> None:
        fan = stream.Fan()
        with fan.page() as slow, fan.page() as quick:
            for n in range(stream.PENDING + 1):
                fan.tell(json.dumps({"k": "x", "id": str(n)}))
                assert quick.get_nowait() == json.dumps({"k": "x", "id": str(n)})
            assert slow.qsize() == 1
            assert slow.get_nowait() == stream.EVERYTHING
        fan.tell("nobody listens any more")
        assert slow.empty()

    apart(run())


def _signed_in(house: House, password: str) -> str:
    """The session cookie of the first administrator, got through the door as a browser does."""
    link = http.client.HTTPConnection("127.0.0.1", house.port, timeout=15)
    link.request("GET", "/sign-in/")
    answer = link.getresponse()
    page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    cookies = "; ".join(v.split(";")[0] for k, v in answer.getheaders() if k.lower() == "set-cookie")
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1), "username": "admin", "password": password})
    link.request("POST", "/sign-in/", body, {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies})
    answer = link.getresponse()
    answer.read()
    assert answer.status == 302, answer.status
    session = next(v.split(";")[0] for k, v in answer.getheaders() if k.lower() == "set-cookie" and v.startswith("sessionid="))
    link.close()
    return session


@pytest.mark.slow
def test_an_open_page_hears_what_was_announced_and_a_restart_is_not_held_up_by_it(home: Path) -> None:
    with up(home, "--empty") as house:
        password = house.said(r"password: (\S+)").group(1)
        house.healthy()
        session = _signed_in(house, password)
        link = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
        link.request("GET", "/events", headers={"Cookie": session})
        answer = link.getresponse()
        assert answer.status == 200
        assert answer.getheader("content-type", "").startswith("text/event-stream")
        assert answer.getheader("x-accel-buffering") == "no"
        heard: list[str] = []

        def read() -> None:
            while line := answer.fp.readline():
                heard.append(line.decode().strip())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        with psycopg.connect(Server(home).url, autocommit=True) as con:
            con.execute("select pg_notify('numaru_live', %s)", ['{"k": "billing.run", "id": "12"}'])
        limit = threading.Event()
        for _ in range(100):
            if 'data: {"k": "billing.run", "id": "12"}' in heard:
                break
            limit.wait(0.05)
        assert 'data: {"k": "billing.run", "id": "12"}' in heard
        assert house.stop(seconds=9) == 0  # the open stream ends at once
        reader.join(5)
        assert not reader.is_alive()


def test_health_says_what_is_missing(db: None) -> None:
    from numaru.config.health import look

    state = look()
    assert state == {"healthy": False, "database": True, "worker": False, "outbox_parked": 0, "jobs_waiting": 0}
