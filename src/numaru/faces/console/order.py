"""The order of the places in the room that all share, and the groups they stand in. Decided here alone; a room only says that it has a place."""

from __future__ import annotations

from dataclasses import replace

from numaru.ui import shell
from numaru.values.text import Text

# Approvals stand first: the count at the foot of the pillar is theirs, and leads to the first place of the room.
GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("결재·정책", "Approvals and policies"), ("approvals", "policies")),
    (Text("할 일과 일정", "Work"), ("mine", "tasks", "processes", "calendar", "clocks", "calendars")),
    (Text("메시지", "Messages"), ("batches", "outbox", "letters")),
    (Text("현황판", "Boards"), ("boards", "board")),
    (Text("기준 자료", "Master data"), ("records",)),
    (Text("파일과 작업", "Files and work"), ("imports", "downloads", "bulk")),
    (Text("사람과 권한", "People and access"), ("staff", "clients", "access-reviews", "account")),
    (Text("개인정보", "Personal data"), ("consents", "requests", "exports", "retention", "holds", "destruction", "leaks")),
    (Text("감사", "Audit"), ("audit", "openings", "findings", "reviews")),
    (Text("시스템", "System"), ("backups", "system", "gallery")),
)


def arrange(room: shell.Room) -> None:
    """Bring the places of ``room`` into order, each with the head of its group. A place that no group names stays, at the end."""
    known = {place.key: place for place in room.places}
    ordered = [replace(known.pop(key), head=head) for head, keys in GROUPS for key in keys if key in known]
    room.places[:] = [*ordered, *known.values()]
