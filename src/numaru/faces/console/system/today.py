"""The state of the house on the first page, for those who run it: parts that are not well, and events that were given up."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.system.rooms import NAME
from numaru.kernel import health
from numaru.kernel.backup.permissions import RUN_START as OPERATE
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text

WITHIN = 60.0  # seconds: the first page is no monitor
COVERED = ("backup.restored",)  # told by the finder of backups, with its own next step


@today.finder("system.parts", room="shared", word=NAME, permission=OPERATE)
def parts(reader: Reader) -> list[Item]:
    """Parts that are bad or need a look; an answer holds for a minute, so that most pages ask nothing."""
    if not reader.may(OPERATE):
        return []
    items = []
    for line in health.look(within=WITHIN):
        if line.seen.state == "ok" or line.key in COVERED:
            continue
        title = Text("{t}: {f}", "{t}: {f}").fill(t=line.part.title, f=line.seen.fact)
        why = line.seen.remedy or Text("", "")
        weight = 100 if line.seen.state == "bad" else 0
        items.append(Item(f"system:{line.key}", "clock", title, why, Text("살펴보기", "Look"), reverse("system:parts"), weight=weight))

    def rest(n: int) -> Item:
        title = Text("살펴볼 부분이 {n}개 더 있습니다", "{n} more parts need a look").fill(n=n)
        return Item("system:more", "clock", title, NAME, Text("모두 보기", "See all"), reverse("system:parts"), rest=n)

    return today.limited(items, rest)
