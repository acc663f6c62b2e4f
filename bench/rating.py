"""How fast a run rates and documents: `python bench/rating.py [N] [--threads 2] [--memory 8GB] [--json]`.

N invented contracts with three charges each: a monthly price by actual days, a per-unit and a graduated charge, with usage on both meters.
One contract in twenty paused in the period, one in twenty changed its plan, one in ten has a price of its own. All are billed in advance
or in arrears half and half, with a former run behind them. Prints rows, seconds of each part, contracts a second and the peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import datetime
from typing import Any

import duckdb
import narwhals as nw

from numaru.domains.billing.rules.engine import rate
from numaru.domains.billing.rules.engine_documents import documents
from numaru.domains.billing.rules.engine_frames import DuckWorkspace, Frames
from numaru.values.period import Period

INPUTS = {
    "contracts": """
        SELECT i AS contract_id, i AS account_id, (hash(i) % 9000000000000000)::BIGINT AS subject, 'KRW' AS currency
        FROM range(1, $n + 1) t(i)""",
    "facts": """
        WITH c AS (SELECT i, hash(i * 7) % 100 AS dice, TIMESTAMP '2026-01-01 15:00:00' + INTERVAL (hash(i) % 240) DAY AS start_at
                   FROM range(1, $n + 1) t(i))
        SELECT row_number() OVER (ORDER BY contract_id, kind, effective_at) AS fact_id, *, (effective_at + INTERVAL 9 HOUR)::DATE AS effective_day,
               effective_at AS recorded_at
        FROM (
            SELECT i AS contract_id, 'started' AS kind, start_at AS effective_at, (1 + i % 2)::BIGINT AS version_id,
                   NULL::VARCHAR AS charge_key, NULL::DECIMAL(18,6) AS price FROM c
            UNION ALL SELECT i, 'paused', TIMESTAMP '2026-10-10 15:00:00', NULL, NULL, NULL FROM c WHERE dice < 5
            UNION ALL SELECT i, 'resumed', TIMESTAMP '2026-10-20 15:00:00', NULL, NULL, NULL FROM c WHERE dice < 5
            UNION ALL SELECT i, 'changed_to', TIMESTAMP '2026-10-14 15:00:00', 2 - i % 2, NULL, NULL FROM c WHERE dice BETWEEN 5 AND 9
            UNION ALL SELECT i, 'price_agreed', start_at, NULL, 'base', 7900 FROM c WHERE dice BETWEEN 10 AND 19
        )""",
    "terms": """
        SELECT version_id::BIGINT AS version_id, version_id * 10 + ordinal AS charge_id, charge_key, ordinal::INTEGER AS ordinal, kind,
               if(version_id = 1, 'advance', 'arrears') AS timing, 'actual_days' AS proration, price::DECIMAL(18,6) AS price, meter,
               'included' AS tax_mode, 0.1::DECIMAL(9,6) AS tax_rate, 'KRW' AS currency, 0::INTEGER AS exponent
        FROM (VALUES (1::BIGINT), (2)) v(version_id),
             (VALUES (1::BIGINT, 'base', 'recurring', 9900, NULL), (2, 'play', 'per_unit', 12.5, 'play'), (3, 'gb', 'graduated', NULL, 'gb'))
             p(ordinal, charge_key, kind, price, meter)""",
    "tiers": """
        SELECT charge_id::BIGINT AS charge_id, tier_no::INTEGER AS tier_no, upper::DECIMAL(19,6) AS upper,
               unit_price::DECIMAL(18,6) AS unit_price, flat::DECIMAL(18,6) AS flat
        FROM (VALUES (13), (23)) c(charge_id), (VALUES (1, 10, 100, 0), (2, 50, 80.5, 500), (3, NULL, 60.25, 0)) t(tier_no, upper, unit_price, flat)""",
    "usage": """
        SELECT 'bench' AS source, e::VARCHAR AS event_id, c.subject, if(e % 2 = 0, 'play', 'gb') AS meter,
               TIMESTAMP '2026-09-30 15:00:00' + INTERVAL (hash(e) % 2678400) SECOND AS "at", ("at" + INTERVAL 9 HOUR)::DATE AS day,
               (1 + hash(e * 3) % 20000)::DECIMAL(19,6) * 0.001::DECIMAL(4,3) AS q, q::DECIMAL(19,6) AS quantity, NULL::DECIMAL(18,6) AS amount,
               NULL::VARCHAR AS currency
        FROM range($n * 4) t(e) JOIN contracts_in c ON c.contract_id = 1 + (e // 4) % $n""",
}


def measure(n: int, threads: int, memory: str) -> dict[str, Any]:
    """Rate and document ``n`` contracts once. Rows, seconds and contracts a second; peak memory of this process in MB."""
    with tempfile.TemporaryDirectory() as spill:
        connection = duckdb.connect(config={"threads": threads, "memory_limit": memory, "temp_directory": spill})
        for name, query in INPUTS.items():
            connection.execute(f"CREATE TEMP TABLE {name}_in AS {query.replace('$n', str(n))}")
        frames = Frames(**{name: nw.from_native(connection.table(f"{name}_in")) for name in INPUTS})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, cpu = time.perf_counter(), time.process_time()
        with DuckWorkspace(connection) as work:
            rated = rate(
                frames, Period.month("2026-10"), datetime.fromisoformat("2026-11-01"), datetime.fromisoformat("2026-10-01"), work=work
            )
            halfway = time.perf_counter()
            made = documents(rated.lines, work=work)
            parts = {name: getattr(made, name) for name in ("invoices", "lines", "taxes", "transfers")}
            rows = {name: int(nw.to_native(part).aggregate("count(*)").fetchall()[0][0]) for name, part in parts.items()}
            ended = time.perf_counter()
    return {
        "contracts": n,
        "rows": rows,
        "rate_seconds": round(halfway - started, 2),
        "documents_seconds": round(ended - halfway, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "contracts_per_second": round(n / (ended - started)),
        "inputs_mb": before // 1024,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(argv: list[str] | None = None) -> int:
    """Print the figures as lines, or as JSON."""
    parser = argparse.ArgumentParser(prog="rating")
    parser.add_argument("n", nargs="?", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    found = measure(options.n, options.threads, options.memory)
    print(json.dumps(found) if options.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
