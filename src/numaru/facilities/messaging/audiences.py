"""Named audiences: sets of people that a room offers to whoever sends a notice.

    messaging.audiences.add("subscribers.active", Audience(Text("이용 중인 가입자", "Active subscribers"), SUBSCRIBER_VIEW, page))

``page(service, after, limit)`` gives ids of parties above ``after`` in ascending order, each once; ``service`` is a slug, or empty for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from numaru.facilities.messaging.models import MessageBatch
from numaru.kernel.registers import Register
from numaru.values.text import Text

PAGE = 20_000


@dataclass(frozen=True, slots=True)
class Audience:
    """A set of people. ``permission``: who may not see them may not write to them either."""

    label: Text
    permission: str
    page: Callable[[str, int, int], Sequence[int]]


audiences: Register[Audience] = Register("messaging.audiences")


def pages(batch: MessageBatch, after: int = 0, size: int = PAGE) -> Iterator[Sequence[int]]:
    """The people of a batch in the order of their ids, page by page, from above ``after`` on."""
    if not batch.audience:
        named = sorted({p for p in batch.people if p > after})
        for start in range(0, len(named), size):
            yield named[start : start + size]
        return
    one = audiences[batch.audience["key"]]
    while True:
        found = one.page(batch.audience.get("service", ""), after, size)
        if not found:
            return
        yield found
        after = found[-1]
