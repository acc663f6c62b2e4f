"""The rules that look at openings as they come: what each means, its figures as policies, and how it is found, set by set.

A rule gets the openings that were sealed since the last look (positions ``first`` to ``last`` of the chain) and returns what it found.
Bulk openings stand outside the rules of number: a second person approved them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from numaru.kernel import clock, policies, ports
from numaru.kernel.audit.models import StaffTie
from numaru.kernel.audit.ports import PersonTokens
from numaru.kernel.registers import Register
from numaru.values.text import Text

BASIS = "Korean standard for securing personal data: the operator checks access logs for abuse; the figure is the operator's own."
SHOWN = 200  # ids of openings that a finding keeps


def _figure(key: str, ko: str, en: str, value: Any) -> str:
    return policies.policy(f"audit.{key}", Text(ko, en), value, BASIS).key


MASS = _figure("mass_openings", "대량 열람으로 보는 건수", "Openings that count as mass reading", 30)
MASS_SEVERE = _figure("mass_severe", "심각한 대량 열람으로 보는 건수", "Openings that count as severe mass reading", 100)
MASS_MINUTES = _figure("mass_minutes", "대량 열람을 세는 시간 (분)", "Minutes over which mass reading is counted", 60)
HOURS_FROM = _figure("hours_from", "업무 시작 시각 (시)", "Hour at which work begins", 8)
HOURS_TO = _figure("hours_to", "업무 끝 시각 (시)", "Hour at which work ends", 20)
DAYS_OFF = _figure("days_off", "쉬는 요일 (1 월요일 – 7 일요일)", "Weekdays off (1 Monday – 7 Sunday)", [6, 7])
HOLIDAYS = _figure("holidays", "쉬는 날 (YYYY-MM-DD)", "Days off (YYYY-MM-DD)", [])
FAILED = _figure("failed_openings", "실패한 열람으로 보는 건수", "Refused or empty openings that ask for an explanation", 10)
FAILED_MINUTES = _figure("failed_minutes", "실패한 열람을 세는 시간 (분)", "Minutes over which failed openings are counted", 60)
REPEAT = _figure("repeat_openings", "같은 사람을 거듭 열람한 건수", "Openings of one person that ask for an explanation", 8)
REPEAT_DAYS = _figure("repeat_days", "같은 사람 열람을 세는 기간 (일)", "Days over which openings of one person are counted", 14)
DORMANT = _figure("dormant_days", "쉬던 계정으로 보는 기간 (일)", "Days of silence after which an account counts as dormant", 60)
MISSES = _figure("search_misses", "없는 전화번호를 찾은 횟수", "Searches for phone numbers that nobody has", 15)
MISSES_MINUTES = _figure("search_minutes", "없는 전화번호 찾기를 세는 시간 (분)", "Minutes over which such searches are counted", 60)


@dataclass(frozen=True, slots=True)
class Found:
    """Something a rule found: whose doing, when, on what evidence. ``about`` tells apart two findings of one actor and day."""

    actor: str
    staff: int | None
    first_at: datetime
    last_at: datetime
    evidence: dict[str, Any]
    about: str = ""
    severity: str = ""  # other than the rule's own


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``says`` tells the reader what was found, with the evidence's figures; ``severity`` notice, warning or severe."""

    name: Text
    says: Text
    severity: str
    figures: tuple[str, ...]
    find: Callable[[int, int], list[Found]]


rules: Register[Rule] = Register("access rules")


def figure(key: str) -> Any:
    """The value of a rule's figure today."""
    return policies.value(key, clock.today())


def figures_ahead() -> None:
    """Look all figures of the rules up at once; within :func:`policies.reading`."""
    policies.ahead(key for _, rule in rules for key in rule.figures)


FRESH = (
    "SELECT o.* FROM audit_seal s JOIN vault_opening o ON o.id = s.row WHERE s.source = 'o' AND s.position BETWEEN %(first)s AND %(last)s"
)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"zone": settings.TIME_ZONE, "shown": SHOWN})
        return list(cursor.fetchall())


def _many(first: int, last: int, outcome: str, limit: int, minutes: int) -> list[tuple[Any, ...]]:
    """Per account the largest number of openings of ``outcome`` within ``minutes`` that ends with a fresh one, when it reaches ``limit``."""
    return _rows(
        f"WITH fresh AS MATERIALIZED ({FRESH}), who AS (SELECT staff, client, min(at) AS since, max(at) AS upto FROM fresh"
        f" WHERE bulk = '' AND {outcome} AND (staff IS NOT NULL OR client IS NOT NULL) GROUP BY staff, client),"
        " seen AS (SELECT o.id, o.actor, w.staff, w.client, o.at, o.at >= w.since AS fresh, count(*) OVER (PARTITION BY w.staff, w.client"
        " ORDER BY o.at RANGE BETWEEN make_interval(mins => %(minutes)s) PRECEDING AND CURRENT ROW) AS n FROM who w JOIN vault_opening o"
        " ON (o.staff = w.staff OR (w.staff IS NULL AND o.client = w.client))"
        f" AND o.at > w.since - make_interval(mins => %(minutes)s) AND o.at <= w.upto WHERE o.bulk = '' AND {outcome.replace('outcome', 'o.outcome')}),"
        " peak AS (SELECT staff, client, max(n) AS n FROM seen WHERE fresh GROUP BY staff, client HAVING max(n) >= %(limit)s)"
        " SELECT max(s.actor), p.staff, p.n, min(s.at), max(s.at), (array_agg(s.id ORDER BY s.id DESC))[1:%(shown)s]"
        " FROM peak p JOIN seen s ON s.staff IS NOT DISTINCT FROM p.staff AND s.client IS NOT DISTINCT FROM p.client GROUP BY p.staff, p.client, p.n",
        {"first": first, "last": last, "limit": limit, "minutes": minutes},
    )


def _mass(first: int, last: int) -> list[Found]:
    limit, severe, minutes = int(figure(MASS)), int(figure(MASS_SEVERE)), int(figure(MASS_MINUTES))
    return [
        Found(actor, staff, since, upto, {"count": n, "limit": limit, "minutes": minutes, "openings": ids}, severity="severe" if n >= severe else "")
        for actor, staff, n, since, upto, ids in _many(first, last, "outcome = 'opened'", limit, minutes)
    ]  # fmt: skip


def _failed(first: int, last: int) -> list[Found]:
    limit, minutes = int(figure(FAILED)), int(figure(FAILED_MINUTES))
    return [
        Found(actor, staff, since, upto, {"count": n, "limit": limit, "minutes": minutes, "openings": ids})
        for actor, staff, n, since, upto, ids in _many(first, last, "outcome <> 'opened'", limit, minutes)
    ]


def _grouped(where: str, first: int, last: int, **values: Any) -> list[Found]:
    """Fresh single openings by staff that fulfil ``where``, per account and local day."""
    rows = _rows(
        f"SELECT max(actor), staff, count(*), min(at), max(at), (array_agg(id ORDER BY id DESC))[1:%(shown)s] FROM ({FRESH}) f"
        f" WHERE outcome = 'opened' AND staff IS NOT NULL AND ({where}) GROUP BY staff, (at AT TIME ZONE %(zone)s)::date",
        {"first": first, "last": last, **values},
    )
    return [Found(actor, staff, since, upto, {"count": n, "openings": ids}) for actor, staff, n, since, upto, ids in rows]


def _odd_hours(first: int, last: int) -> list[Found]:
    hour = "extract(hour FROM at AT TIME ZONE %(zone)s)"
    return _grouped(f"{hour} < %(begin)s OR {hour} >= %(end)s", first, last, begin=int(figure(HOURS_FROM)), end=int(figure(HOURS_TO)))


def _day_off(first: int, last: int) -> list[Found]:
    day = "(at AT TIME ZONE %(zone)s)::date"
    off = f"extract(isodow FROM {day}) = ANY(%(off)s) OR to_char({day}, 'YYYY-MM-DD') = ANY(%(days)s)"
    return _grouped(
        f"case_ref = '' AND ({off})", first, last, off=[int(d) for d in figure(DAYS_OFF)], days=[str(d) for d in figure(HOLIDAYS)]
    )


def _repeat(first: int, last: int) -> list[Found]:
    limit, days = int(figure(REPEAT)), int(figure(REPEAT_DAYS))
    rows = _rows(
        f"SELECT max(o.actor), o.staff, o.person, count(*), min(o.at), max(o.at), (array_agg(o.id ORDER BY o.id DESC))[1:%(shown)s]"
        f" FROM (SELECT staff, person, max(at) AS upto FROM ({FRESH}) f WHERE outcome = 'opened' AND staff IS NOT NULL AND bulk = '' GROUP BY staff, person) w"
        " JOIN vault_opening o ON o.person = w.person AND o.staff = w.staff AND o.outcome = 'opened' AND o.bulk = ''"
        " AND o.at > w.upto - make_interval(days => %(days)s) AND o.at <= w.upto GROUP BY o.staff, o.person HAVING count(*) >= %(limit)s",
        {"first": first, "last": last, "limit": limit, "days": days},
    )
    return [
        Found(actor, staff, since, upto, {"count": n, "limit": limit, "days": days, "person": person, "openings": ids}, about=str(person))
        for actor, staff, person, n, since, upto, ids in rows
    ]  # fmt: skip


def _dormant(first: int, last: int) -> list[Found]:
    """Silent for so long until a day before this opening: what it did in the last day does not hide it."""
    days = int(figure(DORMANT))
    rows = _rows(
        f"SELECT max(f.actor), f.staff, count(*), min(f.at), max(f.at), (array_agg(f.id ORDER BY f.id DESC))[1:%(shown)s], p.before"
        f" FROM ({FRESH}) f JOIN kernel_staff a ON a.id = f.staff CROSS JOIN LATERAL (SELECT greatest(a.created_at,"
        " (SELECT max(o.at) FROM vault_opening o WHERE o.staff = f.staff AND o.at < f.at - interval '1 day'),"
        " (SELECT max(r.at) FROM kernel_auditrecord r WHERE r.actor_kind = 'staff' AND r.actor_id = f.staff AND r.at < f.at - interval '1 day'))"
        " AS before) p WHERE p.before < f.at - make_interval(days => %(days)s) GROUP BY f.staff, p.before",
        {"first": first, "last": last, "days": days},
    )
    return [
        Found(actor, staff, since, upto, {"count": n, "days": (since - before).days, "limit": days, "openings": ids})
        for actor, staff, n, since, upto, ids, before in rows
    ]


def _relatives(first: int, last: int) -> list[Found]:
    """Openings of people who carry a token that the opener registered for themself or a relative."""
    ties = dict(StaffTie.objects.values_list("staff", "tokens"))
    if not ties:
        return []
    rows = _rows(
        f"SELECT staff, person, actor, at, id FROM ({FRESH}) f WHERE staff = ANY(%(tied)s)",
        {"first": first, "last": last, "tied": list(ties)},
    )
    out = []
    for staff in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == staff]
        met = ports.get(PersonTokens).sharing({row[1] for row in mine}, ties[staff])  # type: ignore[type-abstract]
        hits = [row for row in mine if row[1] in met]
        if hits:
            at = [row[3] for row in hits]
            evidence = {"count": len(hits), "persons": sorted(met)[:SHOWN], "openings": [row[4] for row in hits][:SHOWN]}
            out.append(Found(hits[0][2], staff, min(at), max(at), evidence))
    return out


def _misses(first: int, last: int) -> list[Found]:
    limit, minutes = int(figure(MISSES)), int(figure(MISSES_MINUTES))
    rows = _rows(
        "SELECT m.staff, 'staff:' || a.name, count(*), min(m.at), max(m.at) FROM audit_searchmiss m JOIN kernel_staff a ON a.id = m.staff"
        " WHERE m.at > %(since)s GROUP BY m.staff, a.name HAVING count(*) >= %(limit)s",
        {"since": clock.now() - timedelta(minutes=minutes), "limit": limit},
    )
    return [
        Found(actor, staff, since, upto, {"count": n, "limit": limit, "minutes": minutes, "openings": []})
        for staff, actor, n, since, upto in rows
    ]


def _rule(key: str, name: Text, says: Text, severity: str, figures: tuple[str, ...], find: Callable[[int, int], list[Found]]) -> None:
    rules.add(key, Rule(name, says, severity, figures, find))


_rule("mass", Text("대량 열람", "Mass reading"), Text("{minutes}분 안에 {count}건을 열람했습니다. 기준 {limit}건.", "Opened {count} values within {minutes} minutes; the limit is {limit}."), "warning", (MASS, MASS_SEVERE, MASS_MINUTES), _mass)  # fmt: skip
_rule("odd_hours", Text("업무 시간 밖 열람", "Odd hours"), Text("업무 시간 밖에 {count}건을 열람했습니다.", "Opened {count} values outside working hours."), "notice", (HOURS_FROM, HOURS_TO), _odd_hours)  # fmt: skip
_rule("day_off", Text("쉬는 날 관련 번호 없는 열람", "Day off, no case"), Text("쉬는 날에 관련 번호 없이 {count}건을 열람했습니다.", "Opened {count} values on a day off without a case."), "warning", (DAYS_OFF, HOLIDAYS), _day_off)  # fmt: skip
_rule("failed", Text("실패한 열람", "Failed openings"), Text("{minutes}분 안에 열람이 {count}번 거절되거나 비어 있었습니다. 기준 {limit}번.", "{count} openings were refused or empty within {minutes} minutes; the limit is {limit}."), "warning", (FAILED, FAILED_MINUTES), _failed)  # fmt: skip
_rule("repeat", Text("같은 사람 거듭 열람", "The same person again"), Text("같은 사람을 {days}일 안에 {count}번 열람했습니다. 기준 {limit}번.", "Opened one person {count} times within {days} days; the limit is {limit}."), "warning", (REPEAT, REPEAT_DAYS), _repeat)  # fmt: skip
_rule("dormant", Text("쉬던 계정", "Dormant account"), Text("{days}일 만에 나타나 {count}건을 열람했습니다.", "Came back after {days} days and opened {count} values."), "warning", (DORMANT,), _dormant)  # fmt: skip
_rule("relatives", Text("본인이나 관계인 열람", "Oneself or a relative"), Text("스스로 알린 관계인과 같은 사람을 {count}건 열람했습니다.", "Opened {count} values of people registered as their own relatives."), "severe", (), _relatives)  # fmt: skip
_rule("misses", Text("없는 전화번호 찾기", "Searching for numbers"), Text("{minutes}분 안에 없는 전화번호를 {count}번 찾았습니다. 기준 {limit}번.", "Searched {count} times within {minutes} minutes for numbers that nobody has; the limit is {limit}."), "notice", (MISSES, MISSES_MINUTES), _misses)  # fmt: skip
