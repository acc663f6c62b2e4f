"""What a plan costs, in a few words a charge: 월 12,900원 선불, 1편 1,500원, 10회까지 무료."""

from __future__ import annotations

from decimal import Decimal

from numaru.domains.billing.rules.terms import ChargeKind, Term, Tier, Timing
from numaru.domains.billing.web.explained import both
from numaru.ui import formats
from numaru.values.text import Text


def costs(term: Term, tiers: tuple[Tier, ...]) -> Text:
    """The price of one charge as its subscriber reads it."""
    if term.kind == ChargeKind.EVENT_PRICED:
        return Text("이용할 때 표시된 값", "as shown when you use it")
    if term.kind == ChargeKind.GRADUATED:
        return _steps(term, tiers)
    if term.price is None:
        return Text("계약에서 정한 값", "as agreed for your contract")
    if term.kind == ChargeKind.PER_UNIT:
        return Text("{u} {p}", "{p} {u}").fill(p=_price(term, term.price), u=_one(term))
    if term.kind == ChargeKind.ONE_OFF:
        return Text("처음 한 번 {p}", "{p} once").fill(p=_price(term, term.price))
    if not term.price:
        return Text("무료", "free")
    said = Text("월 {p}, 선불", "{p} a month, in advance") if term.timing == Timing.ADVANCE else Text("월 {p}", "{p} a month")
    return said.fill(p=_price(term, term.price))


def _price(term: Term, value: Decimal) -> Text:
    return both(lambda lang: formats.price(value, term.currency, lang))


def _one(term: Term) -> Text:
    return Text(f"1{term.unit.ko}", f"each ({term.unit.en})") if term.unit.ko else Text("한 번에", "each")


def _steps(term: Term, tiers: tuple[Tier, ...]) -> Text:
    parts: list[Text] = []
    for tier in tiers:
        free = not tier.unit_price and not tier.flat
        price = Text("무료", "free") if free else Text("{u} {p}", "{p} each").fill(u=_one(term), p=_price(term, tier.unit_price))
        if tier.upper is None:
            parts.append(Text("그 뒤 {p}", "then {p}").fill(p=price) if parts else price)
        else:
            upper = both(lambda lang, t=tier: f"{formats.qty(t.upper, lang)}{'' if lang == 'ko' else ' '}{term.unit.pick(lang)}".rstrip())  # type: ignore[misc]
            parts.append(Text("{h}까지 {p}", "up to {h} {p}").fill(h=upper, p=price))
    return Text(", ".join(t.ko for t in parts), ", ".join(t.en for t in parts))
