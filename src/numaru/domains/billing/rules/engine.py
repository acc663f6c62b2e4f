"""Rating and documents for sets: the same rule as the reference, to the last digit, in Narwhals expressions on DuckDB.

``rate`` turns the frozen inputs of a run into lines; ``documents`` turns lines into numbered invoices with taxes and transfers. Everything
is deterministic: the same frames give the same rows with the same numbers, in whatever order the inputs lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from numaru.domains.billing.rules import engine_fixed as fixed
from numaru.domains.billing.rules import engine_usage as usage
from numaru.domains.billing.rules.chart import credit_for
from numaru.domains.billing.rules.contract_facts import naive_utc
from numaru.domains.billing.rules.engine_fixed import Window, fault
from numaru.domains.billing.rules.engine_frames import Frame, Frames, Workspace
from numaru.domains.billing.rules.engine_rounding import power_of_ten, round_half_away, whole
from numaru.domains.billing.rules.engine_segments import agreed_prices, known, running_segments
from numaru.domains.billing.rules.terms import EVENTS_LIMIT, PARKED, ChargeKind, Parked, Timing
from numaru.values.money import MAX_MINOR
from numaru.values.period import Period

LINE = (
    "account_id", "contract_id", "charge_id", "version_id", "ordinal", "segment", "sign", "period_from", "period_to", "quantity", "price",
    "num", "den", "amount", "events", "tax_mode", "tax_rate", "currency", "credit",
)  # fmt: skip
POSITION = ("contract_id", "ordinal", "charge_id", "segment", "sign", "period_from")


@dataclass(frozen=True, slots=True)
class RatedFrames:
    """lines: the columns of ``LINE`` with the meaning of ``lines.Line``, without accounts that are parked.
    parked: account_id, reason. usage: outcome, meter, events, quantity; outcomes as in ``reference.Rated``, all of them add up to the events
    of the period.
    """

    lines: Frame
    parked: Frame
    usage: Frame


def rate(frames: Frames, period: Period, known_at: datetime, known_before: datetime | None = None, *, work: Workspace) -> RatedFrames:
    """Rate all contracts for ``period``, a calendar month, as known at ``known_at``.

    ``known_before`` is the cut-off of the live run of the former period; None means that nothing was billed in advance for this one. It must
    not lie after ``known_at``. Results are kept in ``work``. Raises ValueError for a period that is not a month or a cut-off in the future.
    """
    if Period.month(period.label) != period:
        raise ValueError(f"not a calendar month: {period}")
    if known_before is not None and naive_utc(known_before) > naive_utc(known_at):
        raise ValueError("the former run knew more than this one")
    following = period.next_month()
    with work.section() as room:
        charges = room.keep(_charges(frames.terms), "charges")
        facts = known(frames.facts, known_at)
        segments = room.keep(running_segments(facts, Period(period.start, following.end)), "segments")
        agreed = room.keep(agreed_prices(facts, segments), "agreed")
        windows = [Window(Timing.ARREARS, period), Window(Timing.ADVANCE, following)]
        needed = [_within(segments, Period(period.start, following.end)), segments.filter(nw.col("first") & _starts_in(period))]
        if known_before is None:
            windows.append(Window(Timing.ADVANCE, period))
            drafts = [fixed.recurring(segments, agreed, charges, windows, room)]
        else:
            drafts = [fixed.recurring(segments, agreed, charges, windows, room)]
            touched = facts.filter(nw.col("recorded_at") > naive_utc(known_before)).select("contract_id").unique()
            former_facts = known(facts, known_before).join(touched, on="contract_id", how="semi")
            former = room.keep(running_segments(former_facts, period), "former")
            present = segments.join(touched, on="contract_id", how="semi")
            window = [Window(Timing.ADVANCE, period)]
            before = fixed.recurring(former, agreed_prices(former_facts, former), charges, window, room)
            now = fixed.recurring(present, agreed, charges, window, room)
            drafts.append(fixed.difference(room.keep(before, "before"), room.keep(now, "now")))
            needed.append(_within(former, period))
        drafts.append(fixed.one_off(segments, agreed, charges, period))
        attributed = usage.attribute(frames, segments, period, room)
        drafts.append(usage.lines(charges, frames.tiers, segments, agreed, attributed.counted, period, room))
        lines = work.keep(_lines(nw.concat(drafts), charges, frames.contracts), "drafts")
        unknown = nw.concat(
            [
                *(n.select("contract_id", "version_id").join(charges, on="version_id", how="anti").select("contract_id") for n in needed),
                attributed.counted.filter(nw.col("unknown") == 1).select("contract_id"),
            ]
        ).join(frames.contracts, on="contract_id")
        faults = nw.concat(
            [
                unknown.select("account_id", fault(Parked.MISSING_TERMS).alias("fault")),
                lines.filter(~nw.col("fault").is_null()).select("account_id", "fault"),
            ]
        )
        parked = work.keep(faults.group_by("account_id").agg(nw.col("fault").min()), "parked")
        where = nw.concat([usage.billed(attributed.counted, frames.contracts, parked), attributed.unbilled])
        counts = work.keep(where.filter(nw.col("events") > 0), "usage")
    return RatedFrames(
        lines=lines.join(parked, on="account_id", how="anti").select(*LINE),
        parked=parked.select("account_id", _reason(nw.col("fault")).alias("reason")),
        usage=counts,
    )


def _within(segments: Frame, days: Period) -> Frame:
    """The segments that cover a day of ``days``."""
    first = nw.max_horizontal(nw.col("from_day"), nw.lit(days.start))
    return segments.filter(first < nw.min_horizontal(nw.col("to_day"), nw.lit(days.end)))


def _starts_in(period: Period) -> nw.Expr:
    return (nw.col("from_day") >= period.start) & (nw.col("from_day") < period.end)


def _reason(number: nw.Expr) -> nw.Expr:
    """The name of a reason by its number."""
    out: nw.Expr = nw.lit(None, nw.String)
    for index, reason in enumerate(PARKED):
        out = nw.when(number == index).then(nw.lit(reason.value)).otherwise(out)
    return out


def _charges(terms: Frame) -> Frame:
    """The terms with what depends on them alone: ``scale``, the 10^-12 major units in a minor one, and the ledger account they credit."""
    credit: nw.Expr = nw.lit(0)
    for kind in ChargeKind:
        for timing in Timing:
            match = (nw.col("kind") == kind.value) & (nw.col("timing") == timing.value)
            credit = nw.when(match).then(nw.lit(int(credit_for(kind, timing)))).otherwise(credit)
    return terms.with_columns(
        nw.col("ordinal").cast(nw.Int32),
        nw.col("price").cast(nw.Decimal(18, 6)),
        nw.col("tax_rate").cast(nw.Decimal(9, 6)),
        power_of_ten(nw.lit(12) - nw.col("exponent")).alias("scale"),
        credit.cast(nw.Int16).alias("credit"),
    )


def _lines(drafts: Frame, charges: Frame, contracts: Frame) -> Frame:
    """Drafts rounded, with the constants of their contract and charge, checked for currency and size. Amounts fit bigint."""
    constants = charges.select(
        "charge_id", "version_id", "ordinal", "tax_mode", "tax_rate", nw.col("currency").alias("term_currency"), "scale", "credit"
    )
    joined = drafts.join(constants, on="charge_id").join(contracts.select("contract_id", "account_id", "currency"), on="contract_id")
    rounded = round_half_away(joined, nw.col("exact"), whole(nw.col("den")) * whole(nw.col("scale")), "rounded")
    fits = nw.col("rounded").abs() <= nw.lit(MAX_MINOR, nw.Int64)
    none = nw.lit(127, nw.Int8)
    checked = rounded.with_columns(
        nw.min_horizontal(
            nw.col("fault").fill_null(127),
            nw.when(nw.col("currency") != nw.col("term_currency")).then(fault(Parked.CURRENCY)).otherwise(none),
            nw.when(~fits).then(fault(Parked.OVERFLOW)).otherwise(none),
        ).alias("fault"),
        nw.when(fits).then(nw.col("rounded")).otherwise(nw.lit(0, nw.Int128)).cast(nw.Int64).alias("amount"),
        nw.when(nw.col("events") <= EVENTS_LIMIT).then(nw.col("events")).otherwise(nw.lit(0)).cast(nw.Int32).alias("events"),
    )
    return checked.with_columns(nw.when(nw.col("fault") < none).then(nw.col("fault")).alias("fault")).select(*LINE, "fault")
