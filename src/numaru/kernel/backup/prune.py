"""Forgetting backups: full ones after `backup.keep_days`, keys and bases after `backup.keys_days`; never the last good one of a kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from numaru.kernel import clock, policies
from numaru.kernel.backup.folder import Backup, backups, sync
from numaru.kernel.backup.policies import KEEP_DAYS, KEYS_DAYS


def days(kind: str) -> int:
    """For how many days a backup of ``kind`` is kept, by the policy in force."""
    return int(policies.value((KEEP_DAYS if kind == "full" else KEYS_DAYS).key, clock.today()))


def due(found: Iterable[Backup], now: datetime) -> list[Backup]:
    """The backups to forget: older than their days, and not the newest of their kind."""
    newest: dict[str, Backup] = {}
    rows = sorted(found, key=lambda b: b.made_at)
    for one in rows:
        newest[one.kind] = one
    return [one for one in rows if one is not newest[one.kind] and one.made_at < now - timedelta(days=days(one.kind))]


def prune(place: Path) -> list[str]:
    """Delete what is due in a folder; returns the names. A folder loses its manifest first, so that half a deletion is no backup."""
    gone = []
    for one in due(backups(place), clock.now()):
        hidden = one.path.with_name(f".{one.name}")
        one.path.rename(hidden)
        sync(place)
        shutil.rmtree(hidden, ignore_errors=True)
        gone.append(one.name)
    return gone


def keys_gone_by(at: datetime) -> datetime:
    """From when on a person destroyed at ``at`` is unreadable in backups as well: every copy of the wrapped keys of that time is forgotten.

    One day is added for the night in which backups are forgotten. Holds while backups are made: the last backup of keys is never deleted.
    """
    return at + timedelta(days=int(policies.value(KEYS_DAYS.key, clock.today())) + 1)


class KeptBackups:
    """Until when a kept backup may hold what was destroyed on a day, night of forgetting included: what destruction certificates name."""

    def keys_until(self, on: date) -> date | None:
        return on + timedelta(days=int(policies.value(KEYS_DAYS.key, on)) + 1)

    def traces_until(self, on: date) -> date | None:
        return on + timedelta(days=int(policies.value(KEEP_DAYS.key, on)) + 1)


def overdue_keys(place: Path) -> Backup | None:
    """The last backup of keys when it is older than its days and only stays because there is no newer one; certificates are wrong then."""
    found = backups(place, "keys")
    return found[0] if found and found[0].made_at < clock.now() - timedelta(days=days("keys")) else None
