"""Workbooks longer than a page can send: ordered, made in the background, kept for a day, for who ordered them alone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import BinaryIO, Protocol, cast

from numaru.kernel import clock, numbering, policies, ports
from numaru.kernel.actions import Act, action
from numaru.kernel.desk.models import Download
from numaru.kernel.desk.permissions import DOWNLOAD_LONG
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.files import store
from numaru.kernel.jobs import Progress
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.values.text import Text

WORK = "desk.download"
HOURS = policies.policy(
    "desk.download_hours", Text("긴 엑셀 파일을 두는 시간", "Hours for which a long workbook is kept"), 24,
    "Operator's own rule: a file that left its list is not left lying.",
)  # fmt: skip


class ListWriter(Protocol):
    """Writes the rows of a list as its reader may see them. Bound by config to the screen kit."""

    def write(self, order: Download, target: BinaryIO, progress: Progress) -> int:
        """Write the workbook and return how many rows it has. Raises LookupError when the reader may no longer see the list."""
        ...


@action(DOWNLOAD_LONG)
def order(act: Act, *, list_key: str, name: Text, params: Mapping[str, str], columns: Sequence[str] = (), language: str = "ko") -> str:
    """Order the workbook of a list under these filters and columns; returns its number. An order of the same list that still waits is refused."""
    staff = act.actor.staff_id or 0
    if Download.objects.filter(staff_id=staff, list_key=list_key, params=dict(params), state="queued").exists():
        raise Conflict.because(
            "desk.download_waits", Text("같은 파일을 만드는 중입니다.", "The same file is being made."),
            Text("내 내려받기에서 기다리십시오.", "Wait for it under My downloads."),
        )  # fmt: skip
    row = Download.objects.create(
        number=f"D-{numbering.take('download'):07d}", staff_id=staff, list_key=list_key, name_ko=name.ko, name_en=name.en, params=dict(params),
        columns=list(columns), language=language, ordered_at=clock.now(),
    )  # fmt: skip
    act.record("desk.download", row.number, after={"list": list_key, "params": dict(params), "columns": list(columns)})

    def queue() -> None:
        from numaru.kernel.desk.jobs import run_download

        run_download.configure(lock=f"download:{row.number}").defer(number=row.number)

    act.job(queue)
    return row.number


def make(number: str) -> None:
    """Make one file; made already means nothing happens. Killed at any point it is made anew."""
    row = Download.objects.get(number=number)
    if row.state != "queued":
        return
    progress = Progress(WORK, number, f"staff:{row.staff_id}", staff=row.staff_id)
    progress.begin()
    with tempfile.TemporaryFile() as target:
        try:
            row.rows = ports.get(ListWriter).write(row, cast(BinaryIO, target), progress)  # type: ignore[type-abstract]
        except LookupError:
            row.state = "failed"
            row.save(update_fields=["state"])
            progress.finish("failed")
            return
        row.size = target.tell()
        target.seek(0)
        row.file_key = f"downloads/{number}.xlsx"
        store().put(row.file_key, cast(BinaryIO, target))
    row.state, row.ready_at = "ready", clock.now()
    row.expires_at = row.ready_at + timedelta(hours=int(policies.value(HOURS.key, clock.today())))
    row.save()
    progress.finish("done", rows=row.rows)


@action(ACCOUNT_USE)
def fetch(act: Act, *, number: str) -> str:
    """The key of one's own finished file; on record each time. Raises NotFound for one of somebody else, and one that is not there."""
    row = Download.objects.select_for_update().filter(number=number, staff_id=act.actor.staff_id or 0, state="ready").first()
    if row is None or (row.expires_at and row.expires_at <= clock.now()):
        raise NotFound.named(Text("내려받기", "download"), number)
    row.fetched_at = clock.now()
    row.save(update_fields=["fetched_at"])
    act.record("desk.download", number, after={"fetched": True, "rows": row.rows})
    return row.file_key


def delete_old() -> int:
    """Delete the files whose day is over; returns how many."""
    return delete(list(Download.objects.filter(state="ready", expires_at__lte=clock.now())))


def delete(rows: Sequence[Download]) -> int:
    for row in rows:
        if row.file_key:
            store().delete(row.file_key)
        row.state, row.file_key = "deleted", ""
        row.save(update_fields=["state", "file_key"])
    return len(rows)
