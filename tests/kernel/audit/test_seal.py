"""The sealer: every committed row once, gap-free, whatever the order in which transactions end; and a head outside that is never behind a lie."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.models import Block, Seal
from numaru.kernel.models import AuditRecord
from numaru.kernel.vault.models import VaultOpening
from tests.conftest import ROOT
from tests.kernel.audit.conftest import HOUSE, NOTE

pytestmark = pytest.mark.django_db


def opening(**more: Any) -> VaultOpening:
    values = {"person": 1, "kind": "phone", "at": clock.now(), "actor": "staff:한누리", "staff": 1, "purpose": "상담"} | more
    return VaultOpening.objects.create(**values)


def test_records_and_openings_take_gap_free_positions_in_one_chain(note: Any, own_home: Path) -> None:
    note("a", 3)
    opening()
    assert audit.lag()[0] == 4
    assert audit.Sealer().once() == 4
    note("b")
    assert audit.Sealer().once() == 1 and audit.Sealer().once() == 0
    assert list(Seal.objects.order_by("position").values_list("position", "source")) == [(1, "r"), (2, "r"), (3, "r"), (4, "o"), (5, "r")]
    first, second = Block.objects.order_by("number")
    assert (first.first, first.last, second.first, second.last) == (1, 4, 5, 5) and bytes(second.previous) == bytes(first.hash)
    assert audit.lag() == (0, 0.0)
    outside = heads.read()
    assert outside == audit.head() and outside is not None and outside.number == 2
    assert audit.verify().good


def test_nothing_to_seal_makes_no_block() -> None:
    assert audit.Sealer().once() == 0 and not Block.objects.exists() and heads.read() is None and audit.verify().good


@pytest.mark.django_db(transaction=True)
def test_a_record_that_commits_late_is_sealed_and_not_skipped(note: Any) -> None:
    """An id is taken, a later one commits and is sealed, pass after pass goes by; then the first one commits."""
    begun, go = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                NOTE.do(HOUSE, key="late")
                begun.set()
                go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    note("early")
    sealer = audit.Sealer()
    assert sealer.once() == 1
    note("more")
    for _ in range(3):
        sealer.once()
    late_id = AuditRecord.objects.get(key="early").pk - 1
    assert Block.objects.latest("number").marks["r"] < late_id  # not settled: its transaction still runs
    go.set()
    thread.join()
    assert AuditRecord.objects.get(key="late").pk == late_id
    assert sealer.once() == 1
    assert Seal.objects.get(source="r", row=late_id).position == 3
    note("after")
    sealer.once()
    note("again")
    sealer.once()
    assert Block.objects.latest("number").marks["r"] >= late_id  # now it is
    assert audit.verify().good


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sealers_leave_no_gap_and_no_double() -> None:
    ending = threading.Event()

    def write(name: str) -> None:
        try:
            for n in range(40):
                if n % 7 == 0:
                    try:
                        with transaction.atomic():
                            NOTE.do(HOUSE, key=f"{name}-lost")
                            raise RuntimeError("rolled back")
                    except RuntimeError:
                        pass
                NOTE.do(HOUSE, key=f"{name}-{n}", n=2)
        finally:
            connection.close()

    def seal() -> None:
        sealer = audit.Sealer()
        try:
            while not ending.is_set():
                sealer.once()
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(3)]
    sealers = [threading.Thread(target=seal) for _ in range(2)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    ending.set()
    for thread in sealers:
        thread.join()
    audit.Sealer().all()
    positions = list(Seal.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, 3 * 80 + 1))
    assert set(Seal.objects.values_list("row", flat=True)) == set(AuditRecord.objects.values_list("pk", flat=True))
    report = audit.verify()
    assert report.good and report.records == 240, report.as_dict()


def test_a_backlog_is_cut_into_blocks() -> None:
    AuditRecord.objects.bulk_create(
        AuditRecord(at=clock.now(), actor_kind="system", actor_name="x", action="a.b.c", object="o", key=str(n)) for n in range(13_000)
    )
    assert audit.Sealer().all() == 13_000
    assert [b.last - b.first + 1 for b in Block.objects.order_by("number")] == [6000, 6000, 1000]
    report = audit.verify()
    assert report.good and report.records == 13_000


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_auditrecord SET reason = 'x'", "DELETE FROM kernel_auditrecord", "UPDATE vault_opening SET purpose = 'x'", "DELETE FROM vault_opening",
        "UPDATE audit_seal SET row = row + 1", "DELETE FROM audit_seal", "UPDATE audit_block SET at = now()", "DELETE FROM audit_block",
        "UPDATE kernel_auditrecord SET actor_id = NULL, actor_name = '', key = '', reason = '', before = '{}', after = '{}'",
    ],
)  # fmt: skip
def test_the_database_refuses_to_change_the_log(note: Any, statement: str) -> None:
    note("a")
    opening()
    audit.Sealer().once()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_truncate_is_refused_outside_the_tests_databases() -> None:
    """The guard asks for the database's name; here it is asked as another one would answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'numaru_no_truncate'")
        body = cursor.fetchone()[0]
        assert "current_database() NOT LIKE 'test\\_%'" in body
        cursor.execute(
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'no_truncate' AND c.relname = ANY(%s)",
            [["kernel_auditrecord", "vault_opening", "audit_seal", "audit_block", "audit_destruction"]],
        )
        assert cursor.fetchone()[0] == 5
        cursor.execute(
            "CREATE FUNCTION elsewhere() RETURNS trigger LANGUAGE plpgsql AS $f$" + body.replace("current_database()", "'numaru'") + "$f$"
        )
        cursor.execute("CREATE TRIGGER elsewhere BEFORE TRUNCATE ON audit_watch FOR EACH STATEMENT EXECUTE FUNCTION elsewhere()")
    with pytest.raises(IntegrityError, match="TRUNCATE refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_watch")


def test_the_sealer_refuses_to_build_on_a_chain_that_the_head_outside_does_not_know(note: Any, own_home: Path) -> None:
    note("a")
    audit.Sealer().once()
    kept = (own_home / "audit" / "head").read_text()
    (own_home / "audit" / "head").write_text(kept.replace('"number": 1', '"number": 9'))
    note("b")
    with pytest.raises(audit.ChainBroken):
        audit.Sealer().once()
    assert [f.kind for f in audit.verify().faults] == ["truncated"]
    audit.accept_chain.do(HOUSE, reason="9월 1일 백업에서 복원함")
    # the head is taken over when the action commits; a test's transaction never does
    heads.accept(audit.head(), "9월 1일 백업에서 복원함", heads.read())
    assert audit.Sealer().once() == 2
    report = audit.verify()
    assert report.good and report.accepted >= 1
    assert AuditRecord.objects.filter(object="audit.chain", reason="9월 1일 백업에서 복원함").exists()


def test_a_kill_between_the_commit_and_the_head_is_mended(note: Any, own_home: Path) -> None:
    note("a")
    audit.Sealer().once()
    behind = (own_home / "audit" / "head").read_text()
    note("b")
    audit.Sealer().once()
    (own_home / "audit" / "head").write_text(behind)  # as a kill would leave it
    assert audit.verify().good
    audit.Sealer().once()
    outside = heads.read()
    assert outside is not None and outside.number == 2


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [1, 2])
def test_a_sealer_that_is_killed_after_its_commit_leaves_a_chain_that_goes_on(note: Any, own_home: Path, at: int) -> None:
    """A process of its own seals and is killed between the commit of the block and the head outside; another one goes on."""
    note("a")
    if at == 2:
        audit.Sealer().once()
        note("b")
    script = "import django; django.setup()\nfrom django.db import connection\nfrom numaru.kernel.audit import api as audit\naudit.Sealer().once()"
    there = urlsplit(os.environ["DATABASE_URL"])
    address = urlunsplit(there._replace(path=f"/{connection.settings_dict['NAME']}"))
    killed = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60,
        env=os.environ | {"NUMARU_KILL": "audit.sealed:1", "NUMARU_HOME": str(own_home), "DATABASE_URL": address, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr
    assert Block.objects.count() == at  # the block is there, its head is not
    outside = heads.read()
    assert (outside.number if outside else 0) == at - 1
    note("c")
    assert audit.Sealer().once() == 1
    report, outside = audit.verify(), heads.read()
    assert report.good and report.records == AuditRecord.objects.count()
    assert outside == audit.head() and outside is not None and outside.number == at + 1


def test_what_a_pass_looks_at_does_not_grow_with_the_chain(note: Any) -> None:
    """Both sides of the look for unsealed rows begin at the mark, so that the planner cannot choose to read the whole chain."""
    note("a", 3)
    sealer = audit.Sealer()
    sealer.once()
    sealer.once()
    note("b")
    with CaptureQueriesContext(connection) as asked:
        assert sealer.once() == 1
    (look,) = (q["sql"] for q in asked.captured_queries if "array_agg(id" in q["sql"])
    assert look.count("a.row > ") == look.count("x.id > ") == 3
    assert len(asked) <= 10  # lock, begin, head, ids, holders, look, rows, block, commit, unlock
    with CaptureQueriesContext(connection) as idle:
        assert sealer.once() == 0
    assert len(idle) <= 8


def test_a_backlog_of_several_blocks_is_sealed_in_one_go(note: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_auditrecord (at, actor_kind, actor_name, action, object, key, reason, before, after)"
            " SELECT now(), 'staff', 'n', 'a', 'b', n::text, '', '{}', '{}' FROM generate_series(1, 13000) n"
        )
    assert audit.Sealer().all() == 13_000 and audit.lag()[0] == 0 and audit.verify().good
