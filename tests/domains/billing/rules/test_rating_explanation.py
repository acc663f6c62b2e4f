"""왜 이 금액인가요? — the sentence, the formula, and the amount computed again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from numaru.domains.billing.rules import reference
from numaru.domains.billing.rules.charges import rate_contract
from numaru.domains.billing.rules.contract_facts import Fact
from numaru.domains.billing.rules.explanation import Explanation, explain, recompute
from numaru.domains.billing.rules.lines import Contract, Event
from numaru.domains.billing.rules.terms import Tariff, Term, Tier
from numaru.ui import formats
from numaru.values.period import Period
from numaru.values.text import Text
from tests.domains.billing.rules.worlds import fact, invent, local, midnight, term

D = Decimal
OCTOBER = Period.month("2026-10")
CLOSE = datetime.fromisoformat("2026-11-01")
SAVES = {"name": Text("저장", "Saves"), "unit": Text("회", "saves")}


def used(*quantities: str, amount: str | None = None, currency: str = "KRW") -> list[Event]:
    at = midnight("2026-10-05")
    carried = None if amount is None else D(amount)
    return [Event("s", str(n), 1, "save", at, local(at), D(q), carried, currency) for n, q in enumerate(quantities)]


def why(charge: Term, start: str = "2026-09-01", *, tiers: list[Tier] | None = None, events: list[Event] | None = None,
        more: list[Fact] | None = None, known_before: datetime | None = None, nth: int = 0) -> Explanation:  # fmt: skip
    facts = [fact(1, 1, "started", midnight(start), version_id=1), *(more or [])]
    who = Contract(1, 1, 1, charge.currency)
    found = rate_contract(who, facts, Tariff.of([charge], tiers or []), events or [], OCTOBER, CLOSE, known_before)
    assert not found.faults
    made = explain(found.lines[nth], charge, tiers or [], formats)
    assert made.agrees
    return made


def test_a_whole_month() -> None:
    made = why(term(1, "recurring", "9900"))
    assert made.sentence.ko == "2026-10-01 ~ 10-31, 31일의 요금이며, 9,900원 전액입니다."
    assert made.sentence.en == "The full price of ₩9,900 for 1 \N{EN DASH} 31 Oct 2026, 31 days."
    assert made.formula.ko == "9,900원"


def test_a_part_of_a_month_says_days_and_rounding() -> None:
    made = why(term(1, "recurring", "9900"), "2026-10-15")
    assert made.sentence.ko == (
        "2026-10-15 ~ 10-31, 17일의 요금입니다. 한 기간 31일 가운데 17일분만 일할로 계산했습니다. "
        "통화의 최소 단위 미만은 마지막에 한 번만 반올림했습니다."
    )
    assert made.formula == Text("9,900원 × 17일 ÷ 31일 = 5,429원", "₩9,900 × 17 days ÷ 31 days = ₩5,429")
    named = {p.label.ko: p.value.ko for p in made.parts}
    assert named == {
        "기간": "2026-10-15 ~ 10-31, 17일", "단가": "9,900원", "일수": "17일 ÷ 31일", "반올림 전": "5,429.032258원 (이하 생략)", "부가세": "10% 포함",
    }  # fmt: skip


def test_tiers_are_told_one_by_one() -> None:
    tiers = [Tier(1, 1, D(10), D(0), D(0)), Tier(1, 2, D(20), D(300), D(0)), Tier(1, 3, None, D(200), D(0))]
    made = why(term(1, "graduated", None, meter="save", **SAVES), tiers=tiers, events=used("20", "3"))
    assert made.sentence.ko == "이용 기록 2건의 합계는 23회이며, 구간별 단가를 적용했습니다."
    assert made.formula == Text(
        "10회 × 0원 + 10회 × 300원 + 3회 × 200원 = 3,600원", "10 saves × ₩0 + 10 saves × ₩300 + 3 saves × ₩200 = ₩3,600"
    )
    assert [(s.above, s.upto, s.quantity, s.amount) for s in made.slices] == [(0, 10, 10, 0), (10, 20, 10, 3000), (20, None, 3, 600)]


def test_a_flat_fee_stands_in_the_formula() -> None:
    made = why(term(1, "graduated", None, meter="save", **SAVES), tiers=[Tier(1, 1, None, D("12.5"), D(500))], events=used("3"))
    assert made.formula.ko == "3회 × 12.5원 + 500원 = 538원"


def test_units_carried_amounts_and_the_first_day() -> None:
    unit = why(term(1, "per_unit", "0.5", meter="save", **SAVES), events=used("1", "2"))
    assert unit.formula.ko == "3회 × 0.5원 = 2원" and unit.sentence.ko.startswith("이용 기록 2건의 합계는 3회이며, 단가는 0.5원입니다.")
    events = used("1", "1", amount="11.775", currency="USD")
    carried = why(term(1, "event_priced", None, meter="save", currency="USD", tax_mode="none", tax_rate=D(0)), events=events)
    assert carried.formula.ko == "US$23.55" and carried.sentence.en == "The sum of the amounts that 2 records of use carry."
    once = why(term(1, "one_off", "3000"), "2026-10-15")
    assert once.sentence == Text(
        "2026-10-15에 계약이 시작되어 한 번 내는 요금입니다.", "A charge made once, because the contract started on 15 Oct 2026."
    )


def test_what_is_taken_back_says_so() -> None:
    ended = [fact(2, 1, "ended", midnight("2026-10-12"))]
    made = why(term(1, "recurring", "9900", timing="advance"), more=ended, known_before=midnight("2026-10-01"))
    assert made.sentence.ko.startswith("앞서 선불로 청구한 금액을 그대로 되돌립니다. 2026-10-01 ~ 10-31, 31일의 선불 요금이며")
    assert made.formula.ko == "−(9,900원) = −9,900원" and made.amount == -9900


def test_a_price_of_the_contract_says_so() -> None:
    own = [fact(2, 1, "price_agreed", midnight("2026-09-01"), charge_key="k1", price=D(7900))]
    made = why(term(1, "recurring", None), more=own)
    assert made.sentence.ko.endswith("단가는 이 계약에서 정한 금액입니다.") and made.sentence.en.endswith(
        "The price is the one agreed for this contract."
    )


def test_every_line_is_computed_again_from_what_stands_on_it_and_a_changed_one_is_noticed() -> None:
    world = invent(random.Random(0), 300)
    tariff = world.tariff
    rated = reference.rate(world.contracts, world.facts, tariff, world.events, OCTOBER, CLOSE, midnight("2026-10-02"))
    assert len(rated.lines) > 100 and {x.sign for x in rated.lines} == {1, -1}
    for line in rated.lines:
        charge, tiers = tariff.term(line.charge_id), tariff.tiers.get(line.charge_id, ())
        assert recompute(line, charge, tiers) == line.amount
        made = explain(line, charge, tiers, formats)
        assert made.agrees and made.sentence.ko and made.sentence.en and "{" not in made.sentence.ko + made.formula.ko
        assert not explain(replace(line, amount=line.amount + 1), charge, tiers, formats).agrees


def test_a_line_without_its_inputs_is_refused() -> None:
    facts = [fact(1, 1, "started", midnight("2026-09-01"), version_id=1)]
    charge = term(1, "recurring", "9900")
    line = rate_contract(Contract(1, 1, 1, "KRW"), facts, Tariff.of([charge]), [], OCTOBER, CLOSE, None).lines[0]
    with pytest.raises(ValueError, match="no price"):
        recompute(replace(line, price=None), charge, ())
    with pytest.raises(ValueError, match="no tier"):
        recompute(line, replace(charge, kind="graduated"), ())
    assert line.period_to - timedelta(days=1) == date(2026, 10, 31)
