"""Invented contracts, prices and usage for the rating tests, and both ways to rate them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from numaru.domains.billing.rules import engine, engine_documents, reference
from numaru.domains.billing.rules.contract_facts import Fact
from numaru.domains.billing.rules.engine_frames import DuckWorkspace, Frames
from numaru.domains.billing.rules.lines import Contract, Event
from numaru.domains.billing.rules.terms import Tariff, Term, Tier
from numaru.values.money import exponent
from numaru.values.period import Period

D = Decimal
NIGHT = timedelta(hours=9)  # Seoul lies nine hours before UTC all year

TEXT, I64, I32 = pa.string(), pa.int64(), pa.int32()
AT, DAY = pa.timestamp("us"), pa.date32()
PRICE, QUANTITY = pa.decimal128(18, 6), pa.decimal128(19, 6)
SCHEMAS = {
    "contracts": {"contract_id": I64, "account_id": I64, "subject": I64, "currency": TEXT},
    "facts": {
        "fact_id": I64, "contract_id": I64, "kind": TEXT, "effective_at": AT, "effective_day": DAY, "recorded_at": AT, "version_id": I64,
        "charge_key": TEXT, "price": PRICE,
    },
    "terms": {
        "version_id": I64, "charge_id": I64, "charge_key": TEXT, "ordinal": I32, "kind": TEXT, "timing": TEXT, "proration": TEXT,
        "price": PRICE, "meter": TEXT, "tax_mode": TEXT, "tax_rate": pa.decimal128(9, 6), "currency": TEXT, "exponent": I32,
    },
    "tiers": {"charge_id": I64, "tier_no": I32, "upper": QUANTITY, "unit_price": PRICE, "flat": PRICE},
    "usage": {
        "source": TEXT, "event_id": TEXT, "subject": I64, "meter": TEXT, "at": AT, "day": DAY, "quantity": QUANTITY, "amount": PRICE,
        "currency": TEXT,
    },
}  # fmt: skip


def local(moment: datetime) -> date:
    """The day in Seoul of a naive UTC instant."""
    return (moment + NIGHT).date()


def midnight(day: str | date) -> datetime:
    """The instant (naive UTC) at which a day begins in Seoul."""
    start = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(start, datetime.min.time()) - NIGHT


def fact(number: int, contract: int, kind: str, at: datetime, recorded: datetime | None = None, **more: Any) -> Fact:
    """A fact whose local day follows from its instant; known from the moment it holds unless said otherwise."""
    return Fact(number, contract, kind, at, local(at), recorded or at, **more)


def term(charge: int, kind: str, price: str | None, *, version: int = 1, currency: str = "KRW", **more: Any) -> Term:
    """A charge with the usual settings: arrears, actual days, tax inside at 10 %."""
    given: dict[str, Any] = {
        "charge_key": f"k{charge}", "ordinal": charge, "timing": "arrears", "proration": "actual_days", "meter": None, "tax_mode": "included",
        "tax_rate": D("0.1"), "exponent": exponent(currency),
    }  # fmt: skip
    return Term(
        version_id=version, charge_id=charge, kind=kind, price=None if price is None else D(price), currency=currency, **given | more
    )


@dataclass(frozen=True)
class World:
    """Everything that a run reads."""

    contracts: Sequence[Contract]
    facts: Sequence[Fact]
    terms: Sequence[Term]
    tiers: Sequence[Tier] = ()
    events: Sequence[Event] = ()

    @property
    def tariff(self) -> Tariff:
        return Tariff.of(self.terms, self.tiers)

    def frames(self, connection: Any) -> Frames:
        """The same as lazy frames on a DuckDB connection."""
        rows = {"contracts": self.contracts, "facts": self.facts, "terms": self.terms, "tiers": self.tiers, "usage": self.events}
        lazy = {}
        for name, schema in SCHEMAS.items():
            table = pa.table({c: pa.array([getattr(r, c) for r in rows[name]], t) for c, t in schema.items()})
            connection.register(f"{name}_given", table)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_in AS FROM {name}_given")
            lazy[name] = nw.from_native(connection.table(f"{name}_in"))
        return Frames(**lazy)


@dataclass(frozen=True)
class Outcome:
    """All rows of a run as sets of tuples, so that two ways of rating can be compared."""

    rated: list[tuple[Any, ...]]
    usage: list[tuple[Any, ...]]
    invoices: list[tuple[Any, ...]]
    lines: list[tuple[Any, ...]]
    taxes: list[tuple[Any, ...]]
    transfers: list[tuple[Any, ...]]
    zero: list[tuple[Any, ...]]
    parked: list[tuple[Any, ...]]


def _rows(frame: Any) -> list[tuple[Any, ...]]:
    return sorted(nw.to_native(frame).fetchall(), key=repr)


def by_engine(world: World, period: Period, known_at: datetime, known_before: datetime | None = None) -> Outcome:
    """Rate and document with the engine."""
    connection = duckdb.connect(config={"threads": 1})
    with DuckWorkspace(connection) as work:
        rated = engine.rate(world.frames(connection), period, known_at, known_before, work=work)
        made = engine_documents.documents(rated.lines, work=work)
        return Outcome(
            _rows(rated.lines), _rows(rated.usage), _rows(made.invoices), _rows(made.lines), _rows(made.taxes), _rows(made.transfers),
            _rows(made.zero), sorted(_rows(rated.parked) + _rows(made.parked), key=repr),
        )  # fmt: skip


def by_reference(world: World, period: Period, known_at: datetime, known_before: datetime | None = None) -> Outcome:
    """Rate and document with the reference."""
    rated = reference.rate(world.contracts, world.facts, world.tariff, world.events, period, known_at, known_before)
    made = reference.documents(rated)
    numbered = list(enumerate(made.issued, start=1))
    plain = (
        "contract_id", "charge_id", "version_id", "segment", "sign", "period_from", "period_to", "quantity", "price", "num", "den", "amount",
        "events", "tax_mode",
    )  # fmt: skip

    def ordered(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return sorted(rows, key=repr)

    six = D("0.000001")

    def value(v: Any) -> Any:
        return v.quantize(six) if isinstance(v, Decimal) else int(v) if isinstance(v, int) else v

    def text(v: object) -> str:
        return str(v)

    return Outcome(
        ordered(tuple(value(getattr(x, f.name)) for f in fields(x)) for x in rated.lines),
        ordered((text(o), meter, n, q) for (o, meter), (n, q) in rated.usage.items()),
        ordered((i, d.account_id, d.currency, d.total, d.supply, d.tax, len(d.lines)) for i, d in numbered),
        ordered((i, n, *(value(getattr(x, c)) for c in plain)) for i, d in numbered for n, x in enumerate(d.lines, start=1)),
        ordered((i, t.tax_mode, value(t.rate), t.supply, t.tax) for i, d in numbered for t in d.taxes),
        ordered((i, t.seq, t.debit, t.credit, t.amount, d.account_id, d.currency) for i, d in numbered for t in d.transfers),
        ordered((z.account_id, z.currency) for z in made.zero),
        ordered((account, text(reason)) for account, reason in made.parked.items()),
    )


def invent(rng: random.Random, contracts: int, *, clean: bool = False) -> World:
    """A world around October 2026: plans of every kind of charge, contracts that pause, change, end and are corrected later, and usage.

    ``clean`` leaves out everything that parks an account, and all tiers and negative figures.
    """
    terms, tiers = _plans(rng, clean)
    versions = sorted({t.version_id for t in terms}) + ([] if clean else [99])
    people, facts, number = [], [], 0
    for contract in range(1, contracts + 1):
        currency = "KRW" if clean or rng.random() < 0.9 else "USD"
        account = rng.randint(1, max(1, contracts * 2 // 3))
        people.append(Contract(contract, account, rng.randint(1, max(1, contracts * 4 // 5)), currency))
        start = _instant(rng, date(2026, 7, 1), 130)
        own = [("started", start, {"version_id": rng.choice(versions[:-1] or versions)})]
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3, 5])):
            kind = rng.choice(["changed_to", "price_agreed", "price_agreed", "paused", "resumed", "resumed", "suspended", "ended"])
            at = start if rng.random() < 0.2 else _instant(rng, date(2026, 9, 15), 75)
            own.append((kind, at, _details(rng, kind, versions, clean)))
        for kind, at, more in own:
            number += 1
            recorded = at if rng.random() < 0.5 else _instant(rng, date(2026, 8, 1), 120)
            facts.append(fact(number, contract, kind, at, recorded, **more))
    events = []
    for i in range(rng.choice([0, contracts, contracts * 4])):
        at = _instant(rng, date(2026, 9, 28), 36) if rng.random() < 0.9 else rng.choice(facts).effective_at
        quantity = D(rng.randint(0 if clean else -30, 200)) / rng.choice([1, 1, 8, 1000])
        if not clean and rng.random() < 0.01:
            quantity = D("9999999999999.999999")
        amount = D(rng.randint(0 if clean else -2000, 20000)) / rng.choice([1, 100, 3**0])
        currency = "KRW" if clean or rng.random() < 0.97 else rng.choice(["USD", None])
        events.append(
            Event(
                rng.choice("ab"), str(i), rng.randint(1, contracts), rng.choice(["play", "gb", "order"]), at, local(at), quantity,
                None if not clean and rng.random() < 0.02 else amount, currency,
            )
        )  # fmt: skip
    rng.shuffle(facts)
    return World(people, facts, terms, tiers, events)


def _instant(rng: random.Random, start: date, days: int) -> datetime:
    at = midnight(start + timedelta(days=rng.randrange(days)))
    return at if rng.random() < 0.5 else at + timedelta(seconds=rng.randrange(86_400))


def _details(rng: random.Random, kind: str, versions: list[int], clean: bool) -> dict[str, Any]:
    if kind == "changed_to":
        return {"version_id": rng.choice(versions)}
    if kind == "price_agreed":
        return {"charge_key": rng.choice(["base", "fee", "unit"]), "price": _price(rng, clean)}
    return {}


def _price(rng: random.Random, clean: bool) -> Decimal:
    low = 0 if clean else -5000
    price = D(rng.randint(low, 20000)) / rng.choice([1, 1, 100, 1000])
    return price if clean or rng.random() > 0.01 else D("999999999999.999999")


def _plans(rng: random.Random, clean: bool) -> tuple[list[Term], list[Tier]]:
    terms: list[Term] = []
    tiers: list[Tier] = []
    charge = 0
    for version in (1, 2, 3):
        for key in rng.sample(["base", "base2", "fee", "unit", "unit2", "grad", "event"], rng.randint(1, 6)):
            charge += 1
            kind = {"base": "recurring", "base2": "recurring", "fee": "one_off", "grad": "graduated", "event": "event_priced"}.get(
                key, "per_unit"
            )
            if clean and kind == "graduated":
                kind = "per_unit"
            mode = rng.choice(["included", "included", "excluded", "none"])
            no_price = kind in ("graduated", "event_priced") or (not clean and rng.random() < 0.04)
            terms.append(
                term(
                    charge, kind, None if no_price else str(_price(rng, clean)), version=version, charge_key=key, ordinal=rng.randint(1, 4),
                    timing=rng.choice(["advance", "arrears"]) if kind == "recurring" else "arrears",
                    proration=rng.choice(["actual_days", "actual_days", "none"]),
                    meter=rng.choice(["play", "gb", "order"]) if kind not in ("recurring", "one_off") else None,
                    tax_mode=mode, tax_rate=D("0") if mode == "none" else D(rng.choice(["0.1", "0.1", "0.05", "0.075"])),
                    currency="KRW" if clean or rng.random() < 0.95 else "USD",
                )
            )  # fmt: skip
            if kind == "graduated":
                tiers += _tiers(rng, charge)
    return terms, tiers


def _tiers(rng: random.Random, charge: int) -> list[Tier]:
    bounds = sorted(rng.sample(range(1, 300), rng.randint(0, 3)))
    ends: list[Decimal | None] = [D(b) / rng.choice([1, 1, 2]) for b in bounds]
    ends = sorted(set(ends)) + ([None] if rng.random() < 0.9 else [])  # type: ignore[type-var]
    return [Tier(charge, n, end, D(rng.randint(0, 900)) / 100, D(rng.choice([0, 0, 500]))) for n, end in enumerate(ends, start=1)]
