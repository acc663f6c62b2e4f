"""The bill as a strip one can follow: its lines side by side, as wide as they cost, each leading to its explanation, that to its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from numaru.domains.billing.line_use import instant
from numaru.domains.billing.reads import InvoicePage
from numaru.domains.billing.rules.shares import Share
from numaru.domains.billing.rules.terms import ChargeKind
from numaru.ui import formats
from numaru.values.money import largest_remainder
from numaru.values.text import Text, language

WHOLE = 10_000  # hundredths of a percent
LEAST = 60  # of them for a piece, so that none is too narrow to press
WORDED = 1_100  # from this width on a piece carries its words
MOST = 120  # pieces
SHADES = {  # colour by what kind of charge it is
    ChargeKind.RECURRING: 1,
    ChargeKind.PER_UNIT: 2,
    ChargeKind.GRADUATED: 2,
    ChargeKind.EVENT_PRICED: 4,
    ChargeKind.ONE_OFF: 3,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the strip: where it leads, where it stands in percent, and its words. ``back``: it takes money back, drawn as an outline."""

    url: str
    name: Text | str
    value: str
    share: str
    x: str
    width: str
    shade: int
    back: bool
    now: bool
    worded: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """Pieces that fill the width, and the sentence for who does not see them."""

    pieces: tuple[Piece, ...]
    said: Text


def _widths(sizes: Sequence[int]) -> list[int]:
    """Hundredths of a percent by size, none below the least while all fit."""
    least = min(LEAST, WHOLE // (2 * len(sizes)))
    return [least + w for w in largest_remainder(WHOLE - least * len(sizes), list(sizes))]


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def of_invoice(invoice: InvoicePage, address: str, now: int | None = None) -> Strip | None:
    """The lines of an invoice; those of nothing take no room. None when there is nothing to compare or it is too much."""
    lines = [x for x in invoice.lines if x.row.amount]
    if not lines or len(lines) > MOST:
        return None
    sizes = [abs(x.row.amount) for x in lines]
    pieces, at = [], 0
    for line, size, width in zip(lines, sizes, _widths(sizes), strict=True):
        share = formats.share(size, sum(sizes))
        url = f"{address}?why={line.number}#line{line.number}"
        pieces.append(
            Piece(
                url, line.name, formats.money(line.amount), share, _percent(at), _percent(width), SHADES[ChargeKind(line.term.kind)],
                line.row.amount < 0, line.number == now, width >= WORDED,
            )
        )  # fmt: skip
        at += width
    total = formats.money(invoice.total, language())
    said = ", ".join(f"{formats.word(p.name)} {p.value} ({p.share})" for p in pieces)
    return Strip(tuple(pieces), Text("청구 금액 {t}: {s}", "{t} in all: {s}").fill(t=total, s=said))


def of_use(shares: Sequence[Share], currency: str, first: int) -> Strip | None:
    """The records of one line by what each adds, numbered from ``first``; each leads to its row. None when none adds anything."""
    paid = [(n, s) for n, s in enumerate(shares, first) if s.amount]
    if not paid or len(paid) > MOST:
        return None
    sizes = [abs(int((s.amount or Decimal(0)) * 1_000_000)) for _, s in paid]
    if not any(sizes):
        return None
    pieces, at = [], 0
    for (n, s), size, width in zip(paid, sizes, _widths(sizes), strict=True):
        amount = s.amount or Decimal(0)
        shown = formats.price(amount, currency)
        pieces.append(
            Piece(
                f"#e{n}", formats.when(instant(s), year=s.event.day.year), shown, formats.share(size, sum(sizes)), _percent(at), _percent(width), 2, amount < 0,
                False, width >= WORDED,
            )
        )  # fmt: skip
        at += width
    return Strip(tuple(pieces), Text("{n}건이 더한 금액", "What {n} records add").fill(n=f"{len(paid):,}"))
