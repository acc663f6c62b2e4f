"""The chart of accounts that billing posts to. Small numbers, for they stand in every transfer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from numaru.domains.billing.rules.terms import ChargeKind, Timing
from numaru.values.text import Text


class Ledger(IntEnum):
    """Ledger accounts by number. Never renumber: posted transfers name them."""

    RECEIVABLE = 1
    REVENUE_RECURRING = 2
    REVENUE_ONE_OFF = 3
    REVENUE_USAGE = 4
    DEFERRED_REVENUE = 5
    VAT_PAYABLE = 6


NAMES: Mapping[Ledger, Text] = {
    Ledger.RECEIVABLE: Text("미수금", "Receivable"),
    Ledger.REVENUE_RECURRING: Text("정기 요금 매출", "Recurring revenue"),
    Ledger.REVENUE_ONE_OFF: Text("일회성 요금 매출", "One-off revenue"),
    Ledger.REVENUE_USAGE: Text("사용 요금 매출", "Usage revenue"),
    Ledger.DEFERRED_REVENUE: Text("선수수익", "Deferred revenue"),
    Ledger.VAT_PAYABLE: Text("부가세 예수금", "VAT payable"),
}


def credit_for(kind: str, timing: str) -> Ledger:
    """The account that a charge's lines credit. What is billed in advance is not earned yet.

    >>> credit_for("recurring", "advance").name, credit_for("graduated", "arrears").name
    ('DEFERRED_REVENUE', 'REVENUE_USAGE')
    """
    if kind == ChargeKind.RECURRING:
        return Ledger.DEFERRED_REVENUE if timing == Timing.ADVANCE else Ledger.REVENUE_RECURRING
    return Ledger.REVENUE_ONE_OFF if kind == ChargeKind.ONE_OFF else Ledger.REVENUE_USAGE
