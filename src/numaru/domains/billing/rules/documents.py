"""From the lines of an account to its document: numbers, tax, total, and the transfers that move the money.

The tax is found once per document and class (mode and rate), never line by line; each line then carries its own share of the included tax,
so that revenue is posted net to the won. A document whose lines are all turned round is the exact mirror of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.rules.amounts import fits
from numaru.domains.billing.rules.chart import Ledger
from numaru.domains.billing.rules.lines import Line
from numaru.domains.billing.rules.terms import LINES_LIMIT, MICRO, Parked, TaxMode, micro
from numaru.values.money import round_half_away


@dataclass(frozen=True, slots=True)
class Tax:
    """Tax of one class on one document: ``supply`` is the taxable amount without it."""

    tax_mode: str
    rate: Decimal
    supply: int
    tax: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money moved from the credited to the debited ledger account; ``amount`` > 0.

    ``seq`` is the number of the line that it posts; tax transfers follow the last line, one number for each row of tax. Numbers of lines
    that move nothing are left out.
    """

    seq: int
    debit: int
    credit: int
    amount: int


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document; its lines are numbered from 1 in the order given. total = supply + tax."""

    account_id: int
    currency: str
    total: int
    supply: int
    tax: int
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class NoDocument:
    """Why an account has lines and no document: its total is zero (reason None), or it is parked."""

    account_id: int
    currency: str
    reason: Parked | None


def class_tax(total: int, mode: str, rate: Decimal) -> int:
    """The tax of a class whose lines sum to ``total``: inside it, on top of it, or none; halves away from zero.

    >>> class_tax(13_900, "included", Decimal("0.1")), (13_900 + 5) // 11, class_tax(-13_900, "included", Decimal("0.1"))
    (1264, 1264, -1264)
    >>> class_tax(1_005, "excluded", Decimal("0.1"))
    101
    """
    part = micro(rate)
    if mode == TaxMode.INCLUDED:
        return round_half_away(total * part, MICRO + part)
    if mode == TaxMode.EXCLUDED:
        return round_half_away(total * part, MICRO)
    return 0


def tax_shares(amounts: list[int], rate: Decimal) -> list[int]:
    """The included tax of a class, told apart by line; the parts add up to ``class_tax`` of the sum.

    Each line has a claim to amount × rate ÷ (1 + rate). Claims are rounded down and the rest is given out by largest fraction, ties to the
    earlier line (Hamilton's method); if the class is negative, all of it is done on the mirror image and turned back.

    >>> tax_shares([5_000, 5_000, 3_900], Decimal("0.1"))  # claims 454.55, 454.55, 354.55 of 1,264
    [455, 455, 354]
    >>> tax_shares([15_000, -10_000], Decimal("0.1"))  # claims 1,363.64 and −909.09 of 455
    [1364, -909]
    """
    part = micro(rate)
    turned = -1 if sum(amounts) < 0 else 1
    claims = [divmod(turned * a * part, MICRO + part) for a in amounts]
    shares = [whole for whole, _ in claims]
    rest = turned * class_tax(sum(amounts), TaxMode.INCLUDED, rate) - sum(shares)
    for i in sorted(range(len(amounts)), key=lambda i: (-claims[i][1], i))[:rest]:
        shares[i] += 1
    return [turned * s for s in shares]


def document(lines: Iterable[Line], *, credit: bool = False) -> Document | NoDocument:
    """The document of one account. ``lines`` are all its lines, at least one, in any order. A total below zero parks the account, unless
    ``credit`` allows a document that owes the customer money; zero never makes a document."""
    ordered = tuple(sorted(lines, key=lambda x: x.position))
    account, currency = ordered[0].account_id, min(x.currency for x in ordered)
    if any(x.currency != currency for x in ordered):
        return NoDocument(account, currency, Parked.CURRENCY)
    taxes: list[Tax] = []
    nets = [x.amount for x in ordered]
    total = 0
    for mode, rate in sorted({(x.tax_mode, x.tax_rate) for x in ordered}):
        members = [i for i, x in enumerate(ordered) if (x.tax_mode, x.tax_rate) == (mode, rate)]
        gross = sum(ordered[i].amount for i in members)
        tax = class_tax(gross, mode, rate)
        total += gross
        if mode == TaxMode.INCLUDED:
            taxes.append(Tax(mode, rate, gross - tax, tax))
            for i, share in zip(members, tax_shares([ordered[i].amount for i in members], rate), strict=True):
                nets[i] -= share
        elif mode == TaxMode.EXCLUDED:
            taxes.append(Tax(mode, rate, gross, tax))
            total += tax
        if not (fits(gross) and fits(tax)):
            return NoDocument(account, currency, Parked.OVERFLOW)
    tax = sum(t.tax for t in taxes)
    if len(ordered) > LINES_LIMIT or not all(map(fits, (total, tax, total - tax))):
        return NoDocument(account, currency, Parked.OVERFLOW)
    if total == 0 or (total < 0 and not credit):
        return NoDocument(account, currency, Parked.NEGATIVE_TOTAL if total else None)
    posted = [_transfer(seq, line.credit, net) for seq, (line, net) in enumerate(zip(ordered, nets, strict=True), start=1)]
    posted += [_transfer(seq, Ledger.VAT_PAYABLE, t.tax) for seq, t in enumerate(taxes, start=len(ordered) + 1)]
    return Document(account, currency, total, total - tax, tax, ordered, tuple(taxes), tuple(t for t in posted if t))


def _transfer(seq: int, earns: int, net: int) -> Transfer | None:
    """Receivable against ``earns``; a negative amount goes the other way; nothing moves nothing."""
    if net == 0:
        return None
    receivable = int(Ledger.RECEIVABLE)
    return Transfer(seq, receivable, int(earns), net) if net > 0 else Transfer(seq, int(earns), receivable, -net)
