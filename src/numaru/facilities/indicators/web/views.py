"""Pages of the rooms' boards and of one indicator, with its services and its target."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.indicators import reads
from numaru.facilities.indicators.actions.targets import set_target
from numaru.facilities.indicators.permissions import BOARD_VIEW, TARGET_SET
from numaru.facilities.indicators.ports import indicators
from numaru.facilities.indicators.web import pages, words
from numaru.kernel import clock
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import shell
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, services_of
from numaru.ui.shell import Crumb
from numaru.values.text import Text

NAME = Text("현황판", "Board")


def room(request: HttpRequest, room: str) -> HttpResponseBase:
    """The board of a room: what it measures, as far as the reader may see."""
    services_of(request, BOARD_VIEW)
    keys = reads.of_room(actor_of(request), room)
    if not keys:
        raise NotAllowed.for_permission(next(row.permission for _, row in indicators if row.room == room))
    title = Text("{r} 현황판", "{r} board").fill(r=shell.rooms[room].label)
    return pages.answer(request, title, keys, indicators[keys[0]].permission, room=room, place="board", crumbs=[Crumb(NAME)])


class Target(forms.Form):
    """What an indicator should come to in a month."""

    month = forms.CharField(
        label=spoken(Text("달", "Month")), max_length=7, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"})
    )
    service = forms.ChoiceField(label=spoken(Text("서비스", "Service")), required=False)
    value = forms.CharField(
        label=spoken(Text("목표", "Target")), max_length=40, required=False, widget=forms.TextInput(attrs={"class": "short num", "autocomplete": "off"}),
        help_text=spoken(Text("비율은 62.4%처럼 적습니다. 비우면 목표를 거둡니다.", "Write a share like 62.4%. Left empty, the target is taken back.")),
    )  # fmt: skip
    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")),
        max_length=200,
        error_messages={"required": spoken(Text("사유를 한 줄로 적으십시오.", "Write the reason in one line."))},
    )

    def __init__(self, *args: Any, services: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = services  # type: ignore[attr-defined]


def indicator(request: HttpRequest, key: str) -> HttpResponse:
    """One indicator: its course, each service, what is counted, its targets; a POST sets one."""
    services_of(request, BOARD_VIEW)
    actor, row = actor_of(request), indicators.get(key)
    if row is None or not actor.may_somewhere(row.permission):
        raise NotFound.named(Text("지표", "indicator"), key)
    choices = pages.Choices(request, row.permission)
    mine = actor.services(row.permission)
    offered = [*([("", str(Text("모두", "All")))] if mine is None else []), *((s.slug, str(s.name)) for s in choices.services)]
    may_set = actor.may_somewhere(TARGET_SET)
    form = Target(request.POST or None, services=offered, initial={"month": f"{clock.today():%Y-%m}", "service": choices.service})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            currency = (
                next((s.currency for s in choices.services if s.slug == data["service"] or not data["service"]), "")
                if row.unit == "money"
                else ""
            )
            try:
                set_target.do(
                    actor,
                    indicator=key,
                    month=data["month"],
                    value=data["value"],
                    service=data["service"],
                    currency=currency,
                    reason=data["reason"],
                )
            except (NotAllowed, NotFound):
                raise
            except Refused as refused:
                refuse(form, refused)
            else:
                return redirect(choices.address())
    shown = reads.show(actor, [key], choices.span, choices.service)
    parts = [
        (next((s.name for s in choices.services if s.slug == slug), slug), pages.row_of(f, choices.span))
        for slug, f in reads.by_service(actor, key, choices.span)
    ]
    buckets = [
        (
            words.bucket(now.period, choices.span),
            words.cell(row, f.currency, now.value),
            words.cell(row, f.currency, past.value),
            f.currency,
        )
        for f in shown.figures
        for now, past in zip(reversed(f.points), reversed(f.points_then), strict=True)
    ]
    names = {s.slug: s.name for s in catalogue.services()}
    history = [
        (
            t,
            names.get(t.service, Text("모두", "All")),
            words.written(row, "", t.value) if row.unit != "money" else words.written(row, _currency(t.service, choices), t.value),
        )
        for t in reads.targets(key)
    ]
    return page(
        request, "indicators/indicator.html",
        {"row": row, "rows": [pages.row_of(f, choices.span, shown.period) for f in shown.figures], "shown": shown, "choices": choices, "parts": parts, "buckets": buckets, "history": history,
         "form": form, "may_set": may_set, "period": shown.period, "then": shown.then, "address": choices.address()},
        room=row.room, place="board", crumbs=[Crumb(NAME, reverse(f"indicators:{row.room}")), Crumb(row.name)], status=status,
    )  # fmt: skip


def _currency(service: str, choices: pages.Choices) -> str:
    return next((s.currency for s in choices.services if s.slug == service or not service), "KRW")
