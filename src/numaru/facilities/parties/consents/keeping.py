"""How long the ledger is kept: while the person is anybody's subscriber, and then for the years in which a consent may have to be proved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q

from numaru.facilities.parties.consents import documents
from numaru.facilities.parties.consents.stops import REASONS
from numaru.facilities.parties.consents.words import ACTOR, CHANNEL, KIND, MEDIUM, PURPOSE
from numaru.facilities.parties.models import ConsentEvent, ContactStop, Guardianship
from numaru.kernel.policies import policy
from numaru.kernel.retention.api import Act, Asking, Ref, RetentionClass, Section, end_of, keep, leave, needed
from numaru.values.text import Text

KEY = "parties.consent"
# People whose last line is so old that nothing later than the day stands in the ledger, and whom no room needed after that day.
OVER = (
    "NOT (p.id = ANY(%(held)s)) AND EXISTS (SELECT 1 FROM parties_consentevent e WHERE e.party_id = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM parties_consentevent e WHERE e.party_id = p.id AND e.recorded_at >= %(end)s) AND NOT ({wanted})"
)


def _over(cut: date, held: Sequence[int]) -> tuple[str, dict[str, Any]]:
    wanted, values = needed("p.id", cut)
    return OVER.format(wanted=wanted), values | {"held": list(held), "end": end_of(cut)}


def count(cut: date, held: Sequence[int]) -> int:
    where, values = _over(cut, held)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM parties_party p WHERE {where}", values)
        return int(cursor.fetchone()[0])


def due(cut: date, held: Sequence[int], after: Ref | None, limit: int) -> list[Ref]:
    where, values = _over(cut, held)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id FROM parties_party p WHERE p.id > %(after)s AND {where} ORDER BY p.id LIMIT %(limit)s",
            values | {"after": after or 0, "limit": limit},
        )
        return [pk for (pk,) in cursor.fetchall()]


def destroy(refs: Sequence[Ref]) -> int:
    """Delete what these people said, were to be told, and who consented for them. The one place where the ledger lets a line go."""
    people = [int(ref) for ref in refs]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('numaru.consents_over', 'yes', true)")
        cursor.execute("DELETE FROM parties_consentnotice WHERE party_id = ANY(%s)", [people])
        cursor.execute("DELETE FROM parties_consentevent WHERE party_id = ANY(%s)", [people])
        gone = cursor.rowcount
        cursor.execute("DELETE FROM parties_guardianship WHERE child_id = ANY(%s) OR guardian_id = ANY(%s)", [people, people])
        cursor.execute("DELETE FROM parties_contactstop WHERE party_id = ANY(%s)", [people])
        cursor.execute("SELECT set_config('numaru.consents_over', '', true)")
    return int(gone)


def refs_of(person: int) -> list[Ref]:
    held = ConsentEvent.objects.filter(party=person).exists() or ContactStop.objects.filter(party=person).exists()
    return [person] if held or Guardianship.objects.filter(Q(child=person) | Q(guardian=person)).exists() else []


def started(person: int) -> date | None:
    last: datetime | None = ConsentEvent.objects.filter(party=person).aggregate(last=Max("recorded_at"))["last"]
    return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if last else None


def export(person: int, asking: Asking) -> list[Section]:
    """The whole history, the marks, and who consented for whom."""
    rows = list(ConsentEvent.objects.filter(party=person).order_by("at", "pk"))
    texts = documents.by_id([row.text_id for row in rows if row.text_id])

    def both(word: Text) -> str:
        return f"{word.ko} ({word.en})"

    lines = []
    for row in rows:
        text = texts.get(row.text_id or 0)
        lines.append(
            (row.at.isoformat(timespec="seconds"), both(PURPOSE[row.purpose]), both(MEDIUM[row.medium]), both(KIND[row.kind]),
             f"{text.name.ko} {text.number}" if text else "-", both(CHANNEL[row.channel]), both(ACTOR[row.actor]), row.text_hash or "-")
        )  # fmt: skip
    heads = (
        Text("언제", "When"), Text("목적", "Purpose"), Text("수단", "Medium"), Text("답", "Said"), Text("본문과 판", "Text and version"),
        Text("경로", "Way"), Text("누가", "By"), Text("본문의 SHA-256", "SHA-256 of the text"),
    )  # fmt: skip
    stops = tuple(
        (s.since.isoformat(timespec="seconds"), both(REASONS[s.reason]), s.lifted_at.isoformat(timespec="seconds") if s.lifted_at else "-")
        for s in ContactStop.objects.filter(party=person).order_by("pk")
    )
    wards = tuple(
        (
            "아동 (child)" if g.child_id == person else "법정대리인 (guardian)",
            g.begun_at.isoformat(timespec="seconds"),
            g.until.date().isoformat(),
        )
        for g in Guardianship.objects.filter(Q(child=person) | Q(guardian=person)).order_by("pk")
    )
    return [
        Section(Text("동의의 이력", "History of consents"), heads, tuple(lines)),
        Section(Text("연락 금지", "Stops on contact"), (Text("부터", "Since"), Text("까닭", "Cause"), Text("해제", "Lifted")), stops),
        Section(
            Text("아동과 법정대리인", "Child and guardian"), (Text("관계", "Relation"), Text("부터", "Since"), Text("까지", "Until")), wards
        ),
    ]


keep(
    RetentionClass(
        KEY, Text("동의의 이력", "Histories of consents"), Text("마지막 계약이 끝난 날과 마지막 동의 기록 가운데 늦은 날", "the end of the last contract, or the last line if that is later"),
        Text("동의를 받은 사실은 사업자가 증명함 (개인정보 보호법 제22조). 기간은 전자상거래법 시행령 제6조에 맞춘 내부 기준",
             "The operator proves that there was consent (Personal Information Protection Act art. 22); the years are its own rule, after E-Commerce Act decree art. 6"),
        policy("retention.consents_years", Text("계약이 끝난 뒤 동의의 이력을 보관하는 기간 (년)", "Years for which histories of consents are kept after the last contract"), 5,
               "Own rule, as long as records of contracts (E-Commerce Act decree art. 6); unsure: counsel decides."),
        "years", Act.DELETE, ("parties.ConsentEvent", "parties.ConsentNotice", "parties.Guardianship", "parties.ContactStop"), count, due, destroy,
        refs_of=refs_of, started=started, export=export, by_law=True, unsure=True,
        apart=Text("번호로만 남고, 이름과 연락처는 먼저 파기됩니다.", "Kept under a number alone; name and contact data are destroyed before."),
    )
)  # fmt: skip
leave(
    "parties.ConsentText",
    Text("문서의 본문입니다. 게시한 직원의 번호만 있습니다.", "The words of documents; names the member of staff who published them."),
)
