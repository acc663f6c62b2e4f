"""Accepting events that programs send: durable in PostgreSQL before the answer goes out, each identity once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection

from numaru.facilities.metering.models import Delivery
from numaru.facilities.metering.permissions import USAGE_WRITE
from numaru.facilities.metering.ports import ServiceZones, SubjectDirectory
from numaru.facilities.metering.rules.cloudevents import Fault, Reading, read
from numaru.facilities.metering.rules.payload import digest
from numaru.kernel import bulk, clock, ports
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotFound
from numaru.values.finding import Finding
from numaru.values.text import Text

MAX_BATCH = 5_000

_COLUMNS = "delivery_id, n, service_slug, source, event_id, subject, meter, at, day, quantity, amount, currency, digest"
# The batch lands in a table of the session first, so that events that are known already do not spoil the COPY.
_LANDING = "CREATE TEMP TABLE IF NOT EXISTS metering_landing (LIKE metering_intake) ON COMMIT DELETE ROWS"
# In the order of identities, so that two batches with the same events wait for each other and never deadlock.
_TAKE = f"""
INSERT INTO metering_intake ({_COLUMNS}) SELECT {_COLUMNS} FROM metering_landing ORDER BY source COLLATE "C", event_id COLLATE "C", day
ON CONFLICT (service_slug, source, event_id, day) DO NOTHING
"""
_KNOWN = """
SELECT l.n, k.digest = l.digest FROM metering_landing l
  JOIN metering_intake k ON k.service_slug = l.service_slug AND k.source = l.source AND k.event_id = l.event_id AND k.day = l.day
 WHERE (k.delivery_id, k.n) <> (l.delivery_id, l.n) ORDER BY l.n
"""
_CONFLICTS = """
INSERT INTO metering_conflict (service_slug, source, event_id, day, digest, subject, meter, at, quantity, amount, currency, origin, row, recorded_at)
SELECT service_slug, source, event_id, day, digest, subject, meter, at, quantity, amount, currency, %s, n, %s
  FROM metering_landing WHERE n = ANY(%s)
ON CONFLICT (service_slug, source, event_id, day, digest) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of a batch: accepted + duplicates + conflicts + refused = events sent. ``findings`` names each conflict and refusal by
    its place in the batch (``row``, from 1)."""

    delivery: int
    accepted: int
    duplicates: int
    conflicts: int
    refused: int
    findings: tuple[Finding, ...]


@functools.lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def zone_of(service: str) -> str:
    """The zone that decides the days of ``service``. Raises NotFound."""
    found = ports.get(ServiceZones).zone(service)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound.named(Text("서비스", "service"), service)
    return found


def conflict_finding(row: int | None, event_id: str) -> Finding:
    """The finding of an event whose identity is known with another payload."""
    return Finding(
        "usage.conflict",
        Text("같은 사건 번호가 다른 내용으로 이미 있습니다: ‘{id}’.", "This event is known already with another content: “{id}”.").fill(id=event_id),
        Text("먼저 받은 것이 유효합니다. 정정은 새 사건 번호로 보내십시오.", "The first one stands. Send a correction as a new event with an id of its own."),
        row, "id", event_id,
    )  # fmt: skip


@action(USAGE_WRITE)
def accept(act: Act, *, service: str, events: Sequence[object]) -> Acceptance:
    """Take a batch of CloudEvents (parsed JSON) for ``service``; one bad event never spoils the others.

    Identity is (source, id, local day). A repeat with the same payload is a duplicate; with another payload it is a conflict finding and
    the event that came first stands. Of equal identities inside the batch the payload with the smallest digest stands, so the order of
    a batch never matters. An event that was compacted into files longer ago than the waiting room remembers counts as accepted here and
    is dropped (or found as a conflict) by the next compaction. Raises Invalid for a batch over 5,000 and NotFound for the service.
    """
    if len(events) > MAX_BATCH:
        raise Invalid.because(
            "usage.batch_too_large", Text("한 번에 {n}건까지 보낼 수 있습니다.", "At most {n} events at a time.").fill(n=f"{MAX_BATCH:,}"),
            Text("나누어 보내십시오.", "Send several batches."), value=str(len(events)),
        )  # fmt: skip
    zone = _zone(zone_of(service))
    findings: list[Finding] = []
    readings: list[tuple[int, Reading]] = []
    for row, raw in enumerate(events, start=1):
        got = read(raw)
        if isinstance(got, Fault):
            findings.append(Finding(got.code, got.message, got.remedy, row, got.field, got.value))
        else:
            readings.append((row, got))
    known = ports.get(SubjectDirectory).subjects(service, list({r.ref for _, r in readings})) if readings else {}  # type: ignore[type-abstract]
    best: dict[tuple[str, str, str], tuple[str, int, str]] = {}  # identity → (digest, row, COPY line)
    lost: list[tuple[str, int, str]] = []
    ids: dict[int, str] = {}
    for row, event in readings:
        subject = known.get(event.ref)
        if subject is None:
            findings.append(_stranger(row, event.ref))
            continue
        mark = digest(subject, event.meter, event.at, event.quantity, event.amount, event.currency)
        day = event.at.astimezone(zone).date().isoformat()
        new = (mark, row, _line(service, row, event, subject, day, mark))
        old = best.setdefault((event.source, event.event_id, day), new)
        ids[row] = event.event_id
        if old is not new:
            if new < old:
                best[event.source, event.event_id, day], new = new, old
            lost.append(new)
    refused = len(findings)
    delivery = Delivery.objects.create(service_slug=service, sender=act.actor.name, received_at=clock.now())
    accepted, duplicates, clashes = _take(delivery.pk, [line for _, _, line in best.values()], [line for _, _, line in lost])
    findings += [conflict_finding(row, ids[row]) for row in clashes]
    findings.sort(key=lambda f: f.row or 0)
    delivery.accepted, delivery.duplicates, delivery.conflicts, delivery.refused = accepted, duplicates, len(clashes), refused
    delivery.save(update_fields=["accepted", "duplicates", "conflicts", "refused"])
    act.record(
        "metering.delivery",
        str(delivery.pk),
        after={"service": service, "accepted": accepted, "duplicates": duplicates, "conflicts": len(clashes), "refused": refused},
    )
    return Acceptance(delivery.pk, accepted, duplicates, len(clashes), refused, tuple(findings))


def _stranger(row: int, ref: str) -> Finding:
    return Finding(
        "usage.unknown_subject", Text("이 서비스에 없는 가입자입니다: ‘{ref}’.", "The service has no such subscriber: “{ref}”.").fill(ref=ref),
        Text("가입자 번호나 외부 번호를 확인하십시오.", "Check the subscriber's number or external id."), row, "subject", ref,
    )  # fmt: skip


def _line(service: str, row: int, event: Reading, subject: int, day: str, mark: str) -> str:
    """One row in COPY's text format, without the delivery. Only source and id can hold a backslash; control characters were refused."""
    source, event_id = event.source.replace("\\", "\\\\"), event.event_id.replace("\\", "\\\\")
    return (
        f"{row}\t{service}\t{source}\t{event_id}\t{subject}\t{event.meter}\t{event.at.isoformat()}\t{day}\t{event.quantity}"
        f"\t{event.amount or '\\N'}\t{event.currency or '\\N'}\t{mark}\n"
    )


def _take(delivery: int, lines: list[str], lost: list[str]) -> tuple[int, int, list[int]]:
    """Write what is new of ``lines``; ``lost`` are repeats inside the batch. Returns (accepted, duplicates, rows in conflict)."""
    with connection.cursor() as cursor:
        cursor.execute(_LANDING)
        cursor.execute("DELETE FROM metering_landing")  # an earlier batch of the same transaction
        _land(delivery, lines)
        cursor.execute(_TAKE)
        accepted = cursor.rowcount
        if accepted == len(lines) and not lost:
            return accepted, 0, []
        _land(delivery, lost)
        cursor.execute(_KNOWN)
        compared = cursor.fetchall()
        clashes = [row for row, same in compared if not same]
        if clashes:
            cursor.execute(_CONFLICTS, [f"delivery:{delivery}", clock.now(), clashes])
    return accepted, len(compared) - len(clashes), clashes


def _land(delivery: int, lines: list[str]) -> None:
    if lines:
        with bulk.raw().cursor() as cursor, cursor.copy(f"COPY metering_landing ({_COLUMNS}) FROM STDIN") as copy:
            copy.write("".join([f"{delivery}\t{line}" for line in lines]))
