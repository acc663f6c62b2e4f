"""Lists as files: at once where a page can send them, else made in the background for who ordered them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation

from numaru.kernel.desk import api as desk
from numaru.kernel.errors import NotAllowed, Refused
from numaru.kernel.jobs import Progress
from numaru.kernel.models import Staff
from numaru.ui import excel
from numaru.ui.counts import bounded
from numaru.ui.lists import Page, sources
from numaru.values.text import language


def answer(request: HttpRequest, shown: Page, frame: Mapping[str, Any]) -> HttpResponseBase:
    """The workbook of a list, or of chosen rows; of more than 200,000 rows the page that orders it. ``?cut=1`` takes the first 200,000."""
    from numaru.ui.pages import page

    picked = request.GET.getlist("row") if not request.GET.get("all") else []
    long = not picked and shown.listing.key in sources and not request.GET.get("cut") and bounded(shown.matching, excel.LIMIT).more
    if not long:
        return excel.download(shown.listing, shown.everything(picked), shown.columns)
    actor = request.user.actor  # type: ignore[union-attr]
    wrong = []
    if request.method == "POST":
        given = {**shown.params(), **({"q": shown.q} if shown.q else {})}
        columns = [c.key for c in shown.columns]
        try:
            desk.order.do(actor, list_key=shown.listing.key, name=shown.listing.name, params=given, columns=columns, language=language())
        except NotAllowed:
            raise
        except Refused as refused:
            wrong = refused.findings
        else:
            return redirect("desk:downloads")
    context = {
        "list": shown,
        "limit": excel.LIMIT,
        "may": actor.may_somewhere(desk.DOWNLOAD_LONG),
        "wrong": wrong,
        "needs": desk.DOWNLOAD_LONG,
    }
    return page(request, "ui/long.html", context, status=409 if wrong else 200, **frame)


class Writer:
    """Writes an ordered workbook as its reader would see the list now: same rows, columns and masking."""

    def write(self, order: desk.Download, target: BinaryIO, progress: Progress) -> int:
        source = sources.get(order.list_key)
        reader = Staff.objects.filter(pk=order.staff_id, is_active=True).first()
        if source is None or reader is None:
            raise LookupError(order.list_key)
        try:
            rows = source.rows(reader.actor)
        except NotAllowed as refused:
            raise LookupError(order.list_key) from refused
        request = HttpRequest()
        request.method, request.user = "GET", reader
        with translation.override(order.language):
            shown = Page(request, source.listing, rows, order.params, read=False)
            columns = [c for c in source.listing.kept(order.columns) if c.excel]
            progress.stage("write", total=shown.matching.count())
            sheet = excel.Sheet(target, str(source.listing.name), excel.heads_of(columns))
            count = 0
            for row in excel.prepared(source.listing, shown.everything()):
                sheet.add(excel.line(columns, row))
                count += 1
                if not count % excel.BATCH:
                    progress.advance(excel.BATCH)
            sheet.close()
        target.seek(0, 2)
        return count
