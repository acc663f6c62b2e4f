"""What leak cases ask of the rooms that know people by number. Read-only; config binds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class PersonDirectory(Protocol):
    """Which person stands behind a number, and which numbers a person has. A person is the id under which the vault keeps them."""

    def persons(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """The person behind each number (S-0001234, or the name that the outside uses); unknown numbers are left out."""
        ...

    def numbers(self, persons: Sequence[int]) -> Mapping[int, str]:
        """One number of each person; people without one are left out."""
        ...

    def languages(self, persons: Sequence[int]) -> Mapping[int, str]:
        """ko or en for each person that is known."""
        ...

    def of_service(self, service: str) -> Iterator[Sequence[int]]:
        """Everybody of a service, in parts of some thousands."""
        ...
