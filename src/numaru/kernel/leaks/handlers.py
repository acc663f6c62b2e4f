"""Open pages of a case show at once what has changed."""

from __future__ import annotations

from numaru.kernel import live
from numaru.kernel.events import handles
from numaru.kernel.leaks.events import LeakChanged


@handles(LeakChanged)
def changed(event: LeakChanged) -> None:
    live.announce("leak", event.number)
