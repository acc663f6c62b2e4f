"""One line out of entries that are kept and of what is computed when it is read (use by day, openings of sealed values).

A computed strand knows only times. Its lines of one instant stay together, and a page that ends at an instant ends after all of them; entries
of that instant go on by their id. So no line is lost or shown twice, whatever the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from numaru.facilities.timeline import reads
from numaru.facilities.timeline.kinds import Happening
from numaru.facilities.timeline.reads import LAST, Place, Stretch, Thing
from numaru.kernel.access import Actor
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Computed:
    """A strand of lines that no entry is kept for. ``read(before, limit)`` gives those strictly before a moment (None: all), latest first."""

    key: str
    label: Text
    order: int
    read: Callable[[datetime | None, int], Sequence[Happening]]


def merged(
    actor: Actor, things: Sequence[Thing], computed: Sequence[Computed], *, service: str | None = None, only: Collection[str] | None = None,
    before: Place | None = None, size: int = reads.PAGE,
) -> Stretch:  # fmt: skip
    """A page of both, latest first; at least ``size`` lines where there are so many."""
    kept = reads.stretch(actor, things, service=service, only=only, before=before, size=size) if only is None or only else Stretch([], None)
    told = sorted((h for s in computed for h in s.read(before.at if before else None, size + 1)), key=lambda h: h.at, reverse=True)
    found = sorted([*kept.happened, *told], key=lambda h: (h.at, -1 if h.entry is None else h.entry), reverse=True)
    if kept.before is not None:  # what is computed from before the last entry of this page belongs to a later one
        found = [h for h in found if h.at >= kept.before.at]
    if len(found) <= size:
        return Stretch(found, kept.before, kept.left)
    end = size
    cut = found[size - 1].at
    if any(
        h.entry is None and h.at == cut for h in found[end:]
    ):  # computed lines of an instant stay together: they stand after its entries
        while end < len(found) and found[end].at == cut:
            end += 1
    if end == len(found) and kept.before is None:
        return Stretch(found, None, kept.left)
    shown = [h.entry for h in found[:end] if h.at == cut and h.entry is not None]
    place = Place(cut, min(shown, default=LAST))
    return Stretch(found[:end], place, tuple(p for p in kept.left if (p.at, p.entry) >= (place.at, place.entry)))
