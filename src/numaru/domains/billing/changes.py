"""What a run changed for each account against the month before: a distribution, counted once when the run is tied out.

The bins are kept with the run's figures (``summary["changes"]``), one entry a currency, so that its page reads no invoice::

    {"currency": "KRW", "against": "RUN-2026-09-…", "width": 500, "bins": [[-2, 17], [0, 812], …], "below": 3, "above": 5,
     "same": 640, "quartiles": [-310, 420], "furthest": [-12400, 412300], "new": 12, "gone": 4}

Bin k holds changes from (k − ½) × width up to (not with) (k + ½) × width, in minor units; ``below`` and ``above`` are those beyond bin
±:data:`SIDE`. ``same`` are changes of exactly 0. Accounts billed in one of the two months only stand in ``new`` and ``gone`` and in no bin.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from psycopg import sql

from numaru.domains.billing import run_tables
from numaru.domains.billing.models import BillRun
from numaru.values.period import Period

SIDE = 20  # bins at each side of nothing
WITHIN = 0.99  # the share of the accounts that the bins take in, at least

# Each change once with the number of accounts that have it: the one pass over both months. The rest reads this short table.
PAIRS = """
CREATE TEMP TABLE {both} ON COMMIT DROP AS
SELECT n.currency, n.total - b.total AS change, count(*) AS n
  FROM {now} n JOIN {before} b ON b.account_id = n.account_id AND b.currency = n.currency GROUP BY 1, 2
"""
SPREAD = """
WITH c AS (SELECT currency, change, n, sum(n) OVER (PARTITION BY currency ORDER BY change) AS upto, sum(n) OVER (PARTITION BY currency) AS whole FROM {both}),
     d AS (SELECT currency, abs(change) AS change, sum(sum(n)) OVER (PARTITION BY currency ORDER BY abs(change)) AS upto FROM {both} GROUP BY 1, abs(change))
SELECT c.currency, max(whole)::bigint, min(change) FILTER (WHERE upto >= 0.25 * whole), min(change) FILTER (WHERE upto >= 0.75 * whole),
       (SELECT min(d.change) FROM d WHERE d.currency = c.currency AND d.upto >= {within} * max(c.whole)),
       min(change), max(change), coalesce(sum(n) FILTER (WHERE change = 0), 0)::bigint
  FROM c GROUP BY c.currency ORDER BY c.currency COLLATE "C"
"""
# Held within one bin beyond the last at each side, so that plain division of whole numbers takes the lower bin for those below zero too.
BINS = """
SELECT ((2 * greatest(-{reach}, least({reach}, change)) + {width} + 2 * {reach}) / (2 * {width}) - {beyond})::int AS bin, sum(n)::bigint
  FROM {both} WHERE currency = {currency} GROUP BY 1 ORDER BY 1
"""
ALL = "SELECT (SELECT count(*) FROM {now} WHERE currency = {currency}), (SELECT count(*) FROM {before} WHERE currency = {currency})"


def run_before(run: BillRun) -> BillRun | None:
    """The posted run of the month before."""
    start = Period(run.period_from, run.period_to).previous_month().start
    return BillRun.objects.filter(service=run.service_id, period_from=start, kind="period", state="posted").first()


def width_for(reach: int) -> int:
    """The smallest of 1, 2, 5 × 10ⁿ minor units with which :data:`SIDE` bins reach at least ``reach``; 100 at least.

    >>> width_for(0), width_for(1_999), width_for(9_800), width_for(10_001)
    (100, 100, 500, 1000)
    """
    width = 100
    while width * SIDE < reach:
        lead = int(str(width)[0])
        width = width * 2 if lead in (1, 5) else width // 2 * 5
    return width


def distribution(run: BillRun) -> list[dict[str, Any]]:
    """The distribution of a run whose rows stand in its own tables; empty without a run of the month before."""
    before = run_before(run)
    if before is None or not run_tables.attached(before.pk):
        return []
    found = between(run_tables.table("invoice", run.pk), run_tables.table("invoice", before.pk))
    return [row | {"against": before.number} for row in found]


def between(now: sql.Identifier, before: sql.Identifier) -> list[dict[str, Any]]:
    """The distribution of ``now`` against ``before``, two tables of invoices with one row an account. Reads each of them once."""
    both = sql.Identifier("billing_changes")
    out = []
    with transaction.atomic(), connection.cursor() as cursor:

        def ask(statement: str, **named: sql.Composable) -> list[tuple[Any, ...]]:
            cursor.execute(sql.SQL(statement).format(both=both, now=now, before=before, **named))  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

        ask(PAIRS)
        for currency, number, lower, upper, reach, low, high, same in ask(SPREAD, within=sql.Literal(WITHIN)):
            width, of = width_for(int(reach)), sql.Literal(currency)
            bins = dict(
                ask(BINS, reach=sql.Literal((SIDE + 1) * width), width=sql.Literal(width), beyond=sql.Literal(SIDE + 1), currency=of)
            )
            below, above = bins.pop(-SIDE - 1, 0), bins.pop(SIDE + 1, 0)
            here, there = ask(ALL, currency=of)[0]
            out.append(
                {
                    "currency": currency, "accounts": number, "width": width, "bins": sorted(bins.items()), "below": below, "above": above,
                    "same": same, "quartiles": [lower, upper], "furthest": [low, high], "new": here - number, "gone": there - number,
                }
            )  # fmt: skip
        ask("DROP TABLE {both}")
    return out
