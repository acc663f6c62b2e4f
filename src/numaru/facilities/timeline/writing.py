"""Putting entries in, set by set, in the caller's transaction. The same source again adds nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from numaru.facilities.timeline.feeds import COLUMNS, feeds
from numaru.facilities.timeline.kinds import kinds
from numaru.kernel import bulk, clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import cause

FEW = 50  # from so many entries on they go through COPY
_STORED = ", ".join(COLUMNS[:-1])
_CAUSE = "timeline_cause"  # a name that no feed gives a value of its own: theirs may well be called event
_MADE = """
CREATE TEMP TABLE IF NOT EXISTS timeline_made (
    at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, kind text NOT NULL, party bigint, object_kind text NOT NULL, object_key text NOT NULL,
    service text NOT NULL, data jsonb NOT NULL, actor_kind text NOT NULL, actor_id bigint, event bigint, source text NOT NULL, mentions text[] NOT NULL
) ON COMMIT DELETE ROWS
"""
_KEEP = f"""
WITH made AS MATERIALIZED (SELECT {", ".join(COLUMNS)} FROM ({{made}}) given),
kept AS (
    INSERT INTO timeline_entry ({_STORED}) SELECT {_STORED} FROM made ON CONFLICT (source) DO NOTHING RETURNING id, at, kind, source
), linked AS (
    INSERT INTO timeline_mention (object_kind, object_key, kind, at, entry_id)
    SELECT DISTINCT split_part(m.what, ':', 1), substr(m.what, strpos(m.what, ':') + 1), kept.kind, kept.at, kept.id
      FROM kept JOIN made USING (source) CROSS JOIN unnest(made.mentions) AS m(what)
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM kept
"""
# What stands there but says something else than its record: it is taken out, mentions first, and put in again.
_WRONG = """
SELECT e.id FROM timeline_entry e JOIN timeline_made m ON m.source = e.source
 WHERE (e.at, e.recorded_at, e.kind, e.party, e.object_kind, e.object_key, e.service, e.data, e.actor_kind, e.actor_id)
       IS DISTINCT FROM (m.at, m.recorded_at, m.kind, m.party, m.object_kind, m.object_key, m.service, m.data, m.actor_kind, m.actor_id)
    OR ARRAY(SELECT object_kind || ':' || object_key FROM timeline_mention WHERE entry_id = e.id ORDER BY 1)
       IS DISTINCT FROM ARRAY(SELECT DISTINCT x COLLATE "C" FROM unnest(m.mentions) x ORDER BY 1)
"""
_OF_PREFIXES = """
SELECT e.id FROM unnest(%s::text[]) AS p(prefix)
 CROSS JOIN LATERAL (SELECT id FROM timeline_entry WHERE source >= p.prefix COLLATE "C" AND source < (left(p.prefix, -1) || ';') COLLATE "C") e
"""


@dataclass(frozen=True, slots=True)
class New:
    """An entry to be kept. ``source`` names the record or act it comes from and is unique; ``data`` is what the kind's renderer needs: ids and
    values that fit JSON, nothing that names a person. ``recorded_at`` and ``actor`` default to now and to nobody."""

    at: datetime
    kind: str
    source: str
    party: int | None = None
    object: tuple[str, str] = ("", "")  # kind as audit names it, shown number
    mentions: Sequence[tuple[str, str]] = ()
    service: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    actor: Actor | None = None
    recorded_at: datetime | None = None


def _row(entry: New) -> tuple[Any, ...]:
    if entry.at.tzinfo is None:
        raise ValueError("an entry needs a time with a zone")
    kinds[entry.kind]  # a kind that nobody registered is a typing error
    actor = entry.actor
    who = ("", None) if actor is None else (actor.kind, actor.staff_id if actor.kind == "staff" else None)
    return (
        entry.at, entry.recorded_at or clock.now(), entry.kind, entry.party, *entry.object, entry.service, json.dumps(entry.data), *who, cause.get(),
        entry.source, [f"{kind}:{key}" for kind, key in entry.mentions],
    )  # fmt: skip


def add(entries: Sequence[New]) -> int:
    """Keep ``entries`` in the caller's transaction and return how many were new. A few are one statement, many go through COPY.

    Raises KeyError for a kind that no room registered and ValueError for a time without zone.
    """
    rows = [_row(entry) for entry in entries]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        if len(rows) < FEW:
            one = (
                "(%s::timestamptz, %s::timestamptz, %s::text, %s::bigint, %s::text, %s::text, %s::text, %s::jsonb, %s::text, %s::bigint,"
                " %s::bigint, %s::text, %s::text[])"
            )
            made = f"SELECT * FROM (VALUES {', '.join([one] * len(rows))}) v({', '.join(COLUMNS)})"
            cursor.execute(_KEEP.format(made=made), [value for row in rows for value in row])
            return int(cursor.fetchone()[0])
        _staged(cursor)
    bulk.copy_rows("timeline_made", COLUMNS, rows)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(made="SELECT * FROM timeline_made"))
        return int(cursor.fetchone()[0])


def _staged(cursor: Any) -> None:
    cursor.execute(_MADE)
    cursor.execute("TRUNCATE timeline_made")


def pull(feed: str, where: str, values: dict[str, Any] | None = None) -> int:
    """Make the entries of the records of ``feed`` that ``where`` names (SQL over the aliases of its SELECT), in one statement of the caller's
    transaction. Returns how many were new. The event that is being handled stands on them."""
    select = feeds[feed].select.replace("{where}", where)
    named = ", ".join(f"coalesce(event, %({_CAUSE})s::bigint) AS event" if c == "event" else c for c in COLUMNS)
    made = f"SELECT {named} FROM ({select}) given"
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.replace("{made}", made), (values or {}) | {_CAUSE: cause.get()})
        return int(cursor.fetchone()[0])


def mend(feed: str, where: str, values: dict[str, Any]) -> tuple[int, int]:
    """The same for a rebuild: entries that are missing are made, those that say something else than their record are made anew.
    Returns how many were missing and how many were wrong."""
    with connection.cursor() as cursor:
        _staged(cursor)
        select = feeds[feed].select.replace("{where}", where)
        cursor.execute(f"INSERT INTO timeline_made ({', '.join(COLUMNS)}) SELECT {', '.join(COLUMNS)} FROM ({select}) given", values)
        cursor.execute(_WRONG)
        wrong = [pk for (pk,) in cursor.fetchall()]
        take_out(wrong)
        cursor.execute(_KEEP.format(made="SELECT * FROM timeline_made"))
        kept = int(cursor.fetchone()[0])
    return kept - len(wrong), len(wrong)


def take_out(ids: Sequence[int]) -> int:
    """Delete these entries and what they mention; returns how many entries."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM timeline_mention WHERE entry_id = ANY(%s)", [list(ids)])
        cursor.execute("DELETE FROM timeline_entry WHERE id = ANY(%s)", [list(ids)])
        return int(cursor.rowcount)


def withdraw_all(prefixes: Sequence[str]) -> int:
    """Delete every entry whose source begins with one of ``prefixes``, each with few: their records are gone. Returns how many."""
    if not all(prefix.endswith(":") for prefix in prefixes):
        raise ValueError("a prefix ends with a colon, so that 1 is not 12")
    with connection.cursor() as cursor:
        cursor.execute(_OF_PREFIXES, [list(prefixes)])
        return take_out([pk for (pk,) in cursor.fetchall()])


def withdraw(prefix: str, limit: int = 10_000) -> int:
    """Delete at most ``limit`` entries whose source begins with ``prefix`` (``billing.invoice:12:``): their records do not count any more."""
    if not prefix.endswith(":"):
        raise ValueError("a prefix ends with a colon, so that 1 is not 12")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM timeline_entry WHERE source >= %s AND source < %s ORDER BY source LIMIT %s", [prefix, prefix[:-1] + ";", limit]
        )
        found = [pk for (pk,) in cursor.fetchall()]
    return take_out(found)
