"""A clerk helps a caller into the portal: opens the number to call back, invites, the person signs up on a telephone, sees the bill and why it
differs, asks the widget, and sees in their own data that a clerk opened the number."""

from __future__ import annotations

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from numaru.kernel.audit import api as audit
from numaru.kernel.models import AuditRecord
from numaru.kernel.retention.models import SubjectRequest
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(html.unescape(re.sub(r"<head>.*?</head>|<[^>]+>", " ", answer.content.decode(), flags=re.S)).split())


def test_from_a_call_to_ones_own_bill(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk, number = sign_in("subscriber_clerk"), naru.subscriber("noeul").number
    opened = clerk.post(f"/subscribers/{number}/open/phone/", {"reason": "caller", "case_ref": "CALL-12"}, headers={"HX-Request": "true"})
    assert "010-5678-3302" in opened.content.decode()
    made = clerk.post(f"/subscribers/{number}/portal/", {"how": "call"}).content.decode()
    (code,) = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", made)

    person = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile Safari/604.1"})
    assert person.get("/my/").headers["Location"] == "/my/sign-in/"
    answer = person.post("/my/start/", {"code": code, "name": "이노을", "contact": "010-5678-3302", "password": "들마루에 앉은 고양이"})
    assert answer.status_code == 302 and person.get("/my/")["Location"] == f"/my/{number}/"
    bill = read(person, f"/my/{number}/")
    assert "9월 요금 15,000 원" in bill and "24,000원 줄어든 이유" in bill and "가입비 이번에는 없는 항목 −5,000 원" in bill
    lines = read(person, re.search(r'href="(/my/[^"]+/bills/[^"]+/)"', person.get(f"/my/{number}/").content.decode())[1])  # type: ignore[index]
    assert "왜 이 금액인가요?" in lines and "금액 일치" in lines
    assert "24,000원 줄었습니다" in read(person, "/my/ask/?q=why")
    me = read(person, "/my/me/")
    assert "가입 담당 · 휴대전화 상담 중 본인 확인" in me and "Safari · iOS · 이 기기" in me and "010-****-3302" in me
    assert "한누리" not in me, "by role, never by name"

    assert person.post("/my/me/requests/", {"kind": "access"}).status_code == 302
    asked = SubjectRequest.objects.get()
    officer = sign_in("privacy_officer")
    desk = read(officer, f"/privacy/requests/{asked.number}/")
    assert number in desk and "포털" in desk and "로그인한 계정에서 요구" in desk
    assert person.post("/my/sign-out/").status_code == 302 and person.get("/my/me/").status_code == 302
    assert person.post("/my/sign-in/", {"who": "+82 10-5678-3302", "password": "들마루에 앉은 고양이"}).status_code == 302
    assert settings.PORTAL_COOKIE_NAME in person.cookies and "열람" in read(person, "/my/me/")

    told = set(AuditRecord.objects.filter(object="parties.portal").values_list("actor_kind", "action"))
    assert told == {("staff", "parties.portal.manage"), ("portal", "parties.portal.use")}
    assert audit.seen_by_others(asked.person)[0].role.en == "Subscriber clerk"
