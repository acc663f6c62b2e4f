"""The report of a posted bill run on paper: what it billed beside the month before, what changed for each account, what was parked and checked.

It says of people only numbers: no account and no name stands in it. Made when it is asked for; the same run, the same bytes.
"""

from __future__ import annotations

from typing import Any

from django.utils import translation

from numaru.domains.billing import reads
from numaru.domains.billing.changes import run_before
from numaru.domains.billing.models import BillRun
from numaru.domains.billing.states import PARKED
from numaru.domains.billing.web import run_charts, run_page
from numaru.facilities.catalogue import api as catalogue
from numaru.ui import charts, formats, paper
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text


def render(row: BillRun, lang: str) -> bytes:
    """The PDF in ``lang``."""
    with translation.override(lang):
        return paper.render("dossier", data(row, lang))


def data(row: BillRun, lang: str) -> dict[str, Any]:
    """What the paper needs, every figure written in ``lang``, which is in force."""
    assert row.service is not None and row.posted_at is not None
    issuer = catalogue.entity(row.service.entity_id)
    before = run_before(row)
    posted = formats.local(row.posted_at)
    totals = " · ".join(formats.money(Money(minor, c), lang) for c, minor in sorted(row.totals.items())) or formats.count(0)
    return {
        "lang": lang,
        "date": posted.date().isoformat(),
        "title": str(Text("청구 실행 보고서", "Bill run report")),
        "number": row.number,
        "subtitle": f"{run_page.title(row)} · {row.service.name}",
        "from": [str(x) for x in (issuer.name, issuer.registration) if str(x)],
        "facts": [
            [str(Text("이용 기간", "Period")), formats.period(Period(row.period_from, row.period_to), lang)],
            [str(Text("확정", "Posted")), formats.when(row.posted_at, lang)],
            [str(Text("합계, 세금 포함", "Total, tax included")), totals],
            [str(Text("청구서", "Invoices")), formats.count(row.invoices)],
            [str(Text("보류", "Parked")), formats.count(row.parked)],
            [str(Text("0원이라 내지 않음", "Zero, not issued")), formats.count(row.zero)],
        ],
        "sections": [s for s in (_compared(row, before), *_changes(row), _parked(row), _checks(row), _frozen(row)) if s],
    }  # fmt: skip


def _compared(row: BillRun, before: BillRun | None) -> dict[str, Any]:
    rows = run_page.compared(row, before)
    heads = [Text("항목", "Charge"), Text("{m} 청구", "Billed {m}").fill(m=f"{row.period_from:%Y-%m}")]
    out: dict[str, Any] = {"title": str(Text("전월 비교", "Against the month before"))}
    if before is None:
        out["words"] = [str(Text("전월 실행이 없습니다.", "There is no run of the month before."))]
        out["rows"] = [[str(r.name), formats.money(r.now)] for r in rows]
    else:
        heads[1:1] = [Text("{m} 청구", "Billed {m}").fill(m=f"{before.period_from:%Y-%m}")]
        heads.append(Text("변화", "Change"))
        out["rows"] = [[str(r.name), formats.money(r.former), formats.money(r.now), r.change] for r in rows]
    return out | {"heads": [str(h) for h in heads], "right": list(range(1, len(heads)))}


def _changes(row: BillRun) -> list[dict[str, Any]]:
    out = []
    for chart in run_charts.changes(row):
        out.append(
            {
                "title": str(chart.about.name),
                "words": [str(chart.about.finding)],
                "figure": {"svg": charts.on_paper(chart), "alt": str(chart.about.finding), "note": " · ".join(str(w) for w in chart.words)},
                "heads": [str(h.label) for h in chart.table.heads],
                "right": [n for n, h in enumerate(chart.table.heads) if h.right],
                "rows": [list(r) for r in chart.table.rows],
            }
        )
    return out


def _parked(row: BillRun) -> dict[str, Any]:
    counts = reads.parked(row)
    if not counts:
        return {}
    rows = [
        [str(PARKED[reason][0]) if reason in PARKED else reason, formats.count(n), str(PARKED[reason][1]) if reason in PARKED else ""]
        for reason, (n, _) in sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    ]
    heads = [str(Text("까닭", "Reason")), str(Text("계정", "Accounts")), str(Text("할 일", "Cure"))]
    return {"title": str(Text("아직 보류된 계정", "Accounts still parked")), "heads": heads, "right": [1], "rows": rows}


def _checks(row: BillRun) -> dict[str, Any]:
    rows = [[str(text), str(state.word)] for text, state in run_page.checks(row)]
    heads = [str(Text("검산", "Check")), str(Text("결과", "Outcome"))]
    return {"title": str(Text("검산", "Tie-out")), "heads": heads, "rows": rows} if rows else {}


def _frozen(row: BillRun) -> dict[str, Any]:
    if not row.manifest_hash:
        return {}
    rows = [
        [str(Text("자료 기준 시각", "As known at")), formats.when(row.known_at)],
        [str(Text("계산 규칙", "Rules")), str(row.manifest.get("rules", ""))],
        [str(Text("납부 기한", "Due")), formats.day(row.due_on)],
        [str(Text("자료 지문", "Fingerprint")), row.manifest_hash],
    ]
    heads = [str(Text("고정한 것", "What")), str(Text("값", "Value"))]
    return {"title": str(Text("고정한 자료", "What was frozen")), "heads": heads, "rows": rows}
