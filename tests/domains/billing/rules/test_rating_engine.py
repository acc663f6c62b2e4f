"""The engine gives what the reference gives, to the last digit, in every frame."""

from __future__ import annotations

import doctest
import importlib
import random
import re
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import narwhals as nw
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numaru.domains.billing.rules import engine, engine_documents
from numaru.domains.billing.rules import terms as rules_terms
from numaru.domains.billing.rules.engine_frames import DuckWorkspace
from numaru.domains.billing.rules.engine_rounding import floor_div, micro, power_of_ten, round_half_away
from numaru.domains.billing.rules.lines import Contract
from numaru.domains.billing.rules.terms import Tier
from numaru.values import money
from numaru.values.period import Period
from tests.domains.billing.rules.worlds import D, Event, Outcome, World, by_engine, by_reference, fact, invent, local, midnight, term

RULES = Path(rules_terms.__file__).parent
OCTOBER = Period.month("2026-10")
CLOSE = datetime.fromisoformat("2026-11-03")
CUTS = [None, datetime.fromisoformat("2026-10-02"), datetime.fromisoformat("2026-09-29T05:00")]


def same(world: World, known_before: datetime | None = None, period: Period = OCTOBER, known_at: datetime = CLOSE) -> Outcome:
    """Both ways agree in every frame; the outcome is returned for further questions."""
    engine_says, reference_says = by_engine(world, period, known_at, known_before), by_reference(world, period, known_at, known_before)
    for part in fields(Outcome):
        assert getattr(engine_says, part.name) == getattr(reference_says, part.name), part.name
    return engine_says


def balanced(world: World, outcome: Outcome) -> None:
    """Lines, tax, totals and transfers tie out for every document, and every event of the period is accounted for once."""
    for ordinal, account, currency, total, supply, tax, count in outcome.invoices:
        lines = [x for x in outcome.lines if x[0] == ordinal]
        taxes = [x for x in outcome.taxes if x[0] == ordinal]
        transfers = [x for x in outcome.transfers if x[0] == ordinal]
        assert [x[1] for x in sorted(lines, key=lambda x: x[1])] == list(range(1, count + 1))
        assert sum(x[13] for x in lines) + sum(t[4] for t in taxes if t[1] == "excluded") == total == supply + tax
        assert sum(t[4] for t in taxes) == tax
        assert sum(t[4] if t[2] == 1 else -t[4] for t in transfers) == total
        assert all(t[4] > 0 and t[5] == account and t[6] == currency for t in transfers)
    assert [x[0] for x in sorted(outcome.invoices)] == list(range(1, len(outcome.invoices) + 1))
    assert [x[1] for x in sorted(outcome.invoices)] == sorted(x[1] for x in outcome.invoices)
    inside = [e for e in world.events if e.day in OCTOBER]
    assert sum(x[2] for x in outcome.usage) == len(inside)
    assert sum((x[3] for x in outcome.usage), D(0)) == sum((e.quantity for e in inside), D(0))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.randoms(use_true_random=False), st.integers(1, 12), st.sampled_from(CUTS))
def test_the_engine_equals_the_reference_on_drawn_worlds(rng: random.Random, contracts: int, known_before: datetime | None) -> None:
    world = invent(rng, contracts)
    balanced(world, same(world, known_before))


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_equals_the_reference_on_hundreds_of_contracts(seed: int) -> None:
    rng = random.Random(seed)
    world = invent(rng, 300, clean=seed % 2 == 1)
    outcome = same(world, CUTS[seed % 3])
    balanced(world, outcome)
    assert len(outcome.invoices) > 30 and outcome.transfers


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_the_engine_equals_the_reference_on_many_worlds(seed: int) -> None:
    rng = random.Random(seed)
    world = invent(rng, rng.choice([5, 40, 400]), clean=rng.random() < 0.3)
    balanced(world, same(world, rng.choice(CUTS)))


def test_the_invented_worlds_hold_every_case() -> None:
    """The comparison is worth something only if nothing is always missing from what is compared."""
    reasons, kinds, signs, outcomes, modes = set(), set(), set(), set(), set()
    zero = 0
    for seed in range(12):
        world = invent(random.Random(seed), 120)
        charges = {t.charge_id: t for t in world.terms}
        found = by_reference(world, OCTOBER, CLOSE, CUTS[1])
        reasons |= {x[1] for x in found.parked}
        kinds |= {(charges[x[3]].kind, charges[x[3]].timing, charges[x[3]].proration) for x in found.lines}
        signs |= {x[6] for x in found.lines}
        outcomes |= {x[0] for x in found.usage}
        modes |= {x[1] for x in found.taxes}
        zero += len(found.zero)
    assert reasons == {str(r) for r in rules_terms.Parked}
    assert {k for k, _, _ in kinds} == {str(k) for k in rules_terms.ChargeKind}
    assert {(t, p) for k, t, p in kinds if k == "recurring"} == {(t, p) for t in ("advance", "arrears") for p in ("actual_days", "none")}
    assert signs == {1, -1} and modes == {"included", "excluded"} and zero
    assert outcomes == {"billed", "no_contract", "not_running", "no_charge", "parked"}


def test_the_order_of_the_inputs_does_not_matter() -> None:
    rng = random.Random(4)
    world = invent(rng, 60)
    turned = World(*(rng.sample(list(part), len(part)) for part in (world.contracts, world.facts, world.terms, world.tiers, world.events)))
    assert by_engine(world, OCTOBER, CLOSE, CUTS[1]) == by_engine(turned, OCTOBER, CLOSE, CUTS[1])


def test_an_event_of_a_person_with_two_contracts_is_billed_once() -> None:
    """Both contracts run; the first has no charge for the meter, the second and third have: the second, with the lower id, takes it."""
    at = midnight("2026-10-05")
    world = World(
        [Contract(n, n, 7, "KRW") for n in (1, 2, 3)],
        [fact(n, n, "started", midnight("2026-10-01"), version_id=1 if n == 1 else 2) for n in (1, 2, 3)],
        [term(1, "recurring", "100"), term(2, "per_unit", "10", version=2, meter="play")],
        [],
        [Event("s", "1", 7, "play", at, local(at), D(3), None, None), Event("s", "2", 7, "gb", at, local(at), D(4), None, None)],
    )
    outcome = same(world)
    assert [(x[1], x[3]) for x in outcome.invoices] == [(1, 100), (2, 30)]
    assert outcome.usage == [("billed", "play", 1, D(3)), ("no_charge", "gb", 1, D(4))]


def test_an_account_pays_for_several_contracts_on_one_document() -> None:
    world = World(
        [Contract(1, 5, 1, "KRW"), Contract(2, 5, 2, "KRW"), Contract(3, 4, 3, "KRW")],
        [fact(n, n, "started", midnight("2026-10-01"), version_id=1) for n in (1, 2, 3)],
        [term(1, "recurring", "9900"), term(2, "recurring", "100", ordinal=0)],
    )
    outcome = same(world)
    assert [(x[1], x[3], x[6]) for x in outcome.invoices] == [(4, 10_000, 2), (5, 20_000, 4)]
    assert [(x[0], x[1], x[2], x[3]) for x in outcome.lines if x[0] == 2] == [(2, 1, 1, 2), (2, 2, 1, 1), (2, 3, 2, 2), (2, 4, 2, 1)]


def test_a_version_without_terms_parks_its_account_and_no_other() -> None:
    at = midnight("2026-10-05")
    world = World(
        [Contract(1, 1, 1, "KRW"), Contract(2, 2, 2, "KRW")],
        [fact(n, n, "started", midnight("2026-10-01"), version_id=n) for n in (1, 2)],
        [term(1, "recurring", "9900")],
        [],
        [Event("s", "1", 2, "play", at, local(at), D(1), None, None)],
    )
    outcome = same(world)
    assert outcome.parked == [(2, "missing_terms")] and [x[1] for x in outcome.invoices] == [1]
    assert outcome.usage == [("parked", "play", 1, D(1))]


def test_ladders_with_a_bound_at_the_top_with_one_tier_and_with_none() -> None:
    at = midnight("2026-10-05")
    world = World(
        [Contract(n, n, n, "KRW") for n in range(1, 8)],
        [fact(n, n, "started", midnight("2026-10-01"), version_id=1 + n % 3) for n in range(1, 8)],
        [term(v, "graduated", None, version=v, meter="play") for v in (1, 2, 3)],
        [Tier(1, 1, D(10), D(5), D(7)), Tier(1, 2, D(20), D(3), D(1)), Tier(2, 1, None, D(2), D(9))],
        [Event("s", str(n), n, "play", at, local(at), D(q), None, None) for n, q in enumerate([-4, 0, 10, 11, 0, 20, 21], start=1)],
    )
    outcome = same(world)
    assert {x[1] for x in outcome.parked} == {"missing_tier", "negative_total"}


def test_an_empty_world_gives_nothing() -> None:
    assert same(World([], [], [], [], [])) == Outcome([], [], [], [], [], [], [], [])


def test_a_run_is_for_a_month_and_knows_at_least_what_the_former_knew() -> None:
    with DuckWorkspace(duckdb.connect()) as work:
        frames = World([], [], []).frames(duckdb.connect())
        with pytest.raises(ValueError, match="calendar month"):
            engine.rate(frames, Period(OCTOBER.start, OCTOBER.last), CLOSE, work=work)
        with pytest.raises(ValueError, match="former run"):
            engine.rate(frames, OCTOBER, CLOSE, datetime.fromisoformat("2026-12-01"), work=work)


def test_a_workspace_leaves_nothing_behind() -> None:
    connection = duckdb.connect()
    world = invent(random.Random(1), 20)
    frames = world.frames(connection)

    def tables() -> int:
        return int(connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()[0][0])

    before = tables()
    with DuckWorkspace(connection) as work:
        rated = engine.rate(frames, OCTOBER, CLOSE, CUTS[1], work=work)
        engine_documents.documents(rated.lines, work=work)
        with work.section() as room:
            kept = room.keep(rated.lines, "again")
            assert nw.to_native(kept).fetchall()
            inside = tables()
        assert tables() == inside - 1
    assert tables() == before


def test_columns_have_the_types_that_the_tables_expect() -> None:
    connection = duckdb.connect()
    with DuckWorkspace(connection) as work:
        rated = engine.rate(invent(random.Random(1), 20).frames(connection), OCTOBER, CLOSE, work=work)
        made = engine_documents.documents(rated.lines, work=work)
        i16, i32, i64 = nw.Int16(), nw.Int32(), nw.Int64()
        assert dict(made.lines.collect_schema()) == {
            "ordinal": i32, "line": i16, "contract_id": i64, "charge_id": i64, "version_id": i64, "segment": i16, "sign": i16,
            "period_from": nw.Date(), "period_to": nw.Date(), "quantity": nw.Decimal(19, 6), "price": nw.Decimal(18, 6), "num": i16, "den": i16,
            "amount": i64, "events": i32, "tax_mode": nw.String(),
        }  # fmt: skip
        assert dict(made.invoices.collect_schema()) == {
            "ordinal": i32, "account_id": i64, "currency": nw.String(), "total": i64, "supply": i64, "tax": i64, "line_count": i16,
        }  # fmt: skip
        assert dict(made.taxes.collect_schema()) == {
            "ordinal": i32,
            "tax_mode": nw.String(),
            "rate": nw.Decimal(9, 6),
            "supply": i64,
            "tax": i64,
        }
        assert dict(made.transfers.collect_schema()) == {
            "ordinal": i32, "seq": i16, "debit": i16, "credit": i16, "amount": i64, "account_id": i64, "currency": nw.String(),
        }  # fmt: skip
        assert tuple(rated.lines.collect_schema()) == engine.LINE


@given(st.lists(st.tuples(st.integers(-(2**125), 2**125), st.integers(1, 10**14)), min_size=1, max_size=50))
@settings(max_examples=50, deadline=None)
def test_the_engine_rounds_like_the_reference(pairs: list[tuple[int, int]]) -> None:
    """Whatever fits 128 bits, exactly: the field's warning about binary fractions in ``//`` is checked on every version of the parts."""
    connection = duckdb.connect()
    rows = ", ".join(f"({i}, {n}::HUGEINT, {d}::HUGEINT)" for i, (n, d) in enumerate(pairs))
    frame = nw.from_native(connection.sql(f"SELECT * FROM (VALUES {rows}) t(i, n, d)"))
    rounded = round_half_away(frame, nw.col("n"), nw.col("d"), "r").with_columns(floor_div(nw.col("n"), nw.col("d")).alias("f"))
    got = sorted(nw.to_native(rounded.select("i", "r", "f")).fetchall())
    assert got == [(i, money.round_half_away(n, d), n // d) for i, (n, d) in enumerate(pairs)]


@given(st.lists(st.decimals(-(10**13) + 1, 10**13 - 1, places=6), min_size=1, max_size=50))
@settings(max_examples=30, deadline=None)
def test_the_engine_takes_millionths_like_the_reference(values: list[Decimal]) -> None:
    connection = duckdb.connect()
    given_table = pa.table(
        {"i": list(range(len(values))), "v": pa.array(values, pa.decimal128(19, 6)), "e": [i % 13 for i in range(len(values))]}
    )
    connection.register("given", given_table)
    frame = nw.from_native(connection.table("given")).with_columns(micro(nw.col("v")).alias("m"), power_of_ten(nw.col("e")).alias("p"))
    got = sorted(nw.to_native(frame.select("i", "m", "p")).fetchall())
    assert got == [(i, rules_terms.micro(v), 10 ** (i % 13)) for i, v in enumerate(values)]


def test_money_is_divided_and_rounded_in_one_module_of_the_engine_only() -> None:
    """`/`, `//` and `round` turn decimals to binary fractions in the engine: none outside the rounding module, none of `/` in it."""
    sources = {p.name: p.read_text(encoding="utf-8") for p in RULES.glob("engine*.py")}
    assert len(sources) >= 5
    for name, text in sources.items():
        code = re.sub(r'""".*?"""|#.*', "", text, flags=re.DOTALL)
        code = re.sub(r'"[^"\n]*"', '""', code)
        slashes = re.findall(r"//|/|\bround\(|\.round\(|floordiv|truediv|\bfloat\b|Float", code)
        assert set(slashes) <= ({"//"} if name == "engine_rounding.py" else set()), (name, slashes)


def test_the_modules_stay_small_and_their_examples_hold() -> None:
    tried = 0
    for path in RULES.glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path.name
        module = importlib.import_module(f"numaru.domains.billing.rules.{path.stem}")
        result = doctest.testmod(module)
        assert result.failed == 0, path.name
        tried += result.attempted
    assert tried >= 8


def test_a_sample_can_be_rated_again_by_the_reference() -> None:
    """The spot check of every run: some accounts, with all contracts of their subjects, give the lines that the whole run gave them."""
    world = invent(random.Random(8), 200, clean=True)
    whole = by_engine(world, OCTOBER, CLOSE, CUTS[1])
    accounts = {c.account_id for c in world.contracts if c.account_id % 7 == 0}
    subjects = {c.subject for c in world.contracts if c.account_id in accounts}
    part = replace(world, contracts=[c for c in world.contracts if c.subject in subjects])
    sample = by_reference(part, OCTOBER, CLOSE, CUTS[1])
    chosen = [x for x in whole.rated if x[0] in accounts]
    assert len(chosen) > 10 and chosen == [x for x in sample.rated if x[0] in accounts]


def test_the_worked_example_of_the_documentation() -> None:
    """docs/algorithms/rating.md: 9,900 to the 12th at 15:00, then 13,900; saves 20 and 3."""
    change = midnight("2026-10-12") + timedelta(hours=15)
    before, after = midnight("2026-10-12") + timedelta(hours=14), change
    world = World(
        [Contract(1, 1, 1, "KRW")],
        [fact(1, 1, "started", midnight("2026-10-01"), version_id=1), fact(2, 1, "changed_to", change, version_id=2)],
        [
            term(1, "recurring", "9900"),
            term(2, "graduated", None, meter="save"),
            term(3, "recurring", "13900", version=2),
            term(4, "per_unit", "200", version=2, meter="save"),
        ],
        [Tier(2, 1, D(10), D(0), D(0)), Tier(2, 2, None, D(300), D(0))],
        [Event("s", str(i), 1, "save", at, local(at), D(q), None, None) for i, (at, q) in enumerate([(before, 20), (after, 3)])],
    )
    outcome = same(world)
    assert [(x[3], x[13]) for x in outcome.lines] == [(1, 3513), (2, 3000), (3, 8968), (4, 600)]
    assert outcome.invoices == [(1, 1, "KRW", 16_081, 14_619, 1_462, 4)]
