"""The pictures of a bill run, the same on its page and in its report."""

from __future__ import annotations

from typing import Any

from numaru.domains.billing.changes import SIDE
from numaru.domains.billing.models import BillRun
from numaru.ui import charts, formats
from numaru.ui.charts import Bin, Chart, Note
from numaru.values.money import Money
from numaru.values.text import LANGUAGES, Text

NAME = Text("계정별 증감액", "Change by account")


def changes(row: BillRun) -> list[Chart]:
    """One chart a currency: by how much the accounts' bills differ from the month before. Empty for a run that had none before it."""
    return [_changes(row, found, f"changes-{found['currency'].lower()}") for found in row.summary.get("changes", []) if found["accounts"]]


def _changes(row: BillRun, found: dict[str, Any], key: str) -> Chart:
    currency, width = str(found["currency"]), int(found["width"])

    def money(minor: int) -> Money:
        return Money(minor, currency)

    def said(minor: int, *, diff: bool = True) -> Text:
        return Text(*(formats.money(money(minor), lang, diff=diff) for lang in LANGUAGES))

    half = width // 2
    edge = SIDE * width + half
    bins = [
        Bin(
            money(k * width - half), money(k * width + half), n,
            said=Text("{a} ~ {b}", "{a} to {b}").fill(a=said(k * width - half), b=said(k * width + half - 1)),
        )
        for k, n in found["bins"]
    ]  # fmt: skip
    notes = []
    if found["below"]:
        bins.insert(
            0,
            Bin(
                money(-edge - width),
                money(-edge),
                found["below"],
                True,
                Text("{a}보다 더 줄어듦", "lower by more, {a}").fill(a=said(-edge)),
            ),
        )
        notes.append(Note(money(-edge - width), found["below"], _beyond(found["below"]), "bad"))
    if found["above"]:
        bins.append(
            Bin(
                money(edge),
                money(edge + width),
                found["above"],
                True,
                Text("{a}보다 더 늘어남", "higher by more, {a}").fill(a=said(edge - 1)),
            )
        )
        notes.append(Note(money(edge + width), found["above"], _beyond(found["above"]), "bad", "right"))
    low, high = found["quartiles"]
    middle = Text("가운데 절반 {a} ~ {b}", "middle half {a} to {b}").fill(a=said(low), b=said(high))
    finding = Text(
        "지난달과 이달에 모두 청구한 {n}계정 가운데 {s}는 그대로입니다. 가운데 절반은 {a} ~ {b} 달라졌고, {e} 넘게 달라진 계정은 {o}개입니다.",
        "Of {n} accounts billed in both months, {s} are unchanged. The middle half changed by {a} to {b}; {o} changed by more than {e}.",
    ).fill(
        n=f"{found['accounts']:,}", s=formats.share(found["same"], found["accounts"]), a=said(low), b=said(high), e=said(edge, diff=False),
        o=f"{found['below'] + found['above']:,}",
    )  # fmt: skip
    if row.parked:
        parked = Text("보류 {n}계정은 금액이 없어 빠짐", "{n} parked accounts have no amount and are left out")
        middle = Text("{a} · {b}", "{a} · {b}").fill(a=middle, b=parked.fill(n=f"{row.parked:,}"))
    about = charts.About(
        key,
        NAME if currency == "KRW" else Text(f"{NAME.ko}, {currency}", f"{NAME.en}, {currency}"),
        finding,
        unit=Text("계정 수", "Accounts"),
        period=Text("{b} 대비 {n}", "{n} against {b}").fill(b=found["against"], n=row.number),
        note=middle,
    )
    major = charts.money(currency, signed=True)
    reach = [major.place(money(k * width)) or 0 for k in (-SIDE, -SIDE // 2, 0, SIDE // 2, SIDE)]
    end = major.place(money(edge + width)) or 0
    x = major.over(-end, end).at(*reach)
    return charts.histogram(
        about, bins, x, charts.count(log=True), notes=notes, head=Text("달라진 금액", "Changed by"), of=Text("계정", "Accounts")
    )


def _beyond(n: int) -> Text:
    return Text("{n}계정", "{n} account" if n == 1 else "{n} accounts").fill(n=f"{n:,}")
