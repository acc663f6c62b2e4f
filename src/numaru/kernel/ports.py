"""Binding of ports. A lower package writes a read-only Protocol in its ``ports.py`` and asks for it here; config binds the implementation."""

from __future__ import annotations

from typing import Any, cast

_bound: dict[type, Any] = {}


def bind[P](port: type[P], implementation: P) -> None:
    """Bind once at start-up. A second binding replaces the first; tests use this for stand-ins of outside systems only."""
    _bound[port] = implementation


def get[P](port: type[P]) -> P:
    """The bound implementation. Raises LookupError naming the port when config forgot it."""
    try:
        return cast(P, _bound[port])
    except KeyError:
        raise LookupError(f"no implementation is bound to {port.__module__}.{port.__qualname__}") from None
