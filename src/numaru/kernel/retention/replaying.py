"""Destroying again, after a restore, what had been destroyed before: the house opens only when the journal holds nothing it does not know."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.models import Series
from numaru.kernel.retention import holds, journal
from numaru.kernel.retention.classes import classes, needed_for
from numaru.kernel.retention.models import Destroyed, Destruction
from numaru.kernel.retention.permissions import RUN_START
from numaru.kernel.retention.runs import remember


def replay(path: Path | None = None) -> int:
    """Destroy what the journal at ``path`` (that of this home unless given) names and the database does not know; returns how many lines.

    What is only intended (a kill fell between writing it down and settling it) is done as well, unless a hold or a purpose stands against
    it now: it was approved, or due. Idempotent, and safe to kill: each line is one transaction. Raises :class:`~numaru.kernel.retention.journal.JournalDamaged`, having done
    nothing, when the journal is not whole.
    """
    count = 0
    for entry in journal.unknown(path):
        why = "" if entry["settled"] else _moot(entry)
        if why:
            if path is None:
                journal.void(entry["mark"], why)
            continue
        replay_line.do(Actor.system("replay"), entry=entry)
        count += 1
    journal.follow()
    return count


def _moot(entry: dict[str, Any]) -> str:
    """Why a destruction that is only intended is not done now: it was done by a later one, or what it concerns is held or needed; "" else."""
    refs = [(gone["class"], ref) for gone in entry["gone"] for ref in gone["refs"]]
    gone = set(Destroyed.objects.filter(klass__in={k for k, _ in refs}, ref__in=[r for _, r in refs]).values_list("klass", "ref"))
    if gone.issuperset(refs):
        return "done by a later destruction"
    today, person = clock.today(), entry["person"]
    if any(holds.held_class(key, today) for key, _ in refs):
        return "held"
    if person is None:  # a chunk of the nightly walk: the next walk looks at each of them anew
        return "the next walk does it"
    if holds.held_person(person, today) or any(person in holds.held_persons(key, today) for key, _ in refs):
        return "held"
    return "still needed" if needed_for(person, today) else ""


@action(RUN_START)
def replay_line(act: Act, *, entry: dict[str, Any]) -> str:
    """Do one destruction of the journal again. Harmless where nothing of it came back."""
    rows = 0
    for gone in entry["gone"]:
        klass = classes.get(gone["class"])
        if klass is None:
            raise LookupError(f"the journal names the class {gone['class']}, which no room keeps any more")
        rows += klass.destroy(gone["refs"])
    number, taken = entry["number"], int(entry["number"].removeprefix("D-").partition("-")[0])
    if Destruction.objects.filter(number=number).exists():  # a house that went on with an older database has used it for another
        number = f"{number}-R"
    row = Destruction.objects.create(
        number=number,
        **{
            key: entry[key] for key in ("kind", "person", "basis", "request", "approval", "asked_by", "approved_by", "gone", "kept", "hash")
        },
        mark=UUID(entry["mark"]),
        at=datetime.fromisoformat(entry["at"]),
        sealed_until=_day(entry["sealed_until"]),
        traces_until=_day(entry["traces_until"]),
        replayed=True,
    )
    remember(row)
    Series.objects.get_or_create(name="destruction")
    Series.objects.filter(name="destruction", last__lt=taken).update(last=taken)  # the next destruction must not take this number
    act.record("retention.destruction", row.number, after={"replayed": True, "rows": rows, "hash": row.hash})
    return row.number


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
