"""POST /api/v1/usage: usage events as CloudEvents 1.0, single or in batches. A lean route beside Django's pages: no middleware, one thread
of the pool a request, the answer goes out when the events are durable.

    curl -H "Authorization: Bearer nmk_…" -H "Content-Type: application/cloudevents-batch+json" \\
         -d '[{"specversion":"1.0","id":"e-1","source":"player","type":"play-minutes","subject":"S-0000001",
               "time":"2026-11-22T09:30:00+09:00","data":{"quantity":"12.5"}}]' 'http://…/api/v1/usage?service=video'
"""

from __future__ import annotations

import re

import orjson
from django.db import connection, transaction
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from numaru.faces.rest import door
from numaru.faces.rest.idempotency import once
from numaru.faces.rest.problem import problem
from numaru.faces.rest.shapes import SLUG
from numaru.facilities.metering import api as metering
from numaru.kernel import context, gauges
from numaru.kernel.access import Actor, authenticate_client
from numaru.kernel.errors import Invalid, Refused
from numaru.kernel.staff.throttle import token_refused
from numaru.values.finding import Finding
from numaru.values.text import Text

MAX_BODY = 8 * 2**20
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # all come here, so that the others than POST are told so
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
ROUTE = "POST /api/v1/usage"


async def intake(request: Request) -> Response:
    """Take events. 200 with counts and a finding for each event that was not taken; 401, 403, 404, 409, 413, 415 and 422 as problem+json."""
    if request.method != "POST":
        finding = _finding("api.method", "이 주소는 POST만 받습니다.", "This address takes only POST.", "POST로 보내십시오.", "Use POST.")
        return problem(405, [finding], Allow="POST")
    found = door.unknown(request.query_params, ("service",))
    if found is not None:
        return problem(422, [door.strange(found)])
    try:
        content = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if content is None:
        return problem(413, [_finding(
            "api.body_too_large", f"본문은 {MAX_BODY >> 20}MB까지입니다.", f"The body may have up to {MAX_BODY >> 20} MB.", "나누어 보내십시오.", "Send several batches.",
        )])  # fmt: skip
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (SINGLE, BATCH):
        return problem(415, [_finding(
            "api.content_type", "CloudEvents JSON이 아닙니다.", "The body is not CloudEvents JSON.", f"Content-Type을 {BATCH}(으)로 보내십시오.", f"Send Content-Type {BATCH}.", "Content-Type",
        )])  # fmt: skip
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return _unauthorised()
    return await run_in_threadpool(
        _answer, content, kind, token.strip(), request.query_params.get("service"), request.headers.get("idempotency-key"),
        request.client.host if request.client else "",
    )  # fmt: skip


async def _body(request: Request) -> bytes | None:
    """The body, or None when it is larger than the limit; never more than the limit is held."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > MAX_BODY:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _answer(content: bytes, kind: str, token: str, service: str | None, key: str | None, address: str) -> Response:
    try:
        actor = authenticate_client(token)
        if actor is None or actor.id is None:
            token_refused(address)
            return _unauthorised()
        context.acting(actor.kind, actor.id)
        if key is None:
            status, body = _accept(actor, content, kind, service)
        else:
            status, body = once(
                actor.id, f"{ROUTE}?service={service or ''}"[:80], key, content, lambda: _accept(actor, content, kind, service)
            )
        return Response(orjson.dumps(body), status, media_type="application/json")
    except Refused as refused:
        return problem(refused.status, refused.findings)
    finally:
        connection.close()  # back to the pool


def _accept(actor: Actor, content: bytes, kind: str, service: str | None) -> tuple[int, dict[str, object]]:
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Invalid.because(
            "api.not_json", Text("본문이 올바른 JSON이 아닙니다: {e}", "The body is not valid JSON: {e}").fill(e=error),
            Text("UTF-8 JSON으로 보내십시오.", "Send UTF-8 JSON."),
        ) from error  # fmt: skip
    events = [parsed] if kind == SINGLE else parsed
    if not isinstance(events, list) or not events:
        raise Invalid.because(
            "usage.no_events", Text("사건의 목록이 아닙니다.", "The body is not a list of events."),
            Text("배치는 JSON 배열로, 하나는 {s}(으)로 보내십시오.", "Send a batch as a JSON array, a single event as {s}.").fill(s=SINGLE),
        )  # fmt: skip
    total: dict[str, int] = {"accepted": 0, "duplicates": 0, "conflicts": 0, "refused": 0}
    findings: list[Finding] = []
    with transaction.atomic():  # a refusal for one service refuses the call
        for slug, places in _by_service(events, service).items():
            got = metering.accept.do(actor, service=slug, events=[events[place] for place in places])
            for name in total:
                total[name] += getattr(got, name)
            findings += [
                Finding(f.code, f.message, f.remedy, places[f.row - 1] + 1 if f.row else None, f.field, f.value) for f in got.findings
            ]
    for name, number in total.items():
        gauges.count("usage_events", name, number)
    findings.sort(key=lambda f: f.row or 0)
    return 200, total | {"findings": [_told(finding) for finding in findings]}


def _by_service(events: list[object], service: str | None) -> dict[str, list[int]]:
    """Places in the batch by service: the events' own ``service`` attribute, else the one of the address."""
    groups: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        slug = event.get("service", service) if isinstance(event, dict) else service
        if not isinstance(slug, str) or not re.fullmatch(SLUG, slug):
            raise Invalid.because(
                "usage.service", Text("어느 서비스의 이용인지 알 수 없습니다.", "It is not said whose usage this is."),
                Text("주소에 ?service=… 를 붙이거나 사건에 service를 적으십시오.", "Add ?service=… to the address, or the attribute service to the event."),
                row=place + 1, field="service",
            )  # fmt: skip
        groups.setdefault(slug, []).append(place)
    return groups


def _told(finding: Finding) -> dict[str, object]:
    told = finding.as_dict()
    told["index"] = told.pop("row")  # place in the batch, from 1
    told["remedy"] = told["remedy_en"]
    return told


def _finding(code: str, ko: str, en: str, remedy_ko: str, remedy_en: str, field: str | None = None) -> Finding:
    return Finding(code, Text(ko, en), Text(remedy_ko, remedy_en), None, field)


def _unauthorised() -> Response:
    finding = _finding(
        "api.unauthorised", "API 토큰이 없거나 맞지 않습니다.", "The API token is missing or wrong.",
        "Authorization: Bearer 토큰을 확인하십시오.", "Check Authorization: Bearer TOKEN.", "Authorization",
    )  # fmt: skip
    return problem(401, [finding], **{"WWW-Authenticate": 'Bearer realm="numaru"'})
