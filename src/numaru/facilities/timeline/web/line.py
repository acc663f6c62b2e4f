"""The part of a page that shows a line of time: chips that filter it, a search in its words, the way to a day and to what was earlier.

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
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse

from numaru.facilities.timeline import merging, reads
from numaru.facilities.timeline.kinds import Happening, groups, kinds, offered
from numaru.facilities.timeline.merging import Computed
from numaru.facilities.timeline.reads import Place, Thing
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.ui import formats, timeline
from numaru.ui.fields import DayField, DayInput
from numaru.ui.pages import actor_of, page, wants_fragment
from numaru.values.period import start_of_day
from numaru.values.text import LANGUAGES, Text

OPEN = Text("보기", "See it")
TONES = {"bad": "bad", "warn": "warn", "plum": "plum", "info": "now"}
ALL = Text("전체", "All")
LONGEST = 100  # characters of a question
SHORT = 12  # a line of so few entries needs no search


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter: its key, word and address."""

    key: str
    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class TimeLine:
    """What the template draws. ``asked``: htmx wants the next page of it alone. ``note`` is said at its end, ``later``: it does not begin now.
    ``finds``: search and day are offered; ``looked`` says what a search looked through, ``hidden`` how many lines of this page are out of sight,
    ``aside`` what of the day was asked in vain, ``trouble`` why it could not be read."""

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
    group: str
    q: str
    day: str
    finds: bool
    looked: Text | None
    hidden: Text | None
    aside: Text | None
    trouble: str

    @property
    def picker(self) -> str:
        """The field of the day, with the calendar beside it."""
        wrong = {"aria-invalid": "true", "aria-describedby": "line-trouble"} if self.trouble else {}
        return DayInput({"class": "form-control", "id": "line-day", **wrong}).render("day", self.day)


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


def offered_groups(actor: Actor, service: str | None, only: Sequence[str] | None) -> set[str]:
    """The groups of which the reader may see at least one kind."""
    return {group for kind in offered(actor, service) if (group := kinds[kind].group) and (only is None or group in only)}


def line(
    request: HttpRequest, things: Sequence[Thing], *, address: str, service: str | None = None, computed: Sequence[Computed] = (),
    only: Sequence[str] | None = None, title: Text | None = None, notes: dict[str, Text] | None = None, empty: tuple[Text, Text] = EMPTY, size: int = reads.PAGE,
) -> TimeLine:  # fmt: skip
    """The line of ``things`` for this reader, as ``?show=`` (a group), ``?day=``, ``?q=`` (words) and ``?before=`` (a place) ask for it. ``only``
    keeps some groups; ``computed`` adds strands for which no entries are kept, which a search leaves out; ``notes`` is said at the end of a group's
    line."""
    actor = actor_of(request)
    show, q = request.GET.get("show", ""), " ".join(request.GET.get("q", "")[:LONGEST].split())
    day, trouble = _day_of(request.GET.get("day", ""))
    before = reads.parse_place(request.GET.get("before", "")) or (_end_of(day) if day is not None else None)
    part = (
        wants_fragment(request) and "before" in request.GET
    )  # the next page alone: a page of which the line is a piece may be asked for, too
    may = offered_groups(actor, service, only)
    group = show if show in may else ""
    has = set() if part else may & {kinds[kind].group for kind in reads.present(actor, things, service=service)} | ({group} - {""})
    kept = [(g.order, key, g.label) for key, g in groups if key in has]
    chips = sorted([*kept, *((c.order, c.key, c.label) for c in computed)], key=lambda one: (one[0], one[1]))
    if q:
        show = group
    wanted = [key for key, kind in kinds if (show in ("", kind.group)) and (only is None or kind.group in only)]
    looked = hidden = None
    if q:
        found = reads.search(actor, things, q, service=service, only=wanted, before=before, size=size)
        happened, place = found.happened, found.before
        looked = _looked(found, computed)
    else:
        told = merging.merged(
            actor, things, [c for c in computed if show in ("", c.key)], service=service, only=wanted, before=before, size=size
        )
        happened, place = told.happened, told.before
        if wanted and show in ("", group):
            hidden = _hidden(
                len(told.left) + reads.out_of_sight(actor, things, service=service, only=wanted, before=before, until=told.before)
            )
    asked = {key: value for key, value in (("show", show), ("q", q)) if value}
    more = {key: value for key, value in (("q", q), ("day", request.GET.get("day", "") if day else "")) if value}
    older = f"{address}?{urlencode(asked | {'before': str(place)})}" if place else ""
    return TimeLine(
        days_of(happened, after=before.at if before and part else None), _chips(address, chips, more) if len(chips) > 1 else [],
        show if show and (show == group or any(c.key == show for c in computed)) else "", older, before is not None, address, part,
        title or Text("시간선", "Timeline"), (notes or {}).get(show), empty, group, q, request.GET.get("day", "")[:20],
        len(happened) >= SHORT or bool(place or before or q or trouble), looked, hidden, _aside(day, happened, request), trouble,
    )  # fmt: skip


def _chips(address: str, chips: Sequence[tuple[int, str, Text]], more: dict[str, str]) -> list[Chip]:
    """All, and each group and strand, with the words and the day that are asked for."""
    keys = [("", ALL), *((key, label) for _, key, label in chips)]
    out = []
    for key, label in keys:
        asked = ({"show": key} if key else {}) | more
        out.append(Chip(key, label, f"{address}?{urlencode(asked)}" if asked else address))
    return out


def _day_of(text: str) -> tuple[date | None, str]:
    """The day in an address in any of its spellings; beside it why it is none."""
    try:
        return DayField(required=False).clean(text[:20]), ""
    except ValidationError as wrong:
        return None, wrong.messages[0]


def _end_of(day: date) -> Place | None:
    """Where a line begins that begins with this day of the operator's clock."""
    return Place(start_of_day(day + timedelta(days=1), settings.TIME_ZONE), 0) if day < date.max else None


def _looked(found: reads.Found, computed: Sequence[Computed]) -> Text:
    """How much a search looked through, and what it left out."""
    said = Text("{n}줄을 살펴 {m}줄을 찾았습니다.", "Looked through {n} lines, found {m}.").fill(
        n=formats.count(found.looked), m=formats.count(len(found.happened))
    )
    if found.before is not None:
        said = Text(f"{said.ko} 그 앞은 아직 살피지 않았습니다.", f"{said.en} What was earlier has not been looked through yet.")
    if computed:
        names = [c.label for c in sorted(computed, key=lambda c: (c.order, c.key))]
        left = Text(", ".join(n.ko for n in names), ", ".join(n.en for n in names))
        said = Text("{s} 찾지 않는 갈래: {c}", "{s} Not searched: {c}").fill(s=said, c=left)
    return said


def _hidden(count: int) -> Text | None:
    """How many lines of the page the reader may not see."""
    if not count:
        return None
    n = formats.count(min(count, reads.HIDDEN))
    if count > reads.HIDDEN:
        return Text("볼 권한이 없는 줄 {n}개 이상은 보이지 않습니다.", "More than {n} lines that you may not see are not shown.").fill(n=n)
    if count == 1:
        return Text("볼 권한이 없는 줄 1개는 보이지 않습니다.", "1 line that you may not see is not shown.")
    return Text("볼 권한이 없는 줄 {n}개는 보이지 않습니다.", "{n} lines that you may not see are not shown.").fill(n=n)


def _aside(day: date | None, happened: Sequence[Happening], request: HttpRequest) -> Text | None:
    """A day without lines is said to be one."""
    if day is None or "before" in request.GET or not happened or formats.local(happened[0].at).date() == day:
        return None
    said = Text(*(formats.plain_day(day, lang, year=clock.today().year) for lang in LANGUAGES))
    return Text("{d}에는 줄이 없어 그 앞의 줄부터 보입니다.", "Nothing on {d}; what was before it is shown.").fill(d=said)


def answer(request: HttpRequest, told: TimeLine) -> HttpResponse:
    """The next page of a line alone, for htmx."""
    return page(request, "timeline/line.html", {"line": told}, fragment="told")
