"""Recording what became true of a contract. Facts are only ever added; the contract's state is what they fold to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Min, Q

from numaru.domains.billing import recording
from numaru.domains.billing.actions.offers import fits_price
from numaru.domains.billing.events import FactRecorded
from numaru.domains.billing.models import ChargeTerm, Contract, ContractFact
from numaru.domains.billing.permissions import CONTRACT_RECORD
from numaru.domains.billing.states import CONTRACT, FACTS
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

# state before → kinds that may follow (MODEL §2: pending → active ⇄ paused, active ⇄ suspended → ended)
FOLLOWS: dict[str, frozenset[str]] = {
    "pending": frozenset({"started"}),
    "active": frozenset({"changed_to", "price_agreed", "paused", "suspended", "ended"}),
    "paused": frozenset({"changed_to", "price_agreed", "resumed", "ended"}),
    "suspended": frozenset({"changed_to", "price_agreed", "resumed", "ended"}),
    "ended": frozenset(),
}
LEADS = {"started": "active", "paused": "paused", "resumed": "active", "suspended": "suspended", "ended": "ended"}


def fold(kinds: Iterable[str]) -> str:
    """The state to which facts lead, in their order of effect. The first end is final.

    >>> fold([]), fold(["started", "price_agreed", "paused"]), fold(["started", "ended", "paused"])
    ('pending', 'paused', 'ended')
    """
    state = "pending"
    for kind in kinds:
        if state != "ended":
            state = LEADS.get(kind, state)
    return state


def state_at(contract_id: int, effective_at: datetime) -> str:
    """The state that the facts known now give to the contract just after ``effective_at``."""
    kinds = (
        ContractFact.objects.filter(contract_id=contract_id, effective_at__lte=effective_at)
        .order_by("effective_at", "recorded_at", "id")
        .values_list("kind", flat=True)
    )
    return fold(kinds)


def _service_of(contract: int = 0, **_: object) -> str | None:
    return Contract.objects.filter(pk=contract).values_list("service__slug", flat=True).first()


@action(CONTRACT_RECORD, service=_service_of)
def record_fact(
    act: Act,
    *,
    contract: int,
    kind: str,
    effective_at: datetime,
    version: int | None = None,
    charge_key: str = "",
    price: Decimal | None = None,
) -> ContractFact:
    """Record that ``kind`` is true of the contract from ``effective_at`` (aware) on. A back-dated fact is allowed and is billed as a difference.

    Refuses a kind that the state at that time does not allow, a version of another offer's service, and an agreed price without its
    charge. What the kind does not need (a version of a pause) is not kept. Locks the contract; publishes FactRecorded. Raises ValueError
    for a time without zone.
    """
    if effective_at.tzinfo is None:
        raise ValueError("effective_at needs a zone")
    service = Contract.objects.filter(pk=contract).values_list("service_id", flat=True).first()
    if service is None:
        raise NotFound.named(Text("계약", "contract"), contract)
    recording.writing(service)
    row = Contract.objects.select_for_update(of=("self",)).select_related("service").get(pk=contract)
    state = state_at(contract, effective_at)
    if kind not in FOLLOWS[state]:
        raise Conflict.because(
            "contract.state",
            Text("‘{s}’ 상태의 계약에는 ‘{k}’을(를) 기록할 수 없습니다.", "“{k}” cannot follow the state “{s}”.").fill(
                s=CONTRACT[state].word, k=FACTS.get(kind, kind)
            ),
            Text("먼저 계약 상태를 확인하십시오.", "Look at the state of the contract first."),
            field="kind",
            value=kind,
        )
    if kind in ("started", "changed_to") and not _sold_by(version, row.service_id):
        raise Invalid.because(
            "contract.version",
            Text("이 서비스의 요금제 판이 아닙니다.", "That is not an offer version of this service."),
            Text("요금제 판을 고르십시오.", "Choose a version of this service."),
            field="version",
            value=str(version),
        )
    if kind == "price_agreed" and not (
        fits_price(price) and ChargeTerm.objects.filter(version__offer__service_id=row.service_id, key=charge_key).exists()
    ):
        raise Invalid.because(
            "contract.price",
            Text(
                "합의 가격에는 과금 항목과 0 이상, 소수 여섯 자리까지의 가격이 필요합니다.",
                "An agreed price needs a charge and a price of at least 0 with at most six places.",
            ),
            Text("과금 항목과 가격을 적으십시오.", "Name the charge and the price."),
            field="price",
        )
    agreed = kind == "price_agreed"
    fact = ContractFact.objects.create(
        contract=row, kind=kind, effective_at=effective_at, recorded_at=clock.now(), source="record_fact",
        version_id=version if kind in ("started", "changed_to") else None,
        charge_key=charge_key if agreed else "", price=price if agreed else None,
    )  # fmt: skip
    if kind in ("started", "ended"):
        _serve(row)
    act.record("billing.contract", row.number, before={"state": state}, after={"fact": kind, "effective_at": effective_at.isoformat()})
    act.event(FactRecorded(row.pk, fact.pk, kind))
    after = CONTRACT[LEADS.get(kind, state)].word
    act.effect(Text("{c}: {s} → {k}", "{c}: {s} → {k}").fill(c=row.number, s=CONTRACT[state].word, k=after))
    return fact


def _serve(row: Contract) -> None:
    """Keep the hull of running days on the subscriber, for lists. The first end of a contract is final, so it is the one that counts."""
    zone = ZoneInfo(row.service.zone)
    spans = (
        ContractFact.objects.filter(contract__subscriber_id=row.subscriber_id)
        .values("contract_id")
        .annotate(a=Min("effective_at", filter=Q(kind="started")), b=Min("effective_at", filter=Q(kind="ended")))
    )
    starts = [s["a"].astimezone(zone).date() for s in spans if s["a"]]
    ends = [s["b"].astimezone(zone).date() if s["b"] else None for s in spans if s["a"]]
    until = None if None in ends else max((e for e in ends if e), default=None)
    subscribers.serve(row.subscriber_id, min(starts, default=None), until)


def _sold_by(version: int | None, service_id: int) -> bool:
    found = catalogue.offers({version}) if version is not None else {}
    return any(card.service_id == service_id for card in found.values())
