"""Documents of consent in the console, and the proof of one person at one moment."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from numaru.facilities.parties.api import consents
from numaru.facilities.parties.models import ConsentText
from numaru.kernel import clock
from numaru.kernel.models import AuditRecord
from tests.domains.billing.world import HOUSE, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

AT = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
TEXT = {"ko": "제1조\n광고를 보냅니다.", "en": "Article 1\nWe send advertising.", "valid_from": "2026-12-01"}


def read(answer: Any) -> str:
    body = re.sub(r"<head>.*?</head>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(body).split())


def test_a_document_is_made_written_looked_at_and_published(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("privacy_officer")
    assert "동의 문서가 없습니다" in read(client.get("/consents/"))
    made = client.post("/consents/new/", {"key": "news", "purpose": "advertising", "name_ko": "광고 수신", "name_en": "Advertising"})
    assert made.status_code == 302 and made["Location"] == "/consents/documents/news/write/"
    assert client.post("/consents/new/", {"key": "News", "purpose": "advertising", "name_ko": "광고", "name_en": "A"}).status_code == 422
    assert client.get("/consents/documents/news/publish/")["Location"].endswith("/write/")
    assert client.post("/consents/documents/news/write/", TEXT | {"en": ""}).status_code == 422
    assert client.post("/consents/documents/news/write/", TEXT)["Location"].endswith("/publish/")
    shown = read(client.get("/consents/documents/news/publish/"))
    draft = consents.draft("news")
    assert draft and "고칠 수 없습니다" in shown and draft.sha256 in shown and ConsentText.objects.get().number is None
    assert client.post("/consents/documents/news/publish/", {"sha256": "0" * 64, "reason": "처음"}).status_code == 422
    assert client.post("/consents/documents/news/publish/", {"sha256": draft.sha256}).status_code == 422
    assert client.post("/consents/documents/news/publish/", {"sha256": draft.sha256, "reason": "처음"}).status_code == 302
    assert ConsentText.objects.get().number == 1
    client.post("/consents/documents/news/write/", TEXT | {"ko": "제1조\n소식을 보냅니다.", "material": "on", "note_ko": "말을 바꿈"})
    shown = read(client.get("/consents/documents/news/publish/"))
    assert "더함" in shown and "소식을 보냅니다." in shown and "광고를 보냅니다." in shown
    second = consents.draft("news")
    assert second and client.post("/consents/documents/news/publish/", {"sha256": second.sha256, "reason": "말"}).status_code == 302
    shown = read(client.get("/consents/documents/news/?version=1"))
    assert "광고를 보냅니다." in shown and draft.sha256 in shown and "말을 바꿈" in shown
    assert client.get("/consents/documents/news/?version=7").status_code == client.get("/consents/documents/none/").status_code == 404
    assert "시행 예정" in read(client.get("/consents/"))
    assert client.post("/consents/documents/news/retire/", {}).status_code == 422
    assert client.post("/consents/documents/news/retire/", {"reason": "끝"}).status_code == 302
    assert "더 묻지 않음" in read(client.get("/consents/"))


def test_who_may_only_see_documents_is_offered_no_writing(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    consents.write_document.do(HOUSE, key="news", purpose="advertising", name_ko="광고 수신", name_en="Advertising")
    client = sign_in("auditor")
    assert "새 문서" not in read(client.get("/consents/")) and "다음 판 쓰기" not in read(client.get("/consents/documents/news/"))
    assert client.get("/consents/new/").status_code == 403


def said(naru: World) -> int:  # noqa: F811
    """Haneul agreed by telephone, and withdrew a day later."""
    person = naru.subscriber("haneul").party_id
    with clock.pinned(AT - timedelta(days=1)):
        consents.write_document.do(HOUSE, key="news", purpose="advertising", name_ko="광고 수신", name_en="Advertising")
        consents.draft_text.do(HOUSE, key="news", ko="가", en="a", valid_from=clock.today())
        consents.publish_text.do(HOUSE, key="news", reason="시험")
    for days, kind in ((0, "yes"), (1, "withdrawn")):
        with clock.pinned(AT + timedelta(days=days)):
            consents.say.do(HOUSE, party=person, purpose="advertising", kind=kind, medium="text", evidence=f"call-{days}", reason="시험")
    return person


def ask(client: Client, naru: World, at: str, **more: str) -> Any:  # noqa: F811
    return client.post(f"/consents/people/{naru.subscriber('haneul').number}/", {"at": at, "reason": "request"} | more)


def test_the_proof_asks_a_purpose_says_what_stood_and_is_on_record(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    person = said(naru)
    client = sign_in("subscriber_clerk")
    address = f"/consents/people/{naru.subscriber('haneul').number}/"
    assert address in client.get(f"/subscribers/{naru.subscriber('haneul').number}/").content.decode()
    before = AuditRecord.objects.count()
    shown = client.get(f"{address}?at=2026-10-05T12:30:00")
    assert 'value="2026-10-05T12:30:00"' in shown.content.decode() and "그때의 동의" not in read(shown)
    assert AuditRecord.objects.count() == before and client.get(f"{address}?at=nonsense").status_code == 200
    stood = read(ask(client, naru, "2026-10-05T12:30:00", case_ref="C-7"))
    assert "문자 동의" in stood and "call-0" in stood and "call-1" not in stood and "해시 일치" in stood and "광고 수신 1판" in stood
    later = read(ask(client, naru, "2026-10-07T00:00:00"))
    assert "문자 동의하지 않음" in later and "call-1" in later
    assert "그때까지 말한 것이 없습니다" in read(ask(client, naru, "2026-10-01T00:00:00"))
    record = AuditRecord.objects.filter(after__has_key="consents_read").order_by("pk").first()
    assert record is not None and record.key == str(person) and "C-7" in record.reason and record.after["purpose"] == "request"
    assert AuditRecord.objects.filter(after__has_key="consents_read").count() == 3


def test_what_was_on_record_then_leaves_out_what_was_written_down_later(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    person = said(naru)
    with clock.pinned(AT + timedelta(days=9)):
        consents.say.do(
            HOUSE,
            party=person,
            purpose="advertising",
            kind="yes",
            medium="email",
            evidence="paper-1",
            at=AT,
            channel="paper",
            reason="시험",
        )
    client = sign_in("subscriber_clerk")
    assert "paper-1" in read(ask(client, naru, "2026-10-06T00:00:00"))
    assert "paper-1" not in read(ask(client, naru, "2026-10-06T00:00:00", known="then"))


def test_without_a_purpose_or_a_moment_nothing_is_shown(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    said(naru)
    client = sign_in("subscriber_clerk")
    for at, reason in (("", "request"), ("어제", "request"), ("2026-10-05T12:30:00", ""), ("2026-10-05T12:30:00", "curious")):
        answer = ask(client, naru, at, reason=reason)
        assert answer.status_code == 422 and "call-0" not in read(answer), (at, reason)
    assert not AuditRecord.objects.filter(after__has_key="consents_read").exists()
    assert sign_in("billing_clerk").get(f"/consents/people/{naru.subscriber('haneul').number}/").status_code == 403
