"""What a board page shows, whichever board it is: its rows, its choices in the address, its workbook and its paper."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.indicators import reads
from numaru.facilities.indicators.reads import Figure, Shown
from numaru.facilities.indicators.rules.figures import SPANS, Span
from numaru.facilities.indicators.web import pictures, words
from numaru.kernel import clock
from numaru.ui import charts, excel, formats, paper
from numaru.ui.charts import Chart
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.period import Period
from numaru.values.text import Text, language


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a board."""

    figure: Figure
    value: Any
    then: Any
    today: Any
    moved: str
    worse: State | None
    spark: words.Spark | None
    said: str
    target: str
    reached: State | None
    share: int  # of the target, in thousandths, at most 1000
    chart: Chart | None


def row_of(figure: Figure, span: Span, whole: Period | None = None) -> Row:
    """The line of a figure, with its picture where the days of the span are given."""
    row, attained = figure.indicator, figure.attainment
    return Row(
        figure,
        words.cell(row, figure.currency, figure.value),
        words.cell(row, figure.currency, figure.then),
        words.cell(row, figure.currency, figure.today),
        words.moved(figure),
        None if figure.tone != "bad" else words.WORSE_UP if (figure.moved or 0) > 0 else words.WORSE_DOWN,
        words.spark(figure.points),
        words.sentence(figure, span),
        words.written(row, figure.currency, figure.target) if figure.target else "",
        None if attained is None else words.MET if attained.met else words.BEHIND,
        0 if attained is None else max(0, min(1000, int(attained.share * 1000))),
        pictures.picture(figure, span, whole) if whole is not None else None,
    )


class Choices:
    """Span and service as the address says them; anything else is the usual."""

    def __init__(self, request: HttpRequest, permission: str) -> None:
        asked = request.GET.get("span", "28d")
        self.span: Span = asked if asked in SPANS else "28d"
        mine = actor_of(request).services(permission)
        self.services = [s for s in catalogue.services() if mine is None or s.slug in mine]
        wanted = request.GET.get("service", "")
        self.service = wanted if any(s.slug == wanted for s in self.services) else ""
        self.path = request.path

    def address(self, **changes: str) -> str:
        kept = {"span": self.span if self.span != "28d" else "", "service": self.service} | changes
        pairs = [(k, v) for k, v in kept.items() if v]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def spans(self) -> list[tuple[Text, str, bool]]:
        return [(words.SPAN_WORDS[s], self.address(span=s if s != "28d" else ""), s == self.span) for s in SPANS]

    @property
    def excel(self) -> str:
        return self.address(format="xlsx")

    @property
    def pdf(self) -> str:
        return self.address(format="pdf")

    @property
    def said(self) -> Text:
        name = next((s.name for s in self.services if s.slug == self.service), None)
        return name or Text("볼 수 있는 모든 서비스", "All services that you may see")


def answer(
    request: HttpRequest, title: Text | str, keys: Sequence[str], permission: str, *, room: str, place: str, crumbs: Sequence[Crumb], more: dict[str, Any] | None = None
) -> HttpResponseBase:  # fmt: skip
    """A board as a page, as a workbook (``?format=xlsx``) or as a paper (``?format=pdf``): the same figures, for the same reader."""
    choices = Choices(request, permission)
    shown = reads.show(actor_of(request), keys, choices.span, choices.service)
    if request.GET.get("format") == "xlsx":
        return workbook(str(title), shown, choices)
    if request.GET.get("format") == "pdf":
        return on_paper(str(title), shown, choices)
    rows = [row_of(f, choices.span, shown.period) for f in shown.figures]
    context = {
        "title": title, "rows": rows, "shown": shown, "choices": choices, "period": shown.period, "then": shown.then,
        "currencies": len({f.currency for f in shown.figures if f.currency}) > 1, "address": choices.address(),
    }  # fmt: skip
    return page(request, "indicators/board.html", context | (more or {}), room=room, place=place, crumbs=list(crumbs), fragment="body")


def workbook(title: str, shown: Shown, choices: Choices) -> FileResponse:
    """A sheet with a line for each indicator and bucket: name, currency, days, value, the value before. Values as numbers."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it
    heads = [
        Text("지표", "Indicator"),
        Text("통화", "Currency"),
        Text("처음 날", "First day"),
        Text("마지막 날", "Last day"),
        Text("값", "Value"),
        Text("앞 기간 값", "Value before"),
    ]
    sheet = excel.Sheet(target, title[:31], [str(h) for h in heads])
    for figure in shown.figures:
        for now, past in zip(figure.points, figure.points_then, strict=True):
            if now.value is None and past.value is None:
                continue
            row, currency = figure.indicator, figure.currency
            sheet.add(
                [
                    str(row.name),
                    currency,
                    now.period.start,
                    now.period.last,
                    words.value_of(row, currency, now.value),
                    words.value_of(row, currency, past.value),
                ]
            )
    sheet.close()
    target.seek(0)
    name = f"board-{clock.today():%Y%m%d}-{choices.span}.xlsx"
    return FileResponse(target, as_attachment=True, filename=name, content_type=excel.TYPE, headers={"Cache-Control": "no-store"})


def on_paper(title: str, shown: Shown, choices: Choices) -> HttpResponse:
    """The board as a paper to hand round: what each indicator comes to, and its buckets."""
    lang, today = language(), clock.today()
    head = [
        [
            str(r.indicator.name),
            words.written(r.indicator, r.currency, r.value),
            words.written(r.indicator, r.currency, r.then),
            words.moved(r),
        ]
        for r in shown.figures
    ]
    sections: list[dict[str, Any]] = [
        {
            "title": str(Text("요약", "Summary")), "words": [],
            "heads": [str(Text("지표", "Indicator")), formats.period(shown.period, lang, days=False), formats.period(shown.then, lang, days=False), str(Text("변화", "Change"))],
            "rows": head, "right": [1, 2, 3], "after": "",
        }
    ]  # fmt: skip
    for figure in shown.figures:
        row = figure.indicator
        lines = [
            [
                words.bucket(now.period, choices.span),
                words.written(row, figure.currency, now.value),
                words.written(row, figure.currency, past.value),
            ]
            for now, past in zip(figure.points, figure.points_then, strict=True)
            if now.value is not None or past.value is not None
        ]
        if lines:
            heads = [str(Text("기간", "Period")), str(Text("값", "Value")), str(Text("앞 기간", "Before"))]
            section: dict[str, Any] = {
                "title": str(row.name),
                "words": [str(row.note)],
                "heads": heads,
                "rows": lines,
                "right": [1, 2],
                "after": "",
            }
            drawn = pictures.picture(figure, choices.span, shown.period)
            if drawn is not None:
                section["figure"] = {
                    "svg": charts.on_paper(drawn),
                    "alt": str(drawn.about.finding),
                    "note": " · ".join(str(w) for w in drawn.words),
                }
            sections.append(section)
    issuer = next((catalogue.entity(s.entity_id) for s in choices.services), None)
    taken = formats.when(shown.taken_at, lang) if shown.taken_at else formats.UNKNOWN
    made = paper.render("dossier", {
        "lang": lang, "date": today.isoformat(), "title": title, "number": formats.day(today, lang), "from": [str(issuer.name) if issuer else str(Text("누마루", "Numaru"))],
        "to": [str(choices.said)], "facts": [[str(Text("기간", "Period")), formats.period(shown.period, lang)], [str(Text("잰 때", "Measured")), taken]],
        "sections": sections, "remarks": [],
    })  # fmt: skip
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="board-{today:%Y%m%d}-{choices.span}-{lang}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
