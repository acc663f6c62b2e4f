"""Import kind ``usage``: events of somebody else's file, each identity once, with subscribers made for those who have none if the mapping
says so.

Everything is decided set by set in the set engine; only the distinct references of subscribers pass through the database.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from django.db import connection

from numaru.domains.billing.actions.enrol import enrol
from numaru.domains.billing.actions.import_offer import WrittenOffer, may_open, open_offers, written_offers
from numaru.domains.billing.actions.import_subscribers import ID_LENGTH, shown
from numaru.domains.billing.permissions import CONTRACT_ENROL
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.metering import api as metering
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.duck import literal
from numaru.kernel.errors import NotAllowed
from numaru.kernel.imports.api import Applied, FieldSpec, Mapping, Stage, kinds, say
from numaru.values.finding import Finding
from numaru.values.text import Text

KEY = "usage"
METER_LENGTH = 60

say("usage.unknown_subscriber", "이 서비스의 가입자가 아닙니다: ‘{value}’.", "Not a subscriber of this service: “{value}”.",
    "가입자를 먼저 들이거나, 매핑의 [subscribers]에 create = true를 적으십시오.", "Import the subscriber first, or set create = true in [subscribers] of the mapping.")  # fmt: skip
say("usage.currency", "서비스의 통화 {hint}이(가) 아닙니다: ‘{value}’.", "Not the currency of the service, {hint}: “{value}”.",
    "금액을 {hint}(으)로 바꾸어 올리거나 다른 서비스로 들이십시오.", "Give the amount in {hint}, or import it into another service.")  # fmt: skip
say("usage.conflict", "같은 사건이 다른 내용으로 이미 있습니다: ‘{value}’, {hint}.", "The event is there already with other content: “{value}”, {hint}.",
    "먼저 온 것이 그대로 있습니다. 정정은 새 번호의 사건으로 보내십시오.", "The one that came first stands. Send a correction as an event with a new id.")  # fmt: skip
say("usage.more_conflicts", "충돌이 더 있습니다: {hint}건.", "There are {hint} more conflicts.",
    "앞의 충돌을 고친 뒤 다시 들이면 이어서 보입니다.", "Mend those that are named and import again to see the next ones.")  # fmt: skip
say("usage.no_charge", "‘{value}’의 계약에는 이 미터의 과금 항목이 없어 {hint}건이 청구되지 않습니다.", "No contract of “{value}” charges for this meter: {hint} events will not be billed.",
    "저장은 했습니다. 미터 이름과 요금제를 확인하십시오.", "They are stored. Check the name of the meter and the offer.", kept=True)  # fmt: skip
say("usage.outside_contract", "‘{value}’의 계약 기간 밖의 이용 {hint}건은 청구되지 않습니다.", "{hint} events of “{value}” are outside the days of any contract and will not be billed.",
    "저장은 했습니다. 계약의 시작일과 종료일을 확인하십시오.", "They are stored. Check the first and the last day of the contract.", kept=True)  # fmt: skip

CHARGED = """
SELECT DISTINCT s.subject_key, t.meter
  FROM subscribers_subscriber s
  JOIN billing_contract c ON c.subscriber_id = s.id
  JOIN billing_contractfact f ON f.contract_id = c.id AND f.version_id IS NOT NULL
  JOIN billing_chargeterm t ON t.version_id = f.version_id AND t.meter <> ''
 WHERE s.subject_key = ANY(%s)
"""
RUNNING = "SELECT subject_key, served_from, served_to FROM subscribers_subscriber WHERE subject_key = ANY(%s)"


class Usage:
    """The kind as the import machinery sees it."""

    key = KEY
    name = Text("이용량", "Usage")
    permission = metering.USAGE_STORE
    sections = frozenset({"offer", "subscribers"})
    fields = (
        FieldSpec("event_id", "text", Text("사건 번호", "the event's id"), True),
        FieldSpec("subject", "text", Text("가입자(번호나 밖에서 부르는 번호)", "the subscriber, by number or outside id"), True),
        FieldSpec("meter", "text", Text("무엇을 재었는지", "what was measured"), True),
        FieldSpec("at", "instant", Text("언제", "when"), True),
        FieldSpec("quantity", "decimal", Text("얼마나", "how much"), True, 19),
        FieldSpec("amount", "decimal", Text("사건이 정한 금액", "the amount that the event carries")),
        FieldSpec("currency", "text", Text("금액의 통화, 없으면 서비스의 통화", "the currency of the amount; without it the service's")),
    )

    def read_mapping(self, mapping: Mapping) -> list[Finding]:
        """Whether missing subscribers are made, and with which offer."""
        findings: list[Finding] = []
        offers = written_offers(mapping, findings)
        create = creates(mapping, findings)
        if not findings and create != (len(offers) == 1):
            findings.append(
                Finding(
                    "mapping.subscribers", Text("가입자를 새로 만들려면 요금제가 꼭 하나 있어야 하고, 만들지 않으면 없어야 합니다.",
                                                "Making subscribers needs exactly one offer; without making any there is none."),
                    Text("[subscribers] create = true와 [offer] 하나를 함께 적거나 둘 다 지우십시오.", "Write create = true in [subscribers] together with one [offer], or neither."),
                    field="subscribers.create",
                )
            )  # fmt: skip
        return findings

    def check(self, stage: Stage) -> None:
        """What can be said of an event without looking at the house."""
        columns = {rule.name for rule in stage.mapping.fields}
        currency = stage.mapping.service.currency
        meter = shown(stage.mapping, "meter")
        stage.refuse(
            "import.too_long", meter, f"SELECT row, meter AS value, '{METER_LENGTH}' AS hint FROM good WHERE length(meter) > {METER_LENGTH}"
        )
        if "currency" in columns:
            stage.refuse(
                "usage.currency", shown(stage.mapping, "currency"),
                f"SELECT row, currency AS value, {literal(currency)} AS hint FROM good WHERE currency <> {literal(currency)}",
            )  # fmt: skip

    def apply(self, stage: Stage, actor: Actor, dry: bool) -> Applied:
        """One action, or its plan: both count the same."""
        findings: list[Finding] = []
        offers = written_offers(stage.mapping, findings) if creates(stage.mapping, findings) else ()
        service = stage.mapping.service.slug
        if dry:
            return take_usage.plan(actor, service=service, stage=stage, offers=offers).result
        return take_usage.do(actor, service=service, stage=stage, offers=offers)


def creates(mapping: Mapping, findings: list[Finding]) -> bool:
    """Whether the mapping makes subscribers who are missing."""
    table = mapping.section("subscribers", findings)
    if table is None:
        return False
    create = table.flag("create")
    table.close()
    return create


@action(metering.USAGE_STORE)
def take_usage(act: Act, *, service: str, stage: Stage, offers: tuple[WrittenOffer, ...]) -> Applied:
    """Store the good rows of ``stage`` as usage of ``service``. With an offer, subscribers who are missing are enrolled with it from the day
    of their first event in the file; without one their rows become findings, as do events whose identity is there with another content.

    Events that no contract will bill are stored and told. Enrolment and events stand or fall together. Refuses the whole file for an
    unknown service, or one that has another zone or currency than the mapping, and for an actor who may not enrol where somebody is missing.
    """
    zone = stage.mapping.service.zone
    stage.con.execute(
        f"CREATE OR REPLACE TEMP MACRO local_day(moment) AS CAST((moment AT TIME ZONE 'UTC') AT TIME ZONE {literal(zone)} AS DATE)"
    )
    first_day: date = stage.scalar('SELECT local_day(min("at")) FROM good') or clock.today(zone)
    if not offers:
        may_open(act.actor, stage.mapping, offers=False)
    opened = open_offers(act, stage.mapping, offers, first_day)
    refs = [ref for (ref,) in stage.con.execute("SELECT DISTINCT subject FROM good").fetchall()]
    directory = ports.get(metering.SubjectDirectory)  # type: ignore[type-abstract]
    known = directory.subjects(service, refs)
    missing = [ref for ref in refs if ref not in known]
    made: list[str] = []
    if offers:
        made = [ref for ref in missing if subscribers.parse_number(ref) is None and len(ref) <= ID_LENGTH]
    if made:
        if not act.actor.may(CONTRACT_ENROL, service):
            raise NotAllowed.for_permission(CONTRACT_ENROL)
        rows = _newcomers(stage, made, offers[0].slug, opened.offers[offers[0].slug].version_id)
        enrol.within(act, service=service, rows=rows, source=f"import:{stage.mapping.name}")
        known |= directory.subjects(service, made)
    stage.con.register("known", pa.table({"ref": pa.array(known.keys(), pa.string()), "key": pa.array(known.values(), pa.int64())}))
    if len(made) < len(missing):
        stage.refuse(
            "usage.unknown_subscriber", shown(stage.mapping, "subject"),
            "SELECT row, subject AS value, NULL AS hint FROM good ANTI JOIN known ON subject = ref",
        )  # fmt: skip
    _tell_unbilled(stage, list(known.values()))
    stored = metering.ingest.within(act, service=service, events=_events(stage), origin=stage.mapping.name)
    _tell_conflicts(stage, stored)
    detail: dict[str, Any] = {
        "subscribers_created": len(made), "contracts_created": len(made), "service_created": opened.service_new,
        "offer_versions_created": opened.versions_new, "conflicts": stored.conflicts, "files": stored.files,
    }  # fmt: skip
    return Applied(stored.accepted, stored.duplicates, detail)


def _newcomers(stage: Stage, made: list[str], offer: str, version: int) -> pa.Table:
    """The table that ``enrol`` takes: one contract for each reference, from the day of its first event, whatever the order of the file."""
    stage.con.register("made", pa.table({"ref": pa.array(made, pa.string())}))
    reference = f"subject || {literal('/' + offer)}"
    rows = stage.arrow(
        f"SELECT min(row) AS row, subject AS external_id, {reference} AS reference, CAST({version} AS BIGINT) AS version_id, "
        f'local_day(min("at")) AS started_on, CAST(NULL AS DATE) AS ended_on, left(sha256({reference} || CAST(local_day(min("at")) AS VARCHAR)), 32) AS digest '
        "FROM good SEMI JOIN made ON subject = ref GROUP BY subject ORDER BY row"
    ).read_all()
    stage.con.unregister("made")
    return rows


def _events(stage: Stage) -> pa.RecordBatchReader:
    """The events as metering takes them; an amount without a currency is in the service's."""
    have = {rule.name for rule in stage.mapping.fields}
    amount = "amount" if "amount" in have else "CAST(NULL AS DECIMAL(18,6))"
    named = "coalesce(currency, {c})" if "currency" in have else "{c}"
    currency = f"CASE WHEN {amount} IS NOT NULL THEN {named.format(c=literal(stage.mapping.service.currency))} END"
    return stage.arrow(
        f'SELECT row, source, event_id, key AS subject, meter, "at", quantity, {amount} AS amount, {currency} AS currency FROM good JOIN known ON subject = ref'
    )


def _tell_unbilled(stage: Stage, keys: list[int]) -> None:
    """Note, once for each subscriber and meter, the events that no contract will bill. They are facts all the same and stay."""
    with connection.cursor() as cursor:
        # The rows of newcomers are so young that the planner takes their tables for empty; row by row this would last for minutes.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(CHARGED, [keys])
        charged = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute(RUNNING, [keys])
        running = cursor.fetchall()
    stage.con.register(
        "charged",
        pa.table(
            {"key": pa.array([key for key, _ in charged], pa.int64()), "meter": pa.array([meter for _, meter in charged], pa.string())}
        ),
    )
    stage.con.register(
        "running",
        pa.table(
            {
                "key": pa.array([key for key, _, _ in running], pa.int64()),
                "since": pa.array([since or date.max for _, since, _ in running], pa.date32()),
                "last": pa.array([date.max if until is None else until - timedelta(days=1) for _, _, until in running], pa.date32()),
            }
        ),
    )  # fmt: skip
    stage.con.execute(
        'CREATE OR REPLACE TEMP TABLE used AS SELECT subject, key, meter, min(row) AS row, count(*) AS n, min("at") AS first, max("at") AS last '
        "FROM good JOIN known ON subject = ref GROUP BY ALL"
    )
    stage.note(
        "usage.no_charge", shown(stage.mapping, "meter"),
        "SELECT row, subject AS value, CAST(n AS VARCHAR) AS hint FROM used ANTI JOIN charged USING (key, meter)",
    )  # fmt: skip
    stage.con.execute(
        "CREATE OR REPLACE TEMP TABLE beyond AS SELECT subject, since, running.last FROM used JOIN running USING (key) SEMI JOIN charged USING (key, meter) "
        "GROUP BY ALL HAVING local_day(min(used.first)) < since OR local_day(max(used.last)) > running.last"
    )
    stage.note(
        "usage.outside_contract", shown(stage.mapping, "at"),
        'SELECT min(row) AS row, subject AS value, CAST(count(*) AS VARCHAR) AS hint FROM good JOIN beyond USING (subject) '
        'WHERE local_day("at") < since OR local_day("at") > last GROUP BY subject',
    )  # fmt: skip
    stage.con.execute("DROP TABLE used; DROP TABLE beyond")
    stage.con.unregister("charged")
    stage.con.unregister("running")


def _tell_conflicts(stage: Stage, stored: metering.Ingested) -> None:
    if not stored.conflicts:
        return
    rows, ids, days = zip(*stored.clashes, strict=True)
    stage.con.register(
        "clashes",
        pa.table({"row": pa.array(rows, pa.int64()), "value": pa.array(ids, pa.string()), "hint": pa.array([d.isoformat() for d in days])}),
    )
    stage.refuse("usage.conflict", shown(stage.mapping, "event_id"), "SELECT row, value, hint FROM clashes SEMI JOIN good USING (row)")
    stage.con.unregister("clashes")
    if more := stored.conflicts - len(stored.clashes):
        stage.con.execute("INSERT INTO findings VALUES (NULL, NULL, NULL, 'usage.more_conflicts', ?)", [str(more)])


kinds.add(KEY, Usage())
