"""The lives of all contracts at once: the set form of ``contract_facts.segments``, running segments only."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw

from numaru.domains.billing.rules.contract_facts import FAR_AT, FactKind, naive_utc
from numaru.domains.billing.rules.engine_frames import Frame
from numaru.domains.billing.rules.terms import SEGMENT_LIMIT
from numaru.values.period import FAR, Period

ORDER = ["effective_at", "recorded_at", "fact_id"]


def known(facts: Frame, known_at: datetime) -> Frame:
    """The facts recorded at or before ``known_at``."""
    return facts.filter(nw.col("recorded_at") <= naive_utc(known_at))


def running_segments(facts: Frame, scope: Period) -> Frame:
    """One row for each running segment that touches the days of ``scope``; a segment that ends within the first day touches it.

    Columns: contract_id, segment, version_id, from_at, to_at, from_day, to_day, epoch (since when the version holds: prices agreed
    earlier are void), first (the contract starts here). ``facts`` are those known, in any order.
    """
    kind = nw.col("kind")
    version_fact = kind.is_in([FactKind.STARTED.value, FactKind.CHANGED_TO.value])
    marked = facts.filter(nw.col("effective_day") < scope.end).select(
        "contract_id",
        "effective_at",
        "effective_day",
        "recorded_at",
        "fact_id",
        nw.when(version_fact).then(nw.col("version_id")).alias("version_id"),
        nw.when(version_fact).then(nw.col("effective_at")).alias("epoch"),
        nw.when(kind == FactKind.STARTED.value).then(nw.col("effective_at")).alias("start"),
        nw.when(kind.is_in([FactKind.STARTED.value, FactKind.RESUMED.value]))
        .then(nw.lit(1))
        .when(kind.is_in([FactKind.PAUSED.value, FactKind.SUSPENDED.value]))
        .then(nw.lit(0))
        .alias("active"),
        nw.when(kind == FactKind.ENDED.value).then(nw.lit(1)).otherwise(nw.lit(0)).alias("ended"),
    )

    def carried(column: str) -> nw.Expr:
        return nw.col(column).fill_null(strategy="forward").over("contract_id", order_by=ORDER)

    folded = marked.with_columns(
        carried("version_id"),
        carried("epoch"),
        carried("active"),
        nw.col("ended").cum_max().over("contract_id", order_by=ORDER),
        nw.col("start").min().over("contract_id"),
        nw.col("effective_at").shift(-1).over("contract_id", order_by=ORDER).alias("next_at"),
        nw.col("effective_day").shift(-1).over("contract_id", order_by=ORDER).alias("next_day"),
        nw.col("effective_at").rank("dense").over("contract_id").alias("segment"),
    )
    at = nw.col("effective_at")
    last_of_instant = nw.col("next_at").is_null() | (nw.col("next_at") != at)
    running = (nw.col("active") == 1) & (nw.col("ended") == 0) & (nw.col("start") <= at) & ~nw.col("version_id").is_null()
    return (
        folded.filter(last_of_instant & running)
        .select(
            "contract_id",
            nw.min_horizontal(nw.col("segment"), nw.lit(SEGMENT_LIMIT)).cast(nw.Int16).alias("segment"),
            "version_id",
            at.alias("from_at"),
            nw.col("next_at").fill_null(FAR_AT).alias("to_at"),
            nw.col("effective_day").alias("from_day"),
            nw.col("next_day").fill_null(FAR).alias("to_day"),
            "epoch",
            (at == nw.col("start")).alias("first"),
        )
        .filter(nw.col("to_day") >= scope.start)
    )


def agreed_prices(facts: Frame, segments: Frame) -> Frame:
    """The contract's own prices in each segment: contract_id, segment, charge_key, agreed. The last one of the version's time counts."""
    own = facts.filter(
        (nw.col("kind") == FactKind.PRICE_AGREED.value) & ~nw.col("price").is_null() & ~nw.col("charge_key").is_null()
    ).select("contract_id", "charge_key", "effective_at", "recorded_at", "fact_id", nw.col("price").alias("agreed"))
    valid = (
        own.join(segments.select("contract_id", "segment", "from_at", "epoch"), on="contract_id")
        .filter((nw.col("effective_at") >= nw.col("epoch")) & (nw.col("effective_at") <= nw.col("from_at")))
        .with_columns(
            nw.col("fact_id").shift(-1).over(["contract_id", "segment", "charge_key"], order_by=ORDER).alias("later"),
        )
    )
    return valid.filter(nw.col("later").is_null()).select("contract_id", "segment", "charge_key", "agreed")
