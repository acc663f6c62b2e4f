"""Who is affected, computed from the record of openings and the vault: steps that add, remove or keep people, evaluated set by set.

A set is frozen when it is made: its people, the kinds of their data, the openings that prove it and a hash over all of it. What is learned
later makes the next version; no version is edited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from numaru.kernel import bulk, clock, ports
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict
from numaru.kernel.leaks.cases import FIELDS, open_one, refuse_field, tell
from numaru.kernel.leaks.models import AffectedSet
from numaru.kernel.leaks.permissions import LEAK_HANDLE
from numaru.kernel.leaks.ports import PersonDirectory
from numaru.values.text import Text

OPS: dict[str, Text] = {
    "add": Text("더하기", "Add"),
    "remove": Text("빼기", "Remove"),
    "keep": Text("이들만 남기기", "Keep only"),
}
SOURCES: dict[str, Text] = {
    "openings": Text("열람·내보내기 기록에서", "From the record of openings and exports"),
    "service": Text("한 서비스의 모든 사람", "Everybody of a service"),
    "everyone": Text("모든 사람", "Everybody"),
    "list": Text("가입번호 목록", "A list of subscriber numbers"),
}
LIST_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Of ``openings``: those that a member of staff (id) or an API client (id) made, or one bulk opening (its number), on a
    service, in a time (from inclusive, to exclusive); left out means whoever, whenever. ``kinds`` narrows any source to kinds of data.
    Of ``list``: ``numbers``. Opening means that a value was really shown or exported: refused and empty attempts prove nothing."""

    op: str
    source: str
    staff: int | None = None
    client: int | None = None
    bulk: str = ""
    service: str = ""
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] = ()

    def kept(self, unknown: int) -> dict[str, Any]:
        """The step as it is kept with the set: a list by its length and hash."""
        found = {k: v for k, v in asdict(self).items() if v not in (None, "", ()) and k != "numbers"}
        for name in ("since", "until"):
            if name in found:
                found[name] = found[name].isoformat()
        if self.source == "list":
            digest = hashlib.sha256("\n".join(self.numbers).encode()).hexdigest()
            found |= {"numbers": len(self.numbers), "sha256": digest, "unknown": unknown}
        return found


def _check(steps: Sequence[Step]) -> None:
    wrong = ""
    if not steps or steps[0].op != "add":
        wrong = "first"
    for step in steps:
        bad = step.op not in OPS or step.source not in SOURCES or set(step.kinds) - set(FIELDS)
        if bad or (step.source == "service" and not step.service) or (step.source == "list" and not 0 < len(step.numbers) <= LIST_MOST):
            wrong = "step"
        if step.source == "openings" and not (step.staff or step.client or step.bulk or step.service or step.kinds or step.since):
            wrong = "step"
        if step.since and step.until and step.until <= step.since:
            wrong = "span"
    if wrong:
        raise refuse_field(
            "steps",
            {"first": Text("더하는 것으로 시작해야 합니다.", "The first step must add people."),
             "step": Text("무엇에서 찾을지 정하십시오.", "Say where to look: an account, a client, an export, a service or a time."),
             "span": Text("끝이 시작보다 앞섭니다.", "The period ends before it begins.")}[wrong],
            Text("계정, API 이용자, 내보내기, 서비스, 시각 가운데 하나는 있어야 합니다.", "At least one of account, client, export, service or time is needed."), "source",
        )  # fmt: skip


def _people(step: Step) -> tuple[Iterable[Sequence[int]], int]:
    """The people of a source that names them itself, in parts, and how many numbers nobody has."""
    directory = ports.get(PersonDirectory)  # type: ignore[type-abstract]
    if step.source == "list":
        wanted = list(dict.fromkeys(n.strip() for n in step.numbers if n.strip()))
        parts, known = [], 0
        for part in bulk.batches(wanted, 10_000):
            found = directory.persons(part)
            known += len(found)
            parts.append(sorted(set(found.values())))
        return parts, len(wanted) - known
    return directory.of_service(step.service), 0


def _fill(cursor: Any, step: Step, into: str) -> int:
    """Put (person, kind, opening) of a step into the table ``into``; returns how many numbers of a list are unknown."""
    kinds = list(step.kinds) or None
    if step.source == "openings":
        cursor.execute(
            f"INSERT INTO {into} SELECT person, kind, id FROM vault_opening WHERE outcome = 'opened'"
            " AND (%(staff)s::bigint IS NULL OR staff = %(staff)s) AND (%(client)s::bigint IS NULL OR client = %(client)s)"
            " AND (%(bulk)s = '' OR bulk = %(bulk)s) AND (%(service)s = '' OR service = %(service)s)"
            " AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"
            " AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))",
            {"staff": step.staff, "client": step.client, "bulk": step.bulk, "service": step.service, "since": step.since, "until": step.until, "kinds": kinds},
        )  # fmt: skip
        return 0
    if step.source == "everyone":
        cursor.execute(
            f"INSERT INTO {into} SELECT DISTINCT person, kind, NULL::bigint FROM vault_entry WHERE %(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s)",
            {"kinds": kinds},
        )
        return 0
    cursor.execute("TRUNCATE leak_who")
    parts, unknown = _people(step)
    for part in parts:
        bulk.copy_rows("leak_who", ["person"], ((person,) for person in part))
    cursor.execute(
        f"INSERT INTO {into} SELECT w.person, v.kind, NULL FROM (SELECT DISTINCT person FROM leak_who) w LEFT JOIN"
        " (SELECT DISTINCT person, kind FROM vault_entry WHERE %(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s)) v ON v.person = w.person"
        " WHERE %(kinds)s::text[] IS NULL OR v.kind IS NOT NULL",
        {"kinds": kinds},
    )  # fmt: skip
    return unknown


APPLY = {  # what is added needs no table of its own
    "remove": "DELETE FROM leak_now n USING (SELECT DISTINCT person FROM leak_step) s WHERE n.person = s.person",
    "keep": "DELETE FROM leak_now n WHERE NOT EXISTS (SELECT 1 FROM leak_step s WHERE s.person = n.person)",
}


@action(LEAK_HANDLE)
def find_affected(act: Act, *, case: str, steps: Sequence[Step]) -> int:
    """Compute the people of ``steps``, in their order, and freeze them as the next version; returns its number. Refuses steps that look
    nowhere, and a result of nobody. Set by set in the database: a million people take seconds, no value is opened."""
    row = open_one(case)
    _check(steps)
    version = (AffectedSet.objects.filter(case=row).order_by("-version").values_list("version", flat=True).first() or 0) + 1
    kept: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        for name, columns in (
            ("leak_step", "person bigint, kind text, opening bigint"),
            ("leak_now", "person bigint, kind text, opening bigint"),
            ("leak_who", "person bigint"),
        ):
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({columns}) ON COMMIT DELETE ROWS")
            cursor.execute(f"TRUNCATE {name}")
        for step in steps:
            cursor.execute("TRUNCATE leak_step")
            kept.append(step.kept(_fill(cursor, step, "leak_now" if step.op == "add" else "leak_step")))
            if step.op in APPLY:
                cursor.execute(APPLY[step.op])
            cursor.execute("ANALYZE leak_now")
        made = AffectedSet.objects.create(
            case=row, version=version, made_at=clock.now(), made_by=act.actor.name[:80], steps=kept, people=0, by_kind={}, openings=0, sha256="",
        )  # fmt: skip
        # One sort by person makes the rows; every figure is counted from them: an opening is about one person, a kind stands once in a row.
        cursor.execute(
            "INSERT INTO leaks_affectedperson (set_id, person, kinds, openings) SELECT %s, person,"
            " coalesce(array_agg(DISTINCT kind COLLATE \"C\") FILTER (WHERE kind IS NOT NULL), '{}'),"
            " coalesce(array_agg(DISTINCT opening) FILTER (WHERE opening IS NOT NULL), '{}') FROM leak_now GROUP BY person",
            [made.pk],
        )  # fmt: skip
        people = cursor.rowcount
        if not people:
            raise refuse_field(
                "nobody",
                Text("해당하는 사람이 없습니다.", "Nobody is found."),
                Text("기간이나 계정을 다시 보십시오.", "Look at the period and the account again."),
                "source",
            )
        cursor.execute(
            "SELECT coalesce(sum(cardinality(openings)), 0), encode(sha256(convert_to(string_agg(person::text || ':' || array_to_string(kinds, ',')"
            " || ':' || array_to_string(openings, ','), E'\\n' ORDER BY person), 'UTF8')), 'hex') FROM leaks_affectedperson WHERE set_id = %s",
            [made.pk],
        )  # fmt: skip
        openings, digest = cursor.fetchone()
        cursor.execute(
            'SELECT kind, count(*) FROM leaks_affectedperson, unnest(kinds) kind WHERE set_id = %s GROUP BY kind ORDER BY kind COLLATE "C"',
            [made.pk],
        )
        by_kind = dict(cursor.fetchall())
    made.people, made.openings, made.by_kind, made.sha256 = people, int(openings), by_kind, digest
    made.save(update_fields=["people", "openings", "by_kind", "sha256"])
    act.record(
        "leaks.set",
        f"{row.number} {version}",
        after={"people": people, "openings": made.openings, "by_kind": by_kind, "sha256": made.sha256},
    )
    tell(
        act,
        row,
        "affected",
        Text("영향 받은 사람 {n}명을 확정했습니다 ({v}판).", "{n} people are affected (version {v}).").fill(n=f"{people:,}", v=version),
        made.sha256[:16],
    )
    unknown = sum(one.get("unknown", 0) for one in kept)
    if unknown:
        act.effect(Text("모르는 번호 {n}개는 들어가지 않았습니다.", "{n} unknown numbers are not in it.").fill(n=f"{unknown:,}"))
    return version


def again(chosen: AffectedSet) -> list[Step]:
    """The steps of a frozen set, to build the next version on. Raises Conflict for a set that began from a list: the list is not kept."""
    out = []
    for kept in chosen.steps:
        if kept["source"] == "list":
            raise Conflict.because(
                "leak.list_gone", Text("앞의 명단이 번호 목록에서 나왔습니다.", "The version before came from a list of numbers."),
                Text("목록은 저장하지 않습니다. 새로 찾으십시오.", "The list is not kept; start anew."),
            )  # fmt: skip
        told: dict[str, Any] = dict(kept) | {name: datetime.fromisoformat(kept[name]) for name in ("since", "until") if name in kept}
        out.append(Step(**(told | {"kinds": tuple(kept.get("kinds", ()))})))
    return out
