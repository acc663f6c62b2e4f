"""Verify names what was done to the log by somebody who owns the tables: each tampering is made with the guards switched off."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.audit import chain
from numaru.kernel.audit.models import Block, Destruction, Seal
from numaru.kernel.models import AuditRecord
from tests.kernel.audit.conftest import HOUSE, owner
from tests.kernel.audit.test_seal import opening

pytestmark = pytest.mark.django_db
LOGS = ("kernel_auditrecord", "vault_opening")
CHAIN = ("audit_seal", "audit_block")


def run(statement: str, *values: object) -> None:
    with owner(*LOGS, *CHAIN), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def sealed(note: Any) -> list[int]:
    """Six records and an opening in three blocks; the ids of the records."""
    note("a", 3)
    opening()
    audit.Sealer().once()
    note("b", 2)
    sealer = audit.Sealer()
    sealer.once()
    note("c")
    sealer.once()
    assert audit.verify().good
    return list(AuditRecord.objects.order_by("pk").values_list("pk", flat=True))


def faults() -> list[tuple[str, str, int]]:
    report = audit.verify()
    assert report.problems == len(report.faults)
    return [(f.kind, f.source, f.row) for f in report.faults]


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'another'", "after = '{\"word\": \"x\"}'", "actor_name = 'somebody else'", "at = at - interval '1 microsecond'", "action = 'a.b.d'", "key = 'z'",
        "approval = 7",
    ],
)  # fmt: skip
def test_a_changed_record_is_named(sealed: list[int], change: str) -> None:
    run(f"UPDATE kernel_auditrecord SET {change} WHERE id = %s", sealed[1])
    assert faults() == [("changed", "r", sealed[1])]


def test_a_changed_opening_is_named(sealed: list[int]) -> None:
    run("UPDATE vault_opening SET person = 2")
    assert [f[:2] for f in faults()] == [("changed", "o")]


def test_a_removed_record_is_named(sealed: list[int]) -> None:
    run("DELETE FROM kernel_auditrecord WHERE id = %s", sealed[4])
    assert faults() == [("removed", "r", sealed[4])]


def test_an_inserted_record_is_named(sealed: list[int], note: Any) -> None:
    """Somebody slips a record in among the old ones: no action can have brought an id below the settled mark."""
    sealer = audit.Sealer()
    for key in "de":
        note(key)
        sealer.once()
    run("DELETE FROM kernel_auditrecord WHERE id = %s", sealed[2])
    run("DELETE FROM audit_seal WHERE source = 'r' AND row = %s", sealed[2])
    run(
        "INSERT INTO kernel_auditrecord (id, at, actor_kind, actor_name, action, object, key, reason, before, after)"
        " VALUES (%s, now(), 'staff', 'x', 'a.b.c', 'o', 'k', '', '{}', '{}')", sealed[2],
    )  # fmt: skip
    assert ("inserted", "r", sealed[2]) in faults()
    assert sealer.once() == 0  # and it is never sealed afterwards


def test_reordered_records_are_named_whether_contents_or_seals_change_places(sealed: list[int]) -> None:
    with owner(*LOGS), connection.cursor() as cursor:
        a, b = sealed[0], sealed[2]
        cursor.execute("UPDATE kernel_auditrecord SET id = 0 WHERE id = %s", [a])
        cursor.execute("UPDATE kernel_auditrecord SET id = %s WHERE id = %s", [a, b])
        cursor.execute("UPDATE kernel_auditrecord SET id = %s WHERE id = 0", [b])
    report = audit.verify()
    assert [(f.kind, f.row, f.position, f.detail) for f in report.faults] == [
        ("reordered", a, 1, "belongs at 3"), ("reordered", b, 3, "belongs at 1"),
    ]  # fmt: skip


def test_reordered_seals_are_named(sealed: list[int]) -> None:
    with owner(*CHAIN), connection.cursor() as cursor:
        for old, new in ((1, -1), (3, 1), (-1, 3)):
            cursor.execute("UPDATE audit_seal SET position = %s WHERE position = %s", [new, old])
    report = audit.verify()
    assert {(f.kind, f.position) for f in report.faults if f.source} == {("reordered", 1), ("reordered", 3)}
    assert [f.block for f in report.faults if f.kind == "block"] == [1]


def test_a_missing_seal_an_added_seal_and_a_rewritten_block_are_named(sealed: list[int]) -> None:
    run("DELETE FROM audit_seal WHERE position = 2")
    found = audit.verify().faults
    assert ("unsealed", 2) in [(f.kind, f.position) for f in found] and ("block", 1) in [(f.kind, f.block) for f in found]
    run("INSERT INTO audit_seal VALUES (99, 'r', 987654, '', '')")
    assert ("seal_added", 99) in [(f.kind, f.position) for f in audit.verify().faults]
    run("DELETE FROM audit_block WHERE number = 2")
    assert ("missing_block", 2) in [(f.kind, f.block) for f in audit.verify().faults]


def _forge_again(own_home: Path) -> None:
    """Compute every hash anew after a change, as somebody who knows all would."""
    from numaru.kernel.audit.sources import SOURCES

    with owner(*CHAIN), connection.cursor() as cursor:
        for s in SOURCES.values():
            cursor.execute(
                f"UPDATE audit_seal a SET payload = {s.payload_hash('x')}, hash = {s.row_hash('x', 'a.position', s.payload_hash('x'))} FROM {s.table} x"
                f" WHERE a.source = '{s.key}' AND x.id = a.row"
            )
        previous = chain.START
        for block in Block.objects.order_by("number"):
            seals = b"".join(
                bytes(h)
                for h in Seal.objects.filter(position__range=(block.first, block.last)).order_by("position").values_list("hash", flat=True)
            )
            made = chain.block_hash(block.chain, block.number, block.form, block.first, block.last, block.at, block.marks, previous, seals)
            cursor.execute("UPDATE audit_block SET previous = %s, hash = %s WHERE number = %s", [previous, made, block.number])
            previous = made


def test_a_chain_written_anew_is_caught_by_the_head_outside(sealed: list[int], own_home: Path) -> None:
    run("UPDATE kernel_auditrecord SET reason = 'another' WHERE id = %s", sealed[0])
    _forge_again(own_home)
    assert [f.kind for f in audit.verify().faults] == ["rewritten", "rewritten"]  # by the head, and by the first line of the journal
    with pytest.raises(audit.ChainBroken):
        audit.Sealer().once()
    # whoever changes the head outside as well is still caught by the journal
    head = audit.head()
    assert head is not None
    (own_home / "audit" / "head").write_text(
        json.dumps({"chain": head.chain, "number": head.number, "last": head.last, "hash": head.hash, "at": head.at})
    )
    (fault,) = audit.verify().faults
    assert (fault.kind, fault.detail) == ("rewritten", "journal")


def test_a_truncated_chain_is_caught_by_the_head_outside(sealed: list[int]) -> None:
    run("DELETE FROM audit_block WHERE number = 3")
    run("DELETE FROM audit_seal WHERE position > 6")
    report = audit.verify()
    assert [(f.kind, f.block) for f in report.faults] == [("truncated", 3)] and report.unsealed == 1
    with pytest.raises(audit.ChainBroken):
        audit.Sealer().once()


def test_a_missing_head_is_named(sealed: list[int], own_home: Path) -> None:
    (own_home / "audit" / "head").unlink()
    assert faults() == [("no_head", "", 0)]


def test_only_what_was_sealed_since_is_looked_at(note: Any) -> None:
    with clock.pinned(clock.now() - timedelta(days=3)):
        note("old")
        audit.Sealer().once()
    note("new")
    audit.Sealer().once()
    run("UPDATE kernel_auditrecord SET reason = 'x' WHERE key = 'old'")
    recent = audit.verify(clock.now() - timedelta(days=1))
    assert recent.good and recent.records == 1
    assert [f.kind for f in audit.verify().faults] == ["changed"]


def test_a_payload_destroyed_by_rule_keeps_its_hash_and_is_no_finding(note: Any) -> None:
    with clock.pinned(clock.now() - timedelta(days=2000)):
        note("old", word="한참 전")
        opening()
        audit.Sealer().once()
    note("new")
    audit.Sealer().once()
    assert (audit.due("r"), audit.due("o")) == (1, 1)
    assert audit.destroy_expired.plan(HOUSE, source="r").result == 1 and audit.due("r") == 1
    assert audit.destroy_expired.do(HOUSE, source="r") == 1 and audit.destroy_expired.do(HOUSE, source="o") == 1
    old = AuditRecord.objects.order_by("pk").first()
    assert old is not None and (old.key, old.after, old.actor_name) == ("", {}, "") and old.object == "test.thing"
    audit.Sealer().all()
    report = audit.verify()
    assert report.good and report.destroyed == 2, report.as_dict()
    run("UPDATE kernel_auditrecord SET action = 'x.y.z' WHERE id = %s", old.pk)  # what stays is still bound by the hash
    assert faults() == [("changed", "r", old.pk)]


def test_blanking_without_a_rule_is_named(sealed: list[int]) -> None:
    run(
        "UPDATE kernel_auditrecord SET actor_id = NULL, actor_name = '', key = '', reason = '', before = '{}', after = '{}' WHERE id = %s", sealed[1]
    )  # fmt: skip
    assert faults() == [("blanked", "r", sealed[1])]
    assert not Destruction.objects.exists()


def test_the_checks_result_is_kept_for_the_screens(sealed: list[int]) -> None:
    run("DELETE FROM kernel_auditrecord WHERE id = %s", sealed[4])
    kept = audit.keep(audit.verify())
    assert kept.full and kept.problems == 1 and kept.findings[0]["kind"] == "removed" and kept.records == 7
