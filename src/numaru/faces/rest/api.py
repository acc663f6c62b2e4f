"""The JSON API under /api/v1: what programs may read and start. A face holds no rule: it asks rooms through their doors.

Every read starts from the services that the client may see; every unsafe call takes an Idempotency-Key; refusals are problem+json.
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Query
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.security import HttpBearer

from numaru.domains.billing import api as billing
from numaru.domains.billing.permissions import INVOICE_VIEW, RUN_VIEW
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.faces.rest import describe, door, shapes
from numaru.faces.rest.idempotency import once
from numaru.faces.rest.problem import TYPE, encoded
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.access import Actor, authenticate_client
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import Invalid, NotAllowed, Refused
from numaru.kernel.staff.throttle import token_refused
from numaru.values.finding import Finding
from numaru.values.money import Money
from numaru.values.text import Text


class Token(HttpBearer):
    """A bearer token of an API client; the client becomes the actor."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = authenticate_client(token)
        if found is None:
            token_refused(str(request.META.get("REMOTE_ADDR", "")))
        return found


class Strict(Parser):
    """JSON as it is defined: no NaN, no half surrogates, and a depth that ends."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class House(NinjaAPI):
    """The API with a description that says every answer."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        return describe.document(super().get_openapi_schema(path_prefix=prefix), prefix)


api = House(
    title="Numaru", version="1", auth=Token(), urls_namespace="api", openapi_url="/openapi.json", docs_url=None, parser=Strict(),
    description="Money is {amount, currency} with exact decimal text; periods are half-open; numbers shown to people are the ids.",
)  # fmt: skip


def _problem(request: HttpRequest, status: int, findings: list[Finding]) -> HttpResponse:
    return HttpResponse(encoded(status, findings), status=status, content_type=TYPE)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, fault: HttpError) -> HttpResponse:
    return door.problem(fault.status_code)


@api.exception_handler(Http404)
def missing(request: HttpRequest, fault: Http404) -> HttpResponse:
    return door.problem(404)


@api.exception_handler(Refused)
def refused(request: HttpRequest, fault: Refused) -> HttpResponse:
    return _problem(request, fault.status, fault.findings)


@api.exception_handler(AuthenticationError)
def unauthorised(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
    finding = Finding(
        "api.unauthorised",
        Text("API 토큰이 없거나 맞지 않습니다.", "The API token is missing or wrong."),
        Text("Authorization: Bearer 토큰을 확인하십시오.", "Check Authorization: Bearer TOKEN."),
        field="Authorization",
    )
    answer = _problem(request, 401, [finding])
    answer["WWW-Authenticate"] = 'Bearer realm="numaru"'
    return answer


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Each wrong field as a finding of its own."""
    found = [
        Finding(
            f"api.{error['type']}", Text(f"값이 올바르지 않습니다: {error['msg']}", f"The value is not valid: {error['msg']}"),
            Text("API 설명서의 형식대로 보내십시오.", "Send it in the form of the API description."), field=".".join(map(str, error["loc"][1:])),
        )
        for error in fault.errors
    ]  # fmt: skip
    return _problem(request, 422, found)


def _actor(request: HttpRequest, permission: str) -> tuple[Actor, frozenset[str] | None]:
    """The client and the services it may see; refuses a client that has the permission nowhere."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    if not actor.may_somewhere(permission):
        raise NotAllowed.for_permission(permission)
    return actor, actor.services(permission)


Number = Annotated[str, Path(pattern=shapes.NUMBER)]
Service = Annotated[str | None, Query(pattern=shapes.SLUG)]


def _money(value: Money | None) -> dict[str, str] | None:
    return value.as_dict() if value else None


@api.get("/bill-runs", response=shapes.Runs, summary="Bill runs, the latest period first")
def bill_runs(request: HttpRequest, service: Service = None) -> dict[str, Any]:
    _, services = _actor(request, RUN_VIEW)
    return {"items": [card.as_dict() for card in billing.run_cards(service, services)]}


@api.get("/bill-runs/{number}", response=shapes.Run, summary="One bill run: state, counts, totals")
def bill_run(request: HttpRequest, number: Number) -> dict[str, Any]:
    _, services = _actor(request, RUN_VIEW)
    return billing.run_card(number, services).as_dict()


@api.post("/bill-runs", response={202: shapes.Run}, summary="Start a bill run of one service and month")
def start(request: HttpRequest, data: shapes.RunStart) -> HttpResponse:
    """Queues the run and answers 202. The same Idempotency-Key gives the same answer; without a key the call is refused."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise Invalid.because(
            "api.idempotency_key",
            Text("Idempotency-Key 머리글이 없습니다.", "The header Idempotency-Key is missing."),
            Text(
                "요청마다 고유한 값을 정해 보내고, 다시 보낼 때는 같은 값을 쓰십시오.",
                "Send a value of your own per intention; repeat it when you retry.",
            ),
            field="Idempotency-Key",
        )

    def produce() -> tuple[int, dict[str, object]]:
        run = billing.start_run.do(actor, service=data.service, period=data.period)
        return 202, billing.run_card(run.number).as_dict()

    assert actor.id is not None
    status, body = once(actor.id, "POST /api/v1/bill-runs", key, request.body, produce)
    return api.create_response(request, body, status=status)


@api.get("/invoices/{number}", response=shapes.InvoiceAnswer, summary="One invoice with its lines, tax and transfers", by_alias=True)
def invoice(request: HttpRequest, number: Number) -> dict[str, Any]:
    _, services = _actor(request, INVOICE_VIEW)
    page = billing.invoice(number, services)
    return {
        "number": page.number,
        "run": page.run,
        "service": page.service.slug,
        "account": page.account,
        "subscriber": page.subscriber.number if page.subscriber else None,
        "period": {"from": page.period.start.isoformat(), "to": page.period.end.isoformat()},
        "issued_at": page.issued_at.isoformat(),
        "due_on": page.due_on.isoformat(),
        "total": _money(page.total),
        "supply": _money(page.supply),
        "tax": _money(page.tax),
        "lines": [
            {
                "line": x.number,
                "charge": x.term.charge_key,
                "name_ko": x.name.ko,
                "name_en": x.name.en,
                "from": x.row.period_from.isoformat(),
                "to": x.row.period_to.isoformat(),
                "quantity": str(x.row.quantity),
                "price": None if x.row.price is None else str(x.row.price),
                "numerator": x.row.num,
                "denominator": x.row.den,
                "events": x.row.events,
                "amount": _money(x.amount),
            }
            for x in page.lines
        ],
        "transfers": [{"debit": t.debit.en, "credit": t.credit.en, "amount": _money(t.amount)} for t in page.ledger],
    }


@api.get("/subscribers/{number}", response=shapes.SubscriberAnswer, summary="One subscriber: state, plan, last invoice; nothing personal")
def subscriber(request: HttpRequest, number: Number) -> dict[str, Any]:
    _, services = _actor(request, SUBSCRIBER_VIEW)
    card = subscribers.subscriber(number, services)
    plan = billing.Plans().plans([card.id]).get(card.id)
    return {
        "number": card.number,
        "external_id": card.external_id,
        "state": card.state,
        "served_from": card.served_from.isoformat() if card.served_from else None,
        "served_to": card.served_to.isoformat() if card.served_to else None,
        "plan": None
        if plan is None
        else {
            "offer_ko": plan.offer.ko,
            "offer_en": plan.offer.en,
            "state": plan.state,
            "last_invoice": plan.last_invoice or None,
            "last_total": _money(plan.last_total),
        },
    }


@api.get(
    "/subscribers/{number}/access-log",
    response=shapes.AccessLog,
    summary="Who saw a subscriber's personal data: role, time, field, purpose; no names",
)
def access_log(request: HttpRequest, number: Number) -> dict[str, Any]:
    """The latest 200 openings, the newest first, as the person concerned may know them."""
    actor, services = _actor(request, SUBSCRIBER_VIEW)
    card = subscribers.subscriber(number, services)
    service = next(s.slug for s in catalogue.services() if s.id == card.service_id)
    if not actor.may(audit.ACCESS_VIEW, service):
        raise NotAllowed.for_permission(audit.ACCESS_VIEW)
    return {
        "number": card.number,
        "items": [
            {
                "at": seen.at.isoformat(),
                "role": {"ko": seen.role.ko, "en": seen.role.en},
                "field": seen.kind,
                "purpose": seen.code,
                "outcome": seen.outcome,
                "bulk": seen.bulk,
            }
            for seen in audit.seen_by_others(card.party_id, 200)
        ],
    }
