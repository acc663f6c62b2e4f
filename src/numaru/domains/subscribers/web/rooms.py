"""This room on the pillar and its places."""

from __future__ import annotations

from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.domains.subscribers.web.listing import SUBSCRIBERS
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

ROOM = shell.rooms.add(
    "subscribers",
    shell.Room(
        Text("가입", "Subscribers"),
        [
            shell.Place("list", Text("가입자", "Subscribers"), "subscribers:list", SUBSCRIBER_VIEW, listing=SUBSCRIBERS.key),
            shell.Place("board", Text("현황판", "Board"), "indicators:subscribers", SUBSCRIBER_VIEW),
        ],
    ),
)
chapters.add("subscribers", Chapter("subscribers"))
chapters.add("subscribers.list", Chapter("subscribers", "finding"))
chapters.add("subscribers:subscriber", Chapter("subscribers", "one-subscriber"))
chapters.add("subscribers.board", Chapter("boards"))
