"""What a certificate of destruction says: values for a paper, in both languages. Numbers only; nobody can be known from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from numaru.kernel.audit.models import Block, Seal
from numaru.kernel.errors import NotFound
from numaru.kernel.models import AuditRecord
from numaru.kernel.retention.classes import ACTS, RetentionClass, classes
from numaru.kernel.retention.destruction import BASIS, WHAT
from numaru.kernel.retention.models import Destruction
from numaru.kernel.retention.runs import content_hash
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Gone:
    """One class that was destroyed: what, how, on which basis, how many rows."""

    name: Text
    way: Text
    basis: Text
    rows: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One class that stays, until when and why; ``apart`` says how it stands apart."""

    name: Text
    basis: Text
    until: date
    apart: Text | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """Everything on the paper. ``sealed_until`` and ``traces_until`` None: no backup retention is set, so no day can be promised."""

    number: str
    mark: str
    kind: str
    at: datetime
    asked_by: Text
    approved_by: Text
    approval: str
    request: str
    basis: Text
    gone: tuple[Gone, ...]
    kept: tuple[Kept, ...]
    key_gone: bool
    sealed_until: date | None
    traces_until: date | None
    hash: str
    whole: bool  # the row still hashes to what was written
    record: int | None
    position: int | None
    block: str
    replayed: bool
    persons: int


def _place(record: int | None) -> tuple[int | None, str]:
    """The position of an audit record in the chain and the hash of its block; (None, "") while it is not sealed."""
    seal = Seal.objects.filter(source="r", row=record).first() if record is not None else None
    block = Block.objects.filter(first__lte=seal.position, last__gte=seal.position).first() if seal else None
    return (seal.position, bytes(block.hash).hex()) if seal and block else (None, "")


def who(name: str) -> Text:
    """ "staff:7" → 직원 7번. Names stay in the house; the number is enough to ask."""
    kind, _, rest = name.partition(":")
    said = {"staff": Text("직원 {n}번", "staff no. {n}"), "client": Text("프로그램 {n}번", "program no. {n}")}
    if kind in said:
        return said[kind].fill(n=rest)
    return Text("시스템 ({n})", "the house ({n})").fill(n=rest) if rest else Text("없음", "nobody")


def listed() -> QuerySet[Destruction]:
    """The log, for lists: every destruction that was."""
    return Destruction.objects.all()


def certificate(number: str) -> Certificate:
    """The certificate of a destruction. Raises NotFound."""
    row = Destruction.objects.filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    gone = tuple(
        Gone(
            k.name if k else Text(key, key),
            ACTS[k.act] if k else Text("파기", "destroyed"),
            k.basis if k else Text("-", "-"),
            int(entry["rows"]),
        )
        for entry in row.gone
        for key in [str(entry["class"])]
        for k in [classes.get(key)]
    )
    kept = []
    for entry in row.kept:
        klass: RetentionClass | None = classes.get(entry["class"])
        name = klass.name if klass else Text(entry["class"], entry["class"])
        basis = Text(entry["hold"], entry["hold"]) if entry.get("hold") else klass.basis if klass else Text("-", "-")
        kept.append(Kept(name, basis, date.fromisoformat(entry["until"]), klass.apart if klass else None))
    record = AuditRecord.objects.filter(object="retention.destruction", key=row.number).order_by("id").values_list("id", flat=True).first()
    position, block = _place(record)
    basis = BASIS if row.kind == "request" else gone[0].basis if gone else Text(row.basis, row.basis)
    return Certificate(
        number=row.number, mark=str(row.mark), kind=row.kind, at=row.at, asked_by=who(row.asked_by), approved_by=who(row.approved_by),
        approval=row.approval, request=row.request, basis=basis, gone=gone, kept=tuple(kept), key_gone=_key_gone(row),
        sealed_until=row.sealed_until, traces_until=row.traces_until, hash=row.hash, whole=content_hash(row) == row.hash, record=record,
        position=position, block=block, replayed=row.replayed,
        persons=1 if row.kind == "request" else sum(len(entry["refs"]) for entry in row.gone),
    )  # fmt: skip


def _key_gone(row: Destruction) -> bool:
    return any((k := classes.get(str(entry["class"]))) is not None and k.act == "key" for entry in row.gone)
