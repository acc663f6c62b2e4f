"""The door of notices."""

from numaru.kernel.notices.handlers import ASKED, DECIDED
from numaru.kernel.notices.permissions import NOTICE_READ
from numaru.kernel.notices.posting import LIVE, settle, tell
from numaru.kernel.notices.reading import BELL, last_look, look, own, read_all, read_one, unread

__all__ = [
    "ASKED",
    "BELL",
    "DECIDED",
    "LIVE",
    "NOTICE_READ",
    "last_look",
    "look",
    "own",
    "read_all",
    "read_one",
    "settle",
    "tell",
    "unread",
]
