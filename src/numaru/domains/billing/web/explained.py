"""A line of an invoice with its answer to "왜 이 금액인가요?", ready to be drawn on a page or set on paper."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.reads import InvoiceLine, InvoicePage
from numaru.domains.billing.rules.amounts import Slice
from numaru.domains.billing.rules.explanation import Explanation, explain
from numaru.domains.billing.rules.terms import ChargeKind, TaxMode, Timing
from numaru.ui import formats
from numaru.ui.states import State
from numaru.values.money import Money, largest_remainder
from numaru.values.text import Text, language

AGREES = State(Text("금액 일치, 방금", "Amount agrees, just now"), "good")
DIFFERS = State(Text("금액 다름, 방금", "Amount differs, just now"), "bad")
MATCHES = State(Text("기록과 항목 일치", "Records match the line"), "good")
PARTS = State(Text("기록과 항목이 다름", "Records and line differ"), "bad")
COLUMNS = 24  # of the grid on which the tiers stand
LEAST = 4  # of them for a tier, so that its words have room
MANY = COLUMNS // LEAST
WHOLE = 10_000  # hundredths of a percent
SIGNS = re.compile(r"( [×÷+=] )")


@dataclass(frozen=True, slots=True)
class TierBar:
    """One tier that was touched: its true place on the bar in percent, the columns for its words, its reach and its price in words."""

    x: str
    width: str
    span: int
    shade: int
    reach: Text
    price: Text


@dataclass(frozen=True, slots=True)
class Explained:
    """A line and its explanation. ``pieces`` is the formula cut at its signs: (piece, is a sign), the result last."""

    line: InvoiceLine
    detail: Text
    why: Explanation
    bars: tuple[TierBar, ...]

    @property
    def state(self) -> State:
        return AGREES if self.why.agrees else DIFFERS

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        return [(piece, bool(SIGNS.fullmatch(piece))) for piece in SIGNS.split(str(self.why.formula)) if piece]


def explained(invoice: InvoicePage) -> list[Explained]:
    """Every line of the invoice, computed again from its stored inputs."""
    out = []
    for line in invoice.lines:
        why = explain(line.row, line.term, line.tiers, formats)
        out.append(Explained(line, detail(line), why, bars(line, why.slices)))
    return out


def both(write: object) -> Text:
    """``write(lang)`` in both languages."""
    return Text(write("ko"), write("en"))  # type: ignore[operator]


def quantity(line: InvoiceLine) -> Text:
    """The quantity with its unit: 23회, 23 times."""
    unit = line.term.unit
    return both(lambda lang: f"{formats.qty(line.row.quantity, lang)}{'' if lang == 'ko' else ' '}{unit.pick(lang)}".rstrip())


def detail(line: InvoiceLine) -> Text:
    """Period and quantity in one line."""
    kind = line.term.kind
    if kind == ChargeKind.ONE_OFF:
        return both(lambda lang: formats.day(line.row.period_from, lang))
    days = both(lambda lang: formats.period(line.period, lang, days=False))
    if kind == ChargeKind.RECURRING:
        said = Text("{d}, 선불", "{d}, in advance") if line.term.timing == Timing.ADVANCE else Text("{d}", "{d}")
        if line.row.num != line.row.den:
            said = Text(said.ko + ", {n}일 / {of}일", said.en + ", {n} of {of} days")
        return said.fill(d=days, n=line.row.num, of=line.row.den)
    if kind == ChargeKind.EVENT_PRICED:
        return Text("{n}건", "{n} record" if line.row.events == 1 else "{n} records").fill(n=formats.count(line.row.events))
    return quantity(line)


def bars(line: InvoiceLine, cut: Sequence[Slice]) -> tuple[TierBar, ...]:
    """The tiers that were touched, as wide as what fell into them; their words have at least a sixth. None when they are too many."""
    if not cut or len(cut) > MANY:
        return ()
    weights = [max(0, int(s.quantity * 1_000_000)) for s in cut]
    widths = largest_remainder(COLUMNS, weights if sum(weights) else [1] * len(cut))
    for n, width in enumerate(widths):
        while width < LEAST:  # what its words lack comes from the widest
            widths[widths.index(max(widths))] -= 1
            width += 1
            widths[n] = width
    places = largest_remainder(WHOLE, weights if sum(weights) else [1] * len(cut))
    return tuple(
        TierBar(_percent(sum(places[:n])), _percent(places[n]), w, tone, reach(s, line), rate(line, s))
        for n, (s, w, tone) in enumerate(zip(cut, widths, shades(cut), strict=True))
    )


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def shades(cut: Sequence[Slice]) -> list[int]:
    """Grey for what is free, then the chart's two first colours in turn."""
    turn = itertools.cycle((1, 2))
    return [next(turn) if s.unit_price or s.flat else 0 for s in cut]


def reach(cut: Slice, line: InvoiceLine | None = None) -> Text:
    """From where to where: 10까지, 10 초과 20까지, 20 초과. Where only whole things are counted, as people say it: 1~10회, 11~20회, 21회부터."""
    if line is not None and all(_whole(v) for v in (line.row.quantity, cut.above, cut.upto, cut.quantity)):
        unit = line.term.unit
        first = cut.above + 1
        low = both(lambda lang: formats.qty(first, lang))
        if cut.upto is None:
            return Text(f"{low.ko}{unit.ko}부터", f"from {low.en} {unit.en}".rstrip())
        upto = cut.upto
        high = both(lambda lang: formats.qty(upto, lang))
        one = low if upto == first else Text("{l}~{h}", "{l}\N{EN DASH}{h}").fill(l=low, h=high)
        return Text(f"{one.ko}{unit.ko}", f"{one.en} {unit.en}".rstrip())
    above, below = (both(lambda lang, v=v: formats.qty(v, lang)) if v is not None else None for v in (cut.above, cut.upto))
    if not cut.above:
        return Text("{h}까지", "up to {h}").fill(h=below) if below else Text("전체", "all")
    return Text("{l} 초과 {h}까지", "over {l} to {h}").fill(l=above, h=below) if below else Text("{l} 초과", "over {l}").fill(l=above)


def _whole(value: Decimal | None) -> bool:
    return value is None or value == value.to_integral_value()


def rate(line: InvoiceLine, cut: Slice) -> Text:
    """The price of one unit in this tier, and its flat fee."""
    if not cut.unit_price and not cut.flat:
        return Text("무료", "free")
    unit = line.term.unit
    each = both(lambda lang: formats.price(cut.unit_price, line.row.currency, lang))
    said = Text("{u}당 {p}", "{p} per {u}") if unit.ko and unit.en else Text("하나에 {p}", "{p} each")
    if cut.flat:
        said = Text(said.ko + ", 기본 {f}", said.en + ", plus {f}")
    return said.fill(u=unit, p=each, f=both(lambda lang: formats.price(cut.flat, line.row.currency, lang)))


def amount_head(invoice: InvoicePage) -> Text:
    """How the amounts of the lines stand to the tax."""
    modes = {line.row.tax_mode for line in invoice.lines}
    if modes == {TaxMode.INCLUDED}:
        return Text("금액, 부가세 포함", "Amount, VAT included")
    if modes == {TaxMode.EXCLUDED}:
        return Text("금액, 부가세 별도", "Amount, VAT added below")
    return Text("금액, 세금 없음", "Amount, no tax") if modes == {TaxMode.NONE} else Text("금액", "Amount")


def totals(invoice: InvoicePage) -> list[tuple[Text, Money]]:
    """Supply and tax by class; empty when nothing is taxed. What is due stands apart."""
    taxed = [t for t in invoice.taxes if t[0] != TaxMode.NONE]
    if not taxed:
        return []
    out = [(Text("공급가액", "Supply value"), invoice.supply)]
    for mode, percent, _, tax in taxed:
        rate_text = both(lambda lang, p=percent: f"{formats.qty(p * 100, lang)}%")
        said = Text("부가세 {r}", "VAT {r}") if len(taxed) == 1 else Text("부가세 {r}, {m}", "VAT {r}, {m}")
        word = Text("포함", "included") if mode == TaxMode.INCLUDED else Text("별도", "added")
        out.append((said.fill(r=rate_text, m=word), tax))
    return out


@dataclass(frozen=True, slots=True)
class Entry:
    """An account of the ledger with what stands on one of its sides; the digits alone, the currency is that of the invoice."""

    name: Text
    debit: str
    credit: str


def entries(invoice: InvoicePage) -> tuple[list[Entry], str, str]:
    """The transfers of the invoice by account, debits before credits, and both sums."""
    sides: dict[tuple[bool, Text], Money] = {}
    zero = Money.zero(invoice.total.currency)
    for row in invoice.ledger:
        for key in ((False, row.debit), (True, row.credit)):
            sides[key] = sides.get(key, zero) + row.amount

    def digits(amount: Money) -> str:
        return formats.money_parts(amount, language()).digits

    rows = [
        Entry(name, "" if credit else digits(a), digits(a) if credit else "")
        for (credit, name), a in sorted(sides.items(), key=lambda i: i[0][0])
    ]
    debit, credit = (sum((a for (c, _), a in sides.items() if c is side), zero) for side in (False, True))
    return rows, digits(debit), digits(credit)
