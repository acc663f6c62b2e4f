"""One rating of a run on the engine: the frozen rows go in, finished rows come out as files for COPY.

Holds a DuckDB connection with a memory limit of its own and spills beside the run; used by workers and commands, never by a web process.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

import narwhals as nw

from numaru.domains.billing.manifest import Frozen, exponents
from numaru.domains.billing.rules import reference
from numaru.domains.billing.rules.contract_facts import Fact
from numaru.domains.billing.rules.engine import rate
from numaru.domains.billing.rules.engine_documents import DocumentFrames, documents
from numaru.domains.billing.rules.engine_frames import DuckWorkspace, Frames
from numaru.domains.billing.rules.lines import Contract, Event
from numaru.domains.billing.rules.terms import Tariff, Term, Tier
from numaru.kernel import duck
from numaru.kernel.files import work_dir

SAMPLE = 1000

TYPES: dict[str, dict[str, str]] = {
    "contracts": {"contract_id": "BIGINT", "account_id": "BIGINT", "subject": "BIGINT", "currency": "VARCHAR"},
    "facts": {
        "fact_id": "BIGINT", "contract_id": "BIGINT", "kind": "VARCHAR", "effective_at": "TIMESTAMP", "effective_day": "DATE",
        "recorded_at": "TIMESTAMP", "version_id": "BIGINT", "charge_key": "VARCHAR", "price": "DECIMAL(18,6)",
    },
    "terms": {
        "version_id": "BIGINT", "charge_id": "BIGINT", "charge_key": "VARCHAR", "ordinal": "INTEGER", "kind": "VARCHAR", "timing": "VARCHAR",
        "proration": "VARCHAR", "price": "DECIMAL(18,6)", "meter": "VARCHAR", "tax_mode": "VARCHAR", "tax_rate": "DECIMAL(9,6)",
        "currency": "VARCHAR",
    },
    "tiers": {
        "charge_id": "BIGINT", "tier_no": "INTEGER", "upper": "DECIMAL(19,6)", "unit_price": "DECIMAL(18,6)", "flat": "DECIMAL(18,6)",
    },
}  # fmt: skip
NO_USAGE = """
CREATE TEMP VIEW usage AS SELECT ''::VARCHAR AS source, ''::VARCHAR AS event_id, 0::BIGINT AS subject, ''::VARCHAR AS meter,
 now()::TIMESTAMP AS "at", current_date AS day, 0::DECIMAL(19,6) AS quantity, NULL::DECIMAL(18,6) AS amount, NULL::VARCHAR AS currency
 WHERE false
"""
EXPORTS = {
    "invoice": "{run}, ordinal, account_id, currency, DATE '{start}', DATE '{end}', '{issued}', DATE '{due}', total, supply, tax, line_count",
    "line": "{run}, ordinal, line, contract_id, charge_id, version_id, segment, sign, period_from, period_to, quantity, price, num, den,"
    " amount, events, tax_mode",
    "tax": "{run}, ordinal, tax_mode, rate, supply, tax",
    "transfer": "{run}, ordinal, seq, debit, credit, amount, account_id, currency",
}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Sample:
    """How many accounts the reference rated again, and how many came out differently."""

    accounts: int
    differing: int


class Rating:
    """Use as a context manager; ``run`` computes, the rest reads. Everything is a function of the manifest alone."""

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen
        self.counts: dict[str, int] = {}
        self.totals: dict[str, int] = {}
        self.idle = 0
        self._dir = work_dir("rating", frozen.folder.name)
        self._opened = duck.connection(memory=os.environ.get("NUMARU_RUN_MEMORY", "4GB"))
        self._con = self._opened.__enter__()
        self._con.execute("SET preserve_insertion_order = false")
        self._work = DuckWorkspace(self._con)
        self._usage: dict[str, Any] = {}
        try:
            self._load()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._opened.__exit__(None, None, None)
        for path in self._dir.glob("*.csv"):
            with suppress(FileNotFoundError):
                path.unlink()

    def _one(self, query: str) -> tuple[Any, ...]:
        row = self._con.execute(query).fetchone()
        assert row is not None
        return tuple(row)

    def _load(self) -> None:
        for kind, types in TYPES.items():
            columns = ", ".join(f"'{name}': '{type_}'" for name, type_ in types.items())
            path = str(self.frozen.rows(kind)).replace("'", "''")
            self._con.execute(
                f"CREATE TEMP TABLE {kind} AS SELECT * FROM"
                f" read_csv('{path}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', columns={{{columns}}})"
            )
        codes = {r[0] for r in self._con.execute("SELECT DISTINCT currency FROM terms").fetchall()}
        cases = "".join(f" WHEN '{code}' THEN {places}" for code, places in sorted(exponents(codes).items()))
        places = f"CASE currency{cases} ELSE 0 END" if cases else "0"
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE terms AS SELECT *, CAST({places} AS INTEGER) AS exponent FROM terms")
        if self.frozen.usage:
            files = ", ".join("'" + str(p).replace("'", "''") + "'" for p in self.frozen.usage)
            self._con.execute(f"CREATE TEMP VIEW usage AS SELECT * FROM read_parquet([{files}], hive_partitioning=false)")
        else:
            self._con.execute(NO_USAGE)
        self._set_apart([int(a) for a in self.frozen.manifest.get("apart", [])])
        self.contracts = int(self._one("SELECT count(*) FROM contracts")[0])

    def _set_apart(self, accounts: list[int]) -> None:
        """Take the accounts that are billed on their own out of the frames, and remember their usage."""
        self._con.execute("CREATE TEMP TABLE apart (account_id BIGINT, subject BIGINT, currency VARCHAR)")
        if accounts:
            listed = ", ".join(map(str, accounts))
            self._con.execute(f"INSERT INTO apart SELECT account_id, subject, currency FROM contracts WHERE account_id IN ({listed})")
            self._con.execute("DELETE FROM contracts WHERE account_id IN (SELECT account_id FROM apart)")

    def _frame(self, name: str) -> nw.LazyFrame[Any]:
        return nw.from_native(self._con.table(name))

    def run(self, told: Callable[[int], None] = lambda _: None) -> None:
        """Rate and make documents. ``told`` is called with the number of accounts rated when that is known."""
        frames = Frames(*(self._frame(n) for n in ("contracts", "facts", "terms", "tiers", "usage")))
        before = self.frozen.manifest["before"]
        known_before = _instant(before["known_at"]) if before else None
        rated = rate(frames, self.frozen.period, _instant(self.frozen.manifest["known_at"]), known_before, work=self._work)
        made = documents(rated.lines, work=self._work)
        self._keep(made)
        self._view("parked_rating", rated.parked)
        self._con.execute(
            "CREATE TEMP TABLE parked AS SELECT p.account_id, p.reason, min(c.currency) AS currency FROM"
            " (SELECT * FROM parked_rating UNION ALL SELECT * FROM parked_document) p JOIN contracts c USING (account_id) GROUP BY ALL"
            " UNION ALL SELECT account_id, 'parked_before', min(currency) FROM apart GROUP BY account_id"
        )
        self._view("usage_outcome", rated.usage)
        for kind in (*EXPORTS, "zero", "parked"):
            self.counts[kind] = int(self._one(f"SELECT count(*) FROM {kind}")[0])
        self.totals = {c: int(t) for c, t in self._con.execute("SELECT currency, sum(total) FROM invoice GROUP BY 1 ORDER BY 1").fetchall()}
        accounts = int(
            self._one("SELECT count(DISTINCT account_id) FROM (SELECT account_id FROM contracts UNION ALL SELECT account_id FROM apart)")[0]
        )
        self.idle = accounts - self.counts["invoice"] - self.counts["zero"] - self.counts["parked"]
        self._tally()
        told(accounts)

    def _keep(self, made: DocumentFrames) -> None:
        for name, frame in (
            ("invoice", made.invoices), ("line", made.lines), ("tax", made.taxes), ("transfer", made.transfers), ("zero", made.zero),
            ("parked_document", made.parked),
        ):  # fmt: skip
            self._view(name, frame)

    def _view(self, name: str, frame: nw.LazyFrame[Any]) -> None:
        self._con.execute(f"CREATE TEMP VIEW {name} AS {nw.to_native(frame).sql_query()}")

    def _tally(self) -> None:
        billed = accepted = 0
        unbilled: dict[str, int] = {}
        for outcome, events in self._con.execute("SELECT outcome, sum(events) FROM usage_outcome GROUP BY 1 ORDER BY 1").fetchall():
            if outcome == reference.BILLED:
                billed = int(events)
            else:
                unbilled[outcome] = int(events)
        waiting = int(self._one("SELECT count(*) FROM usage SEMI JOIN apart USING (subject) ANTI JOIN contracts USING (subject)")[0])
        if waiting:
            unbilled["parked"] = unbilled.get("parked", 0) + waiting
            unbilled["no_contract"] -= waiting
            unbilled = {reason: count for reason, count in unbilled.items() if count}
        accepted = sum(int(f["rows"]) for f in self.frozen.manifest["usage"])
        self._usage = {"accepted": accepted, "billed": billed, "unbilled": unbilled}

    def usage(self) -> dict[str, Any]:
        """Where the accepted events of the period went: accepted = billed + Σ unbilled by reason."""
        return self._usage

    def by_charge(self) -> list[dict[str, Any]]:
        """Amount and lines by charge, for the page that compares months."""
        rows = self._con.execute(
            "SELECT t.charge_key, t.currency, sum(l.amount), count(*) FROM line l JOIN terms t USING (charge_id) GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
        return [{"key": k, "currency": c, "amount": int(a), "lines": int(n)} for k, c, a, n in rows]

    def chunks(self, size: int) -> dict[int, dict[str, Any]]:
        """Row counts and totals of every chunk of ``size`` ordinals, by chunk number from 0."""
        found: dict[int, dict[str, Any]] = {}
        for kind in EXPORTS:
            for number, rows in self._con.execute(f"SELECT (ordinal - 1) // {size} AS n, count(*) FROM {kind} GROUP BY n").fetchall():
                found.setdefault(int(number), dict.fromkeys(EXPORTS, 0) | {"totals": {}})[kind] = int(rows)
        sums = self._con.execute(f"SELECT (ordinal - 1) // {size} AS n, currency, sum(total) FROM invoice GROUP BY ALL").fetchall()
        for number, currency, total in sums:
            found[int(number)]["totals"][currency] = int(total)
        return found

    def export_chunk(
        self, number: int, first: int, end: int, run: int, start: date, until: date, issued: datetime, due: date
    ) -> dict[str, Path]:
        """Write the rows with ordinals in [first, end) as CSV files in the column order of ``run_tables.COLUMNS``."""
        files = {}
        values = {"run": run, "start": start, "end": until, "issued": issued.isoformat(), "due": due}
        for kind, columns in EXPORTS.items():
            path = self._dir / f"{kind}-{number}.csv"
            target = str(path).replace("'", "''")
            self._con.execute(
                f"COPY (SELECT {columns.format(**values)} FROM {kind} WHERE ordinal >= {first} AND ordinal < {end})"
                f" TO '{target}' (FORMAT csv, HEADER false)"
            )
            files[kind] = path
        return files

    def export_parked(self) -> Path:
        path = self._dir / "parked.csv"
        self._con.execute(f"COPY (SELECT account_id, reason, currency FROM parked) TO '{path!s}' (FORMAT csv, HEADER false)")
        return path

    def sample(self, size: int = SAMPLE) -> Sample:
        """Rate ``size`` accounts again by the reference, chosen by a hash of their ids, and count those that differ in any line or total."""
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE chosen AS SELECT account_id FROM (SELECT DISTINCT account_id FROM contracts)"
            f" ORDER BY hash(account_id), account_id LIMIT {size}"
        )
        contracts = [
            Contract(*r)
            for r in self._con.execute(
                "SELECT contract_id, account_id, subject, currency FROM contracts SEMI JOIN chosen USING (account_id)"
            ).fetchall()
        ]
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE mine AS SELECT contract_id, subject FROM contracts SEMI JOIN chosen USING (account_id)"
        )
        facts = [
            Fact(*r)
            for r in self._con.execute(f"SELECT {', '.join(TYPES['facts'])} FROM facts SEMI JOIN mine USING (contract_id)").fetchall()
        ]
        events = [
            Event(*r)
            for r in self._con.execute(
                'SELECT source, event_id, subject, meter, "at", day, quantity, amount, currency FROM usage SEMI JOIN mine USING (subject)'
            ).fetchall()
        ]
        before = self.frozen.manifest["before"]
        rated = reference.rate(
            contracts, facts, self.tariff(), events, self.frozen.period, _instant(self.frozen.manifest["known_at"]),
            _instant(before["known_at"]) if before else None,
        )  # fmt: skip
        made = reference.documents(rated)
        expected: dict[int, tuple[Any, ...]] = {a: ("parked", str(r)) for a, r in made.parked.items()}
        expected |= {z.account_id: ("zero",) for z in made.zero}
        for d in made.issued:
            expected[d.account_id] = (
                "issued",
                d.total,
                d.tax,
                tuple((x.contract_id, x.charge_id, x.period_from, x.period_to, x.amount) for x in d.lines),
            )
        found: dict[int, tuple[Any, ...]] = {
            a: ("parked", r)
            for a, r in self._con.execute("SELECT account_id, reason FROM parked SEMI JOIN chosen USING (account_id)").fetchall()
        }
        found |= {a: ("zero",) for (a,) in self._con.execute("SELECT account_id FROM zero SEMI JOIN chosen USING (account_id)").fetchall()}
        issued = self._con.execute("SELECT ordinal, account_id, total, tax FROM invoice SEMI JOIN chosen USING (account_id)").fetchall()
        lines: dict[int, list[tuple[Any, ...]]] = {o: [] for o, *_ in issued}
        for ordinal, *line in self._con.execute(
            "SELECT ordinal, contract_id, charge_id, period_from, period_to, amount FROM line SEMI JOIN"
            " (SELECT ordinal FROM invoice SEMI JOIN chosen USING (account_id)) USING (ordinal) ORDER BY ordinal, line"
        ).fetchall():
            lines[ordinal].append(tuple(line))
        found |= {account: ("issued", total, tax, tuple(lines[ordinal])) for ordinal, account, total, tax in issued}
        return Sample(
            int(self._one("SELECT count(*) FROM chosen")[0]), sum(expected.get(a) != found.get(a) for a in expected.keys() | found.keys())
        )

    def tariff(self) -> Tariff:
        """The frozen terms as the reference reads them."""
        terms = [
            Term(v, c, key, o, kind, timing, proration, price, meter, mode, rate_, currency, exp)
            for v, c, key, o, kind, timing, proration, price, meter, mode, rate_, currency, exp in self._con.execute(
                f"SELECT {', '.join(TYPES['terms'])}, exponent FROM terms"
            ).fetchall()
        ]
        tiers = [Tier(*r) for r in self._con.execute(f"SELECT {', '.join(TYPES['tiers'])} FROM tiers").fetchall()]
        return Tariff.of(terms, tiers)
