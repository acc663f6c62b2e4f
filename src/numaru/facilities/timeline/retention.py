"""How long the line of time is kept. Its entries are made of records that have classes of their own; it never outlives the longest of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Max, QuerySet

from numaru.facilities.timeline.kinds import kinds
from numaru.facilities.timeline.models import Entry
from numaru.facilities.timeline.reads import FIELDS, row_of, written
from numaru.facilities.timeline.writing import take_out
from numaru.kernel.access import Actor
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep
from numaru.ui import formats
from numaru.values.text import Text

MOST = 20_000  # lines of one person's export


def _over(cut: date, held: Sequence[int]) -> QuerySet[Entry]:
    return Entry.objects.filter(at__lt=end_of(cut)).exclude(party__in=held)


def count(cut: date, held: Sequence[int]) -> int:
    return int(_over(cut, held).count())


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    found = _over(cut, held).order_by("pk")
    return list((found.filter(pk__gt=after) if after is not None else found).values_list("pk", flat=True)[:limit])


def destroy(refs: Sequence[Ref]) -> int:
    return take_out([int(ref) for ref in refs])


def _ending(person: int) -> QuerySet[Entry]:
    """The person's lines but those whose records the law keeps: they stay as long as these, under numbers alone."""
    return Entry.objects.filter(party=person).exclude(kind__in=[key for key, kind in kinds if kind.by_law])


def refs_of(person: int) -> list[Ref]:
    return list(_ending(person).order_by("pk").values_list("pk", flat=True))


def started(person: int) -> date | None:
    last: datetime | None = _ending(person).aggregate(last=Max("at"))["last"]
    return formats.local(last).date() if last else None


def export(person: int, asking: Asking) -> list[Section]:
    """Every line about the person, in words, latest first: all of them, whatever whoever makes the package may see on a screen."""
    rows = Entry.objects.filter(party=person).order_by("-at", "-id").values_list(*FIELDS)[:MOST]
    found = [replace(row_of(row), actor_id=None) for row in rows]  # a person is told what was done, by the house
    known = [row for row in found if row.kind in kinds]
    lines = [
        (h.at.isoformat(timespec="seconds"), f"{h.what.ko} ({h.what.en})", f"{h.why.ko} ({h.why.en})" if h.why else "")
        for h in written(known, Actor.system("timeline"))
    ]
    heads = (Text("언제", "When"), Text("무엇이", "What"), Text("자세히", "Details"))
    return [Section(Text("시간선", "Timeline"), heads, tuple(lines))]


keep(
    RetentionClass(
        "timeline.entries", Text("시간선의 줄", "Lines of the timeline"), Text("일이 있은 날", "the day it happened"),
        Text("전자상거래법 시행령 제6조에 맞춘 내부 기준: 거래 기록과 같은 5년", "own rule, as long as records of transactions: 5 years"),
        policy("retention.timeline_years", Text("시간선의 줄을 보관하는 기간 (년)", "Years for which lines of the timeline are kept"), 5,
               "Operator's own rule, as long as records of transactions."),
        "years", Act.DELETE, ("timeline.Entry",), count, due, destroy, refs_of=refs_of, started=started, export=export,
    )
)  # fmt: skip
