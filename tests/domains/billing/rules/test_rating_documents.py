"""Tax, totals and transfers of one account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from numaru.domains.billing.rules.chart import NAMES, Ledger, credit_for
from numaru.domains.billing.rules.documents import Document, NoDocument, Transfer, class_tax, document, tax_shares
from numaru.domains.billing.rules.lines import Line
from numaru.domains.billing.rules.terms import LINES_LIMIT, Parked
from numaru.values.money import MAX_MINOR

D = Decimal


def line(amount: int, *, charge: int = 1, mode: str = "included", rate: str = "0.1", credit: int = Ledger.REVENUE_RECURRING) -> Line:
    return Line(
        account_id=1, contract_id=1, charge_id=charge, version_id=1, ordinal=charge, segment=1, sign=1, period_from=date(2026, 10, 1),
        period_to=date(2026, 11, 1), quantity=D(1), price=D(amount), num=1, den=1, amount=amount, events=0, tax_mode=mode,
        tax_rate=D(rate), currency="KRW", credit=int(credit),
    )  # fmt: skip


def issued(*lines: Line) -> Document:
    made = document(lines)
    assert isinstance(made, Document)
    return made


@pytest.mark.parametrize("gross", [0, 1, 5, 6, 10, 11, 16, 17, 13_900, 24_276, 10**15 + 7])
def test_ten_percent_inside_a_price_is_an_eleventh_rounded_half_up_and_mirrors(gross: int) -> None:
    assert class_tax(gross, "included", D("0.1")) == (gross + 5) // 11
    assert class_tax(-gross, "included", D("0.1")) == -((gross + 5) // 11)


@pytest.mark.parametrize(
    ("total", "mode", "rate", "tax"),
    [
        (1_005, "excluded", "0.1", 101),
        (-1_005, "excluded", "0.1", -101),
        (1_005, "none", "0", 0),
        (105, "included", "0.05", 5),
        (21, "included", "0.05", 1),
    ],
)
def test_other_rates_use_the_rule_in_full(total: int, mode: str, rate: str, tax: int) -> None:
    assert class_tax(total, mode, D(rate)) == tax


def test_a_document_with_three_classes() -> None:
    """13,900 + 3,166 = 17,066 inside: tax 17,066 ÷ 11 = 1,551.45 → 1,551, supply 15,515. 5,000 on top: tax 500. 700 without tax.
    Shares of 1,551: claims 1,263.64 and 287.82 → 1,263 and 287 and one more for the larger fraction, the second: 288."""
    made = issued(
        line(13_900, charge=1, credit=Ledger.DEFERRED_REVENUE),
        line(3_166, charge=2),
        line(5_000, charge=3, mode="excluded", credit=Ledger.REVENUE_USAGE),
        line(700, charge=4, mode="none", rate="0", credit=Ledger.REVENUE_ONE_OFF),
    )
    assert [(t.tax_mode, t.supply, t.tax) for t in made.taxes] == [("excluded", 5_000, 500), ("included", 15_515, 1_551)]
    assert (made.total, made.supply, made.tax) == (23_266, 21_215, 2_051)
    assert made.transfers == (
        Transfer(1, 1, 5, 13_900 - 1_263),
        Transfer(2, 1, 2, 3_166 - 288),
        Transfer(3, 1, 4, 5_000),
        Transfer(4, 1, 3, 700),
        Transfer(5, 1, 6, 500),
        Transfer(6, 1, 6, 1_551),
    )


def test_a_negative_line_swaps_debit_and_credit_and_takes_its_own_tax_back() -> None:
    """15,000 − 10,000 = 5,000 inside: tax 455. Claims 1,363.64 and −909.09: down to 1,363 and −910, two more to give: both get one."""
    made = issued(line(15_000, charge=2), line(-10_000, charge=1, credit=Ledger.DEFERRED_REVENUE))
    assert made.transfers == (Transfer(1, 5, 1, 9_091), Transfer(2, 1, 2, 13_636), Transfer(3, 1, 6, 455))


def test_nothing_is_reported_and_less_than_nothing_is_parked() -> None:
    assert document([line(0)]) == NoDocument(1, "KRW", None)
    assert document([line(5), line(-5, charge=2)]) == NoDocument(1, "KRW", None)
    assert document([line(-1)]) == NoDocument(1, "KRW", Parked.NEGATIVE_TOTAL)


def test_what_does_not_fit_is_parked() -> None:
    assert isinstance(document([line(MAX_MINOR)]), Document)
    assert document([line(MAX_MINOR), line(1, charge=2)]) == NoDocument(1, "KRW", Parked.OVERFLOW)
    assert document([line(MAX_MINOR, mode="excluded")]) == NoDocument(1, "KRW", Parked.OVERFLOW)
    assert document([line(1, charge=n) for n in range(LINES_LIMIT + 1)]) == NoDocument(1, "KRW", Parked.OVERFLOW)
    assert document([line(1), replace(line(2, charge=2), currency="USD")]) == NoDocument(1, "KRW", Parked.CURRENCY)


LINES = st.lists(
    st.builds(
        lambda amount, mode, rate, charge: line(amount, charge=charge, mode=mode, rate=rate),
        st.integers(-(10**7), 10**7), st.sampled_from(["included", "included", "excluded", "none"]), st.sampled_from(["0.1", "0.05", "0.077"]),
        st.integers(1, 99),
    ),
    min_size=1, max_size=12, unique_by=lambda x: x.charge_id,
)  # fmt: skip


def _receivable(transfers: tuple[Transfer, ...]) -> int:
    return sum(t.amount if t.debit == Ledger.RECEIVABLE else -t.amount for t in transfers)


@given(LINES)
def test_lines_and_tax_add_up_to_the_total_and_so_do_the_transfers(lines: list[Line]) -> None:
    made = document(lines)
    assume(isinstance(made, Document))
    assert isinstance(made, Document)
    added = sum(t.tax for t in made.taxes if t.tax_mode == "excluded")
    assert sum(x.amount for x in made.lines) + added == made.total == _receivable(made.transfers) == made.supply + made.tax
    assert all(t.amount > 0 and Ledger.RECEIVABLE in (t.debit, t.credit) and t.debit != t.credit for t in made.transfers)
    posted = sum(
        (1 if t.credit == Ledger.VAT_PAYABLE else -1) * t.amount for t in made.transfers if Ledger.VAT_PAYABLE in (t.debit, t.credit)
    )
    assert posted == made.tax
    assert len({t.seq for t in made.transfers}) == len(made.transfers)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20), st.sampled_from(["0.1", "0.05", "0.077", "0", "0.333333"]))
def test_shares_of_the_tax_add_up_stay_near_their_claim_and_mirror(amounts: list[int], rate: str) -> None:
    shares = tax_shares(amounts, D(rate))
    assert sum(shares) == class_tax(sum(amounts), "included", D(rate))
    for amount, share in zip(amounts, shares, strict=True):
        assert abs(share - D(amount) * D(rate) / (1 + D(rate))) <= 1
    if sum(amounts):
        assert tax_shares([-a for a in amounts], D(rate)) == [-s for s in shares]


def test_every_ledger_account_has_a_name_in_both_languages() -> None:
    assert set(NAMES) == set(Ledger) and all(t.ko and t.en for t in NAMES.values())
    assert credit_for("one_off", "advance") == Ledger.REVENUE_ONE_OFF
