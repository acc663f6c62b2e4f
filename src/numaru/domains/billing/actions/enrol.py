"""Enrolling contracts in bulk: people, subscribers, accounts, contracts and their first facts, set by set.

One COPY into a staging table and one INSERT a table, whatever the number of rows: the same road for an import of three thousand rows,
the demo company and a million subscribers of a benchmark.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection

from numaru.domains.billing import recording
from numaru.domains.billing.events import ContractsEnrolled
from numaru.domains.billing.permissions import CONTRACT_ENROL
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import bulk, numbering
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
from numaru.values.finding import Finding
from numaru.values.text import Text

COLUMNS = ["row", "external_id", "reference", "version_id", "started_on", "ended_on", "digest"]

STAGING = """
DROP TABLE IF EXISTS pg_temp.enrolment;
DROP TABLE IF EXISTS pg_temp.enrolment_price;
DROP TABLE IF EXISTS pg_temp.enrolment_contract;
CREATE TEMP TABLE enrolment (
    row bigint PRIMARY KEY, external_id text NOT NULL, reference text NOT NULL, version_id bigint NOT NULL,
    started_on date NOT NULL, ended_on date, digest text NOT NULL,
    subscriber_id bigint, party_id bigint, state text NOT NULL DEFAULT 'new'
) ON COMMIT DROP;
CREATE TEMP TABLE enrolment_price (row bigint, charge_key text, price numeric(18,6)) ON COMMIT DROP;
"""

EXISTING = """
UPDATE enrolment e SET state = CASE WHEN c.digest = e.digest THEN 'same' ELSE 'differs' END
  FROM billing_contract c WHERE c.service_id = %(service)s AND c.reference = e.reference AND e.reference <> '';
"""
ACCOUNTS = """
INSERT INTO billing_account (payer_id, currency, entity_id, created_at)
SELECT DISTINCT ON (party_id) party_id, %(currency)s, %(entity)s, %(now)s FROM enrolment WHERE state = 'new' ORDER BY party_id, row
ON CONFLICT (payer_id, currency, entity_id) DO NOTHING;
"""
# A table of its own, for a million rows that are updated in place are written anew with every column.
CONTRACTS = """
CREATE TEMP TABLE enrolment_contract ON COMMIT DROP AS
SELECT e.row, %(contract)s::bigint + row_number() OVER (ORDER BY e.row) - 1 AS contract_id, e.subscriber_id, a.id AS account_id, e.version_id,
       e.reference, e.digest, e.started_on, e.ended_on
  FROM enrolment e JOIN billing_account a ON a.payer_id = e.party_id AND a.currency = %(currency)s AND a.entity_id = %(entity)s
 WHERE e.state = 'new';
INSERT INTO billing_contract (id, subscriber_id, offer_id, service_id, account_id, reference, digest, created_at)
SELECT e.contract_id, e.subscriber_id, v.offer_id, %(service)s, e.account_id, e.reference, e.digest, %(now)s
  FROM enrolment_contract e JOIN catalogue_offerversion v ON v.id = e.version_id ORDER BY e.row;
"""
FACTS = """
INSERT INTO billing_contractfact (contract_id, kind, effective_at, recorded_at, version_id, charge_key, price, source)
SELECT contract_id, kind, (day::timestamp AT TIME ZONE %(zone)s), %(now)s, version_id, charge_key, price, %(source)s FROM (
    SELECT e.row, 1 AS n, e.contract_id, 'started' AS kind, e.started_on AS day, e.version_id, '' AS charge_key, NULL::numeric AS price
      FROM enrolment_contract e
    UNION ALL
    SELECT e.row, 2, e.contract_id, 'price_agreed', e.started_on, NULL, p.charge_key, p.price
      FROM enrolment_contract e JOIN enrolment_price p USING (row)
    UNION ALL
    SELECT e.row, 3, e.contract_id, 'ended', e.ended_on, NULL, '', NULL FROM enrolment_contract e WHERE e.ended_on IS NOT NULL
) f ORDER BY row, n;
"""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a bulk enrolment did: contracts made, rows that were there already, and the source rows that differ from what is there."""

    created: int
    unchanged: int
    differing: tuple[int, ...]


def _csv(table: pa.Table) -> io.BytesIO:
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table, buffer, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed"))
    buffer.seek(0)
    return buffer


def _run(script: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in filter(str.strip, script.split(";\n")):
            cursor.execute(statement, values)


BROKEN: list[tuple[str, str, Text, Text, str]] = [
    (
        "enrol.reference",
        "reference",
        Text("같은 계약 이름이 두 번 나옵니다.", "The same contract is named twice."),
        Text("한 행만 남기거나 이름을 다르게 하십시오.", "Keep one of the rows, or name them apart."),
        (
            "SELECT row, reference FROM (SELECT row, reference, row_number() OVER (PARTITION BY reference ORDER BY row) AS n FROM enrolment"
            " WHERE reference <> '') t WHERE n > 1"
        ),
    ),
    (
        "enrol.version",
        "version_id",
        Text("이 서비스의 요금제 판이 아닙니다.", "That is not an offer version of this service."),
        Text("이 서비스에 등록된 요금제를 고르십시오.", "Choose an offer of this service."),
        (
            "SELECT e.row, e.version_id::text FROM enrolment e WHERE NOT EXISTS (SELECT 1 FROM catalogue_offerversion v JOIN catalogue_offer o"
            " ON o.id = v.offer_id WHERE v.id = e.version_id AND o.service_id = %(service)s)"
        ),
    ),
    (
        "enrol.party",
        "party_id",
        Text("등록되지 않은 사람입니다.", "That person is not registered."),
        Text("사람 번호를 확인하거나 비우십시오.", "Check the person's id, or leave it empty."),
        (
            "SELECT e.row, e.party_id::text FROM enrolment e WHERE e.party_id IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM parties_party p WHERE p.id = e.party_id)"
        ),
    ),
    (
        "enrol.days",
        "ended_on",
        Text("계약이 시작하기 전에 끝납니다.", "The contract ends before it starts."),
        Text("시작일과 종료일을 확인하십시오.", "Check the first and the last day."),
        ("SELECT row, ended_on::text FROM enrolment WHERE ended_on < started_on"),
    ),
    (
        "enrol.price",
        "price",
        Text("합의 가격이 음수입니다.", "The agreed price is negative."),
        Text("0 이상의 가격을 적으십시오.", "Write a price of at least 0."),
        ("SELECT row, price::text FROM enrolment_price WHERE price < 0"),
    ),
    (
        "enrol.charge",
        "price",
        Text("요금제에 없는 과금 항목의 가격입니다.", "The offer has no such charge."),
        Text("요금제의 과금 항목 이름을 쓰십시오.", "Use the key of a charge of the offer."),
        (
            "SELECT p.row, p.charge_key FROM enrolment_price p JOIN enrolment e USING (row) WHERE NOT EXISTS"
            " (SELECT 1 FROM billing_chargeterm t WHERE t.version_id = e.version_id AND t.key = p.charge_key)"
        ),
    ),
]
MANY = 10_000  # from how many new contracts on the tables are measured anew
NAMED = 100  # findings of one kind that a refusal names


def _refuse_broken(values: dict[str, Any]) -> None:
    """Refuse the whole set when a row would make a contract that can't be billed as it was meant."""
    found = []
    with connection.cursor() as cursor:
        for code, field, message, remedy, query in BROKEN:
            cursor.execute(f"{query} ORDER BY row LIMIT {NAMED}", values)
            found += [Finding(code, message, remedy, row=row, field=field, value=value) for row, value in cursor.fetchall()]
    if found:
        raise Invalid(*found)


@action(CONTRACT_ENROL)
def enrol(act: Act, *, service: str, rows: pa.Table, source: str, people: Sequence[parties.Person] | None = None) -> Enrolled:
    """Enrol one contract for each row of ``rows``.

    Columns: ``row`` int64 (source row, unique), ``external_id``, ``reference`` (unique name of the contract in the service),
    ``version_id`` int64, ``started_on`` date, ``ended_on`` date or null (local days of the service's zone, half-open), ``digest``, and any
    number of ``price:<charge key>`` decimal columns for agreed prices. ``people`` (one a row) gives names and contacts of new subscribers; a
    row whose optional column ``party_id`` is filled is a person known already, from another service.

    A subscriber known by ``external_id`` is taken; a contract known by ``reference`` with the same digest is left unchanged, with another
    digest its row is reported in ``differing`` and nothing of it is written. Publishes one ContractsEnrolled.

    Refuses the whole set, row by row in its findings, for a reference that stands twice, a version of another service, a person who is not
    registered, an end before the start, and an agreed price that is negative or belongs to no charge of the version; and anything for a retired service. One enrolment a service at a time.
    """
    card = catalogue.service(service)
    if card.retired:
        raise catalogue.retired(Text("서비스", "service"), service)
    missing = set(COLUMNS) - set(rows.column_names)
    empty = {name for name in COLUMNS if name not in missing and name != "ended_on" and rows[name].null_count}
    if missing or empty or (people is not None and len(people) != rows.num_rows):
        raise Invalid.because(
            "enrol.columns",
            Text("등록표의 열이 없거나 비었습니다: {c}", "Columns are missing or not filled: {c}").fill(
                c=", ".join(sorted(missing | empty)) or "people"
            ),
            Text("열을 채우십시오.", "Fill them in."),
        )
    _run(STAGING, {})
    columns = [*COLUMNS, *(["party_id"] if "party_id" in rows.column_names else [])]
    bulk.copy_file("enrolment", columns, _csv(rows.select(columns)))
    keys = [name for name in rows.column_names if name.startswith("price:")]
    for name in keys:
        agreed = pa.table({"row": rows["row"], "key": pa.array([name.removeprefix("price:")] * rows.num_rows), "price": rows[name]})
        bulk.copy_file("enrolment_price", ["row", "charge_key", "price"], _csv(agreed.filter(agreed["price"].is_valid())))
    now = recording.enrolling(card.id)
    values: dict[str, Any] = {
        "service": card.id, "currency": card.currency, "entity": card.entity_id, "zone": card.zone, "now": now, "source": source[:60],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")  # sorts and hashes of a million rows, until the transaction ends
        cursor.execute("ANALYZE enrolment")
        cursor.execute("ANALYZE enrolment_price")
        _refuse_broken(values)
        _run(EXISTING, values)
        cursor.execute("SELECT count(*) FROM enrolment WHERE state = 'new'")
        fresh = cursor.fetchone()[0]
        cursor.execute("SELECT row FROM enrolment WHERE state = 'differs' ORDER BY row")
        differing = tuple(r[0] for r in cursor.fetchall())
    result = Enrolled(fresh, rows.num_rows - fresh - len(differing), differing)
    act.effect(
        Text("새 계약 {n}건, 그대로 {u}건, 다른 값 {d}건", "{n} new contracts, {u} unchanged, {d} differing").fill(
            n=fresh, u=result.unchanged, d=len(differing)
        )
    )
    if fresh:
        persons = dict(zip(rows["row"].to_pylist(), people, strict=True)) if people is not None else None
        subscribers.enlist("enrolment", card.id, persons)
        values["contract"] = numbering.ids("billing_contract", fresh)
        _run(ACCOUNTS, values)
        _run(CONTRACTS, values)
        _run(FACTS, values)
        subscribers.serve_staged("enrolment")
        act.event(ContractsEnrolled(card.id, values["contract"], fresh))
    if fresh >= MANY:
        with connection.cursor() as cursor:  # the planner must not take the tables for what they were before
            cursor.execute("ANALYZE parties_party, subscribers_subscriber, billing_account, billing_contract, billing_contractfact")
    act.record(
        "billing.contracts", service, after={"created": fresh, "unchanged": result.unchanged, "differing": len(differing), "source": source}
    )
    return result
