"""What audit asks of the rooms above."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class PersonTokens(Protocol):
    """Blind tokens of people, so that an opened person can be compared with an opener's relatives without opening either."""

    def of(self, values: Sequence[str]) -> list[int]:
        """The tokens under which people with one of these names, numbers or addresses would be found; each value whole."""
        ...

    def sharing(self, persons: Collection[int], tokens: Collection[int]) -> set[int]:
        """Those of ``persons`` who carry at least one of ``tokens``."""
        ...
