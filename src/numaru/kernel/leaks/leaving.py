"""What a leaver leaves in the cases of leaks: the clock of a case runs on, so the case is handed to whoever cuts off. Files of hand-overs are
evidence and stay; they hold no contact value and open to nobody without the permission, which ends with the grants."""

from __future__ import annotations

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.leaks.models import LeakCase, LeakEntry
from numaru.kernel.staff.api import Departure, departures
from numaru.values.text import Text


def hand_cases_on(staff: int, by: Actor) -> int:
    """Give the open cases of ``staff`` to ``by``, with a line on each timeline; returns how many. A part of cutting off."""
    rows = list(LeakCase.objects.select_for_update().filter(owner=staff, state="open"))
    for row in rows:
        before, row.owner, row.owner_name = row.owner_name, by.staff_id, by.name[:80]
        row.save(update_fields=["owner", "owner_name"])
        told = Text("{a}이(가) 떠나 {b}에게 넘어왔습니다.", "{a} left; {b} has it now.").fill(a=before, b=row.owner_name)
        LeakEntry.objects.create(case=row, at=clock.now(), kind="owner", actor_name=by.name[:80], text=[told.ko, told.en])
    return len(rows)


departures.add("leaks", Departure(Text("맡은 유출 사고 (넘겨받음)", "Cases of leaks (handed over)"), hand_cases_on))
