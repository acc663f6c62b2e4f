"""The lists of audit, declared once: records, openings, findings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.audit import states
from numaru.faces.console.audit.rooms import FINDINGS, OPENINGS, RECORDS
from numaru.facilities.parties.api import PURPOSES
from numaru.kernel import clock
from numaru.kernel.access import Actor, permissions
from numaru.kernel.audit import api as audit
from numaru.ui import peek
from numaru.ui.lists import Choice, Column, Listing, Rows, Sort, Source, View, sources
from numaru.ui.pages import seen_by
from numaru.values.text import Text

AGES: dict[str, tuple[Text, timedelta]] = {
    "day": (Text("하루", "A day"), timedelta(days=1)),
    "week": (Text("7일", "7 days"), timedelta(days=7)),
    "month": (Text("31일", "31 days"), timedelta(days=31)),
    "quarter": (Text("92일", "92 days"), timedelta(days=92)),
}
KINDS = {"staff": Text("직원", "Staff"), "client": Text("연동 프로그램", "Programs"), "system": Text("시스템", "The house")}
SINCE = Choice(
    "since",
    Text("기간", "Period"),
    [(key, text) for key, (text, _) in AGES.items()],
    lambda rows, key: rows.filter(at__gte=clock.now() - AGES[key][1]),
)
NEWEST = (Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),)


def action_name(key: str) -> Text:
    """What an action is called: the name of its permission."""
    found = permissions.get(key)
    return found.text if found else Text(key, key)


def person_of(text: str) -> int | None:
    """The party behind a subscriber's number; None for anything else."""
    pk = subscribers.parse_number(text)
    return subscribers.cards({pk})[pk].party_id if pk is not None and subscribers.cards({pk}) else None


def _actions(request: HttpRequest) -> list[tuple[str, Text]]:
    return [(name, declared.text) for name, declared in permissions]


def _search_records(rows: Rows, text: str) -> Rows:
    """By one index each: a person (their number, or what was done to their party), an account, or the key of an object."""
    person = person_of(text)
    if person is not None:
        return rows.filter(
            key__in=[text.strip().upper(), str(person)],
            object__in=["parties.party", "subscribers.subscriber", "audit.search", "vault.person"],
        )
    staff = audit.staff_named(text)
    return rows.filter(actor_kind="staff", actor_id__in=staff) if staff else rows.filter(key=text)


def _search_openings(rows: Rows, text: str) -> Rows:
    person = person_of(text)
    return rows.filter(person=person) if person is not None else rows.filter(staff__in=audit.staff_named(text))


def _purpose(row: Any) -> str:
    """The purpose as it was recorded; its coded part in the reader's language."""
    coded = PURPOSES.get(row.code)
    return str(coded) + row.purpose.removeprefix(coded.ko) if coded and row.purpose.startswith(coded.ko) else row.purpose


def _sealed(rows: list[Any]) -> None:
    found = audit.positions("r", [row.pk for row in rows])
    for row in rows:
        row.position = found.get(row.pk)


def _people(rows: list[Any]) -> None:
    cards = subscribers.of_parties({row.person for row in rows})
    for row in rows:
        row.subscriber = cards.get(row.person)


RECORD_LIST = Listing(
    key="audit",
    name=RECORDS,
    unit=("건", "record", "records"),
    columns=(
        Column("at", Text("언제", "When"), lambda r: r.at, "when", url=lambda r: reverse("audit:record", args=[r.pk]), short=False),
        Column("who", Text("누가", "Who"), lambda r: r.actor_name),
        Column("action", Text("한 일", "Action"), lambda r: action_name(r.action)),
        Column("object", Text("대상", "Object"), lambda r: r.object),
        Column("key", Text("번호", "Number"), lambda r: r.key, "id", url=lambda r: peek.page_of(r.object, r.key), peek=True),
        Column("reason", Text("사유", "Reason"), lambda r: r.reason),
        Column("position", Text("사슬 자리", "Position"), lambda r: r.position, "count"),
    ),
    sorts=NEWEST,
    filters=(
        Choice("action", Text("한 일", "Action"), _actions, lambda rows, key: rows.filter(action=key)),
        Choice("kind", Text("누가", "Who"), list(KINDS.items()), lambda rows, kind: rows.filter(actor_kind=kind)),
        SINCE,
    ),
    search=_search_records,
    placeholder=Text("가입번호, 대상 번호, 직원", "Subscriber, object number, staff"),
    prepare=_sealed,
)

OPENING_LIST = Listing(
    key="openings",
    name=OPENINGS,
    unit=("건", "opening", "openings"),
    columns=(
        Column("at", Text("언제", "When"), lambda r: r.at, "when", short=False),
        Column("who", Text("누가", "Who"), lambda r: r.actor.partition(":")[2] or r.actor),
        Column(
            "person", Text("누구의", "Whose"), lambda r: r.subscriber.number if r.subscriber else None, "id",
            url=lambda r: f"{reverse('audit:openings')}?q={r.subscriber.number}" if r.subscriber else "",
        ),
        Column("kind", Text("항목", "Field"), lambda r: states.KINDS.get(r.kind, r.kind)),
        Column("outcome", Text("결과", "Outcome"), lambda r: states.OUTCOME[r.outcome], "state"),
        Column("purpose", Text("사유", "Purpose"), _purpose),
        Column("case", Text("관련 번호", "Case"), lambda r: r.case_ref),
        Column("bulk", Text("일괄 열람", "Bulk"), lambda r: r.bulk),
    ),
    sorts=NEWEST,
    filters=(
        Choice("outcome", Text("결과", "Outcome"), [(k, s.word) for k, s in states.OUTCOME.items()], lambda rows, v: rows.filter(outcome=v)),
        Choice("kind", Text("항목", "Field"), list(states.KINDS.items()), lambda rows, v: rows.filter(kind=v)),
        SINCE,
    ),
    search=_search_openings,
    placeholder=Text("가입번호, 직원", "Subscriber, staff"),
    prepare=_people,
)  # fmt: skip

FINDING_LIST = Listing(
    key="findings",
    live="finding:*",
    name=FINDINGS,
    unit=("건", "finding", "findings"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "id", url=lambda r: reverse("audit:finding", args=[r.number])),
        Column("severity", Text("정도", "Severity"), lambda r: states.SEVERITY[r.severity], "state"),
        Column("rule", Text("무엇", "What"), lambda r: audit.rules[r.rule].name),
        Column("who", Text("누가", "Who"), lambda r: r.actor.partition(":")[2] or r.actor),
        Column("count", Text("건수", "Count"), lambda r: r.evidence.get("count", 0), "count"),
        Column("at", Text("언제", "When"), lambda r: r.last_at, "when"),
        Column("state", Text("상태", "State"), lambda r: states.FINDING[r.state], "state"),
        Column(
            "next", Text("다음 할 일", "Next"), lambda r: Text("판단하기", "Decide") if r.state == "new" else None,
            url=lambda r: reverse("audit:finding", args=[r.number]) if r.state == "new" else "", excel=False,
        ),
    ),
    sorts=NEWEST,
    filters=(
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in states.FINDING.items()], lambda rows, v: rows.filter(state=v)),
        Choice("severity", Text("정도", "Severity"), [(k, s.word) for k, s in states.SEVERITY.items()], lambda rows, v: rows.filter(severity=v)),
        Choice("rule", Text("무엇", "What"), [(k, r.name) for k, r in audit.rules], lambda rows, v: rows.filter(rule=v)),
    ),
    views=(
        View("all", Text("모두", "All")),
        View("new", Text("판단 대기", "To decide"), (("state", "new"),)),
        View("severe", Text("심각", "Severe"), (("severity", "severe"),)),
    ),
)  # fmt: skip


def _read(rows: Callable[[], Rows]) -> Callable[[Actor], Rows]:
    def narrowed(actor: Actor) -> Rows:
        seen_by(actor, audit.RECORD_VIEW)
        return rows()

    return narrowed


for _one, _rows in ((RECORD_LIST, audit.records), (OPENING_LIST, audit.openings)):
    sources.add(_one.key, Source(_one, _read(_rows)))
