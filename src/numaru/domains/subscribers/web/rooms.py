"""This room on the pillar and its places."""

from __future__ import annotations

from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.ui import shell
from numaru.values.text import Text

ROOM = shell.rooms.add(
    "subscribers",
    shell.Room(Text("가입", "Subscribers"), [shell.Place("list", Text("가입자", "Subscribers"), "subscribers:list", SUBSCRIBER_VIEW)]),
)
