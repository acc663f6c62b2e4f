"""How long subscriptions are kept: the link between a person and their usage, and the record that somebody was a subscriber."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import clock
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Purpose, Ref, RetentionClass, Section, keep, purposes
from numaru.values.period import Period
from numaru.values.text import Text

USAGE, RECORD = "subscribers.usage", "subscribers.record"
FRESH = "NOT EXISTS (SELECT 1 FROM retention_destroyed d WHERE d.klass = %(klass)s AND d.ref = s.id AND d.day >= s.served_to)"


def _running(person: str, cut: date) -> tuple[str, dict[str, Any]]:
    return (
        f"EXISTS (SELECT 1 FROM subscribers_subscriber s WHERE s.party_id = {person} AND (s.served_to IS NULL OR s.served_to > %(running_cut)s))",
        {"running_cut": cut},
    )


purposes.add("subscribers.running", Purpose(Text("이용 중인 계약", "a contract that runs"), _running))


class _Ended:
    """Subscribers whose last contract ended on or before a day and whose class was not destroyed since."""

    def __init__(self, klass: str) -> None:
        self.klass = klass

    def _where(self, cut: date, held: Sequence[int]) -> tuple[str, dict[str, Any]]:
        where = f"s.served_to <= %(cut)s AND NOT (s.party_id = ANY(%(held)s)) AND {FRESH}"
        return where, {"cut": cut, "held": list(held), "klass": self.klass}

    def count(self, cut: date, held: Sequence[int]) -> int:
        where, values = self._where(cut, held)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM subscribers_subscriber s WHERE {where}", values)
            return int(cursor.fetchone()[0])

    def due(self, cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
        where, values = self._where(cut, held)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.id FROM subscribers_subscriber s WHERE s.id > %(after)s AND {where} ORDER BY s.id LIMIT %(limit)s",
                values | {"after": after or 0, "limit": limit},
            )
            return [pk for (pk,) in cursor.fetchall()]

    def refs_of(self, person: int) -> list[Ref]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.id FROM subscribers_subscriber s WHERE s.party_id = %(person)s AND (s.served_to IS NULL OR {FRESH}) ORDER BY s.id",
                {"person": person, "klass": self.klass},
            )
            return [pk for (pk,) in cursor.fetchall()]

    def started(self, person: int) -> date | None:
        found: date | None = Subscriber.objects.filter(party=person).aggregate(last=Max("served_to"))["last"]
        return found


def cut_usage(refs: Sequence[Ref]) -> int:
    """Give these subscribers a new random key: the files keep the old one, which nothing ties to a person any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subscribers_subscriber SET subject_key ="
            " ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16))::bit(64)::bigint & 9223372036854775807 WHERE id = ANY(%s)",
            [list(refs)],
        )
        return int(cursor.rowcount)


def blank_record(refs: Sequence[Ref]) -> int:
    """Take the name that the outside used for these subscribers; the number stays, and with it the figures."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subscribers_subscriber SET external_id = 'gone-' || id, state = 'withdrawn' WHERE id = ANY(%s)", [list(refs)]
        )
        return int(cursor.rowcount)


def export_record(person: int, asking: Asking) -> list[Section]:
    services = {s.id: s for s in catalogue.services()}
    rows = tuple(
        (s.number, services[s.service_id].name.ko, s.external_id, str(s.served_from or "-"), str(s.served_to or "-"))
        for s in Subscriber.objects.filter(party=person).order_by("id")
    )
    heads = (
        Text("가입번호", "Number"),
        Text("서비스", "Service"),
        Text("외부 번호", "External id"),
        Text("시작", "From"),
        Text("끝", "Until"),
    )
    return [Section(Text("가입", "Subscriptions"), heads, rows)]


def export_usage(person: int, asking: Asking) -> list[Section]:
    """Every event of theirs, from the files and from the waiting room."""
    services = {s.id: s for s in catalogue.services()}
    rows = []
    for s in Subscriber.objects.filter(party=person).order_by("id"):
        service = services[s.service_id]
        days = _days(service.slug)
        for e in metering.events_of(service.slug, {s.subject_key}, days) if days else []:
            amount = "" if e.amount is None else f"{e.amount.normalize():f} {e.currency or ''}".strip()
            rows.append((s.number, f"{e.at.isoformat()}Z", e.meter, f"{e.quantity.normalize():f}", amount))
    heads = (
        Text("가입번호", "Number"),
        Text("언제 (UTC)", "When (UTC)"),
        Text("항목", "What"),
        Text("수량", "Quantity"),
        Text("금액", "Amount"),
    )
    return [Section(Text("이용 기록", "Usage"), heads, tuple(rows))]


def _days(service: str) -> Period | None:
    """From the first day that metering knows of the service until tomorrow."""
    first = metering.first_day(service)
    return Period(first, clock.today() + timedelta(days=2)) if first else None


_usage, _record = _Ended(USAGE), _Ended(RECORD)
START = Text("계약이 끝난 날", "the end of the contract")
keep(
    RetentionClass(
        USAGE, Text("이용 기록과 사람의 연결", "The link between usage and a person"), START,
        Text("통신비밀보호법 시행령 제41조: 접속·방문 기록 3개월. 콘텐츠 이용 기록에 맞는지는 미확인",
             "Protection of Communications Secrets Act decree art. 41: log-in and visit records 3 months; whether usage of content counts as such is unsure"),
        policy("retention.usage_months", Text("계약이 끝난 뒤 이용 기록의 연결을 보관하는 기간 (개월)", "Months for which usage stays tied to a person after the contract"), 3,
               "Log-in and visit records are kept 3 months (unsure whether usage of content counts as such)."),
        "months", Act.ANONYMISE, ("subscribers.Subscriber",), _usage.count, _usage.due, cut_usage, refs_of=_usage.refs_of, started=_usage.started,
        export=export_usage, unsure=True,
    )
)  # fmt: skip
keep(
    RetentionClass(
        RECORD, Text("가입 기록", "Record of subscription"), START,
        Text("전자상거래법 시행령 제6조: 계약·공급 기록 5년", "E-Commerce Act decree art. 6: contract and supply 5 years"),
        policy("retention.record_years", Text("가입 기록을 보관하는 기간 (년)", "Years for which records of subscription are kept"), 5,
               "E-Commerce Act decree art. 6: records of contract, withdrawal, payment and supply are kept 5 years."),
        "years", Act.ANONYMISE, ("subscribers.Subscriber",), _record.count, _record.due, blank_record, refs_of=_record.refs_of,
        started=_record.started, export=export_record, by_law=True,
        apart=Text("이름과 연락처 없이 번호로만 남고, 검색되지 않습니다.", "Kept under its number alone, without a name or a way to search by one."),
    )
)  # fmt: skip
