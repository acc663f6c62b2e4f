"""The house's own outbox: what would have gone out, by channel, and one message opened for a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.safestring import mark_safe

from numaru.facilities.messaging.actions.outbox import open_held
from numaru.facilities.messaging.models import HeldMessage
from numaru.facilities.messaging.permissions import OUTBOX_OPEN, OUTBOX_VIEW
from numaru.facilities.messaging.rules.channels import CHANNELS
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import detail, lists
from numaru.ui.beside import beside
from numaru.ui.detail import Fact
from numaru.ui.forms import refuse, spoken
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, Source, View, sources
from numaru.ui.pages import actor_of, page, seen_by
from numaru.ui.shell import Crumb
from numaru.values.text import Text

NAME = Text("보낼 편지함", "Outbox")
LANGUAGES = {"ko": Text("한국어", "Korean"), "en": Text("영어", "English")}
WHERE: dict[str, Any] = {"room": "shared", "place": "outbox"}
TEST, REAL = Text("시험", "Test"), Text("발송", "Sent")


def url(row: HeldMessage) -> str:
    return reverse("messaging:held", args=[row.key])


OUTBOX = Listing(
    key="outbox", name=NAME, unit=("통", "message", "messages"),
    columns=(
        Column("key", Text("번호", "Number"), lambda r: r.key, "id", url=url),
        Column("at", Text("받은 때", "Taken"), lambda r: r.at, "when"),
        Column("channel", Text("채널", "Channel"), lambda r: CHANNELS[r.channel]),
        Column("to", Text("받는 주소", "To"), lambda r: r.shown or None, "masked"),
        Column("language", Text("언어", "Language"), lambda r: LANGUAGES.get(r.language)),
        Column("test", Text("구분", "Kind"), lambda r: TEST if r.test else REAL),
        Column("size", Text("크기(바이트)", "Size in bytes"), lambda r: r.size, "count"),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice("channel", Text("채널", "Channel"), list(CHANNELS.items()), lambda rows, v: rows.filter(channel=v)),
        Choice("test", Text("구분", "Kind"), [("1", TEST), ("0", REAL)], lambda rows, v: rows.filter(test=v == "1")),
    ),
    views=(View("all", Text("전체", "All")), View("test", TEST, (("test", "1"),))),
    search=lambda rows, q: rows.filter(key__istartswith=q), placeholder=Text("메시지 번호", "Message number"), searches_people=False, trail=True,
)  # fmt: skip


def rows(actor: Actor) -> Rows:
    seen, found = seen_by(actor, OUTBOX_VIEW), HeldMessage.objects.defer("content")
    return found if seen is None else found.filter(service__in=seen)


sources.add(OUTBOX.key, Source(OUTBOX, rows))


class OpenForm(forms.Form):
    """Why it is opened."""

    reason = forms.CharField(
        label=spoken(Text("왜 여십니까", "Why do you open it")), max_length=200, widget=forms.TextInput({"autocomplete": "off"}),
        help_text=spoken(Text("받는 주소와 내용에 개인정보가 있습니다. 연 기록이 남습니다.", "Address and text are personal data. The opening stays on record.")),
        error_messages={"required": spoken(Text("사유를 한 줄로 적으십시오.", "Write the reason in one line."))},
    )  # fmt: skip


def outbox(request: HttpRequest) -> HttpResponseBase:
    """What the outbox took, the newest first."""
    return lists.respond(request, OUTBOX, rows(actor_of(request)), "messaging/outbox.html", crumbs=[Crumb(NAME)], **WHERE)


def held(request: HttpRequest, key: str) -> HttpResponse:
    """One kept message: what may be shown; a POST with a reason opens it on this answer alone."""
    actor = actor_of(request)
    found = rows(actor)
    row = found.filter(key=key[:64]).first()
    if row is None:
        raise NotFound.named(Text("메시지", "message"), key[:64])
    may_open = actor.may(OUTBOX_OPEN, row.service or None)
    form = OpenForm(request.POST if request.method == "POST" else None)
    content = None
    if form.is_valid():
        try:
            content = open_held.do(actor, key=row.key, reason=form.cleaned_data["reason"])
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
    line = beside(request, OUTBOX, found, row, url, reverse("messaging:outbox"))
    context = {
        "row": row, "channel": CHANNELS[row.channel], "form": form, "may_open": may_open, "content": content, "beside": line,
        "html": mark_safe(content.html) if content and content.html else "",
        "facts": detail.facts(
            Fact(Text("채널", "Channel"), CHANNELS[row.channel]),
            Fact(Text("받는 주소", "To"), row.shown) if row.shown else None,
            Fact(Text("언어", "Language"), LANGUAGES.get(row.language)),
            Fact(Text("받은 때", "Taken"), row.at),
            Fact(Text("구분", "Kind"), TEST if row.test else REAL),
        ),
    }  # fmt: skip
    status = 422 if form.is_bound and content is None else 200
    return page(request, "messaging/held.html", context, crumbs=[Crumb(NAME, line.back), Crumb(row.key)], status=status, **WHERE)
