"""왜 이 금액인가요? The answer for one line, from its own stored figures, in Korean and English.

The figures are written by whoever asks (pages, papers and the telephone share one way to write them): ``Formats`` is the shape of
``numaru.ui.formats``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from numaru.domains.billing.rules.amounts import (
    Slice,
    carried_amount,
    flat_amount,
    graduated_amount,
    slices,
    unit_amount,
)
from numaru.domains.billing.rules.lines import Line
from numaru.domains.billing.rules.terms import ChargeKind, TaxMode, Term, Tier, Timing, from_micro
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text


class Formats(Protocol):
    """How figures are written in a language ("ko", "en")."""

    def money(self, amount: Money | None, lang: str | None = None, *, diff: bool = False) -> str: ...
    def price(self, value: Decimal, currency: str, lang: str | None = None) -> str: ...
    def qty(self, value: Decimal | None, lang: str | None = None) -> str: ...
    def count(self, number: int | None, lang: str | None = None) -> str: ...
    def period(self, value: Period, lang: str | None = None, *, days: bool = True, year: int | None = None) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One named figure of the explanation."""

    label: Text
    value: Text
    key: str = ""  # "events": the records, which a page can lead to


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence that says why, the formula with its result, what went in, and the tiers that were touched (graduated charges only).

    ``amount`` is what the inputs give when computed now; ``agrees`` says whether it is the amount on the line.
    """

    sentence: Text
    formula: Text
    parts: tuple[Part, ...]
    slices: tuple[Slice, ...]
    amount: int
    agrees: bool


def recompute(line: Line, term: Term, tiers: Sequence[Tier]) -> int:
    """The amount of ``line`` from its stored inputs and the immutable term; minor units, signed.

    Raises ValueError when an input that the kind of charge needs is missing, which no line written by a run does.
    """
    if term.kind == ChargeKind.GRADUATED:
        stepped = graduated_amount(line.quantity, tiers, term.exponent)
        if stepped is None:
            raise ValueError(f"no tier of charge {term.charge_id} takes {line.quantity}")
        return line.sign * stepped
    if line.price is None:
        raise ValueError(f"the line of charge {term.charge_id} has no price")
    if term.kind == ChargeKind.PER_UNIT:
        return line.sign * unit_amount(line.quantity, line.price, term.exponent)
    if term.kind == ChargeKind.EVENT_PRICED:
        return line.sign * carried_amount(line.price, term.exponent)
    return line.sign * flat_amount(line.price, line.num, line.den, term.exponent)


def explain(line: Line, term: Term, tiers: Sequence[Tier], write: Formats) -> Explanation:
    """Why ``line`` costs what it costs. ``term`` is that of its charge, ``tiers`` those of the charge (may be empty)."""
    cut = tuple(slices(line.quantity, tiers) or ()) if term.kind == ChargeKind.GRADUATED else ()
    amount = recompute(line, term, tiers)
    written = _Written(line, term, write)
    sentences = [written.reason()]
    if line.sign < 0:
        sentences.insert(0, Text("앞서 선불로 청구한 금액을 그대로 되돌립니다.", "This takes back exactly what was billed in advance."))
    if _own_price(line, term):
        sentences.append(Text("단가는 이 계약에서 정한 금액입니다.", "The price is the one agreed for this contract."))
    exact = _exact(line, term, cut)
    rounded = exact * 10**term.exponent != line.sign * amount
    if rounded:
        sentences.append(
            Text("통화의 최소 단위 미만은 마지막에 한 번만 반올림했습니다.", "It was rounded once, at the end, to the smallest unit.")
        )
    formula = written.formula(cut, amount)
    return Explanation(_join(sentences, " "), formula, tuple(written.parts(exact, rounded)), cut, amount, amount == line.amount)


def _own_price(line: Line, term: Term) -> bool:
    priced = (ChargeKind.RECURRING, ChargeKind.ONE_OFF, ChargeKind.PER_UNIT)
    return term.kind in priced and line.price is not None and line.price != term.price


def _exact(line: Line, term: Term, cut: Sequence[Slice]) -> Fraction:
    """The money of a line before it is rounded, in major units, without its sign."""
    if term.kind == ChargeKind.GRADUATED:
        return sum((Fraction(s.amount) for s in cut), Fraction(0))
    price = Fraction(line.price or 0)
    if term.kind == ChargeKind.PER_UNIT:
        return price * Fraction(line.quantity)
    return price if term.kind == ChargeKind.EVENT_PRICED else price * line.num / line.den


def _join(texts: Sequence[Text], between: str) -> Text:
    return Text(between.join(t.ko for t in texts), between.join(t.en for t in texts))


@dataclass(frozen=True, slots=True)
class _Written:
    """The words of one line."""

    line: Line
    term: Term
    write: Formats

    def reason(self) -> Text:
        line = self.line
        given = {"days": self.days(), "events": self.events(), "quantity": self.quantity(line.quantity), "price": self.price(line.price)}
        if self.term.kind == ChargeKind.RECURRING:
            return self._recurring().fill(num=line.num, den=line.den, **given)
        texts = {
            ChargeKind.ONE_OFF: Text(
                "{days}에 계약이 시작되어 한 번 내는 요금입니다.", "A charge made once, because the contract started on {days}."
            ),
            ChargeKind.PER_UNIT: Text(
                "이용 기록 {events}건의 합계는 {quantity}이며, 단가는 {price}입니다.",
                "{events} records of use add up to {quantity}, at {price} each.",
            ),
            ChargeKind.GRADUATED: Text(
                "이용 기록 {events}건의 합계는 {quantity}이며, 구간별 단가를 적용했습니다.",
                "{events} records of use add up to {quantity}; each tier has its own price.",
            ),
            ChargeKind.EVENT_PRICED: Text(
                "이용 기록 {events}건에 적힌 금액을 더했습니다.", "The sum of the amounts that {events} records of use carry."
            ),
        }
        return texts[ChargeKind(self.term.kind)].fill(**given)

    def _recurring(self) -> Text:
        ahead = Text("선불 ", " in advance") if self.term.timing == Timing.ADVANCE else Text("", "")
        if self.line.num == self.line.den:
            text = Text(
                "{days}의 " + ahead.ko + "요금이며, {price} 전액입니다.", "The full price of {price} for {days}, billed" + ahead.en + "."
            )
            return text if ahead.en else Text(text.ko, "The full price of {price} for {days}.")
        return Text(
            "{days}의 " + ahead.ko + "요금입니다. 한 기간 {den}일 가운데 {num}일분만 일할로 계산했습니다.",
            "For {days}" + (", billed in advance" if ahead.en else "") + ": {num} of the {den} days of the period, charged by the day.",
        )

    def formula(self, cut: Sequence[Slice], amount: int) -> Text:
        """What was multiplied and added, and the result; where nothing was, the result alone."""
        line, kind = self.line, self.term.kind
        if kind == ChargeKind.GRADUATED:
            terms = [t for s in cut for t in self._step(s)]
            left = _join(terms, " + ") if terms else self.price(Decimal(0))
        elif kind == ChargeKind.PER_UNIT:
            left = Text("{q} × {p}", "{q} × {p}").fill(q=self.quantity(line.quantity), p=self.price(line.price))
        elif line.num == line.den:
            left = self.price(line.price)
        else:
            left = Text("{p} × {n}일 ÷ {d}일", "{p} × {n} days ÷ {d} days").fill(p=self.price(line.price), n=line.num, d=line.den)
        if line.sign < 0:
            left = Text("−({x})", "−({x})").fill(x=left)
        right = self.money(amount)
        return right if left == right else Text("{left} = {right}", "{left} = {right}").fill(left=left, right=right)

    def _step(self, cut: Slice) -> list[Text]:
        unit = Text("{q} × {p}", "{q} × {p}").fill(q=self.quantity(cut.quantity), p=self.price(cut.unit_price))
        return [unit, self.price(cut.flat)] if cut.flat else [unit]

    def parts(self, exact: Fraction, rounded: bool) -> list[Part]:
        """The named figures, in the order in which they are used."""
        line, kind = self.line, self.term.kind
        out = [Part(Text("기간", "Period"), self.days())]
        if kind == ChargeKind.EVENT_PRICED:
            out.append(Part(Text("기록된 금액의 합계", "Sum carried by the records"), self.price(line.price)))
        elif kind != ChargeKind.GRADUATED:
            out.append(Part(Text("단가", "Price"), self.price(line.price)))
        if line.events:
            out.append(Part(Text("수량", "Quantity"), self.quantity(line.quantity)))
            out.append(Part(Text("이용 기록", "Records of use"), Text("{n}건", "{n}").fill(n=self.events()), "events"))
        if line.num != line.den:
            out.append(Part(Text("일수", "Days"), Text(f"{line.num}일 ÷ {line.den}일", f"{line.num} of {line.den}")))
        if rounded:
            out.append(Part(Text("반올림 전", "Before rounding"), self.fraction(line.sign * exact)))
        modes = {
            TaxMode.INCLUDED: Text("{rate} 포함", "{rate} included"),
            TaxMode.EXCLUDED: Text("{rate} 별도", "{rate} added"),
            TaxMode.NONE: Text("없음", "none"),
        }
        rate = self.write.qty(line.tax_rate * 100) + "%"
        out.append(Part(Text("부가세", "VAT"), modes[TaxMode(line.tax_mode)].fill(rate=rate)))
        return out

    def days(self) -> Text:
        span = Period(self.line.period_from, self.line.period_to)
        named = self.term.kind != ChargeKind.ONE_OFF
        return Text(self.write.period(span, "ko", days=named), self.write.period(span, "en", days=named))

    def events(self) -> Text:
        return Text(self.write.count(self.line.events, "ko"), self.write.count(self.line.events, "en"))

    def quantity(self, value: Decimal) -> Text:
        unit = self.term.unit
        ko, en = self.write.qty(value, "ko"), self.write.qty(value, "en")
        return Text(f"{ko}{unit.ko}", f"{en} {unit.en}".rstrip())

    def price(self, value: Decimal | None) -> Text:
        return Text(
            self.write.price(value or Decimal(0), self.line.currency, "ko"), self.write.price(value or Decimal(0), self.line.currency, "en")
        )

    def money(self, minor: int) -> Text:
        amount = Money(minor, self.line.currency)
        return Text(self.write.money(amount, "ko"), self.write.money(amount, "en"))

    def fraction(self, exact: Fraction) -> Text:
        """An exact amount: all its places if six suffice, else cut after six and marked so."""
        size = abs(exact) * 10**6
        shown = from_micro(size.numerator // size.denominator)
        text = self.price(shown if exact >= 0 else -shown)
        return text if size.denominator == 1 else Text(f"{text.ko} (이하 생략)", f"{text.en} (cut)")
