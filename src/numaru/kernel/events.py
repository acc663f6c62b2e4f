"""Events: facts that a transaction made true, told to higher rooms (MODEL §6). Ids and values only, never personal data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from numaru.kernel.registers import Register


@dataclass(frozen=True)
class Event:
    """Base of every event. A subclass is a frozen dataclass with ``name`` ("room.NounVerbed"), ``version`` and an ``aggregate``.

    Events of one aggregate are handled in the order in which they were recorded; across aggregates there is no order.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1

    @property
    def aggregate(self) -> str:
        raise NotImplementedError

    def payload(self) -> dict[str, Any]:
        return asdict(self)


type Handler = Callable[[Any], None]

handlers: Register[tuple[type[Event], Handler]] = Register("event handlers")


def handles[E: Event](event: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a reaction to ``event``. It runs at least once, in a transaction of its own; the house remembers that it ran, so an
    ordinary repeat is dropped, yet a handler must bear being called again after a kill."""

    def keep(function: Callable[[E], None]) -> Callable[[E], None]:
        handlers.add(f"{event.name} → {function.__module__}.{function.__qualname__}", (event, function))
        return function

    return keep
