"""Reading the line of time: pages by keyset, latest first, of what concerns any of a few things, as far as the reader may see it.

A page costs one descent of an index for each kind that may be shown and each thing asked for, whatever the length of the line: the kind stands
before the time in the indexes, so a rare kind among a million entries of another is found at once.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from numaru.facilities.timeline.kinds import Happening, Line, Row, kinds, offered
from numaru.kernel.access import Actor
from numaru.ui import formats
from numaru.values.text import Text

PAGE = 40
LOOKED = 1_000  # lines that one search looks through; the next goes on from there
STEP = 250  # lines of a search that are written at once
HIDDEN = 1_000  # lines out of sight are counted up to here
LAST = 2**63 - 1
AHEAD = datetime(9999, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a line is of: an object by kind and number, or a party. ``service`` of a party: only entries of that service ("" those of none;
    None: all); ``kinds`` of a party: only entries of these."""

    party: int | None = None
    kind: str = ""
    key: str = ""
    service: str | None = None
    kinds: frozenset[str] | None = None


def thing(kind: str, key: str) -> Thing:
    """An object by the kind that audit gives it and its shown number."""
    return Thing(None, kind, key)


def person(party: int, service: str | None = None, *, kinds: Collection[str] | None = None) -> Thing:
    """A party; with ``service`` only what happened to it in that service, "" what belongs to none; with ``kinds`` only entries of these."""
    return Thing(party, service=service, kinds=None if kinds is None else frozenset(kinds))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: strictly before this time and id."""

    at: datetime
    entry: int = LAST

    def __str__(self) -> str:
        return f"{self.at.isoformat()},{self.entry}" if self.entry != LAST else self.at.isoformat()


def parse_place(text: str) -> Place | None:
    """The place in an address; None for anything else."""
    when, _, entry = text.partition(",")
    try:
        found = datetime.fromisoformat(when)
        return Place(found, int(entry) if entry else LAST) if found.tzinfo is not None and abs(int(entry or 0)) <= LAST else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of the line; ``before`` is where the next one begins, None at the end. ``left`` are the places of entries on it that their room does not
    show to this reader."""

    happened: list[Happening]
    before: Place | None
    left: tuple[Place, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the lines, how many it looked through, and where the next search begins, None when it came to the end."""

    happened: list[Happening]
    looked: int
    before: Place | None


_KINDS = "unnest(%(kinds)s::text[], %(scopes)s::text[]) AS k(kind, scope)"
_WHEN = "AND (h.at, h.{id}) < (%(at)s, %(id)s) AND h.at >= %(since)s"
_SEEN = "(k.scope = '' OR {entry}.service = '' OR position(',' || {entry}.service || ',' IN k.scope) > 0)"
_INLINE = (
    "SELECT found.id, found.at FROM " + _KINDS + " CROSS JOIN LATERAL (SELECT h.id, h.at FROM timeline_entry h WHERE {match} AND h.kind = k.kind "
    + _WHEN.format(id="id") + " AND " + _SEEN.format(entry="h") + " ORDER BY h.at DESC, h.id DESC LIMIT %(size)s) found"
)  # fmt: skip
_MENTIONED = (
    "SELECT found.id, found.at FROM " + _KINDS + " CROSS JOIN LATERAL (SELECT h.entry_id AS id, h.at FROM timeline_mention h"
    " JOIN timeline_entry e ON e.id = h.entry_id WHERE h.object_kind = {kind} AND h.object_key = {key} AND h.kind = k.kind "
    + _WHEN.format(id="entry_id") + " AND " + _SEEN.format(entry="e") + " ORDER BY h.at DESC, h.entry_id DESC LIMIT %(size)s) found"
)  # fmt: skip
_INLINE_IS = (
    "SELECT k.kind FROM " + _KINDS + " WHERE EXISTS (SELECT 1 FROM timeline_entry h WHERE {match} AND h.kind = k.kind AND "
    + _SEEN.format(entry="h") + ")"
)  # fmt: skip
_MENTIONED_IS = (
    "SELECT k.kind FROM " + _KINDS + " WHERE EXISTS (SELECT 1 FROM timeline_mention h JOIN timeline_entry e ON e.id = h.entry_id"
    " WHERE h.object_kind = {kind} AND h.object_key = {key} AND h.kind = k.kind AND " + _SEEN.format(entry="e") + ")"
)  # fmt: skip
_BETWEEN = "AND (h.at, h.{id}) < (%(at)s, %(id)s) AND (h.at, h.{id}) >= (%(until)s, %(last)s)"
_UNSEEN = "(k.scope = '' OR ({entry}.service <> '' AND position(',' || {entry}.service || ',' IN k.scope) = 0))"
_INLINE_OUT = (
    "SELECT found.id FROM " + _KINDS + " CROSS JOIN LATERAL (SELECT h.id FROM timeline_entry h WHERE {match} AND h.kind = k.kind "
    + _BETWEEN.format(id="id") + " AND " + _UNSEEN.format(entry="h") + " LIMIT %(size)s) found"
)  # fmt: skip
_MENTIONED_OUT = (
    "SELECT found.id FROM " + _KINDS + " CROSS JOIN LATERAL (SELECT h.entry_id AS id FROM timeline_mention h"
    " JOIN timeline_entry e ON e.id = h.entry_id WHERE h.object_kind = {kind} AND h.object_key = {key} AND h.kind = k.kind "
    + _BETWEEN.format(id="entry_id") + " AND " + _UNSEEN.format(entry="e") + " LIMIT %(size)s) found"
)  # fmt: skip
FIELDS = ("id", "at", "recorded_at", "kind", "party", "object_kind", "object_key", "service", "data", "actor_kind", "actor_id")
_PAGE = f"""
SELECT {", ".join("e." + name for name in FIELDS)}
  FROM timeline_entry e
  JOIN (SELECT DISTINCT u.at, u.id FROM ({{parts}}) u ORDER BY u.at DESC, u.id DESC LIMIT %(size)s) p ON p.id = e.id
 ORDER BY e.at DESC, e.id DESC
"""


def rows(
    things: Sequence[Thing], shown: Mapping[str, frozenset[str] | None], before: Place | None, size: int, since: datetime | None = None
) -> list[Row]:
    """At most ``size`` entries of any of ``things`` before a place and not before ``since``, latest first, of the kinds ``shown`` (each with
    the services for which; None: all). One query."""
    wanted = {kind: services for kind, services in shown.items() if services is None or services}
    if not things or not wanted:
        return []
    values: dict[str, Any] = _asked(wanted, before, size) | {"since": since or LONG_AGO}
    union = _of_things(things, values, _INLINE, _MENTIONED)
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.replace("{parts}", union), values)
        return [row_of(found) for found in cursor.fetchall()]


def present(actor: Actor, things: Sequence[Thing], *, service: str | None = None) -> set[str]:
    """The kinds that this reader may see and of which ``things`` have an entry at all. One query of as many descents as a page has."""
    shown = {key: services for key, services in offered(actor, service).items() if services is None or services}
    if not things or not shown:
        return set()
    values = _asked(shown, None, 1)
    union = _of_things(things, values, _INLINE_IS, _MENTIONED_IS)
    with connection.cursor() as cursor:
        cursor.execute(union, values)
        return {kind for (kind,) in cursor.fetchall()}


def out_of_sight(
    actor: Actor, things: Sequence[Thing], *, service: str | None = None, only: Collection[str] | None = None, before: Place | None = None,
    until: Place | None = None,
) -> int:  # fmt: skip
    """How many entries of ``things`` between two places (a page) are of kinds, or of services, that this reader may not see; counted to a little more
    than :data:`HIDDEN`. At most one query; what kinds they are is not told."""
    shown = offered(actor, service)
    hidden = {
        key: shown.get(key) or None for key, _ in kinds if (only is None or key in only) and (key not in shown or shown[key] is not None)
    }
    if not things or not hidden:
        return 0
    values = _asked(hidden, before, HIDDEN + 1) | {"until": until.at if until else LONG_AGO, "last": until.entry if until else 0}
    union = _of_things(things, values, _INLINE_OUT, _MENTIONED_OUT)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT u.id) FROM ({union}) u", values)
        return int(cursor.fetchone()[0])


def _asked(wanted: Mapping[str, frozenset[str] | None], before: Place | None, size: int) -> dict[str, Any]:
    """The values of a query over kinds, each with its services (none named: ""), before a place."""
    return {
        "kinds": list(wanted), "scopes": ["" if s is None else f",{','.join(sorted(s))}," for s in wanted.values()],
        "at": before.at if before else AHEAD, "id": before.entry if before else LAST, "size": size,
    }  # fmt: skip


def _of_things(things: Sequence[Thing], values: dict[str, Any], inline: str, mentioned: str) -> str:
    """One SELECT over all of ``things``; what it needs is added to ``values``."""
    parts = []
    for n, one in enumerate(things):
        if one.party is not None:
            values[f"party{n}"] = one.party
            match = f"h.party = %(party{n})s"
            if one.service is not None:
                values[f"service{n}"] = one.service
                match += f" AND h.service = %(service{n})s"
            if one.kinds is not None:
                values[f"only{n}"] = sorted(one.kinds)
                match += f" AND k.kind = ANY(%(only{n})s)"
            parts.append(inline.format(match=match))
        else:
            values |= {f"kind{n}": one.kind, f"key{n}": one.key}
            parts.append(inline.format(match=f"h.object_kind = %(kind{n})s AND h.object_key = %(key{n})s AND h.object_key <> ''"))
            parts.append(mentioned.format(kind=f"%(kind{n})s", key=f"%(key{n})s"))
    return " UNION ALL ".join(f"({part})" for part in parts)


def row_of(found: Sequence[Any]) -> Row:
    """The columns of :data:`FIELDS` as a renderer reads them."""
    values = dict(zip(FIELDS, found, strict=True))
    if isinstance(values["data"], str):
        values["data"] = json.loads(values["data"])
    return Row(**values)


def written(found: Sequence[Row], actor: Actor) -> list[Happening]:
    """The lines of these entries in their order. A fixed number of queries a kind."""
    by_kind: dict[str, list[Row]] = {}
    for row in found:
        by_kind.setdefault(row.kind, []).append(row)
    lines: dict[int, Line] = {}
    for key, some in by_kind.items():
        if key in kinds:
            lines |= kinds[key].render(some, actor)
    who = _names([row.actor_id for row in found if row.actor_id is not None and row.kind in kinds and kinds[row.kind].says_who])
    out = []
    for row in found:
        line, kind = lines.get(row.id), kinds.get(row.kind)
        if line is None or kind is None:
            continue
        why = line.why
        name = who.get(row.actor_id) if kind.says_who and row.actor_id is not None else None
        if name:
            why = Text(f"{why.ko} · {name}", f"{why.en} · {name}") if why else Text(name, name)
        out.append(
            Happening(row.at, kind.group, line.icon or kind.icon, line.what, why, line.amount, line.url, line.tone, line.short, row.id)
        )
    return out


def _names(staff: Collection[int | None]) -> dict[int | None, str]:
    from numaru.kernel.models import Staff

    return dict(Staff.objects.filter(pk__in={s for s in staff if s}).values_list("pk", "name")) if staff else {}


def stretch(
    actor: Actor, things: Sequence[Thing], *, service: str | None = None, only: Collection[str] | None = None, before: Place | None = None,
    since: datetime | None = None, size: int = PAGE,
) -> Stretch:  # fmt: skip
    """A page of the line of ``things`` for this reader. ``service`` is that of the page (what the reader may there); ``only`` keeps some kinds."""
    shown = {k: s for k, s in offered(actor, service).items() if only is None or k in only}
    found = rows(things, shown, before, size + 1, since)
    more = len(found) > size
    last = found[size - 1] if more else None
    told = written(found[:size], actor)
    seen = {h.entry for h in told}
    left = tuple(Place(row.at, row.id) for row in found[:size] if row.id not in seen)
    return Stretch(told, Place(last.at, last.id) if last else None, left)


def search(
    actor: Actor, things: Sequence[Thing], words: str, *, service: str | None = None, only: Collection[str] | None = None,
    before: Place | None = None, size: int = PAGE, most: int = LOOKED,
) -> Found:  # fmt: skip
    """Lines of ``things`` in whose shown words (of the reader's language, with the amount) each of ``words`` stands, latest first. Looks through at
    most ``most`` entries and stops at ``size`` found; the next search goes on from where it stopped."""
    terms = _plain(words).split()
    shown = {k: s for k, s in offered(actor, service).items() if only is None or k in only}
    out: list[Happening] = []
    looked, read, place = 0, 0, before
    while terms and read < most:
        step = min(STEP, most - read)
        found = rows(things, shown, place, step + 1)
        told = {h.entry: h for h in written(found[:step], actor)}
        read += step
        for n, row in enumerate(found[:step], 1):
            place = Place(row.at, row.id)
            if row.id not in told:
                continue
            looked += 1
            line = told[row.id]
            if all(term in _said(line) for term in terms):
                out.append(line)
                if len(out) == size:
                    return Found(out, looked, place if n < len(found) else None)
        if len(found) <= step:
            return Found(out, looked, None)
    return Found(out, looked, place if terms else None)


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _said(line: Happening) -> str:
    amount = formats.money(line.amount) if line.amount is not None else ""
    return _plain(f"{line.what} {line.why or ''} {amount}")


def of_party(actor: Actor, party: int, **asked: Any) -> Stretch:
    """A page of everything that happened to a party; see :func:`stretch` for what may be asked."""
    return stretch(actor, [person(party)], **asked)


def of_object(actor: Actor, kind: str, key: str, **asked: Any) -> Stretch:
    """A page of what happened to an object, by the kind that audit gives it and its shown number; see :func:`stretch`."""
    return stretch(actor, [thing(kind, key)], **asked)
