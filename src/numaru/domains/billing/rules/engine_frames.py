"""What goes into the engine and comes out of it, and where it keeps what it needs twice.

All frames are lazy. Their columns, types and ends of intervals are those of the dataclasses of the reference; instants are naive UTC.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import narwhals as nw

Frame = nw.LazyFrame[Any]


@dataclass(frozen=True, slots=True)
class Frames:
    """The frozen inputs of a run.

    contracts: contract_id i64, account_id i64, subject i64, currency.
    facts: fact_id i64, contract_id i64, kind, effective_at timestamp, effective_day date, recorded_at timestamp, version_id i64?,
    charge_key?, price decimal(18,6)?.
    terms: version_id i64, charge_id i64, charge_key, ordinal i32, kind, timing, proration, price decimal(18,6)?, meter?, tax_mode,
    tax_rate decimal(9,6), currency, exponent i32.
    tiers: charge_id i64, tier_no i32, upper decimal(19,6)?, unit_price decimal(18,6), flat decimal(18,6).
    usage: source, event_id, subject i64, meter, at timestamp, day date, quantity decimal(19,6), amount decimal(18,6)?, currency?; every
    event once. Columns beyond these are ignored.
    """

    contracts: Frame
    facts: Frame
    terms: Frame
    tiers: Frame
    usage: Frame


class Workspace(Protocol):
    """Where a result is kept that would otherwise be computed again by each of its readers."""

    def keep(self, frame: Frame, name: str) -> Frame:
        """Compute ``frame`` once; the returned frame reads the result."""

    def section(self) -> AbstractContextManager[Workspace]:
        """A workspace for results that nobody reads after the ``with`` block; their room is given back at its end."""


class DuckWorkspace:
    """Temporary tables on the caller's DuckDB connection, which sets memory_limit, threads and the place to spill to.

    The one place of the engine that speaks SQL: CREATE TEMP TABLE … AS the query that Narwhals wrote. Everything kept is gone after
    ``close``; a workspace is a context manager. Frames made from kept ones must be read before it closes.
    """

    _numbers = count(1)

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._tables: list[str] = []

    def keep(self, frame: Frame, name: str) -> Frame:
        table = f"numaru_{next(self._numbers)}_{name}"
        relation = nw.to_native(frame)
        self._connection.execute(f'CREATE TEMP TABLE "{table}" AS {relation.sql_query()}')
        self._tables.append(table)
        kept: Frame = nw.from_native(self._connection.table(table))
        return kept

    def section(self) -> DuckWorkspace:
        return DuckWorkspace(self._connection)

    def close(self) -> None:
        """Drop everything that was kept."""
        for table in reversed(self._tables):
            self._connection.execute(f'DROP TABLE IF EXISTS "{table}"')
        self._tables.clear()

    def __enter__(self) -> DuckWorkspace:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
