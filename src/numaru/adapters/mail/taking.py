"""Taking one mail: what it is, written once, in one transaction; and telling whoever sent the message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from numaru.adapters.carrying import Report
from numaru.adapters.mail.incoming.reading import Unreadable, read
from numaru.adapters.mail.incoming.verdict import REPORTED, Verdict
from numaru.adapters.mail.models import ArrivedMail, Mailbox
from numaru.adapters.mail.permissions import MAIL_TAKE
from numaru.adapters.mail.ports import ReportTaker
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action

KEPT = 1_000_000  # characters of a mail that is kept


@action(MAIL_TAKE)
def take_mail(act: Act, *, mailbox: int, validity: int, uid: int, raw: bytes, size: int, key_of: Callable[[str], str | None]) -> str:
    """Write down one mail and what it is; returns its state. One that was seen before, under this number or another, changes nothing. One that
    breaks the reader is kept as it came, and the next is read."""
    box = Mailbox.objects.select_for_update().get(pk=mailbox)
    _go_on(box, validity, uid)
    if ArrivedMail.objects.filter(mailbox=box, validity=validity, uid=uid).exists():
        act.record("mail.mailbox", str(box.pk), after={"uid": uid, "state": "twice"})
        return "twice"
    mark = sha256(raw + (b"" if len(raw) == size else str(size).encode())).hexdigest()
    row = ArrivedMail(mailbox=box, validity=validity, uid=uid, print=mark, size=size, arrived_at=clock.now(), state="twice")
    if not ArrivedMail.objects.filter(mailbox=box, print=mark).exists():
        try:
            verdict: Verdict | None = read(raw, key_of)
        except Unreadable:
            verdict = None
        _judge(row, verdict, raw)
    row.save()
    act.record("mail.arrived", str(row.pk), after={"kind": row.kind, "code": row.code, "state": row.state, "key": row.key})
    return row.state


def _judge(row: ArrivedMail, verdict: Verdict | None, raw: bytes) -> None:
    if verdict is None:
        row.state = "broken"
    else:
        row.kind, row.code, row.key = verdict.kind, verdict.code[:60], verdict.key
        row.state = "kept" if verdict.kind == "reply" else "waiting" if verdict.report else "done"
    if row.state in ("broken", "kept"):
        row.raw = raw.decode("latin-1")[:KEPT]


def _go_on(box: Mailbox, validity: int, uid: int) -> None:
    if box.validity != validity:
        box.validity, box.last_uid = validity, 0
    box.last_uid = max(box.last_uid, uid)
    box.save(update_fields=["validity", "last_uid"])


def taker() -> ReportTaker | None:
    """Whoever takes reports; None while nobody does. What there is to tell then waits."""
    try:
        return ports.get(ReportTaker)  # type: ignore[type-abstract]
    except LookupError:
        return None


def tell_all() -> int:
    """Tell everything that waits, in portions; returns how much."""
    told = 0
    while taker() is not None and ArrivedMail.objects.filter(state="waiting").exists():
        told += (now := tell_reports.do(Actor.system("mail")))
        if not now:
            break  # another worker holds the rest
    return told


@action(MAIL_TAKE)
def tell_reports(act: Act, *, most: int = 500) -> int:
    """Tell what waits to be told, in the transaction that marks it told."""
    told = taker()
    rows = (
        list(ArrivedMail.objects.select_for_update(skip_locked=True).filter(state="waiting").order_by("id").defer("raw")[:most])
        if told
        else []
    )
    reports = [r for row in rows if (r := report_of(row)) is not None]
    if told and reports:
        told.take("smtp", reports)
    ArrivedMail.objects.filter(pk__in=[row.pk for row in rows]).update(state="told", told_at=clock.now())
    act.record("mail.reports", "", after={"told": len(rows)})
    return len(rows)


def report_of(row: ArrivedMail) -> Report | None:
    told = REPORTED.get(row.kind)
    return Report(told[0], key=row.key, code=row.code, permanent=told[1], at=row.arrived_at) if told and row.key else None


def note_look(box: Mailbox, at: datetime, fault: str) -> None:
    """How the last look went. No act of a person and no fact about one: a heartbeat."""
    Mailbox.objects.filter(pk=box.pk).update(
        looked_at=at, fault=fault[:60], faults=box.faults + 1 if fault else 0, **({} if fault else {"good_at": at})
    )
