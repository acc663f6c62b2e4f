"""Reads of the desk as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from numaru.kernel import clock
from numaru.kernel.desk.models import BulkRun, Download, ListColumns, SavedView
from numaru.kernel.errors import NotFound
from numaru.kernel.models import Work
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class KeptView:
    """A saved view as its list shows it."""

    id: int
    list_key: str
    name: str
    params: Mapping[str, str]
    columns: tuple[str, ...]
    density: str
    shared: bool
    mine: bool
    owner: str


def on_desk(staff: int, list_keys: Collection[str]) -> list[KeptView]:
    """The views of these lists that a person has: the own ones and those shared by others, by name. One query."""
    rows = (
        SavedView.objects.filter(Q(staff_id=staff) | Q(shared=True), list_key__in=list_keys, dropped_at__isnull=True)
        .select_related("staff")
        .only("id", "list_key", "name", "params", "columns", "density", "shared", "staff_id", "staff__name")
    )
    found = [
        KeptView(r.pk, r.list_key, r.name, r.params, tuple(r.columns), r.density, r.shared, r.staff_id == staff, r.staff.name) for r in rows
    ]
    return sorted(found, key=lambda v: (v.name, v.id))


def columns_of(staff: int, list_key: str) -> dict[int | None, tuple[str, ...]]:
    """What a person arranged for a list, by view (None: the list itself). One query."""
    rows = ListColumns.objects.filter(staff_id=staff, list_key=list_key)
    return {view: tuple(columns) for view, columns in rows.values_list("view_id", "columns")}


def dropped(staff: int, view: int) -> str:
    """The name of a view of one's own that was deleted and can come back; empty for any other."""
    return SavedView.objects.filter(pk=view, staff_id=staff, dropped_at__isnull=False).values_list("name", flat=True).first() or ""


def bulk_run(number: str, staff: int | None) -> BulkRun:
    """A bulk act of one's own. Raises NotFound."""
    row = BulkRun.objects.filter(number=number, staff=staff).first()
    if row is None or staff is None:
        raise NotFound.named(Text("일괄 작업", "bulk act"), number)
    return row


def bulk_runs(staff: int | None) -> QuerySet[BulkRun]:
    """One's own bulk acts that were asked for in earnest, the latest first."""
    return BulkRun.objects.filter(staff=staff or 0).exclude(state="dropped")


def downloads(staff: int | None) -> QuerySet[Download]:
    """The long workbooks of a person."""
    return Download.objects.filter(staff_id=staff or 0)


def download(number: str, staff: int | None) -> Download:
    """A workbook of one's own. Raises NotFound."""
    row = downloads(staff).filter(number=number).first()
    if row is None:
        raise NotFound.named(Text("내려받기", "download"), number)
    return row


def as_text(pair: Any) -> Text:
    """Two languages as they are kept in JSON."""
    return Text(*pair) if isinstance(pair, list) and len(pair) == 2 else Text("", "")


STILL = timedelta(minutes=2)


def stalled(work: Work | None) -> bool:
    """Whether work that should move gave no sign for two minutes: its worker died, and a person may start it again."""
    last = work and (work.heartbeat_at or work.asked_at)
    return bool(last and last < clock.now() - STILL)
