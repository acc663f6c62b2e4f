"""The two real customer files, read through the mappings that are shipped. They lie beside the project and are not part of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from numaru.kernel.imports.api import Stage

from .conftest import rows, told

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data" / "customer_marketing"
TELCO, CDNOW = DATA / "telco_churn_dev.csv", DATA / "cdnow_orders_dev.csv"

pytestmark = pytest.mark.skipif(not TELCO.exists(), reason="the real files (../shared/data/customer_marketing) are not here")


def shipped(name: str, kind: str, test_kind: str) -> str:
    """The shipped mapping, turned to the test's kind with the same fields."""
    return (ROOT / "examples" / name / "mapping.toml").read_text().replace(f'kind = "{kind}"', f'kind = "{test_kind}"')


def test_every_customer_of_the_telephone_company_is_read(staged: Callable[..., Stage]) -> None:
    stage = staged(TELCO, shipped("telco", "subscribers", "test-contracts"))
    assert stage.rows_read == stage.good_rows == 3_522 and not told(stage)
    assert stage.con.execute("SELECT count(*), sum(price) FROM good WHERE ended IS NULL").fetchone() == (2_568, Decimal("157410.25"))
    assert stage.con.execute("SELECT count(*) FROM good WHERE started = DATE '2026-10-01'").fetchone() == (9,)  # no TotalCharges: tenure 0


def test_every_order_is_read_and_the_stray_header_is_named(staged: Callable[..., Stage]) -> None:
    stage = staged(CDNOW, shipped("cdnow", "usage", "test-events"))
    assert told(stage) == [(2, None, "import.header_repeated")]
    figures = "SELECT count(*), count(DISTINCT event_id), count(DISTINCT subject), sum(amount) FROM good"
    assert stage.con.execute(figures).fetchone() == (62_740, 62_740, 21_213, Decimal("2256223.69"))
    twins = 'SELECT count(*), sum(n - 1), sum((n - 1) * amount) FROM (SELECT amount, count(*) AS n FROM good GROUP BY subject, "at", quantity, amount HAVING count(*) > 1)'
    assert stage.con.execute(twins).fetchone() == (196, 234, Decimal("3921.81"))
    assert rows(stage, "subject")[0] == ("00001",)


def test_a_resorted_file_brings_the_same_events(staged: Callable[..., Stage]) -> None:
    mapping = shipped("cdnow", "usage", "test-events")
    first = set(rows(staged(CDNOW, mapping), "event_id"))
    lines = CDNOW.read_bytes().splitlines()
    rest = lines[1:]
    random.Random(2).shuffle(rest)
    again = staged(b"\n".join([lines[0], *rest]), mapping)
    assert set(rows(again, "event_id")) == first and [f[2] for f in told(again)] == ["import.header_repeated"]
