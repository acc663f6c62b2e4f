"""Moving messages from state to state, set by set: the rows, what happened to them, the tallies and the costs of their batches go together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from numaru.facilities.messaging.rules.states import LATER, OUTCOMES
from numaru.facilities.timeline import api as timeline
from numaru.kernel import bulk
from numaru.values.money import Money

KEEPS_CODE = frozenset({"blocked", "waiting", "failed", "bounced", "unknown", "returned"})  # states whose tallies are told by rule
LINED = frozenset({*OUTCOMES, *LATER})
MESSAGES = "messaging.messages"  # the feed of the line of time

type Place = tuple[int, str, str, str]  # batch, channel, state, code


@dataclass(slots=True)
class Row:
    """A message as the engine holds it: what was read, and what it becomes."""

    id: int
    batch: int
    party: int
    purpose: str
    step: int
    channel: str
    language: str
    state: str
    code: str
    due_at: datetime
    tries: int
    overrides: frozenset[str]
    facts: str  # sealed words, opened
    enclosure: str
    carrier: str
    provider_id: str
    sent_at: datetime | None
    receiver: int | None = None
    ruling: int | None = None
    digest: bytes = b""
    was: Place = field(default=(0, "", "", ""))

    def __post_init__(self) -> None:
        self.was = self.place

    @property
    def place(self) -> Place:
        channel = "" if self.state in ("queued",) else self.channel
        return self.batch, channel, self.state, self.code if self.state in KEEPS_CODE else ""

    @property
    def key(self) -> str:
        return f"M-{self.id:010d}.{self.step}"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what happened to a message."""

    message: int
    kind: str
    at: datetime
    step: int = 0
    channel: str = ""
    code: str = ""
    carrier: str = ""
    provider_id: str = ""
    ruling: int | None = None
    cost: Money | None = None
    mark: str | None = None


COLUMNS = "id, batch_id, party, purpose, step, channel, language, state, code, due_at, tries, overrides, facts, enclosure, carrier, provider_id, sent_at, receiver, ruling_id"

FACTS = COLUMNS.split(", ").index("facts")


def read(where: str, values: dict[str, Any], tail: str = "") -> list[Row]:
    """Messages as rows, locked where ``tail`` says so. ``where`` is ours, never what somebody typed."""
    from numaru.kernel.vault.api import open_texts

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM messaging_message WHERE {where} {tail}", values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    out = []
    opened = open_texts([row[FACTS] for row in found], "messaging.Message.facts")
    for words, (*plain, overrides, _, enclosure, by, provider_id, sent_at, receiver, ruling) in zip(opened, found, strict=True):
        out.append(Row(*plain, frozenset(overrides), words, enclosure, by, provider_id, sent_at, receiver, ruling))  # type: ignore[arg-type, call-arg]
    return out


UPDATE = """
UPDATE messaging_message m SET step = v.step, channel = v.channel, language = v.language, state = v.state, code = v.code, due_at = v.due_at, tries = v.tries,
       carrier = v.carrier, provider_id = v.provider_id, sent_at = v.sent_at, receiver = v.receiver, ruling_id = v.ruling,
       digest = CASE WHEN v.digest = '' THEN m.digest ELSE v.digest END, at = %(at)s
  FROM unnest(%(id)s::bigint[], %(step)s::smallint[], %(channel)s::text[], %(language)s::text[], %(state)s::text[], %(code)s::text[], %(due_at)s::timestamptz[],
              %(tries)s::smallint[], %(carrier)s::text[], %(provider_id)s::text[], %(sent_at)s::timestamptz[], %(receiver)s::bigint[], %(ruling)s::bigint[],
              %(digest)s::bytea[])
    AS v(id, step, channel, language, state, code, due_at, tries, carrier, provider_id, sent_at, receiver, ruling, digest)
 WHERE m.id = v.id
"""
FIELDS = (
    "id",
    "step",
    "channel",
    "language",
    "state",
    "code",
    "due_at",
    "tries",
    "carrier",
    "provider_id",
    "sent_at",
    "receiver",
    "ruling",
    "digest",
)


def save(rows: Sequence[Row], told: Sequence[Told], at: datetime) -> None:
    """Write ``rows`` back, add what happened, move the tallies, and put the outcomes on the lines of time. A part of the caller's transaction."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, {"at": at} | {name: [getattr(row, name) for row in rows] for name in FIELDS})
    deltas: Counter[Place] = Counter()
    for row in rows:
        if row.place != row.was:
            deltas[row.was] -= 1
            deltas[row.place] += 1
            row.was = row.place
    tell(told)
    tally(deltas)
    spend(told, {row.id: row.batch for row in rows})
    if lined := sorted({t.message for t in told if t.kind in LINED}):
        timeline.pull(MESSAGES, "m.id = ANY(%(messages)s)", {"messages": lined})


EVENT = ["message_id", "at", "kind", "step", "channel", "code", "carrier", "provider_id", "ruling_id", "minor", "currency", "mark"]


def tell(told: Sequence[Told]) -> None:
    if told:
        bulk.copy_rows(
            "messaging_messageevent", EVENT,
            (
                (t.message, t.at, t.kind, t.step, t.channel, t.code[:60], t.carrier, t.provider_id[:120], t.ruling, t.cost.minor if t.cost else None,
                 t.cost.currency if t.cost else "", t.mark)
                for t in told
            ),
        )  # fmt: skip


TALLY = """
INSERT INTO messaging_batchtally (batch_id, channel, state, code, count)
SELECT * FROM unnest(%(batch)s::bigint[], %(channel)s::text[], %(state)s::text[], %(code)s::text[], %(count)s::bigint[])
    ON CONFLICT (batch_id, state, channel, code) DO UPDATE SET count = messaging_batchtally.count + excluded.count
"""


def tally(deltas: Counter[Place]) -> None:
    """Move counts between places, in one order, so that two who move at once wait for each other and never for ever."""
    moved = sorted((place, n) for place, n in deltas.items() if n)
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            TALLY,
            {
                "batch": [p[0] for p, _ in moved], "channel": [p[1] for p, _ in moved], "state": [p[2] for p, _ in moved],
                "code": [p[3] for p, _ in moved], "count": [n for _, n in moved],
            },
        )  # fmt: skip


SPEND = """
INSERT INTO messaging_batchcost (batch_id, channel, currency, minor)
SELECT * FROM unnest(%(batch)s::bigint[], %(channel)s::text[], %(currency)s::text[], %(minor)s::bigint[])
    ON CONFLICT (batch_id, channel, currency) DO UPDATE SET minor = messaging_batchcost.minor + excluded.minor
"""


def spend(told: Sequence[Told], batches: dict[int, int]) -> None:
    """Add what messages cost to their batches, per channel and currency."""
    sums: Counter[tuple[int, str, str]] = Counter()
    for t in told:
        if t.cost is not None and t.message in batches:
            sums[batches[t.message], t.channel, t.cost.currency] += t.cost.minor
    rows = sorted(sums.items())
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            SPEND,
            {
                "batch": [k[0] for k, _ in rows],
                "channel": [k[1] for k, _ in rows],
                "currency": [k[2] for k, _ in rows],
                "minor": [n for _, n in rows],
            },
        )
