"""The record of openings: who opened what of whom, when and why, and who tried in vain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from numaru.kernel import bulk, clock
from numaru.kernel.access import Actor
from numaru.kernel.vault.gates import pass_gates
from numaru.kernel.vault.models import VaultOpening
from numaru.kernel.vault.sealing import read


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why something is opened: a code of the house's list, the case it belongs to, and words."""

    words: str
    code: str = ""
    case_ref: str = ""
    service: str = ""
    bulk: str = ""  # number of the bulk opening


@dataclass(frozen=True, slots=True)
class Opening:
    """One line of the record."""

    id: int
    person: int
    kind: str
    at: datetime
    actor: str
    staff: int | None
    client: int | None
    service: str
    code: str
    purpose: str
    case_ref: str
    bulk: str
    outcome: str  # opened | refused | missing


COLUMNS = ["person", "kind", "at", "actor", "staff", "client", "service", "code", "purpose", "case_ref", "bulk", "outcome"]


def _row(actor: Actor, person: int, kind: str, purpose: Purpose, outcome: str) -> VaultOpening:
    return VaultOpening(
        person=person, kind=kind[:20], at=clock.now(), actor=f"{actor.kind}:{actor.name}"[:100], staff=actor.staff_id,
        client=actor.id if actor.kind == "client" else None, service=purpose.service[:80], code=purpose.code[:20],
        purpose=purpose.words.strip()[:200], case_ref=purpose.case_ref.strip()[:60], bulk=purpose.bulk, outcome=outcome,
    )  # fmt: skip


def open_value(actor: Actor, person: int, kind: str, purpose: str | Purpose, case_ref: str = "", version: int | None = None) -> str | None:
    """The plain value, having recorded who opened it and why. None when there is none or the person was destroyed.

    Raises ValueError without a purpose, and as the gates do. The caller checks the permission.
    """
    why = purpose if isinstance(purpose, Purpose) else Purpose(purpose, case_ref=case_ref)
    if not why.words.strip():
        raise ValueError("a vault entry is opened for a purpose")
    pass_gates(actor)
    value = read(person, kind, version)
    if value is not None:
        _row(actor, person, kind, why, "opened").save(force_insert=True)
    return value


def record_many(actor: Actor, persons: Sequence[int], kinds: Sequence[str], purpose: Purpose) -> int:
    """Put the opening of every kind of every person on record with one COPY; returns how many lines. A part of the caller's transaction,
    to be written before a value leaves the house. Raises as the gates do."""
    pass_gates(actor)
    one = _row(actor, 0, "", purpose, "opened")
    same = [getattr(one, name) for name in COLUMNS[2:]]
    return bulk.copy_rows("vault_opening", COLUMNS, ((person, kind[:20], *same) for person in persons for kind in kinds))


def record_failed(actor: Actor, person: int, kind: str, purpose: Purpose, outcome: str) -> None:
    """Put an attempt on record that opened nothing: ``refused`` or ``missing``. Committed when this returns, on a connection of its own where
    the caller is in a transaction: the record outlives whatever becomes of that."""
    row = _row(actor, person, kind, purpose, outcome)
    try:
        with transaction.atomic(durable=True):
            row.save(force_insert=True)
    except RuntimeError:  # in a transaction of the caller's
        with ThreadPoolExecutor(1) as apart:
            apart.submit(_save_apart, row).result()


def _save_apart(row: VaultOpening) -> None:
    try:
        row.save(force_insert=True)
    finally:
        connection.close()


def opened_since(actor: Actor, since: timedelta) -> int:
    """How many values ``actor`` opened singly in the last ``since``."""
    if actor.staff_id is None:
        return 0
    return VaultOpening.objects.filter(staff=actor.staff_id, at__gt=clock.now() - since, outcome="opened", bulk="").count()


def of_persons(persons: Collection[int], limit: int = 200) -> list[Opening]:
    """The latest openings of these people, the newest first."""
    return [_value(row) for row in VaultOpening.objects.filter(person__in=persons).order_by("-id")[:limit]]


def _value(row: VaultOpening) -> Opening:
    return Opening(
        row.pk, row.person, row.kind, row.at, row.actor, row.staff, row.client, row.service, row.code, row.purpose, row.case_ref, row.bulk,
        row.outcome,
    )  # fmt: skip
