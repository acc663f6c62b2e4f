"""Documents of consent and their versions: written as a draft, looked at beside the version before, published, never edited afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Max

from numaru.facilities.parties.consents import policies
from numaru.facilities.parties.consents.words import PURPOSE
from numaru.facilities.parties.events import TextPublished
from numaru.facilities.parties.models import ConsentDocument, ConsentText
from numaru.facilities.parties.permissions import DOCUMENT_PUBLISH
from numaru.facilities.parties.rules.texts import Line, clean, difference, text_hash
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.policies import value
from numaru.values.text import Text

WHAT = Text("동의 문서", "document of consent")
LONGEST = 200_000
CONSENTING = """
WITH latest AS (
    SELECT DISTINCT ON (document_id, party_id, medium) document_id, party_id, medium, kind, at, id
      FROM parties_consentevent WHERE document_id = ANY(%s) AND kind IN ('yes', 'no', 'withdrawn')
     ORDER BY document_id, party_id, medium, at DESC, id DESC)
SELECT document_id, count(DISTINCT party_id) FROM latest y
 WHERE kind = 'yes' AND NOT EXISTS (
       SELECT 1 FROM latest w WHERE w.document_id = y.document_id AND w.party_id = y.party_id AND w.medium = '' AND w.kind <> 'yes'
          AND (w.at, w.id) > (y.at, y.id))
 GROUP BY document_id
"""


@dataclass(frozen=True, slots=True)
class TextCard:
    """A version of a document as pages show it."""

    id: int
    document: int
    key: str
    name: Text
    purpose: str
    required: bool
    number: int | None
    words: Text
    note: Text
    material: bool
    valid_from: datetime
    sha256: str
    published_at: datetime | None
    published_by: int | None


def text_card(row: ConsentText) -> TextCard:
    d = row.document
    return TextCard(
        row.pk, d.pk, d.key, Text(d.name_ko, d.name_en), d.purpose, d.required, row.number, Text(row.ko, row.en), Text(row.note_ko, row.note_en),
        row.material, row.valid_from, row.sha256, row.published_at, row.published_by,
    )  # fmt: skip


def document(key: str) -> ConsentDocument:
    """Raises NotFound."""
    row = ConsentDocument.objects.filter(key=key).first()
    if row is None:
        raise NotFound.named(WHAT, key[:40])
    return row


def texts(key: str) -> list[TextCard]:
    """The published versions of a document, latest first."""
    rows = ConsentText.objects.filter(document__key=key, published_at__isnull=False).select_related("document").order_by("-number")
    return [text_card(row) for row in rows]


def draft(key: str) -> TextCard | None:
    row = ConsentText.objects.filter(document__key=key, published_at__isnull=True).select_related("document").first()
    return text_card(row) if row else None


def published(key: str, number: int) -> TextCard:
    """One published version of a document. Raises NotFound."""
    row = ConsentText.objects.filter(document__key=key, number=number, published_at__isnull=False).select_related("document").first()
    if row is None:
        raise NotFound.named(WHAT, f"{key}@{number}"[:60])
    return text_card(row)


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """A document as lists show it. ``now`` is the version in force, ``latest`` the last published one; ``drafted``: the next one is being written."""

    key: str
    name: Text
    purpose: str
    required: bool
    retired_at: datetime | None
    versions: int
    now: int | None
    since: datetime | None
    latest: int | None
    latest_from: datetime | None
    drafted: bool
    consenting: int

    @property
    def coming(self) -> bool:
        return self.latest is not None and self.latest != self.now


def every_document(at: datetime | None = None) -> list[DocumentCard]:
    """All documents in their order, those no longer asked for at the end. Three queries."""
    at = at or clock.now()
    return _cards(list(ConsentDocument.objects.order_by("position", "pk")), at)


def document_card(key: str, at: datetime | None = None) -> DocumentCard:
    """Raises NotFound."""
    return _cards([document(key)], at or clock.now())[0]


def _cards(rows: list[ConsentDocument], at: datetime) -> list[DocumentCard]:
    versions: dict[int, list[tuple[int | None, datetime]]] = {}
    for of, number, begins in (
        ConsentText.objects.filter(document__in=rows).order_by("number").values_list("document", "number", "valid_from")
    ):
        versions.setdefault(of, []).append((number, begins))
    said = consenting_to([row.pk for row in rows])
    cards = []
    for row in rows:
        out = [(number, begins) for number, begins in versions.get(row.pk, ()) if number is not None]
        now, since = next(((number, begins) for number, begins in reversed(out) if begins <= at), (None, None))
        latest, latest_from = out[-1] if out else (None, None)
        name, drafted = Text(row.name_ko, row.name_en), len(out) < len(versions.get(row.pk, ()))
        card = DocumentCard(
            row.key,
            name,
            row.purpose,
            row.required,
            row.retired_at,
            len(out),
            now,
            since,
            latest,
            latest_from,
            drafted,
            said.get(row.pk, 0),
        )
        cards.append(card)
    return sorted(cards, key=lambda card: card.retired_at is not None)


def in_force(at: datetime | None = None) -> list[TextCard]:
    """The version in force of every document that is asked for, in the order in which they are shown. One query."""
    at = at or clock.now()
    rows = (
        ConsentText.objects.filter(published_at__lte=at, valid_from__lte=at, document__retired_at__isnull=True)
        .select_related("document")
        .order_by("document__position", "document", "-number")
        .distinct("document__position", "document")
    )
    return [text_card(row) for row in rows]


def by_id(ids: Sequence[int]) -> dict[int, TextCard]:
    rows = ConsentText.objects.filter(pk__in=set(ids)).select_related("document")
    return {row.pk: text_card(row) for row in rows}


def start_of(day: date) -> datetime:
    """The first instant of a day on the operator's clock."""
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


def changes(before: TextCard | None, after: TextCard) -> dict[str, list[Line]]:
    """What differs in each language; against nothing for the first version."""
    return {lang: difference(getattr(before.words, lang) if before else "", getattr(after.words, lang)) for lang in ("ko", "en")}


@action(DOCUMENT_PUBLISH)
def write_document(act: Act, *, key: str, purpose: str, name_ko: str, name_en: str, required: bool = False) -> str:
    """Make a document that people can be asked to consent to; returns its key. Its words come as versions."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", key):
        raise Invalid.because(
            "consents.key", Text("이 이름표는 쓸 수 없습니다.", "This key cannot be used."),
            Text("영문 소문자로 시작해 소문자, 숫자, 붙임표만 쓰십시오. 예: privacy", "Small letters, digits and hyphens, a letter first, like privacy."), field="key",
        )  # fmt: skip
    if purpose not in PURPOSE or not name_ko.strip() or not name_en.strip():
        raise Invalid.because(
            "consents.document", Text("목적이나 이름이 빠졌습니다.", "The purpose or a name is missing."),
            Text("목적을 고르고 두 언어로 이름을 적으십시오.", "Choose a purpose and write the name in both languages."), field="name_ko",
        )  # fmt: skip
    if ConsentDocument.objects.filter(key=key).exists():
        raise Conflict.because(
            "consents.known", Text("같은 이름표의 문서가 있습니다.", "There is a document of this key."), Text("다른 이름표를 쓰십시오.", "Take another key."), field="key",
        )  # fmt: skip
    last = ConsentDocument.objects.aggregate(last=Max("position"))["last"] or 0
    ConsentDocument.objects.create(
        key=key, purpose=purpose, required=required, name_ko=name_ko.strip()[:80], name_en=name_en.strip()[:80], position=last + 1,
        created_at=clock.now(),
    )  # fmt: skip
    act.record("parties.document", key, after={"purpose": purpose, "required": required, "name": name_ko})
    return key


@action(DOCUMENT_PUBLISH)
def draft_text(
    act: Act, *, key: str, ko: str, en: str, valid_from: date, material: bool = False, note_ko: str = "", note_en: str = ""
) -> str:  # fmt: skip
    """Keep the next version of a document as its draft and return its hash; an earlier draft is written over. Nobody sees it before it is
    published."""
    row = document(key)
    ko, en = clean(ko), clean(en)
    if not ko or not en or max(len(ko), len(en)) > LONGEST:
        raise Invalid.because(
            "consents.text", Text("두 언어의 본문이 모두 있어야 합니다.", "The text is needed in both languages."),
            Text("한국어와 영어 본문을 {n}자 안에서 적으십시오.", "Write it in Korean and English, up to {n} characters.").fill(n=f"{LONGEST:,}"), field="ko",
        )  # fmt: skip
    kept = {
        "ko": ko, "en": en, "note_ko": note_ko.strip()[:200], "note_en": note_en.strip()[:200], "material": material,
        "valid_from": start_of(valid_from), "sha256": text_hash(ko, en), "drafted_at": clock.now(),
    }  # fmt: skip
    ConsentText.objects.update_or_create(document=row, published_at=None, defaults=kept)
    act.record("parties.document", key, after={"draft": kept["sha256"], "from": valid_from.isoformat(), "material": material})
    return str(kept["sha256"])


@action(DOCUMENT_PUBLISH, reason=True)
def publish_text(act: Act, *, key: str, sha256: str = "") -> int:
    """Publish the draft as the next version and return its number; from then on nobody can edit it, the database included. ``sha256`` is that of the
    text that was looked at: another one, saved since, is refused. A plan says what changes and whose consent will lapse."""
    doc = ConsentDocument.objects.select_for_update().filter(key=key).first()
    row = ConsentText.objects.select_for_update().filter(document=doc, published_at__isnull=True).first() if doc else None
    if doc is None or row is None:
        raise NotFound.named(Text("초안", "draft"), key[:40])
    if sha256 and sha256 != row.sha256:
        raise Conflict.because(
            "consents.draft_moved", Text("살펴본 뒤에 초안이 바뀌었습니다.", "The draft has changed since you looked at it."),
            Text("바뀐 초안을 다시 살펴보십시오.", "Look at the changed draft."),
        )  # fmt: skip
    former = ConsentText.objects.filter(document=doc, published_at__isnull=False).order_by("-number").first()
    if former is not None and former.sha256 == row.sha256:
        raise Conflict.because(
            "consents.same", Text("본문이 앞 판과 같습니다.", "The text is that of the version before."), Text("바꾼 뒤에 게시하십시오.", "Change it first."),
        )  # fmt: skip
    now = clock.now()
    if row.valid_from < start_of(clock.today()) or (former is not None and row.valid_from < former.valid_from):
        raise Invalid.because(
            "consents.valid_from", Text("시행일이 지났거나 앞 판보다 이릅니다.", "The day it takes effect is over, or before that of the version before."),
            Text("오늘이나 그 뒤의 날을 적으십시오.", "Write today or a later day."), field="valid_from",
        )  # fmt: skip
    number = (former.number or 0) + 1 if former else 1
    row.number, row.published_at, row.published_by = number, now, act.actor.staff_id
    row.material = row.material and former is not None
    row.save()
    _foretell(act, doc, row, former)
    act.event(TextPublished(key, number, row.material))
    act.record(
        "parties.document", key, before={"number": former.number, "sha256": former.sha256} if former else None,
        after={"number": number, "sha256": row.sha256, "from": row.valid_from.isoformat(), "material": row.material},
    )  # fmt: skip
    return number


def _foretell(act: Act, doc: ConsentDocument, row: ConsentText, former: ConsentText | None) -> None:
    day = row.valid_from.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    act.effect(
        Text("‘{n}’ {v}판을 게시하고 {d}부터 시행합니다. 게시한 본문은 고칠 수 없습니다.", "Publishes version {v} of “{n}”, in force from {d}. A published text cannot be edited.").fill(
            n=Text(doc.name_ko, doc.name_en), v=row.number, d=day)
    )  # fmt: skip
    if former is not None:
        lines = [difference(former.ko, row.ko, 0), difference(former.en, row.en, 0)]
        ko, en = (sum(line.kind in ("added", "gone") for line in one) for one in lines)
        act.effect(
            Text("한국어 {a}줄, 영어 {b}줄이 바뀝니다.", "{a} lines of the Korean text and {b} of the English one change.").fill(a=ko, b=en)
        )
    if row.material and doc.purpose in value(policies.MATERIAL_LAPSES.key, day):
        act.effect(
            Text("지금까지 동의한 {n}명의 동의가 {d}에 효력을 잃어, 다시 물어야 합니다.", "The consent of {n} people lapses on {d}; they are to be asked again.").fill(
                n=f"{consenting(doc.pk):,}", d=day)
        )  # fmt: skip
    ahead, least = (day - clock.today()).days, int(value(policies.TEXT_NOTICE.key, clock.today()))
    if row.material and ahead < least:
        act.effect(
            Text("시행까지 {n}일입니다. 정책은 중대한 변경을 {m}일 전에 알리게 합니다.", "{n} days until it takes effect; the policy asks for {m} days of notice.").fill(
                n=ahead, m=least)
        )  # fmt: skip


def consenting(document: int) -> int:
    """How many people's latest answer about a document is yes."""
    return consenting_to([document]).get(document, 0)


def consenting_to(documents: Sequence[int]) -> dict[int, int]:
    """By document, how many people consent by at least one medium: their latest answer is yes, and they did not refuse all since. One query."""
    with connection.cursor() as cursor:
        cursor.execute(CONSENTING, [list(documents)])
        return {of: int(count) for of, count in cursor.fetchall()}


@action(DOCUMENT_PUBLISH, reason=True)
def retire_document(act: Act, *, key: str) -> None:
    """A document is no longer asked for. What people said about it stays in the ledger."""
    row = document(key)
    if row.retired_at is None:
        row.retired_at = clock.now()
        row.save(update_fields=["retired_at"])
    act.record("parties.document", key, after={"retired": True})
