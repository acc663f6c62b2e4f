"""A change from one bill to the next in words: what it is called, and why it is so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.own import Comparison
from numaru.domains.billing.rules.difference import TAX, Cause, Change, Item
from numaru.domains.billing.web.explained import both
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.text import Text

ADDED_TAX = Text("따로 붙는 부가세", "VAT added on top")


@dataclass(frozen=True, slots=True)
class Said:
    """One bar: its name, why, how much, and how long it is beside the largest (0 to 100)."""

    name: Text
    why: Text
    amount: Money
    length: int

    @property
    def more(self) -> bool:
        return self.amount.minor > 0


def said(found: Comparison) -> list[Said]:
    """Every change in words, the largest first."""
    most = max((abs(c.diff) for c in found.changes), default=1)
    currency = found.difference.currency
    return [Said(name(c), why(c, currency), Money(c.diff, currency), max(2, abs(c.diff) * 100 // most)) for c in found.changes]


def name(change: Change) -> Text:
    """What the charge is called; a settlement says for when."""
    if change.charge == TAX:
        return ADDED_TAX
    items = change.items or change.former
    called = items[-1].name
    if change.settles:
        days = both(lambda lang: formats.month(items[0].days.start, lang))
        return Text("{n}, {d} 정산", "{n}, settled for {d}").fill(n=called, d=days)
    return called


def why(change: Change, currency: str) -> Text:
    """The cause in a few words."""
    now, before = change.items, change.former
    if change.charge == TAX:
        return Text("세금이 붙는 금액이 달라졌습니다", "the taxed amount differs")
    if change.cause == Cause.NEW:
        return Text("지난번에는 없던 항목", "not on the bill before")
    if change.cause == Cause.GONE:
        return Text("이번에는 없는 항목", "on this bill no more")
    if change.cause == Cause.PLAN:
        return Text("{b} → {n}", "{b} → {n}").fill(b=_plans(before, now), n=_plans(now, before))
    if change.cause == Cause.QUANTITY:
        return Text("{b} → {n}", "{b} → {n}").fill(b=_quantity(before), n=_quantity(now))
    if change.cause == Cause.PRICE:
        return Text("단가 {b} → {n}", "price {b} → {n}").fill(b=_price(before, currency), n=_price(now, currency))
    if change.cause == Cause.DAYS:
        return Text("쓴 날수 {b} → {n}", "days {b} → {n}").fill(b=_days(before), n=_days(now))
    return Text("고른 것의 값이 다릅니다", "what was taken had another price")


def _plans(items: tuple[Item, ...], others: tuple[Item, ...]) -> Text:
    """The plans of ``items``; where there are several, those that the other bill does not have."""
    names = list(dict.fromkeys(x.plan for x in items))
    names = [n for n in names if n not in {x.plan for x in others}] or names
    return Text("·".join(t.ko for t in names), ", ".join(t.en for t in names))


def _quantity(items: tuple[Item, ...]) -> Text:
    total, unit = sum((x.quantity for x in items), Decimal(0)), items[0].unit
    return both(lambda lang: f"{formats.qty(total, lang)}{'' if lang == 'ko' else ' '}{unit.pick(lang)}".rstrip())


def _price(items: tuple[Item, ...], currency: str) -> Text:
    prices = list(dict.fromkeys(x.price for x in items if x.price is not None))
    return both(lambda lang: ", ".join(formats.price(p, currency, lang) for p in prices) or formats.UNKNOWN)


def _days(items: tuple[Item, ...]) -> Text:
    parts = [x.share for x in items]
    return both(lambda lang: ", ".join(f"{num}/{den}" for num, den in parts))
