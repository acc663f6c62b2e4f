"""Jobs of clocks: each minute, what came near or past its due time; once, the calendars that every house begins with."""

from __future__ import annotations

from procrastinate.contrib.django import app

from numaru.facilities.clocks.actions.calendars import ship
from numaru.facilities.clocks.actions.judge import judge, waits
from numaru.facilities.clocks.models import Calendar
from numaru.kernel import live
from numaru.kernel.access import Actor
from numaru.kernel.jobs import job

HOUSE = "clocks"


def house() -> Actor:
    """Who acts for the house; sees to it that there are calendars."""
    actor = Actor.system(HOUSE)
    if not Calendar.objects.exists():
        ship.do(actor)
    return actor


@app.periodic(cron="* * * * *")
@job(queue="periodic", name="clocks.minute")
def minute(timestamp: int) -> None:
    """Warn of clocks that came near and breach those past their due time, until none is left."""
    told, actor = 0, house()
    while waits():
        done = judge.do(actor)
        if not done:
            break  # what is left is held by somebody; the next minute has it
        told += done
    if told:
        live.announce("clocks", "all")
