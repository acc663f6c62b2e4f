"""Enlisting subscribers in bulk from a staging table that a higher room's action has filled: a part of that action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import connection
from psycopg import sql

from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, numbering

KNOWN = """
UPDATE {staging} e SET subscriber_id = s.id, party_id = s.party_id
  FROM subscribers_subscriber s WHERE s.service_id = %(service)s AND s.external_id = e.external_id
"""
STRANGERS = """
SELECT count(*), count(*) FILTER (WHERE party_id IS NULL)
  FROM (SELECT min(party_id) AS party_id FROM {staging} WHERE subscriber_id IS NULL AND state = 'new' GROUP BY external_id) t
"""
NUMBERED = """
WITH fresh AS (
    SELECT external_id, min(party_id) AS given, row_number() OVER (ORDER BY min(row)) - 1 AS n,
           sum((min(party_id) IS NULL)::int) OVER (ORDER BY min(row)) - 1 AS p
      FROM {staging} WHERE subscriber_id IS NULL AND state = 'new' GROUP BY external_id
)
UPDATE {staging} e SET party_id = COALESCE(given, %(party)s + p), subscriber_id = %(first)s + n
  FROM fresh WHERE fresh.external_id = e.external_id
"""
FIRST_ROWS = """
SELECT min(row) FROM {staging} WHERE subscriber_id IS NULL AND state = 'new' GROUP BY external_id HAVING min(party_id) IS NULL ORDER BY 1
"""
INSERT = """
INSERT INTO subscribers_subscriber (id, party_id, service_id, external_id, subject_key, state, served_from, served_to, created_at)
SELECT subscriber_id, min(party_id), %(service)s, min(external_id),
       ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16))::bit(64)::bigint & 9223372036854775807,
       'active', min(started_on), CASE WHEN bool_or(ended_on IS NULL) THEN NULL ELSE max(ended_on) END, %(now)s
  FROM {staging} WHERE subscriber_id >= %(first)s AND subscriber_id < %(end)s AND state = 'new' GROUP BY subscriber_id ORDER BY subscriber_id
"""
# Only rows that change are written: those that were made just now stand as they should, and a row written twice costs every index twice.
SERVE = """
UPDATE subscribers_subscriber s SET served_from = wanted.since, served_to = wanted.upto
  FROM (SELECT k.id, LEAST(k.served_from, e.since) AS since,
               CASE WHEN k.served_from IS NULL THEN e.upto WHEN e.upto IS NULL OR k.served_to IS NULL THEN NULL
                    ELSE GREATEST(k.served_to, e.upto) END AS upto
          FROM (SELECT subscriber_id, min(started_on) AS since, CASE WHEN bool_or(ended_on IS NULL) THEN NULL ELSE max(ended_on) END AS upto
                  FROM {staging} WHERE state = 'new' GROUP BY subscriber_id) e JOIN subscribers_subscriber k ON k.id = e.subscriber_id) wanted
 WHERE s.id = wanted.id AND (s.served_from IS DISTINCT FROM wanted.since OR s.served_to IS DISTINCT FROM wanted.upto)
"""


def enlist(staging: str, service_id: int, people: Mapping[int, parties.Person] | None) -> int:
    """Fill ``subscriber_id`` and ``party_id`` of the staged rows whose ``state`` is 'new', making subscribers that are not known yet.

    The staging table has columns row, external_id, started_on, ended_on, subscriber_id, party_id, state. A new subscriber whose staged ``party_id`` is filled is
    that person, who uses another service already; for the others ``people`` gives the person by the row in which they first stand.
    Returns how many were made; their hull of running days is that of their rows. Runs in the caller's transaction, under the caller's lock on the service.
    """
    table = sql.Identifier(staging)
    values: dict[str, object] = {"service": service_id, "now": clock.now()}

    def run(statement: str) -> list[tuple[int, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(staging=table), values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    run(KNOWN)
    count, unknown = run(STRANGERS)[0]
    if not count:
        return 0
    if not unknown:
        values["party"] = 0
    elif people is None:
        values["party"] = parties.register_unnamed(unknown)
    else:
        values["party"] = parties.register([people[row] for (row,) in run(FIRST_ROWS)])
    first = numbering.ids("subscribers_subscriber", count)
    values |= {"first": first, "end": first + count}
    run(NUMBERED)
    run(INSERT)
    return count


def serve_staged(staging: str) -> None:
    """Widen the hull of running days of the staged subscribers by ``started_on`` and ``ended_on`` (half-open; null = open)."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(SERVE).format(staging=sql.Identifier(staging)))  # type: ignore[arg-type]


def serve(subscriber_id: int, since: date | None, until: date | None) -> None:
    """Set the hull of running days [since, until) of one subscriber; None is open."""
    Subscriber.objects.filter(pk=subscriber_id).update(served_from=since, served_to=until)
