"""What retention asks of others. Read-only; config binds them. Without a binding the answers below stand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Protocol, runtime_checkable

from numaru.kernel import policies, ports


@runtime_checkable
class BackupHorizon(Protocol):
    """Until when a backup made before a destruction may still hold what was destroyed."""

    def keys_until(self, on: date) -> date | None:
        """The last day on which a kept backup may hold person keys that were destroyed on ``on``; None when nobody has set it."""
        ...

    def traces_until(self, on: date) -> date | None:
        """The same for masked forms and search tokens, which lie in the main backup."""
        ...


class PolicyHorizon:
    """Reads the policies of the backups: ``backup.keys_days`` and ``backup.keep_days``. A house without them promises nothing."""

    def _after(self, key: str, on: date) -> date | None:
        return on + timedelta(days=int(policies.value(key, on))) if key in policies.shipped else None

    def keys_until(self, on: date) -> date | None:
        return self._after("backup.keys_days", on)

    def traces_until(self, on: date) -> date | None:
        return self._after("backup.keep_days", on)


@runtime_checkable
class PackagePaper(Protocol):
    """The readable form of a person's package."""

    def render(self, data: dict[str, Any], lang: str) -> bytes:
        """A PDF of the package in ``lang`` (ko, en)."""
        ...


def horizon() -> BackupHorizon:
    return _bound(BackupHorizon, PolicyHorizon())  # type: ignore[type-abstract]


def _bound[P](port: type[P], otherwise: P) -> P:
    try:
        return ports.get(port)
    except LookupError:
        return otherwise
