"""What clocks put into the line of time of their subject: that a due time passed. What became of it is said when the line is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from numaru.facilities.clocks import reads
from numaru.facilities.clocks.events import Breached
from numaru.facilities.clocks.kinds import BREACHES, kinds
from numaru.facilities.clocks.permissions import CLOCK_VIEW
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline.api import Feed, Group, Kind, Line, Row
from numaru.kernel.access import Actor
from numaru.kernel.events import handles
from numaru.ui import formats
from numaru.values.text import LANGUAGES, Text

BREACH = """
SELECT e.at AS at, e.recorded_at AS recorded_at, 'clocks.breach' AS kind, NULL::bigint AS party, c.subject_kind AS object_kind,
       c.subject AS object_key, c.service AS service, jsonb_build_object('clock', c.id) AS data, '' AS actor_kind, NULL::bigint AS actor_id,
       NULL::bigint AS event, 'clocks.clock:' || c.id || ':' || e.id AS source, ARRAY[]::text[] AS mentions
  FROM clocks_clockevent e
  JOIN clocks_clock c ON c.id = e.clock_id
 WHERE e.what = 'breach' AND {where}
"""
STILL = Text("아직 끝나지 않았습니다", "not ended yet")
DROPPED = Text("답할 필요가 없어졌습니다", "no answer was needed any more")


def breaches(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Due times that passed, of clocks that the reader may see. One query, and one a kind of clock for the names of subjects."""
    found = {row.pk: row for row in reads.visible(actor).filter(pk__in={int(row.data["clock"]) for row in rows})}
    names = reads.names(list(found.values()))
    out = {}
    for row in rows:
        clock = found.get(int(row.data["clock"]))
        if clock is None:
            continue
        kind = kinds.get(clock.kind)
        label = kind.label if kind is not None else Text(clock.kind, clock.kind)
        end = STILL
        if clock.state == "cancelled":
            end = DROPPED
        elif clock.ended_at is not None:
            end = Text(*(formats.when(clock.ended_at, lang) for lang in LANGUAGES))
            end = Text("{w}에 끝났습니다", "ended {w}").fill(w=end)
        name = names.get((clock.kind, clock.subject))
        parts = [name, end] if name is not None else [end]
        out[row.id] = Line(
            Text("{k} 기한을 넘겼습니다", "Overdue: {k}").fill(k=label),
            Text(" · ".join(p.ko for p in parts), " · ".join(p.en for p in parts)),
            "bad",
            url=reverse("clocks:clock", args=[clock.pk]),
            short=label,
        )
    return out


timeline.groups.add("clock", Group(Text("기한", "Due times"), 60))
timeline.kinds.add("clocks.breach", Kind(Text("넘긴 기한", "Due times missed"), "clock", "alarm", CLOCK_VIEW, breaches))
timeline.feeds.add(
    BREACHES,
    Feed(
        Text("넘긴 기한", "due times missed"),
        ("clocks.breach",),
        BREACH,
        timeline.by_id("clocks_clockevent", "e"),
        timeline.counted("clocks_clockevent"),
    ),
)


@handles(Breached)
def breached(event: Breached) -> None:
    """Each of the set stands on the line of its subject."""
    timeline.pull(BREACHES, "e.clock_id = ANY(%(clocks)s)", {"clocks": event.clocks})
