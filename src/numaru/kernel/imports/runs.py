"""The import run: a file and a mapping become an object with a number, progress, findings and a result. Safe to repeat and to kill.

Nothing is written row by row: the stage checks everything, then the kind writes what is good through its room's actions. The same file again
changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from numaru.kernel import clock, numbering, uploads
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.duck import connection
from numaru.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from numaru.kernel.files import store, work_dir
from numaru.kernel.imports.mapping import read_mapping
from numaru.kernel.imports.models import ImportFinding, ImportRun
from numaru.kernel.imports.permissions import RUN_START
from numaru.kernel.imports.source import Source
from numaru.kernel.imports.stage import Stage, guarded
from numaru.kernel.jobs import Progress, Stopped, ask
from numaru.kernel.models import Staff, Work
from numaru.values.finding import Finding
from numaru.values.text import Text

SHOWN = 500  # findings kept in the table; all of them stand in the file
WORK = "import"  # the kind of Work


@dataclass(frozen=True, slots=True)
class ImportCard:
    """An import run as other packages see it. rows_read = accepted + unchanged + refused for a run that is done."""

    number: str
    kind: str
    service: str
    file_name: str
    sha256: str
    mapping_name: str
    dry: bool
    state: str
    rows_read: int
    accepted: int
    unchanged: int
    refused: int
    findings: int
    counts: dict[str, int]
    result: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    actor_name: str
    has_findings_file: bool

    @property
    def seconds(self) -> float:
        """How long it took; 0 for one that has not ended."""
        return round((self.finished_at - self.started_at).total_seconds(), 2) if self.started_at and self.finished_at else 0.0


def card(run: ImportRun) -> ImportCard:
    return ImportCard(
        run.number, run.kind, run.service_slug, run.file_name, run.sha256, run.mapping_name, run.dry, run.state, run.rows_read, run.accepted,
        run.unchanged, run.refused, run.findings, run.counts, run.result, run.created_at, run.started_at, run.finished_at, run.actor_name,
        bool(run.findings_key),
    )  # fmt: skip


def _found(number: str) -> ImportRun:
    run = ImportRun.objects.filter(number=number).first()
    if run is None:
        raise NotFound.named(Text("가져오기", "import"), number)
    return run


TABLES = frozenset({"csv", "tsv", "txt", "gz", "xlsx"})


def keep(content: BinaryIO, name: str = "") -> tuple[str, str]:
    """Put an uploaded file into the file store: (key, sha256). The run deletes it when it is over. Raises Invalid for what is no table, and
    for a ``name`` that says otherwise than the content; without a name the content decides."""
    if not name:
        head = content.read(4)
        content.seek(0)
        name = "table.xlsx" if head == b"PK\x03\x04" else "table.gz" if head.startswith(b"\x1f\x8b") else "table.csv"
    stored = uploads.put("imports", content, name, TABLES)
    return stored.key, stored.sha256


def _service_of(*, kind: str, mapping_name: str, mapping_text: str, **_: object) -> str:
    return read_mapping(mapping_text, mapping_name, kind).service.slug


@action(RUN_START, service=_service_of)
def start(
    act: Act, *, kind: str, file_name: str, sha256: str, mapping_name: str, mapping_text: str, file_key: str = "", dry: bool = False
) -> ImportCard:
    """Record an import and, when its file is in the store (``file_key``), queue it. Raises Invalid with the mapping's findings."""
    mapping = read_mapping(mapping_text, mapping_name, kind)
    if not act.actor.may(mapping.kind.permission, mapping.service.slug):
        raise NotAllowed.for_permission(mapping.kind.permission)
    run = ImportRun.objects.create(
        number=f"IMP-{numbering.take('imports'):06d}", kind=kind, service_slug=mapping.service.slug, file_name=Path(file_name).name[:200],
        file_key=file_key, sha256=sha256, mapping_name=mapping_name[:200], mapping_text=mapping_text, mapping_sha256=mapping.digest, dry=dry,
        created_at=clock.now(), actor_kind=act.actor.kind, actor_id=act.actor.id, actor_name=act.actor.name,
    )  # fmt: skip
    if file_key and not act.dry:
        from numaru.kernel.imports.jobs import run_import

        act.job(lambda: run_import.configure(lock=f"import:{run.service_slug}").defer(number=run.number))
    act.record(
        "import", run.number, after={"kind": kind, "service": run.service_slug, "sha256": sha256, "mapping": run.mapping_sha256, "dry": dry}
    )
    return card(run)


def _service_of_run(*, number: str) -> str | None:
    return ImportRun.objects.filter(number=number).values_list("service_slug", flat=True).first()


@action(RUN_START, service=_service_of_run)
def follow(act: Act, *, number: str) -> ImportCard:
    """Import for real what the dry run ``number`` tested: the same stored file through the same mapping. Asked twice it gives the same import.

    Refuses a run that is no finished dry run, and one whose file has been deleted. Locks the dry run.
    """
    tested = ImportRun.objects.select_for_update().get(number=number)
    if not tested.dry or tested.state != "done":
        raise Conflict.because(
            "import.not_tested", Text("끝난 시험 실행이 아닙니다.", "This is no finished dry run."),
            Text("파일을 다시 올려 시험하십시오.", "Upload the file again and test it."), value=tested.state,
        )  # fmt: skip
    made = ImportRun.objects.filter(file_key=tested.file_key, dry=False).exclude(file_key="").first()
    if made:
        act.record("import", made.number)
        return card(made)
    if not has_source(number):
        raise Conflict.because(
            "import.no_source", Text("올린 파일이 지워졌습니다.", "The uploaded file has been deleted."),
            Text("파일을 다시 올리십시오.", "Upload the file again."), value=number,
        )  # fmt: skip
    act.effect(Text("{n}행을 들입니다.", "{n} rows will be imported.").fill(n=f"{tested.accepted:,}"))
    return start.within(
        act, kind=tested.kind, file_name=tested.file_name, sha256=tested.sha256, mapping_name=tested.mapping_name,
        mapping_text=tested.mapping_text, file_key=tested.file_key,
    )  # fmt: skip


@action(RUN_START, service=_service_of_run)
def halt(act: Act, *, number: str) -> None:
    """Ask a running import to stop. It stops while it reads; once it writes, it ends as a whole. Refuses one that is not running."""
    if not ask(WORK, number, "stop"):
        raise Conflict.because(
            "import.idle", Text("지금 진행 중이 아닙니다.", "It is not running now."), Text("상태를 다시 확인하십시오.", "Look at its state again."),
        )  # fmt: skip
    act.record("import", number, after={"asked": "stop"})


def _actor(run: ImportRun) -> Actor:
    """Who asked for the run, with the grants that hold now."""
    if run.actor_kind == "staff" and run.actor_id is not None:
        return Staff.objects.get(pk=run.actor_id).actor
    return Actor.system(run.actor_name)


def execute(number: str, path: Path | None = None) -> ImportCard:
    """Do the import ``number`` with its stored file, or with the file at ``path``. Returns at once when it is done already.

    Refusals of the whole file (wrong columns, unreadable, a rule of the room) end the run as failed with their findings; other errors
    end it as failed and are raised.
    """
    run = _found(number)
    if run.state == "done":
        return card(run)
    run.state, run.started_at, run.finished_at = "running", run.started_at or clock.now(), None
    run.save(update_fields=["state", "started_at", "finished_at"])
    progress = Progress(WORK, run.number, run.actor_name, staff=run.actor_id if run.actor_kind == "staff" else None)
    progress.begin()
    try:
        _perform(run, path or store().local(run.file_key), progress)
    except Stopped as stop:
        _end(run, progress, "stopped" if stop.asked == "stop" else "paused")
    except Refused as refused:
        _report(run, refused.findings, _write(run, refused.findings))
        run.counts = _counted(refused.findings)
        _end(run, progress, "failed")
    except BaseException:
        _end(run, progress, "failed")
        raise
    else:
        _end(run, progress, "done")
    if run.file_key and run.state == "done" and not run.dry:
        store().delete(run.file_key)
    return card(run)


def _perform(run: ImportRun, path: Path, progress: Progress) -> None:
    mapping = read_mapping(run.mapping_text, run.mapping_name, run.kind)

    def read(rows: int) -> None:
        progress.advance(rows)
        progress.check()

    with connection() as con:
        stage = Stage(con, mapping)
        progress.stage("read")
        stage.load(Source(path, mapping.source), read)
        progress.stage("check", total=stage.rows_read, done=stage.rows_read)
        mapping.kind.check(stage)
        progress.check()
        progress.stage("apply", total=stage.good_rows)
        applied = mapping.kind.apply(stage, _actor(run), run.dry)
        run.rows_read, run.accepted, run.unchanged = stage.rows_read, applied.accepted, applied.unchanged
        run.refused, run.counts, run.result = stage.refused_rows(), stage.counts(), applied.detail
        written = work_dir("imports") / f"{run.number}.csv"
        try:
            run.findings = stage.write_findings(written)
            if run.findings:
                with written.open("rb") as file:
                    run.findings_key = f"imports/{run.number}/findings.csv"
                    store().put(run.findings_key, file)
        finally:
            written.unlink(missing_ok=True)
        _report(run, stage.findings(SHOWN), run.findings)


def _write(run: ImportRun, findings: list[Finding]) -> int:
    """The findings of a refused file, as a CSV in the store."""
    import csv
    import io

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["row", "field", "value", "code", "message_ko", "remedy_ko", "message_en", "remedy_en"])
    for f in findings:
        writer.writerow([guarded(c) for c in (f.row, f.field, f.value, f.code, f.message.ko, f.remedy.ko, f.message.en, f.remedy.en)])
    run.findings_key = f"imports/{run.number}/findings.csv"
    store().put(run.findings_key, io.BytesIO(text.getvalue().encode("utf-8-sig")))
    return len(findings)


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.code] = counts.get(finding.code, 0) + 1
    return counts


def _report(run: ImportRun, findings: Iterable[Finding], count: int) -> None:
    """Keep the first findings for the screen, replacing those of an earlier attempt."""
    run.findings = count
    with transaction.atomic():
        ImportFinding.objects.filter(run=run).delete()
        ImportFinding.objects.bulk_create(
            ImportFinding(
                run=run, n=n, row=f.row, field=(f.field or "")[:200], value=(f.value or "")[:200], code=f.code,
                message_ko=f.message.ko, message_en=f.message.en, remedy_ko=f.remedy.ko, remedy_en=f.remedy.en,
            )
            for n, f in zip(range(1, SHOWN + 1), findings, strict=False)
        )  # fmt: skip


def _end(run: ImportRun, progress: Progress, state: str) -> None:
    run.state, run.finished_at = state, clock.now() if state != "paused" else None
    run.save()
    progress.finish(state, rows=run.rows_read, accepted=run.accepted, unchanged=run.unchanged, refused=run.refused, findings=run.findings)


# Reads -----------------------------------------------------------------------------------------------------------
def run(number: str) -> ImportCard:
    """Raises NotFound."""
    return card(_found(number))


def runs(before: int | None = None, limit: int = 50) -> list[tuple[int, ImportCard]]:
    """The last runs with their ids, newest first; ``before`` is the id after which the page goes on (keyset)."""
    rows = ImportRun.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [(row.pk, card(row)) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an import is: state of its work, stage (read, check, apply), rows done of ``total`` (0: not known yet)."""

    state: str
    stage: str
    done: int
    total: int


def standing(number: str) -> Standing:
    """Where the work of a run stands; "queued" until it has begun. One query."""
    work = Work.objects.filter(kind=WORK, key=number).first()
    return Standing(work.state, work.stage, work.done, work.total) if work else Standing("queued", "", 0, 0)


def listed(services: frozenset[str] | None) -> QuerySet[ImportRun]:
    """The runs of these services (None: all) for a list page."""
    rows = ImportRun.objects.all()
    return rows if services is None else rows.filter(service_slug__in=services)


def has_source(number: str) -> bool:
    """Whether the uploaded file is still in the store."""
    found = _found(number)
    return bool(found.file_key) and store().exists(found.file_key)


def followed_by(number: str) -> str:
    """The import for real that was started from a dry run, or ""."""
    found = _found(number)
    if not found.dry or not found.file_key:
        return ""
    return ImportRun.objects.filter(file_key=found.file_key, dry=False).values_list("number", flat=True).first() or ""


def mapping_of(number: str) -> tuple[str, str]:
    """(name, text) of the mapping of a run, to be used again. Raises NotFound."""
    found = _found(number)
    return found.mapping_name, found.mapping_text


def used_mappings(services: frozenset[str] | None, limit: int = 20) -> list[ImportCard]:
    """The last run of each different mapping, newest first. Looks at the last 500 runs."""
    seen: dict[str, ImportRun] = {}
    for run in listed(services).order_by("-id")[:500]:
        seen.setdefault(run.mapping_sha256, run)
    return [card(run) for run in list(seen.values())[:limit]]


def first_findings(number: str) -> list[Finding]:
    """Up to 500 findings of a run, by row."""
    rows = ImportFinding.objects.filter(run__number=number).order_by("n")
    return [
        Finding(r.code, Text(r.message_ko, r.message_en), Text(r.remedy_ko, r.remedy_en), r.row, r.field or None, r.value or None)
        for r in rows
    ]


def findings_file(number: str) -> BinaryIO:
    """The CSV with all findings of a run. Raises NotFound when it has none or they were forgotten."""
    found = _found(number)
    if not found.findings_key or not store().exists(found.findings_key):
        raise NotFound.named(Text("결과 파일", "findings file"), number)
    return store().open(found.findings_key)


def sha256_of(path: Path) -> str:
    """sha256 (hex) of a file on this machine."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
