"""The head outside and a restored database: what is a later state of the same chain is taken up by itself, anything else is said with the remedy."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.models import Block, Seal
from numaru.kernel.models import AuditRecord
from tests.kernel.audit.conftest import owner

pytestmark = pytest.mark.django_db(transaction=True)


def noted() -> Any:
    """What the contents of a backup made now say, read on the bare connection."""
    connection.ensure_connection()
    return json.loads(json.dumps(audit.noted(connection.connection)))


@pytest.fixture
def behind(note: Any) -> dict[str, Any]:
    """Two blocks are in the snapshot, three more were sealed before the folder was copied; then the database is as the snapshot had it."""
    sealer = audit.Sealer()
    for key in "ab":
        note(key, 3)
        sealer.once()
    told = noted()
    kept = AuditRecord.objects.latest("id").pk
    for key in "cde":
        note(key)
        sealer.once()
    with owner("kernel_auditrecord", "audit_seal", "audit_block"):
        AuditRecord.objects.filter(pk__gt=kept).delete()
        Seal.objects.filter(position__gt=told["last"]).delete()
        Block.objects.filter(number__gt=told["number"]).delete()
    return told  # type: ignore[no-any-return]


def test_the_contents_note_the_head_of_the_snapshot(note: Any) -> None:
    assert noted() is None
    note("a")
    audit.Sealer().once()
    head = audit.head()
    assert head is not None and noted() == asdict(head)


def test_a_head_that_is_ahead_by_the_seconds_in_between_is_taken_back_and_sealing_goes_on(behind: dict[str, Any], note: Any) -> None:
    with pytest.raises(audit.ChainBroken):
        audit.Sealer().once()
    assert audit.after_restore("numaru-x", behind, None) == []
    assert heads.read() == audit.head() and audit.verify().good
    for key in "fghij":  # past the blocks that were lost: other ones have their numbers now
        note(key)
        assert audit.Sealer().all()
    report = audit.verify()
    assert report.good and report.accepted == 0 and report.records == AuditRecord.objects.count()
    line = next(line for line in heads.journal() if line.get("resumed"))
    assert line["number"] == 2 and line["replaced"]["number"] == 5 and "numaru-x" in line["accepted"]
    row = AuditRecord.objects.get(object="audit.chain")
    assert row.actor_kind == "system" and row.after["resumed"] and "numaru-x" in row.reason


def test_heads_of_the_journal_up_to_the_restored_one_still_bind(behind: dict[str, Any]) -> None:
    lines = (heads.folder() / "heads.jsonl").read_text().splitlines()
    forged = json.loads(lines[0]) | {"hash": "00" * 32}
    (heads.folder() / "heads.jsonl").write_text("\n".join([json.dumps(forged), *lines[1:]]) + "\n")
    assert audit.after_restore("numaru-x", behind, None) == []
    assert [f.kind for f in audit.verify().faults] == ["rewritten"]


def test_a_long_journal_before_an_acceptance_makes_no_false_alarm(behind: dict[str, Any], note: Any) -> None:
    head = heads.read()
    assert head is not None
    with (heads.folder() / "heads.jsonl").open("a") as file:
        for n in range(3, 2500):
            file.write(json.dumps(asdict(replace(head, number=n, hash="11" * 32))) + "\n")
    assert audit.after_restore("numaru-x", behind, None) == []
    for key in "fgh":
        note(key)
        audit.Sealer().once()
    assert audit.verify().good


def test_a_missing_head_is_put_back_by_the_note(behind: dict[str, Any]) -> None:
    (heads.folder() / "head").unlink()
    assert audit.after_restore("numaru-x", behind, None) == [] and heads.read() == audit.head()


def test_nothing_is_done_when_all_agrees(note: Any) -> None:
    assert audit.after_restore("numaru-x", None, None) == []
    note("a")
    audit.Sealer().once()
    note("b")  # an older head is an ancestor: the next pass mends it
    told = noted()
    assert audit.after_restore("numaru-x", told, None) == []
    assert not AuditRecord.objects.filter(object="audit.chain").exists()


def test_a_chain_that_does_not_end_where_the_backup_noted_it_is_said_with_the_remedy(behind: dict[str, Any]) -> None:
    before = heads.read()
    for told in ({**behind, "hash": "00" * 32}, {**behind, "number": 3}, None):
        (said,) = audit.after_restore("numaru-x", told, None)
        assert "audit accept" in said.ko and "audit verify" in said.en
    assert heads.read() == before  # nothing was taken up
    with pytest.raises(audit.ChainBroken):
        audit.Sealer().once()


def test_a_head_of_another_chain_or_of_another_past_is_said(behind: dict[str, Any]) -> None:
    head = heads.read()
    assert head is not None
    for there in (replace(head, chain="f" * 32), replace(head, number=2, hash="00" * 32)):
        (heads.folder() / "head").write_text(json.dumps(asdict(there)))
        (said,) = audit.after_restore("numaru-x", behind, None)
        assert "audit accept" in said.en and heads.read() == there


def test_at_a_point_in_time_only_a_head_from_after_it_is_taken_back(behind: dict[str, Any]) -> None:
    """No contents note the head there: blocks that the head outside knew well before the chosen moment must be in the database."""
    (said,) = audit.after_restore("numaru-base-x", None, clock.now() + timedelta(minutes=10))
    assert "differs" in said.en
    assert audit.after_restore("numaru-base-x", None, clock.now() - timedelta(minutes=10)) == []
    assert heads.read() == audit.head() and audit.verify().good


@pytest.mark.usefixtures("behind")
def test_a_person_can_still_take_the_chain_as_it_stands(own_home: Path) -> None:
    from numaru.kernel.access import Actor

    audit.accept_chain.do(Actor.system("test"), reason="복원 시험")
    assert audit.verify().good and audit.verify().accepted == 1 and audit.Sealer().once() == 1
