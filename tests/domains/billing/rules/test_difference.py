"""Why a bill differs: the parts always add up to the difference, and each charge is told with its cause."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from numaru.domains.billing.rules.difference import TAX, Cause, Change, Item, compare, settles
from numaru.domains.billing.rules.terms import Term
from numaru.values.period import Period
from numaru.values.text import Text

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def item(
    charge: str, amount: int, *, plan: str = "basic", back: bool = False, used: bool = False, quantity: str = "1", price: str | None = "1",
    share: tuple[int, int] = (1, 1),
) -> Item:  # fmt: skip
    named = Text(charge, charge)
    return Item(
        charge,
        named,
        Text(plan, plan),
        Text("회", "times"),
        used,
        back,
        OCTOBER,
        Decimal(quantity),
        Decimal(price) if price else None,
        share,
        amount,
    )


items = st.lists(
    st.builds(
        item, st.sampled_from(["fee", "saves", "rentals", "join"]), st.integers(-10**9, 10**9), plan=st.sampled_from(["basic", "premium"]),
        back=st.booleans(), used=st.booleans(), quantity=st.sampled_from(["0", "1", "2.5"]), price=st.sampled_from(["1", "2", None]),
    ),
    max_size=12,
)  # fmt: skip
added = st.integers(-(10**6), 10**9)


@given(items, items, added, added)
def test_the_changes_add_up_to_the_difference_exactly(now: list[Item], before: list[Item], tax: int, former: int) -> None:
    totals = [sum(x.amount for x in rows) + more for rows, more in ((now, tax), (before, former))]
    found = compare(now, totals[0], before, totals[1])
    assert sum(c.diff for c in found) == totals[0] - totals[1]
    assert all(c.diff for c in found) and len({(c.charge, c.settles) for c in found}) == len(found)
    assert [abs(c.diff) for c in found] == sorted((abs(c.diff) for c in found), reverse=True)


@given(items, added)
def test_a_bill_beside_itself_differs_in_nothing(rows: list[Item], tax: int) -> None:
    total = sum(x.amount for x in rows) + tax
    assert compare(rows, total, list(reversed(rows)), total) == ()


@given(items, items)
def test_turned_round_every_change_is_the_negative(now: list[Item], before: list[Item]) -> None:
    there = {(c.charge, c.settles): c.diff for c in compare(now, sum(x.amount for x in now), before, sum(x.amount for x in before))}
    back = {(c.charge, c.settles): c.diff for c in compare(before, sum(x.amount for x in before), now, sum(x.amount for x in now))}
    assert there == {key: -diff for key, diff in back.items()}


def only(now: list[Item], before: list[Item]) -> Change:
    (found,) = compare(now, sum(x.amount for x in now), before, sum(x.amount for x in before))
    return found


def test_each_cause_is_told() -> None:
    assert only([item("fee", 9)], []).cause == Cause.NEW
    assert only([], [item("fee", 9)]).cause == Cause.GONE
    assert only([item("fee", 9, plan="premium", price="9")], [item("fee", 5)]).cause == Cause.PLAN
    assert only([item("s", 9, used=True, quantity="3")], [item("s", 6, used=True, quantity="2")]).cause == Cause.QUANTITY
    assert only([item("fee", 9, price="9")], [item("fee", 8, price="8")]).cause == Cause.PRICE
    assert only([item("fee", 9)], [item("fee", 4, share=(15, 31))]).cause == Cause.DAYS
    assert only([item("orders", 9, price=None)], [item("orders", 8, price=None)]).cause == Cause.OTHER


def test_a_settlement_of_an_earlier_time_stands_apart_from_the_charge_of_the_month() -> None:
    found = compare([item("fee", 15_000), item("fee", 15_000, back=True)], 30_000, [item("fee", 15_000)], 15_000)
    assert [(c.settles, c.cause, c.diff) for c in found] == [(True, Cause.NEW, 15_000)]


def test_tax_on_top_is_a_change_of_its_own() -> None:
    found = compare([item("fee", 20_000)], 22_000, [item("fee", 10_000, price="2")], 11_000)
    assert [(c.charge, c.diff) for c in found] == [("fee", 10_000), (TAX, 1_000)]


def test_what_is_paid_in_advance_is_for_the_coming_month() -> None:
    def term(timing: str, kind: str = "recurring") -> Term:
        return Term(1, 1, "fee", 0, kind, timing, "actual_days", Decimal(1), None, "included", Decimal("0.1"), "KRW", 0)

    november, middle = OCTOBER.end, date(2026, 10, 12)
    assert not settles(term("advance"), 1, november, OCTOBER) and settles(term("advance"), 1, middle, OCTOBER)
    assert not settles(term("arrears"), 1, middle, OCTOBER) and settles(term("arrears"), 1, date(2026, 9, 3), OCTOBER)
    assert settles(term("arrears"), -1, middle, OCTOBER) and not settles(term("advance", "one_off"), 1, middle, OCTOBER)
