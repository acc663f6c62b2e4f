"""Telling somebody something. Called by handlers of events, never by a business transaction: what happened is true before it is told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from numaru.kernel import clock, live
from numaru.kernel.notices.models import Notice

LIVE = "notice"


def tell(staff: Collection[int], kind: str, key: str, *, needs: bool = False, about: dict[str, Any] | None = None) -> int:
    """Tell each of ``staff`` once; whoever was told the same and has not read it is not told again. Returns how many were told."""
    told = set(Notice.objects.filter(kind=kind, key=key, read_at__isnull=True, staff__in=staff).values_list("staff", flat=True))
    fresh = sorted(set(staff) - told)
    now = clock.now()
    Notice.objects.bulk_create(Notice(staff=one, kind=kind, key=key, needs=needs, about=about or {}, at=now) for one in fresh)
    for one in fresh:
        live.announce(LIVE, one)
    return len(fresh)


def settle(kind: str, key: str) -> int:
    """What a notice asked for is done: it is read for everybody who had not read it. Returns how many there were."""
    rows = Notice.objects.filter(kind=kind, key=key, read_at__isnull=True)
    staff = sorted(set(rows.values_list("staff", flat=True)))
    now = clock.now()
    count = rows.update(read_at=now, settled_at=now)
    for one in staff:
        live.announce(LIVE, one)
    return count
