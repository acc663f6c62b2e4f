"""Documents for sets: the same rule as ``documents.document``, for all accounts at once."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from numaru.domains.billing.rules.chart import Ledger
from numaru.domains.billing.rules.engine import POSITION
from numaru.domains.billing.rules.engine_frames import Frame, Workspace
from numaru.domains.billing.rules.engine_rounding import floor_div, micro, round_half_away, whole
from numaru.domains.billing.rules.terms import LINES_LIMIT, MICRO, Parked, TaxMode
from numaru.values.money import MAX_MINOR

CLASS = ["account_id", "tax_mode", "tax_rate"]


@dataclass(frozen=True, slots=True)
class DocumentFrames:
    """The finished rows of a run, ordinals 1 … n in the order of account ids.

    invoices: ordinal i32, account_id i64, currency, total i64, supply i64, tax i64, line_count i16.
    lines: ordinal i32, line i16, contract_id i64, charge_id i64, version_id i64, segment i16, sign i16, period_from date, period_to date,
    quantity decimal(19,6), price decimal(18,6)?, num i16, den i16, amount i64, events i32, tax_mode.
    taxes: ordinal i32, tax_mode, rate decimal(9,6), supply i64, tax i64.
    transfers: ordinal i32, seq i16, debit i16, credit i16, amount i64 > 0, account_id i64, currency.
    zero: account_id, currency. parked: account_id, reason (of these accounts only, not those parked by ``rate``).
    """

    invoices: Frame
    lines: Frame
    taxes: Frame
    transfers: Frame
    zero: Frame
    parked: Frame


def documents(lines: Frame, *, work: Workspace) -> DocumentFrames:
    """A document for every account in ``lines`` (the columns of ``engine.LINE``) with a positive total."""
    with work.section() as room:
        numbered = room.keep(
            lines.with_columns(
                nw.col("charge_id").cum_count().over("account_id", order_by=list(POSITION)).cast(nw.Int32).alias("line")
            ).drop("ordinal"),  # the charge's; from here on it is the document's
            "numbered",
        )
        classes = room.keep(_classes(numbered), "classes")
        accounts = work.keep(_accounts(classes), "accounts")
        issued = accounts.filter(nw.col("reason").is_null() & (nw.col("total") > 0))
        invoices = work.keep(
            issued.with_columns(nw.col("account_id").cum_count().over(order_by="account_id").cast(nw.Int32).alias("ordinal")).select(
                "ordinal",
                "account_id",
                "currency",
                nw.col("total").cast(nw.Int64),
                (nw.col("total") - nw.col("tax")).cast(nw.Int64).alias("supply"),
                nw.col("tax").cast(nw.Int64),
                nw.col("line_count").cast(nw.Int16),
            ),
            "invoices",
        )
        taxed = work.keep(
            classes.filter(nw.col("tax_mode") != TaxMode.NONE.value)
            .join(invoices.select("account_id", "ordinal", "line_count", "currency"), on="account_id")
            .with_columns(
                nw.col("tax_mode").cum_count().over("account_id", order_by=["tax_mode", "tax_rate"]).alias("place"),
            ),
            "taxed",
        )
        posted = work.keep(numbered.join(invoices.select("account_id", "ordinal"), on="account_id"), "lines")
        transfers = work.keep(_transfers(posted, taxed), "transfers")
    return DocumentFrames(
        invoices=invoices,
        lines=posted.select(
            "ordinal",
            nw.col("line").cast(nw.Int16),
            "contract_id",
            "charge_id",
            "version_id",
            "segment",
            "sign",
            "period_from",
            "period_to",
            "quantity",
            "price",
            "num",
            "den",
            "amount",
            "events",
            "tax_mode",
        ),
        taxes=taxed.select(
            "ordinal",
            "tax_mode",
            nw.col("tax_rate").alias("rate"),
            nw.when(nw.col("tax_mode") == TaxMode.INCLUDED.value)
            .then(nw.col("gross") - nw.col("tax"))
            .otherwise(nw.col("gross"))
            .cast(nw.Int64)
            .alias("supply"),
            nw.col("tax").cast(nw.Int64),
        ),
        transfers=transfers,
        zero=accounts.filter(nw.col("reason").is_null() & (nw.col("total") == 0)).select("account_id", "currency"),
        parked=accounts.filter(~nw.col("reason").is_null()).select("account_id", "reason"),
    )


def _classes(lines: Frame) -> Frame:
    """One row for each account and tax class: gross (the sum of its lines) and tax, whole; lines, lowest and highest currency."""
    summed = lines.group_by(*CLASS).agg(
        nw.col("amount").sum().alias("gross"),
        nw.len().cast(nw.Int64).alias("lines"),
        nw.col("currency").min().alias("lowest"),
        nw.col("currency").max().alias("highest"),
    )
    inside = nw.when(nw.col("tax_mode") == TaxMode.INCLUDED.value).then(nw.col("part")).otherwise(nw.lit(0, nw.Int128))
    taxed = nw.when(nw.col("tax_mode") == TaxMode.NONE.value).then(nw.lit(0, nw.Int128)).otherwise(nw.col("gross") * nw.col("part"))
    parts = summed.with_columns(whole(nw.col("gross")).alias("gross"), micro(nw.col("tax_rate")).alias("part"))
    return round_half_away(parts, taxed, inside + MICRO, "tax").drop("part")


def _too_large(amount: nw.Expr) -> nw.Expr:
    return amount.abs() > nw.lit(MAX_MINOR, nw.Int64)


def _accounts(classes: Frame) -> Frame:
    """One row an account: total and tax, whole; line_count, currency, and the reason why it gets no document, null for none."""
    added = nw.when(nw.col("tax_mode") == TaxMode.EXCLUDED.value).then(nw.col("tax")).otherwise(nw.lit(0, nw.Int128))
    summed = (
        classes.with_columns(
            (nw.col("gross") + added).alias("due"), (_too_large(nw.col("gross")) | _too_large(nw.col("tax"))).alias("over")
        )
        .group_by("account_id")
        .agg(
            nw.col("due").sum().alias("total"),
            nw.col("tax").sum(),
            nw.col("over").any(),
            nw.col("lines").sum().alias("line_count"),
            nw.col("lowest").min().alias("currency"),
            nw.col("highest").max().alias("highest"),
        )
        .with_columns(whole(nw.col("total")), whole(nw.col("tax")))
    )
    over = (
        nw.col("over")
        | _too_large(nw.col("total"))
        | _too_large(nw.col("tax"))
        | _too_large(nw.col("total") - nw.col("tax"))
        | (nw.col("line_count") > LINES_LIMIT)
    )
    return summed.with_columns(
        nw.when(nw.col("currency") != nw.col("highest"))
        .then(nw.lit(Parked.CURRENCY.value))
        .when(over)
        .then(nw.lit(Parked.OVERFLOW.value))
        .when(nw.col("total") < 0)
        .then(nw.lit(Parked.NEGATIVE_TOTAL.value))
        .alias("reason")
    ).select("account_id", "currency", "total", "tax", "line_count", "reason")


def _transfers(lines: Frame, taxed: Frame) -> Frame:
    """Each line net of its share of the included tax, and each row of tax, as debit and credit."""
    included = lines.filter(nw.col("tax_mode") == TaxMode.INCLUDED.value).join(
        taxed.select(*CLASS, nw.col("tax").alias("class_tax"), nw.col("gross").alias("class_gross")), on=CLASS
    )
    plain = lines.filter(nw.col("tax_mode") != TaxMode.INCLUDED.value).with_columns(whole(nw.col("amount")).alias("net"))
    columns = ["ordinal", "line", "credit", "net", "account_id", "currency"]
    nets = nw.concat([_net(included).select(*columns), plain.select(*columns)]).rename({"line": "seq"})
    taxes = taxed.select(
        "ordinal",
        (nw.col("line_count") + nw.col("place")).cast(nw.Int32).alias("seq"),
        nw.lit(int(Ledger.VAT_PAYABLE), nw.Int16).alias("credit"),
        nw.col("tax").alias("net"),
        "account_id",
        "currency",
    )
    moved = nw.concat([nets, taxes]).filter(nw.col("net") != 0)
    receivable, earns, forward = nw.lit(int(Ledger.RECEIVABLE), nw.Int16), nw.col("credit"), nw.col("net") > 0
    return moved.select(
        "ordinal",
        nw.col("seq").cast(nw.Int16),
        nw.when(forward).then(receivable).otherwise(earns).alias("debit"),
        nw.when(forward).then(earns).otherwise(receivable).alias("credit"),
        nw.col("net").abs().cast(nw.Int64).alias("amount"),
        "account_id",
        "currency",
    )


def _net(lines: Frame) -> Frame:
    """Lines with ``net``: the amount less the line's share of ``class_tax``, as ``documents.tax_shares`` gives it out."""
    turned = nw.when(nw.col("class_gross") < 0).then(nw.lit(-1, nw.Int128)).otherwise(nw.lit(1, nw.Int128))
    part = micro(nw.col("tax_rate"))
    claimed = lines.with_columns(turned.alias("turned"), (part + MICRO).alias("base")).with_columns(
        (whole(nw.col("amount")) * nw.col("turned") * part).alias("claim")
    )
    floored = claimed.with_columns(floor_div(nw.col("claim"), nw.col("base")).alias("share")).with_columns(
        (nw.col("share") * nw.col("base") - nw.col("claim")).alias("fraction")  # below zero, so that the largest fraction comes first
    )
    ranked = floored.with_columns(
        nw.col("line").cum_count().over(CLASS, order_by=["fraction", "line"]).alias("rank"),
        nw.col("share").sum().over(CLASS).alias("given"),
    )
    extra = nw.when(nw.col("rank") <= nw.col("class_tax") * nw.col("turned") - nw.col("given")).then(nw.lit(1)).otherwise(nw.lit(0))
    return ranked.with_columns((whole(nw.col("amount")) - (nw.col("share") + extra) * nw.col("turned")).alias("net"))
