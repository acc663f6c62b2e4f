"""Whose event is it? Every accepted event of a period is either billed or counted with the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from numaru.domains.billing.rules.charges import at_instant
from numaru.domains.billing.rules.contract_facts import Segment
from numaru.domains.billing.rules.lines import Contract, Event
from numaru.domains.billing.rules.terms import USAGE_KINDS, Tariff
from numaru.values.text import Text


class Unbilled(StrEnum):
    """Why an accepted event is on no line."""

    NO_CONTRACT = "no_contract"
    NOT_RUNNING = "not_running"
    NO_CHARGE = "no_charge"
    PARKED = "parked"


REASONS: Mapping[Unbilled, Text] = {
    Unbilled.NO_CONTRACT: Text("계약이 없는 가입자의 사용", "Use by a subject without a contract"),
    Unbilled.NOT_RUNNING: Text("사용 시각에 진행 중인 계약이 없음", "No contract was running at that time"),
    Unbilled.NO_CHARGE: Text("그 시각의 상품에 이 사용의 요금 항목이 없음", "The offer in force then has no charge for this meter"),
    Unbilled.PARKED: Text("청구가 보류된 계정의 사용", "Use of an account that was parked"),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom an event goes: a contract and the segment in force, or a reason."""

    contract: Contract | None
    segment: Segment | None
    reason: Unbilled | None


def attribute(event: Event, standing: Sequence[tuple[Contract, Sequence[Segment]]], tariff: Tariff) -> Owner:
    """The owner of ``event`` among the contracts of its subject, each with its life.

    It is the contract that was running at the event's exact time and whose version then has a charge for the meter; of several, the one with
    the lowest id, so that an event is never billed twice. A running contract whose version has no terms at all takes the event only when no
    other can, and is parked for it.
    """
    running = [
        (contract, segment)
        for contract, life in sorted(standing, key=lambda pair: pair[0].contract_id)
        if (segment := at_instant(life, event.at))
    ]
    for contract, segment in running:
        if any(t.kind in USAGE_KINDS and t.meter == event.meter for t in tariff.by_version.get(segment.version_id, ())):
            return Owner(contract, segment, None)
    for contract, segment in running:
        if segment.version_id not in tariff.by_version:
            return Owner(contract, segment, Unbilled.PARKED)
    if running:
        return Owner(None, None, Unbilled.NO_CHARGE)
    return Owner(None, None, Unbilled.NOT_RUNNING if standing else Unbilled.NO_CONTRACT)
