"""POST /api/v1/usage as a program sees it: counts, findings in both languages, repeats, keys and refusals, over the route that is served."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pyarrow as pa
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from numaru.domains.billing import api as billing
from numaru.domains.billing.actions.offers import ChargeSpec
from numaru.faces.rest import usage
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.facilities.metering.models import Delivery
from numaru.kernel import clock
from numaru.kernel.access import Actor, hash_token
from numaru.kernel.models import ApiClient, IdempotentCall

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
TOKEN = "nmk_test"
ACTOR = Actor.system("test")

pytestmark = pytest.mark.django_db(transaction=True)  # the route works in threads with connections of their own


@pytest.fixture
def port(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[int]:
    """A real server with the real route; its port on the loopback interface."""
    settings.HOME = tmp_path
    for slug in ("video", "music"):
        catalogue.open_service.do(ACTOR, slug=slug, name_ko=slug, name_en=slug, zone="Asia/Seoul", currency="KRW")
        charge = ChargeSpec(key="use", name_ko="이용", name_en="Use", kind="per_unit", meter="play", price=Decimal(1), tax_mode="none")
        offer = billing.publish_offer.do(
            ACTOR, service=slug, slug="basic", name_ko="기본", name_en="Basic", valid_from=date(2026, 1, 1), charges=[charge]
        )
        rows = pa.table(
            {
                "row": pa.array([1], pa.int64()), "external_id": ["u1"], "reference": ["u1"], "version_id": pa.array([offer.version_id], pa.int64()),
                "started_on": [date(2026, 1, 1)], "ended_on": pa.nulls(1, pa.date32()), "digest": ["x"],
            }
        )  # fmt: skip
        billing.enrol.do(ACTOR, service=slug, rows=rows, source="test")
    ApiClient.objects.create(name="player", token_hash=hash_token(TOKEN), roles=["billing_clerk"], service="video", created_at=clock.now())
    app = Starlette(routes=[Route("/api/v1/usage", usage.intake, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def event(event_id: str = "e1", quantity: object = "1.5", **more: object) -> dict[str, object]:
    return {
        "specversion": "1.0", "id": event_id, "source": "player", "type": "play", "subject": "u1", "time": "2026-11-22T10:00:00+09:00",
        "data": {"quantity": quantity},
    } | more  # fmt: skip


type Send = Callable[..., Any]


@dataclass
class Answer:
    status_code: int
    content_type: str
    content: bytes

    def json(self) -> Any:
        return orjson.loads(self.content)


@pytest.fixture
def send(port: int) -> Send:
    def post(body: object, *, kind: str = BATCH, token: str | None = TOKEN, key: str | None = None, query: str = "?service=video") -> Any:
        headers = (
            {"content-type": kind} | ({"authorization": f"Bearer {token}"} if token else {}) | ({"idempotency-key": key} if key else {})
        )
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", f"/api/v1/usage{query}", body if isinstance(body, bytes) else orjson.dumps(body), headers)
            got = connection.getresponse()
            return Answer(got.status, got.getheader("content-type", ""), got.read())

    return post


def test_a_batch_is_answered_with_counts_and_a_finding_for_each_event_not_taken(send: Send) -> None:
    got = send([event("a"), event("b", 0.5), event("c", subject="nobody"), event("a")])
    assert got.status_code == 200
    body = got.json()
    assert [body[k] for k in ("accepted", "duplicates", "conflicts", "refused")] == [1, 1, 0, 2]
    assert [(f["index"], f["code"], f["field"]) for f in body["findings"]] == [
        (2, "usage.float", "data.quantity"),
        (3, "usage.unknown_subject", "subject"),
    ]
    for finding in body["findings"]:
        assert finding["message_ko"] and finding["message_en"] and finding["remedy"]
    assert metering.waiting("video") == 1  # durable: read on another connection


def test_a_single_event_may_name_its_service(send: Send) -> None:
    assert send(event(service="video"), kind=SINGLE, query="").json()["accepted"] == 1
    assert send(event("n"), kind=SINGLE, query="").json()["code"] == "usage.service"


@pytest.mark.parametrize(
    ("body", "options", "status", "code"),
    [
        ([event()], {"token": None}, 401, "api.unauthorised"), ([event()], {"token": "nmk_wrong"}, 401, "api.unauthorised"),
        ([event()], {"query": "?service=music"}, 403, "access.denied"), ([event(), event("x", service="music")], {}, 403, "access.denied"),
        ([event()], {"kind": "application/json"}, 415, "api.content_type"), (b"{", {}, 422, "api.not_json"), ([], {}, 422, "usage.no_events"),
        (event(), {}, 422, "usage.no_events"), ([event(str(n)) for n in range(5_001)], {}, 422, "usage.batch_too_large"),
        (b"[" + b" " * (usage.MAX_BODY + 1), {}, 413, "api.body_too_large"), ([event()], {"key": "k" * 301}, 422, "api.idempotency_key"),
    ],
)  # fmt: skip
def test_refusals_are_problems_in_both_languages_and_change_nothing(
    send: Send, body: object, options: dict[str, Any], status: int, code: str
) -> None:
    got = send(body, **options)
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert got.content_type == "application/problem+json"
    assert got.json()["message_ko"] and got.json()["message_en"] and got.json()["remedy"]
    assert not Delivery.objects.exists() and not IdempotentCall.objects.exists()


def test_a_deactivated_client_is_unknown(send: Send) -> None:
    ApiClient.objects.update(active=False)
    assert send([event()]).status_code == 401


def test_the_same_key_gives_the_same_answer_and_another_body_a_conflict(send: Send) -> None:
    first = send([event("a")], key="k1")
    again = send([event("a")], key="k1")
    assert again.status_code == 200 and again.json() == first.json() == {
        "accepted": 1,
        "duplicates": 0,
        "conflicts": 0,
        "refused": 0,
        "findings": [],
    }
    assert Delivery.objects.count() == 1
    other = send([event("b")], key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "api.idempotency_conflict")
    assert send([event("b")], key="k2").json()["accepted"] == 1
    IdempotentCall.objects.update(at=clock.now() - timedelta(days=31))
    assert send([event("c")], key="k1").json()["accepted"] == 1


def test_two_calls_with_one_key_at_the_same_moment_are_one(send: Send) -> None:
    events = [event(str(n)) for n in range(500)]
    with ThreadPoolExecutor(4) as pool:
        answers = [got.json() for got in pool.map(lambda _: send(events, key="same"), range(4))]
    assert answers == [answers[0]] * 4 and answers[0]["accepted"] == 500
    assert Delivery.objects.count() == 1 and metering.waiting("video") == 500


def test_many_senders_of_the_same_events_count_them_once(send: Send) -> None:
    events = [event(str(n)) for n in range(300)]
    with ThreadPoolExecutor(4) as pool:
        answers = [got.json() for got in pool.map(lambda turn: send(events[turn * 50 :] + events[: turn * 50]), range(4))]
    assert sum(a["accepted"] for a in answers) == 300 == metering.waiting("video")
    assert sum(a["duplicates"] for a in answers) == 900 and not any(a["conflicts"] for a in answers)
