"""What a changed calendar does to open clocks, foretold: how many move, which way, how far, and how many are due at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from numaru.facilities.clocks.models import RUNNING, Clock
from numaru.facilities.clocks.rules.course import lay
from numaru.kernel import clock
from numaru.ui import formats
from numaru.values.business_calendar import BusinessCalendar, NeverOpen
from numaru.values.text import Text

EXACTLY = 20_000  # clocks that are laid one by one while somebody waits; of more, every n-th is and the numbers are scaled


@dataclass(frozen=True, slots=True)
class Foretold:
    """``open`` clocks on the calendar; of them sooner, later, due at once where they were not; ``sampled`` when the numbers are scaled."""

    open: int
    sooner: int
    later: int
    at_once: int
    farthest: tuple[int, str, datetime, datetime] | None  # clock, subject, due now, due then
    sampled: bool


def foretold(calendar: int, then: BusinessCalendar) -> Foretold:
    """How the open clocks of a calendar would move on ``then``. Clocks that stand still, or have their verdict, do not."""
    rows = Clock.objects.filter(RUNNING, calendar=calendar, due_at__isnull=False)
    count, now = rows.count(), clock.now()
    every = -(-count // EXACTLY)
    if every > 1:
        rows = rows.extra(where=["clocks_clock.id %% %s = 0"], params=[every])
    sooner = later = at_once = 0
    farthest: tuple[int, str, datetime, datetime] | None = None
    reach = timedelta()
    seen = 0
    wanted = rows.values_list("pk", "subject", "counted_from", "target", "used", "due_at")
    for pk, subject, since, target, used, due in wanted.iterator(2000):
        if since is None or due is None:
            continue
        seen += 1
        try:
            new = lay(then, since, target - used)
        except NeverOpen:
            new = datetime.max.replace(tzinfo=due.tzinfo)
        sooner, later = sooner + (new < due), later + (new > due)
        at_once += new <= now < due
        if abs(new - due) > reach:
            farthest, reach = (pk, subject, due, new), abs(new - due)
    factor = count / seen if every > 1 and seen else 1
    return Foretold(count, round(sooner * factor), round(later * factor), round(at_once * factor), farthest, every > 1)


def told(found: Foretold) -> list[Text]:
    """The same in sentences."""
    out = [
        Text("열린 시계 {n}개 가운데 {l}개는 늦춰지고 {s}개는 당겨집니다.", "Of {n} open clocks {l} are due later and {s} sooner.").fill(
            n=f"{found.open:,}", l=f"{found.later:,}", s=f"{found.sooner:,}"
        )
    ]
    if found.sampled:
        out.append(Text("수가 많아 일부를 세어 늘려 잡은 값입니다.", "There are many: some were counted and the numbers scaled."))
    if found.at_once:
        out.append(Text("{n}개는 바로 기한을 넘깁니다.", "{n} are past their due time at once.").fill(n=f"{found.at_once:,}"))
    if found.farthest is not None:
        _, subject, due, new = found.farthest
        out.append(
            Text("가장 멀리 가는 것은 {s}: {a}에서 {b}(으)로.", "The farthest is {s}: from {a} to {b}.").fill(
                s=subject,
                a=Text(formats.when(due, "ko"), formats.when(due, "en")),
                b=Text(formats.when(new, "ko"), formats.when(new, "en")),
            )
        )
    return out
