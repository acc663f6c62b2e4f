"""Usage of all contracts at once: the set form of ``usage.attribute``, ``charges.metered`` and ``amounts.slices``."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from numaru.domains.billing.rules.engine_fixed import DRAFT, fault
from numaru.domains.billing.rules.engine_frames import Frame, Frames, Workspace
from numaru.domains.billing.rules.engine_rounding import micro, whole
from numaru.domains.billing.rules.terms import (
    EVENTS_LIMIT,
    MICRO,
    PRICE_LIMIT,
    QUANTITY_LIMIT,
    USAGE_KINDS,
    ChargeKind,
    Parked,
)
from numaru.domains.billing.rules.usage import Unbilled
from numaru.values.period import Period

BILLED = "billed"
KINDS = [k.value for k in USAGE_KINDS]
EVENT = ["source", "event_id", "day"]


@dataclass(frozen=True, slots=True)
class Attributed:
    """``counted``: events that fell into a running segment, by (contract_id, segment, version_id, meter, currency, taken, unknown) with
    events, quantity, carried (the sum of their own amounts), unpriced (one has none) and last_day. ``taken``: a charge counts them;
    ``unknown``: their version has no terms. ``unbilled``: outcome, meter, events, quantity of those that fell nowhere.
    """

    counted: Frame
    unbilled: Frame


def attribute(frames: Frames, segments: Frame, period: Period, work: Workspace) -> Attributed:
    """Find the owner of every event of ``period``. ``segments`` must cover its days."""
    usage = frames.usage.filter((nw.col("day") >= period.start) & (nw.col("day") < period.end))
    metered = frames.terms.filter(nw.col("kind").is_in(KINDS)).select("version_id", "meter").unique().with_columns(nw.lit(1).alias("taken"))
    priced = frames.terms.select("version_id").unique().with_columns(nw.lit(1).alias("has_terms"))
    several = frames.contracts.group_by("subject").agg(nw.len().alias("n")).filter(nw.col("n") > 1).select("subject")
    where = segments.join(frames.contracts.select("contract_id", "subject"), on="contract_id").select(
        "contract_id", "subject", "segment", "version_id", "from_at", "to_at"
    )
    fallen = (
        usage.join(where, on="subject")
        .filter((nw.col("at") >= nw.col("from_at")) & (nw.col("at") < nw.col("to_at")))
        .join(metered, on=["version_id", "meter"], how="left")
        .join(priced, on="version_id", how="left")
        .with_columns(nw.col("taken").fill_null(0), (nw.lit(1) - nw.col("has_terms").fill_null(0)).alias("unknown"))
        .drop("has_terms")
    )
    contested = (  # several running contracts: the first that can bill it, else the first without terms, by id
        fallen.join(several, on="subject", how="semi")
        .with_columns((nw.lit(3) - nw.col("taken") * 2 - nw.col("unknown")).alias("grade"))
        .with_columns(nw.col("contract_id").shift(1).over(EVENT, order_by=["grade", "contract_id"]).alias("earlier"))
        .filter(nw.col("earlier").is_null())
        .drop("grade", "earlier")
    )
    columns = ["contract_id", "segment", "version_id", "meter", "currency", "taken", "unknown"]
    figures = ["quantity", "amount", "day"]
    owned = nw.concat([fallen.join(several, on="subject", how="anti").select(*columns, *figures), contested.select(*columns, *figures)])
    counted = work.keep(
        owned.group_by(*columns).agg(
            nw.len().cast(nw.Int64).alias("events"),
            nw.col("quantity").sum().cast(nw.Decimal(38, 6)),
            nw.col("amount").sum().cast(nw.Decimal(38, 6)).alias("carried"),
            nw.col("amount").is_null().any().alias("unpriced"),
            nw.col("day").max().alias("last_day"),
        ),
        "counted",
    )
    stray = usage.join(frames.contracts.select("subject").unique(), on="subject", how="anti")
    total, strays = _tally(usage), _tally(stray)
    ran = _tally(counted, events="events")
    idle = (
        total.join(strays, on="meter", how="left", suffix="_stray")
        .join(ran, on="meter", how="left", suffix="_ran")
        .select(
            "meter",
            *((nw.col(c) - nw.col(f"{c}_stray").fill_null(0) - nw.col(f"{c}_ran").fill_null(0)).alias(c) for c in ("events", "quantity")),
        )
        .filter(nw.col("events") > 0)
    )
    free = _tally(counted.filter((nw.col("taken") == 0) & (nw.col("unknown") == 0)), events="events")
    unbilled = nw.concat([outcome(strays, Unbilled.NO_CONTRACT), outcome(idle, Unbilled.NOT_RUNNING), outcome(free, Unbilled.NO_CHARGE)])
    return Attributed(counted, unbilled)


def _tally(frame: Frame, events: str | None = None) -> Frame:
    """Events and quantity by meter; ``events`` names the column that already counts them."""
    number = nw.col(events).sum() if events else nw.len()
    return frame.group_by("meter").agg(number.cast(nw.Int64).alias("events"), nw.col("quantity").sum().cast(nw.Decimal(38, 6)))


def outcome(tally: Frame, name: str) -> Frame:
    """A tally with the name of what became of its events: outcome, meter, events i64, quantity decimal(38,6)."""
    return tally.select(
        nw.lit(str(name)).alias("outcome"), "meter", nw.col("events").cast(nw.Int64), nw.col("quantity").cast(nw.Decimal(38, 6))
    )


def billed(counted: Frame, contracts: Frame, parked: Frame) -> Frame:
    """The events that reached a contract, by what became of them: on a line, or of an account in ``parked`` (account_id)."""
    reached = counted.filter((nw.col("taken") == 1) | (nw.col("unknown") == 1)).join(
        contracts.select("contract_id", "account_id"), on="contract_id"
    )
    return nw.concat(
        [
            outcome(_tally(reached.join(parked, on="account_id", how="anti"), events="events"), BILLED),
            outcome(_tally(reached.join(parked, on="account_id", how="semi"), events="events"), Unbilled.PARKED),
        ]
    )


def lines(charges: Frame, tiers: Frame, segments: Frame, agreed: Frame, counted: Frame, period: Period, work: Workspace) -> Frame:
    """Drafts of usage: one for each contract, charge and price. ``charges`` are the terms as ``engine.rate`` keeps them."""
    metered = charges.filter(nw.col("kind").is_in(KINDS)).select(
        "version_id", "charge_id", "charge_key", "meter", "price", nw.col("currency").alias("term_currency"), *_kinds()
    )
    spans = segments.select("contract_id", "segment", "from_day", "to_day")
    taken = counted.filter(nw.col("taken") == 1).join(metered, on=["version_id", "meter"]).join(spans, on=["contract_id", "segment"])
    foreign = nw.col("currency").is_null() | (nw.col("currency") != nw.col("term_currency"))
    counters = (
        taken.join(agreed, on=["contract_id", "segment", "charge_key"], how="left")
        .with_columns(
            nw.when(nw.col("by_unit")).then(nw.coalesce("agreed", "price")).alias("price"),
            nw.max_horizontal(nw.col("from_day"), nw.lit(period.start)).alias("from_day"),
            nw.max_horizontal(
                nw.min_horizontal(nw.col("to_day"), nw.lit(period.end)), nw.col("last_day").dt.offset_by("1d").cast(nw.Date)
            ).alias("to_day"),
            (nw.col("by_event") & nw.col("unpriced")).alias("unpriced"),
            (nw.col("by_event") & foreign).alias("foreign"),
        )
        .group_by("contract_id", "charge_id", "by_unit", "by_event", "price")
        .agg(
            nw.col("segment").min(),
            nw.col("from_day").min().alias("period_from"),
            nw.col("to_day").max().alias("period_to"),
            nw.col("quantity").sum().cast(nw.Decimal(38, 6)),
            nw.col("carried").sum().cast(nw.Decimal(38, 6)),
            nw.col("events").sum().cast(nw.Int64),
            nw.col("unpriced").any(),
            nw.col("foreign").any(),
        )
    )
    return _priced(work.keep(counters, "counters"), work.keep(_ladder(charges, tiers), "ladder"))


def _kinds() -> list[nw.Expr]:
    """Two truth values in place of the kind: they are cheaper to carry than its name."""
    kind = nw.col("kind")
    return [(kind == ChargeKind.PER_UNIT.value).alias("by_unit"), (kind == ChargeKind.EVENT_PRICED.value).alias("by_event")]


def _priced(counters: Frame, ladder: Frame) -> Frame:
    """Counters as drafts. Figures that do not fit are set to zero before any arithmetic; their draft has a fault."""
    sized = counters.with_columns(
        micro(nw.col("quantity")).alias("size"),
        nw.when(nw.col("by_event")).then(micro(nw.col("carried").fill_null(0))).otherwise(nw.lit(0, nw.Int128)).alias("sum"),
    )
    too_large = (
        (nw.col("size").abs() >= nw.lit(QUANTITY_LIMIT, nw.Int128))
        | (nw.col("sum").abs() >= nw.lit(PRICE_LIMIT, nw.Int128))
        | (nw.col("events") > EVENTS_LIMIT)
    )
    checked = sized.with_columns(
        nw.when(nw.col("by_unit") & nw.col("price").is_null())
        .then(fault(Parked.MISSING_PRICE))
        .when(nw.col("unpriced"))
        .then(fault(Parked.MISSING_AMOUNT))
        .when(nw.col("foreign"))
        .then(fault(Parked.CURRENCY))
        .when(too_large)
        .then(fault(Parked.OVERFLOW))
        .alias("fault")
    )
    sound = nw.col("fault").is_null()
    safe = checked.with_columns(
        *(nw.when(sound).then(nw.col(c)).otherwise(nw.lit(0, nw.Int128)).alias(c) for c in ("size", "sum")),
        nw.when(sound).then(nw.col("quantity")).otherwise(nw.lit(0)).cast(nw.Decimal(19, 6)).alias("quantity"),
        nw.when(sound & nw.col("by_event")).then(nw.col("carried")).otherwise(nw.col("price")).alias("price"),
    )
    on_step = (nw.col("bottom") | (nw.col("size") > nw.col("above"))) & (nw.col("upto").is_null() | (nw.col("size") <= nw.col("upto")))
    entered = nw.when(nw.col("size") > nw.col("above")).then(nw.col("flats")).otherwise(nw.lit(0, nw.Int128))
    return (
        safe.join(ladder, on="charge_id", how="left")
        .filter(nw.col("by_unit") | nw.col("by_event") | on_step)
        .with_columns(
            nw.when(nw.col("by_unit"))
            .then(nw.col("size") * micro(nw.col("price").fill_null(0)))
            .when(nw.col("by_event"))
            .then(nw.col("sum") * MICRO)
            .otherwise(nw.col("below") + (nw.col("size") - nw.col("above")) * nw.col("unit") + entered * MICRO)
            .alias("exact"),
            nw.col("price").cast(nw.Decimal(18, 6)),
            nw.when(nw.col("beyond")).then(fault(Parked.MISSING_TIER)).otherwise(nw.col("fault")).alias("fault"),
            nw.lit(1, nw.Int16).alias("sign"),
            nw.lit(1, nw.Int16).alias("num"),
            nw.lit(1, nw.Int16).alias("den"),
        )
        .select(*DRAFT)
    )


def _ladder(charges: Frame, tiers: Frame) -> Frame:
    """The tiers of every graduated charge as steps without a gap, in micro units: (above, upto], unit price, ``below`` the money of all
    lower steps without flat fees, ``flats`` the flat fees down to and with this one. ``bottom`` marks the lowest, which also takes what is
    not above zero; ``beyond`` the step past the last bound, or of a charge without tiers, which nothing may reach.
    """
    zero = nw.lit(0, nw.Int128)
    steps = tiers.select(
        "charge_id",
        nw.col("tier_no").cast(nw.Int32),
        nw.when(~nw.col("upper").is_null()).then(micro(nw.col("upper").fill_null(0))).alias("upto"),
        micro(nw.col("unit_price")).alias("unit"),
        micro(nw.col("flat")).alias("flat"),
        nw.lit(0).alias("past"),
    )
    graduated = charges.filter(nw.col("kind") == ChargeKind.GRADUATED.value).select("charge_id")
    past = graduated.select(
        "charge_id",
        nw.lit(2**31 - 1, nw.Int32).alias("tier_no"),
        nw.lit(None, nw.Int128).alias("upto"),
        zero.alias("unit"),
        zero.alias("flat"),
        nw.lit(1).alias("past"),
    )
    order = {"order_by": ["past", "tier_no"]}
    every = nw.concat([steps, past]).with_columns(nw.when(nw.col("upto").is_null()).then(nw.lit(1)).otherwise(nw.lit(0)).alias("open"))
    ranked = every.with_columns(
        nw.col("upto").shift(1).over("charge_id", **order).alias("above"),
        nw.col("past").cum_count().over("charge_id", **order).alias("place"),
        nw.col("open").cum_sum().over("charge_id", **order).alias("ends"),
    )
    reachable = ranked.filter((nw.col("ends") - nw.col("open")) == 0)  # nothing follows a tier without end
    placed = reachable.with_columns(nw.col("above").fill_null(0).alias("above"), (nw.col("place") == 1).alias("bottom")).with_columns(
        ((nw.col("upto") - nw.col("above")) * nw.col("unit")).fill_null(0).alias("full")
    )
    return placed.with_columns(
        (whole(nw.col("full").cum_sum().over("charge_id", **order)) - nw.col("full")).alias("below"),
        whole(nw.col("flat").cum_sum().over("charge_id", **order)).alias("flats"),
        (nw.col("past") == 1).alias("beyond"),
    )
