"""The JSON API for programs: who may, what they see, what a repeat does; refusals are problem documents in both languages."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from numaru.domains.billing.models import BillRun
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord, IdempotentCall, OutboxEvent
from numaru.kernel.staff.api import make_client
from tests.domains.billing.world import SLUG, World, on
from tests.screens import naru, shared  # noqa: F401

HOUSE = Actor.system("test")


def caller(*roles: str, scope: str = "") -> Client:
    made = make_client.do(HOUSE, name=f"program {'-'.join(roles)}{scope}", roles=list(roles), scope=scope)
    return Client(headers={"Authorization": f"Bearer {made.token}"})


def told(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    if status >= 400:
        assert answer["Content-Type"].startswith("application/problem+json")
        body = json.loads(answer.content)
        assert body["message_ko"] and body["message_en"] and body["remedy"], body
        return dict(body)
    return dict(json.loads(answer.content))


def test_without_a_token_nothing_is_told(naru: World) -> None:  # noqa: F811
    for client in (Client(), Client(headers={"Authorization": "Bearer nmk_wrong"})):
        for path in ("bill-runs", "bill-runs/R2026-08", "invoices/R2026-08-000001", "subscribers/S-0000001"):
            answer = client.get(f"/api/v1/{path}")
            assert told(answer, 401)["code"] == "api.unauthorised" and answer["WWW-Authenticate"].startswith("Bearer")


def test_an_invoice_says_what_was_billed_and_why_in_exact_figures(naru: World) -> None:  # noqa: F811
    client = caller("billing_clerk")
    run = told(client.get("/api/v1/bill-runs/R2026-08"), 200)
    assert (run["state"], run["invoices"], run["totals"], run["parked"], run["zero_accounts"]) == ("posted", 4, {"KRW": "89029"}, 1, 1)
    bills = [told(client.get(f"/api/v1/invoices/R2026-08-{n:06d}"), 200) for n in range(1, 5)]
    assert sum(int(b["total"]["amount"]) for b in bills) == 89_029
    for bill in bills:
        assert sum(int(x["amount"]["amount"]) for x in bill["lines"]) == int(bill["total"]["amount"])
        assert int(bill["supply"]["amount"]) + int(bill["tax"]["amount"]) == int(bill["total"]["amount"])
        assert sum(int(t["amount"]["amount"]) for t in bill["transfers"]) == int(bill["total"]["amount"])
        assert bill["period"] == {"from": "2026-08-01", "to": "2026-09-01"}
    first = next(b for b in bills if b["total"]["amount"] == "5429")["lines"][0]
    assert (first["numerator"], first["denominator"], first["price"]) == (17, 31, "9900.000000")


def test_a_subscriber_is_told_without_anything_personal(naru: World) -> None:  # noqa: F811
    who = naru.subscriber("haneul")
    body = told(caller("subscriber_clerk").get(f"/api/v1/subscribers/{who.number}"), 200)
    assert (body["external_id"], body["plan"]["offer_en"], body["plan"]["state"]) == ("haneul", "Basic", "active")
    assert "하늘" not in json.dumps(body, ensure_ascii=False) and "2201" not in json.dumps(body)


def test_what_is_of_another_service_and_what_is_not_there_are_told_alike(naru: World) -> None:  # noqa: F811
    stranger = caller("administrator", scope="another-service")
    mine = caller("administrator", scope=SLUG)
    for path in ("bill-runs/R2026-08", "invoices/R2026-08-000001", f"subscribers/{naru.subscriber('haneul').number}"):
        told(mine.get(f"/api/v1/{path}"), 200)
        hidden = told(stranger.get(f"/api/v1/{path}"), 404)
        missing = told(stranger.get(f"/api/v1/{path[:-2]}99"), 404)
        assert hidden["code"] == missing["code"] == "not_found"
    assert told(stranger.get("/api/v1/bill-runs"), 200)["items"] == []
    assert told(caller("subscriber_clerk").get("/api/v1/bill-runs"), 403)["code"] == "access.denied"


def test_a_run_is_started_once_however_often_the_call_is_repeated(naru: World) -> None:  # noqa: F811
    client = caller("billing_clerk")
    body = json.dumps({"service": SLUG, "period": "2026-10"})
    call = {"data": body, "content_type": "application/json"}
    runs = BillRun.objects.count()
    assert told(client.post("/api/v1/bill-runs", **call), 422)["field"] == "Idempotency-Key"
    assert BillRun.objects.count() == runs
    with on("2026-11-02"):
        first = told(client.post("/api/v1/bill-runs", **call, headers={"Idempotency-Key": "k1"}), 202)
        again = told(client.post("/api/v1/bill-runs", **call, headers={"Idempotency-Key": "k1"}), 202)
        assert first == again and first["run_id"] == "R2026-10" and BillRun.objects.count() == runs + 1
        other = json.dumps({"service": SLUG, "period": "2026-09"})
        clash = client.post("/api/v1/bill-runs", other, "application/json", headers={"Idempotency-Key": "k1"})
        assert told(clash, 409)["code"] == "api.idempotency_conflict"
        taken = client.post("/api/v1/bill-runs", **call, headers={"Idempotency-Key": "k2"})
        assert told(taken, 409)["code"] == "run.exists"
    assert BillRun.objects.count() == runs + 1


def test_a_refused_call_changes_nothing(naru: World) -> None:  # noqa: F811
    client = caller("auditor")
    before = [m.objects.count() for m in (BillRun, AuditRecord, OutboxEvent, IdempotentCall)]
    call = client.post(
        "/api/v1/bill-runs", json.dumps({"service": SLUG, "period": "2026-10"}), "application/json", headers={"Idempotency-Key": "k"}
    )
    assert told(call, 403)["code"] == "access.denied"
    wrong = caller("billing_clerk").post(
        "/api/v1/bill-runs", json.dumps({"service": SLUG, "period": "October"}), "application/json", headers={"Idempotency-Key": "k"}
    )
    assert told(wrong, 422)["field"] == "data.period"
    after = [m.objects.count() for m in (BillRun, AuditRecord, OutboxEvent, IdempotentCall)]
    assert after == [before[0], before[1] + 1, before[2], before[3]]  # the one record is the making of the second key
