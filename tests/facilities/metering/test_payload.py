"""Figures are taken exactly or not at all; one payload has one digest, whichever road it came."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.facilities.metering.rules.cloudevents import Fault, Reading, read
from numaru.facilities.metering.rules.payload import DIGEST_SQL, digest, fixed

EVENT = {
    "specversion": "1.0", "id": "1", "source": "s", "type": "play", "subject": "u1", "time": "2026-11-22T00:30:00+09:00", "data": {"quantity": "1"},
}  # fmt: skip


@given(st.decimals(min_value=Decimal("-9999999999999.999999"), max_value=Decimal("9999999999999.999999"), places=6))
def test_every_quantity_that_fits_is_kept_to_the_last_digit(value: Decimal) -> None:
    text = fixed(f"{value:f}", 19)
    assert text is not None and Decimal(text) == value and len(text.partition(".")[2]) == 6


@pytest.mark.parametrize("text", ["10000000000000", "0.0000001", "1e3", "", ".5", "1.", "1,5", "NaN", "Infinity", "٣", "0x10", " 1"])
def test_what_does_not_fit_is_none(text: str) -> None:
    assert fixed(text, 19) is None


@given(
    st.integers(0, 2**63 - 1),
    st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2100-01-01"), timezones=st.just(UTC)),
    st.decimals(Decimal("-1000"), Decimal("1000"), places=6),
    st.none() | st.decimals(Decimal("-1000"), Decimal("1000"), places=6),
)
def test_the_engine_and_python_make_the_same_digest(subject: int, at: datetime, quantity: Decimal, amount: Decimal | None) -> None:
    currency = None if amount is None else "KRW"
    query = (
        f'SELECT {DIGEST_SQL} FROM (SELECT CAST(? AS BIGINT) AS subject, ? AS meter, CAST(? AS TIMESTAMP) AS "at", '
        "CAST(? AS DECIMAL(19,6)) AS quantity, CAST(? AS DECIMAL(18,6)) AS amount, CAST(? AS VARCHAR) AS currency)"
    )
    found = duckdb.execute(query, [subject, "play", at.replace(tzinfo=None), quantity, amount, currency]).fetchone()
    figures = fixed(f"{quantity:f}", 19), None if amount is None else fixed(f"{amount:f}", 18)
    assert figures[0] is not None
    assert found == (digest(subject, "play", at, figures[0], figures[1], currency),)


def test_an_event_is_read() -> None:
    got = read(EVENT | {"data": {"quantity": 2, "amount": "-0.10", "currency": "KRW"}})
    assert got == Reading("s", "1", "u1", "play", datetime(2026, 11, 21, 15, 30, tzinfo=UTC), "2.000000", "-0.100000", "KRW")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"specversion": "0.3"}, "usage.specversion", "specversion"), ({"id": ""}, "usage.attribute", "id"), ({"id": "a\tb"}, "usage.attribute", "id"),
        ({"id": 7}, "usage.attribute", "id"), ({"source": "x" * 201}, "usage.attribute", "source"), ({"subject": None}, "usage.attribute", "subject"),
        ({"type": "Play Minutes"}, "usage.meter", "type"), ({"time": "2026-11-22T00:30:00"}, "usage.time", "time"), ({"time": 1}, "usage.time", "time"),
        ({"time": "2026-02-30T00:30:00Z"}, "usage.time", "time"), ({"time": "1969-12-31T23:00:00Z"}, "usage.time", "time"),
        ({"data": {}}, "usage.data", "data.quantity"), ({"data": {"quantity": 1.5}}, "usage.float", "data.quantity"),
        ({"data": {"quantity": True}}, "usage.figure", "data.quantity"), ({"data": {"quantity": "1e5"}}, "usage.figure", "data.quantity"),
        ({"data": {"quantity": "1", "amount": 0.1, "currency": "KRW"}}, "usage.float", "data.amount"),
        ({"data": {"quantity": "1", "amount": "1"}}, "usage.currency", "data.currency"),
    ],
)  # fmt: skip
def test_each_fault_is_named(change: dict[str, object], code: str, field: str) -> None:
    got = read(EVENT | change)
    assert isinstance(got, Fault) and (got.code, got.field) == (code, field)
    assert got.message.ko and got.message.en and got.remedy.ko and got.remedy.en


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_nothing_that_json_can_say_breaks_the_reading(value: object) -> None:
    assert isinstance(read(value), Fault)
    assert isinstance(read(EVENT | {"data": value}), Fault)
    for field in ("id", "source", "type", "subject", "time"):
        assert isinstance(read(EVENT | {field: value}), Fault | Reading)
