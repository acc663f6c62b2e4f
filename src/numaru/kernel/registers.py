"""Registers: the plural form of a port. A room registers what it offers; a facility walks the register (MODEL §3)."""

from __future__ import annotations

from collections.abc import Iterator

registers: dict[str, Register[object]] = {}  # every register of the house by name, so that a test can walk them all


class Register[T]:
    """An ordered set of named offers. Iteration is in the order of the keys, so it does not depend on import order."""

    def __init__(self, name: str) -> None:
        if name in registers:
            raise ValueError(f"register {name} exists already")
        self.name = name
        self._rows: dict[str, T] = {}
        registers[name] = self  # type: ignore[assignment]

    def add(self, key: str, value: T) -> T:
        """Raises ValueError for a key that is taken: two rooms never mean the same thing by accident."""
        if key in self._rows:
            raise ValueError(f"{self.name}: {key} is registered already")
        self._rows[key] = value
        return value

    def __getitem__(self, key: str) -> T:
        return self._rows[key]

    def get(self, key: str) -> T | None:
        return self._rows.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._rows.items()))

    def __len__(self) -> int:
        return len(self._rows)
