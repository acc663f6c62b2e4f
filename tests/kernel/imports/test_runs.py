"""The import run: number, progress, findings and result; dry runs, repeats, refusals and forgetting."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.kernel.files import store
from numaru.kernel.imports import api as imports
from numaru.kernel.imports.models import ImportFinding, ImportRun
from numaru.kernel.jobs import ask
from numaru.kernel.models import AuditRecord, Work
from numaru.kernel.retention import api as retention

from .conftest import CONTRACTS, FIELDS, HEAD

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("test")
CONTENT = b"id,price,start\na,1,2026-01-01\nb,x,2026-01-01\nc,2,2026-01-01\n"


def begin(content: bytes = CONTENT, mapping: str = HEAD + FIELDS, *, actor: Actor = ACTOR, dry: bool = False) -> imports.ImportCard:
    key, sha = imports.keep(io.BytesIO(content))
    return imports.start.do(
        actor,
        kind="test-contracts",
        file_name="/somewhere/f.csv",
        sha256=sha,
        mapping_name="m.toml",
        mapping_text=mapping,
        file_key=key,
        dry=dry,
    )


def test_a_run_ends_with_figures_findings_and_no_source_file() -> None:
    card = imports.execute(begin().number)
    assert (card.state, card.rows_read, card.accepted, card.unchanged, card.refused) == ("done", 3, 2, 0, 1)
    assert card.counts == {"import.not_a_number": 1} and card.result == {"dry": False} and card.file_name == "f.csv"
    (finding,) = imports.first_findings(card.number)
    assert (finding.row, finding.field, finding.value, finding.code) == (3, "price", "x", "import.not_a_number")
    with imports.findings_file(card.number) as file:
        assert "숫자가 아닙니다" in file.read().decode("utf-8-sig")
    assert not store().exists(ImportRun.objects.get(number=card.number).file_key)
    work = Work.objects.get(kind="import", key=card.number)
    assert work.state == "done" and work.result["refused"] == 1
    assert AuditRecord.objects.filter(object="import", key=card.number).count() == 1
    assert imports.execute(card.number) == card  # done is done


def test_a_dry_run_says_the_same_and_keeps_the_file() -> None:
    card = imports.execute(begin(dry=True).number)
    assert (card.accepted, card.refused, card.result) == (2, 1, {"dry": True})
    assert store().exists(ImportRun.objects.get(number=card.number).file_key)


def test_a_file_that_does_not_fit_ends_the_run_in_words() -> None:
    card = imports.execute(begin(b"id,start\na,2026-01-01\n").number)
    assert card.state == "failed" and card.counts == {"import.missing_column": 1} and card.has_findings_file
    assert imports.first_findings(card.number)[0].field == "fields.price.column"


def test_a_killed_run_is_done_again_from_the_start() -> None:
    card = begin()
    ImportRun.objects.filter(number=card.number).update(state="running", rows_read=1)  # as a killed worker leaves it
    assert imports.execute(card.number).accepted == 2
    assert ImportFinding.objects.filter(run__number=card.number).count() == 1


def test_a_wrong_mapping_starts_nothing() -> None:
    with pytest.raises(Invalid):
        begin(mapping=HEAD)
    assert not ImportRun.objects.exists()


def test_who_may_not_import_changes_nothing() -> None:
    for grants in ((), (("auditor", None),), (("billing_clerk", "another"),)):
        with pytest.raises(NotAllowed):
            begin(actor=Actor("staff", 1, "x", grants))
    assert not ImportRun.objects.exists() and not AuditRecord.objects.exists()
    assert begin(actor=Actor("client", 1, "x", (("billing_clerk", "s"),))).number == "IMP-000001"


def test_a_person_may_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    card = begin()
    monkeypatch.setattr(CONTRACTS, "meanwhile", lambda: ask("import", card.number, "stop"))
    stopped = imports.execute(card.number)
    assert (stopped.state, stopped.accepted) == ("stopped", 0)
    monkeypatch.undo()
    assert imports.execute(card.number).state == "done"


def test_what_strangers_files_said_is_forgotten_after_thirty_days() -> None:
    card = imports.execute(begin().number)
    young = imports.execute(begin(dry=True).number)
    ImportRun.objects.filter(number=card.number).update(created_at=clock.now() - timedelta(days=31))
    retention.execute("imports.findings", clock.today(), ACTOR)
    assert [f.value for f in imports.first_findings(card.number)] == [None]
    with pytest.raises(NotFound):
        imports.findings_file(card.number)
    assert imports.findings_file(young.number) and store().exists(ImportRun.objects.get(number=young.number).file_key)


def test_runs_are_paged_by_key() -> None:
    numbers = [begin().number for _ in range(3)]
    page = imports.runs(limit=2)
    assert [c.number for _, c in page] == numbers[:0:-1]
    assert [c.number for _, c in imports.runs(before=page[-1][0])] == numbers[:1]


def test_a_file_on_this_machine_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(CONTENT)
    card = imports.start.do(
        ACTOR, kind="test-contracts", file_name=str(path), sha256=imports.sha256_of(path), mapping_name="m", mapping_text=HEAD + FIELDS
    )
    assert imports.execute(card.number, path).accepted == 2 and path.exists()
