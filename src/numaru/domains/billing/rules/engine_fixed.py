"""Recurring and one-off charges of all contracts at once: the set form of ``charges.recurring``, ``difference`` and ``one_off``.

Every function returns *drafts*: the columns of ``DRAFT``. ``exact`` ÷ ``den`` is the money in 10^-12 major units, not yet
rounded; ``fault`` is the place of the reason in ``terms.PARKED``, null for none. ``charges`` are the terms as ``engine.rate`` keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw

from numaru.domains.billing.rules.engine_frames import Frame, Workspace
from numaru.domains.billing.rules.engine_rounding import micro, whole
from numaru.domains.billing.rules.terms import MICRO, PARKED, ChargeKind, Parked, Proration, Timing
from numaru.values.period import Period

DRAFT = (
    "contract_id", "charge_id", "segment", "sign", "period_from", "period_to", "quantity", "price", "num", "den", "exact", "events", "fault",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """The days for which the recurring charges of one timing are billed."""

    timing: Timing
    days: Period


def fault(reason: Parked) -> nw.Expr:
    """The number of a reason: smaller goes first."""
    return nw.lit(PARKED.index(reason), nw.Int8)


def priced(candidates: Frame, agreed: Frame) -> Frame:
    """The contract's own price in place of the term's, where there is one."""
    return candidates.join(agreed, on=["contract_id", "segment", "charge_key"], how="left").with_columns(
        nw.coalesce("agreed", "price").alias("price")
    )


def _drafts(frame: Frame) -> Frame:
    """price × num ÷ den; quantity 1, no events."""
    return frame.with_columns(
        (micro(nw.col("price").fill_null(0)) * MICRO * whole(nw.col("num"))).alias("exact"),
        nw.lit(1).cast(nw.Decimal(19, 6)).alias("quantity"),
        nw.lit(0, nw.Int64).alias("events"),
        nw.lit(1, nw.Int16).alias("sign"),
        nw.when(nw.col("price").is_null()).then(fault(Parked.MISSING_PRICE)).alias("fault"),
    ).select(*DRAFT)


def recurring(segments: Frame, agreed: Frame, charges: Frame, windows: Sequence[Window], work: Workspace) -> Frame:
    """The recurring charges for all ``windows``, each in full; windows of one timing must not overlap."""
    windowed = nw.concat(
        [
            charges.filter((nw.col("kind") == ChargeKind.RECURRING.value) & (nw.col("timing") == w.timing.value)).select(
                "version_id",
                "charge_id",
                "charge_key",
                "price",
                (nw.col("proration") == Proration.ACTUAL_DAYS.value).alias("by_days"),
                nw.lit(w.days.start).alias("window_from"),
                nw.lit(w.days.end).alias("window_to"),
            )
            for w in windows
        ]
    )
    due = work.keep(windowed, "due")
    covered = (
        segments.select("contract_id", "segment", "version_id", "from_day", "to_day")
        .join(due, on="version_id")
        .with_columns(
            nw.max_horizontal("from_day", "window_from").alias("from_day"),
            nw.min_horizontal("to_day", "window_to").alias("to_day"),
        )
        .filter(nw.col("from_day") < nw.col("to_day"))
    )
    key = ["contract_id", "charge_id", "window_from"]
    chained = priced(covered, agreed).with_columns(
        nw.col("to_day").shift(1).over(key, order_by="segment").alias("prior_to"),
        nw.col("price").shift(1).over(key, order_by="segment").alias("prior_price"),
        nw.col("segment").shift(-1).over(key, order_by="segment").alias("later"),
    )
    joins = (nw.col("prior_to") == nw.col("from_day")) & (nw.col("prior_price") == nw.col("price"))
    counts = nw.col("by_days") | nw.col("later").is_null()
    cut = chained.with_columns(
        nw.when(~nw.col("by_days") | joins).then(nw.lit(0)).otherwise(nw.lit(1)).alias("opens"),
        nw.when(counts).then(nw.col("segment")).alias("segment_given"),
        nw.when(counts).then(nw.col("price")).alias("price_given"),
    ).with_columns(nw.col("opens").cum_sum().over(key, order_by="segment").alias("run"))
    lines = (
        cut.group_by(*key, "window_to", "by_days", "run")
        .agg(
            nw.col("segment_given").min().alias("segment"),
            nw.col("price_given").max().alias("price"),
            nw.col("from_day").min().alias("period_from"),
            nw.col("to_day").max().alias("period_to"),
        )
        .with_columns(
            nw.when(nw.col("by_days")).then(nw.col("period_to") - nw.col("period_from")).otherwise(nw.lit(1)).cast(nw.Int16).alias("num"),
            nw.when(nw.col("by_days")).then(nw.col("window_to") - nw.col("window_from")).otherwise(nw.lit(1)).cast(nw.Int16).alias("den"),
        )
    )
    return _drafts(lines)


def difference(former: Frame, present: Frame) -> Frame:
    """Exact negatives of the drafts of ``former`` that fell away, and those of ``present`` that are new."""
    key = ["contract_id", "charge_id", "period_from", "period_to", "num", "den", "price_key"]

    def keyed(frame: Frame) -> Frame:  # a missing price is equal to a missing price; no real one is as large as this
        none = nw.lit(-(10**30), nw.Int128)
        price = nw.when(nw.col("price").is_null()).then(none).otherwise(micro(nw.col("price")))
        return frame.with_columns(price.alias("price_key"))

    old, new = keyed(former), keyed(present)
    gone = old.join(new, on=key, how="anti").with_columns(nw.lit(-1, nw.Int16).alias("sign"), (nw.col("exact") * -1).alias("exact"))
    added = new.join(old, on=key, how="anti")
    return nw.concat([gone.select(*DRAFT), added.select(*DRAFT)])


def one_off(segments: Frame, agreed: Frame, charges: Frame, period: Period) -> Frame:
    """The one-off charges of contracts that started to run in ``period``."""
    fees = charges.filter(nw.col("kind") == ChargeKind.ONE_OFF.value).select("version_id", "charge_id", "charge_key", "price")
    starting = segments.filter(nw.col("first") & (nw.col("from_day") >= period.start) & (nw.col("from_day") < period.end))
    return _drafts(
        priced(starting.join(fees, on="version_id"), agreed).with_columns(
            nw.col("from_day").alias("period_from"),
            nw.col("from_day").dt.offset_by("1d").cast(nw.Date).alias("period_to"),
            nw.lit(1, nw.Int16).alias("num"),
            nw.lit(1, nw.Int16).alias("den"),
        )
    )
