"""The part of a page that shows a line of time: chips that filter it, days, and the way to what was earlier.

A view of any object page uses it so; behind the button stands the same page, so that it works without script and with the page's own check of
who may see it::

    told = timeline.line(request, [timeline.thing("billing.run", run.number)], address=url, service=slug)
    if told.asked:
        return timeline.answer(request, told)
    … page(request, "…", {…, "line": told})      and in the template  {% include "timeline/line.html" %}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from numaru.facilities.timeline import merging, reads
from numaru.facilities.timeline.kinds import Happening, groups, kinds, offered
from numaru.facilities.timeline.merging import Computed
from numaru.facilities.timeline.reads import Thing
from numaru.kernel.access import Actor
from numaru.ui import formats, timeline
from numaru.ui.pages import actor_of, page, wants_fragment
from numaru.values.text import Text

OPEN = Text("보기", "See it")
TONES = {"bad": "bad", "warn": "warn", "plum": "plum", "info": "now"}
ALL = Text("전체", "All")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter: its key, word and address."""

    key: str
    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """What the template draws. ``asked``: htmx wants the next page of it alone. ``note`` is said at its end, ``later``: it does not begin now."""

    days: list[timeline.Day]
    chips: list[Chip]
    show: str
    older: str
    later: bool
    address: str
    asked: bool
    title: Text
    note: Text | None
    empty: tuple[Text, Text]


EMPTY = (
    Text("아직 아무 일도 없었습니다", "Nothing has happened yet"),
    Text("일이 생기면 이 자리에 차례로 적힙니다.", "What happens is written here, latest first."),
)


def days_of(happened: Sequence[Happening], *, after: datetime | None = None) -> list[timeline.Day]:
    """Lines under the heads of their days; ``after`` is where the page before ended, so that its day gets no second head."""
    entries = (
        timeline.Entry(h.at, h.icon, h.what, h.why, TONES.get(h.tone, ""), h.amount, url=h.url, act=OPEN if h.url else None)
        for h in happened
    )
    return timeline.days(entries, after=formats.local(after).date() if after else None)


def offered_groups(actor: Actor, service: str | None, only: Sequence[str] | None) -> list[tuple[int, str, Text]]:
    """The groups of which the reader may see at least one kind."""
    seen = {kinds[kind].group for kind in offered(actor, service)}
    return [(group.order, key, group.label) for key, group in groups if key in seen and (only is None or key in only)]


def line(
    request: HttpRequest, things: Sequence[Thing], *, address: str, service: str | None = None, computed: Sequence[Computed] = (),
    only: Sequence[str] | None = None, title: Text | None = None, notes: dict[str, Text] | None = None, empty: tuple[Text, Text] = EMPTY, size: int = reads.PAGE,
) -> TimeLine:  # fmt: skip
    """The line of ``things`` for this reader, as ``?show=`` (a group) and ``?before=`` (a place) ask for it. ``only`` keeps some groups;
    ``computed`` adds strands for which no entries are kept; ``notes`` is said at the end of a group's line."""
    actor = actor_of(request)
    show = request.GET.get("show", "")
    before = reads.parse_place(request.GET.get("before", ""))
    chips = sorted(
        [*offered_groups(actor, service, only), *((c.order, c.key, c.label) for c in computed)], key=lambda one: (one[0], one[1])
    )
    wanted = [key for key, kind in kinds if (show in ("", kind.group)) and (only is None or kind.group in only)]
    told = merging.merged(
        actor, things, [c for c in computed if show in ("", c.key)], service=service, only=wanted, before=before, size=size
    )
    shown = {"show": show} if show else {}
    fragment = wants_fragment(request)
    older = f"{address}?{urlencode(shown | {'before': str(told.before)})}" if told.before else ""
    return TimeLine(
        days_of(told.happened, after=before.at if before and fragment else None),
        [Chip("", ALL, address), *(Chip(key, label, f"{address}?{urlencode({'show': key})}") for _, key, label in chips)] if len(chips) > 1 else [],
        show if any(key == show for _, key, _ in chips) else "", older, before is not None, address, "before" in request.GET and fragment,
        title or Text("시간선", "Timeline"), (notes or {}).get(show), empty,
    )  # fmt: skip


def answer(request: HttpRequest, told: TimeLine) -> HttpResponse:
    """The next page of a line alone, for htmx."""
    return page(request, "timeline/line.html", {"line": told}, fragment="told")
