"""Pages of the portal with a billed company: what a subscriber reads, in both languages, and that each figure is the house's own."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from django.test import Client

from numaru.domains.billing import api as billing
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.models import Party, PortalAccount, PortalInvitation, PortalSession
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.staff.sessions import end_everything
from numaru.ui.answers import Asker, questions
from tests.domains.billing.world import SLUG, World
from tests.screens import naru, shared, sign_in, subscriber  # noqa: F401

CLERK = Actor("staff", 5, "가입 담당", (("subscriber_clerk", None),))


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    body = re.sub(r"<head>.*?</head>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(body).split())


def home(naru: World, who: str) -> str:  # noqa: F811
    return f"/my/{naru.subscriber(who).number}/"


# ── 요금 ──


def test_the_bill_is_the_one_amount_and_its_difference_is_told_charge_by_charge(naru: World) -> None:  # noqa: F811
    shown = read(subscriber(naru, "noeul"), home(naru, "noeul"))
    assert "9월 요금 15,000 원" in shown and "24,000원 줄어든 이유" in shown and "8월 요금과 견주었습니다" in shown
    for name, amount in (("월정액, 2026년 8월 정산", "−15,000"), ("가입비", "−5,000"), ("저장", "−4,000")):
        assert name in shown and f"{amount} 원" in shown, name
    assert "−24,000 원" in shown and "납부 기한은 10월 15일" in shown and "9월 청구서 PDF 받기" in shown


def test_a_first_bill_compares_with_nothing(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "minsu")
    assert "1,500 원" in read(client, home(naru, "minsu"))
    assert "첫 청구서입니다" in read(subscriber(naru, "saebom"), home(naru, "saebom"))


def test_before_the_first_bill_the_page_says_so(naru: World) -> None:  # noqa: F811
    shown = read(subscriber(naru, "daon"), home(naru, "daon"))
    assert "아직 확정한 청구서가 없습니다" in shown and "PDF" not in shown


def test_one_bill_explains_each_line_and_ties_to_its_amount(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "noeul")
    number = billing.own.bills(naru.subscriber("noeul").party_id, naru.contract("noeul").service_id)[1].number
    shown = read(client, f"{home(naru, 'noeul')}bills/{number}/")
    assert "39,000 원" in shown and shown.count("왜 이 금액인가요?") == 4 and "금액 일치" in shown and "금액 다름" not in shown
    paper = client.get(f"{home(naru, 'noeul')}bills/{number}/pdf?lang=en")
    assert paper.content[:5] == b"%PDF-" and paper["Content-Language"] == "en" and "no-store" in paper["Cache-Control"]


def test_the_page_speaks_the_language_of_the_account(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "noeul", "en")
    shown = read(client, home(naru, "noeul"))
    assert (
        "Why it is ₩ 24,000 less" in shown.replace("₩24,000", "₩ 24,000")
        and "Bill for September" in shown
        and not re.search("[가-힣]", shown.replace("한국어", ""))
    )
    assert client.post("/my/preferences/", {"language": "ko", "next": home(naru, "noeul")}).status_code == 302
    assert "9월 요금" in read(client, home(naru, "noeul"))
    assert AuditRecord.objects.filter(actor_kind="portal", object="parties.portal", after__language="ko").exists()


# ── 이용 ──


def test_use_shows_contracts_prices_and_what_is_free(naru: World) -> None:  # noqa: F811
    naru.use(("noeul", "save", "2026-11-01T10:00", "7", None))  # October is still to be billed, and November's fee with it
    shown = read(subscriber(naru, "noeul"), f"{home(naru, 'noeul')}use/")
    assert "프리미엄" in shown and "월 15,000원, 선불" in shown and "처음 한 번 5,000원" in shown
    assert "10까지 무료, 20까지 한 번에 300원, 그 뒤 한 번에 200원" in shown
    assert "7 / 10 무료" in shown and "아직 낼 것이 없습니다" in shown and "예상 합계 15,000 원" in shown


def test_a_former_contract_stays_to_be_read(naru: World) -> None:  # noqa: F811
    shown = read(subscriber(naru, "gyeoul"), f"{home(naru, 'gyeoul')}use/")
    assert "지금 이용 중인 계약이 없습니다" in shown and "지난 계약" in shown and "해지" in shown


# ── 내 정보 ──


def test_my_data_is_masked_and_tells_who_saw_it_by_role(naru: World) -> None:  # noqa: F811
    from numaru.kernel.models import Staff, StaffGrant

    clerk = Staff.objects.create(login="sori", name="윤소리", created_at=clock.now())
    StaffGrant.objects.create(staff=clerk, role="subscriber_clerk", granted_at=clock.now())
    party = naru.subscriber("haneul").party_id
    parties.open_contact(Staff.objects.get(pk=clerk.pk).actor, party=party, kind="phone", why=parties.Why("caller"), service=SLUG)
    shown = read(subscriber(naru, "haneul"), "/my/me/")
    assert "김*늘" in shown and "010-****-2201" in shown and "ha***@n***.kr" in shown
    assert "가입 담당 · 휴대전화 상담 중 본인 확인" in shown and "윤소리" not in shown


def test_a_request_starts_the_clock_of_the_law_and_can_be_withdrawn(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    assert client.post("/my/me/requests/", {"kind": "access"}).status_code == 302
    row = SubjectRequest.objects.get()
    assert (row.channel, row.identity, row.state, row.person) == ("portal", "account", "verified", naru.subscriber("haneul").party_id)
    assert row.due_on == clock.today() + timedelta(days=10) and row.taken_by.startswith("portal:")
    assert client.post("/my/me/requests/", {"kind": "access"}).status_code == 422, "one of a kind at a time"
    assert client.post("/my/me/requests/", {"kind": "nonsense"}).status_code == 422
    assert "열람 · 처리 중" in read(client, "/my/me/") and "11월 12일 까지 답합니다" in read(client, "/my/me/")
    assert client.post(f"/my/me/requests/{row.number}/withdraw/").status_code == 302
    row.refresh_from_db()
    assert row.state == "withdrawn" and client.post(f"/my/me/requests/{row.number}/withdraw/").status_code == 409
    assert [r.state for r in retention.own_requests(row.person)] == ["withdrawn"]


def test_devices_are_seen_and_ended(naru: World) -> None:  # noqa: F811
    here, there = subscriber(naru, "haneul"), subscriber(naru, "haneul")
    assert "이 기기" in read(here, "/my/me/") and "끊기" in read(here, "/my/me/")
    assert here.post("/my/me/sessions/end/").status_code == 302
    assert there.get("/my/me/").status_code == 302 and here.get("/my/me/").status_code == 200


# ── several services, none, and the end ──


def test_several_services_are_chosen_from_and_the_choice_is_remembered(naru: World) -> None:  # noqa: F811
    from numaru.domains.subscribers.models import Subscriber
    from numaru.facilities.catalogue import api as catalogue
    from tests.domains.billing.world import HOUSE

    catalogue.open_service.do(HOUSE, slug="books", name_ko="나루 책", name_en="Naru Books", zone="Asia/Seoul", currency="KRW")
    second = Subscriber.objects.create(
        party_id=naru.subscriber("haneul").party_id, service_id=catalogue.service("books").id, external_id="b1", created_at=clock.now()
    )
    client = subscriber(naru, "haneul")
    shown = read(client, "/my/")
    assert "나루 비디오" in shown and "나루 책" in shown
    assert "나루 책" in read(client, f"/my/{second.number}/") and "나루 책" in read(client, "/my/help/")
    read(client, home(naru, "haneul"))
    assert "나루 비디오" in read(client, "/my/help/") and "다른 서비스 고르기" in read(client, "/my/help/")


def test_somebody_without_a_subscription_still_has_their_data(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    naru.subscriber("haneul").__class__.objects.filter(external_id="haneul").update(state="withdrawn")
    assert "이용 중인 서비스가 없습니다" in read(client, "/my/") and "김*늘" in read(client, "/my/me/")
    read(client, "/my/help/"), read(client, "/my/ask/?q=bill")


def test_destroying_a_person_ends_the_account(naru: World) -> None:  # noqa: F811
    client, party = subscriber(naru, "gyeoul"), naru.subscriber("gyeoul").party_id
    Party.objects.filter(pk=party).update(phone_masked="010-****-0000")
    parties.accounts.invite.do(CLERK, party=party, how="visit", service=SLUG)
    assert client.get("/my/me/").status_code == 200
    klass = dict(iter(retention.classes))["parties.contact"]
    assert klass.refs_of is not None and klass.refs_of(party) == [party]
    klass.destroy([party])
    assert not PortalAccount.objects.exists() and not PortalSession.objects.exists() and not PortalInvitation.objects.exists()
    assert client.get("/my/me/").status_code == 302 and klass.refs_of(party) == []


def test_after_a_restore_nobody_is_signed_in_and_no_invitation_holds(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "haneul")
    parties.accounts.invite.do(CLERK, party=naru.subscriber("noeul").party_id, how="call", service=SLUG)
    end_everything()
    assert client.get("/my/me/").status_code == 302 and not PortalInvitation.objects.exists()


# ── 문의 ──


def test_every_question_gets_a_true_answer_in_both_languages(naru: World) -> None:  # noqa: F811
    party, card = naru.subscriber("noeul").party_id, naru.subscriber("noeul")
    asker = Asker(party, card.pk, card.service_id, "Asia/Seoul")
    said = {key: question.answer(asker) for key, question in questions()}
    assert list(said) == ["bill", "why", "next", "plan", "seen"]
    assert said["bill"] and said["bill"].said.ko == "가장 최근 청구서는 9월 이용분 15,000원입니다."
    assert (
        said["why"] and said["why"].said.en == "It is ₩24,000 less than for August, mostly because of Monthly fee, settled for August 2026."
    )
    assert said["next"] and said["next"].said.ko == "11월 이용분은 12월 1일 이후에 청구서가 확정됩니다."
    assert said["plan"] and said["plan"].said.ko == "‘프리미엄’ 요금제를 쓰고 계십니다."
    assert said["seen"] and said["seen"].said.ko == "이름과 연락처를 열어 본 사람이 아직 없습니다."


def test_the_conversation_stands_in_the_address_and_is_kept_nowhere(naru: World) -> None:  # noqa: F811
    client = subscriber(naru, "noeul")
    before = AuditRecord.objects.count()
    shown = read(client, "/my/ask/?q=bill&q=nonsense&q=why")
    assert "이번 요금은?" in shown and "24,000원 줄었습니다" in shown and "대화는 저장하지 않습니다" in shown
    page = client.get("/my/ask/?q=bill&q=why").content.decode()
    assert 'href="/my/ask/?q=bill&amp;q=why&amp;q=plan#last"' in page and 'aria-live="polite"' in page
    one = client.get("/my/ask/?q=why", headers={"HX-Request": "true"}).content.decode()
    assert one.strip().startswith('<li class="us"') and "<html" not in one
    assert AuditRecord.objects.count() == before
    assert page.count("data-ask") == len(questions())
    many = "&".join(["q=bill"] * 40)
    assert client.get(f"/my/ask/?{many}").content.decode().count('<li class="us"') == 12


# ── the clerk's side ──


def test_a_clerk_invites_ends_and_sees_where_it_stands(naru: World, sign_in: object) -> None:  # noqa: F811
    clerk: Client = sign_in("subscriber_clerk")  # type: ignore[operator]
    number = naru.subscriber("haneul").number
    assert "아직 없습니다. 초대하기" in read(clerk, f"/subscribers/{number}/")
    answer = clerk.post(f"/subscribers/{number}/portal/", {"how": "call"})
    shown = answer.content.decode()
    (code,) = re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", shown)
    assert "no-store" in answer["Cache-Control"] and "testserver/my/start" in shown
    assert code not in read(clerk, f"/subscribers/{number}/portal/") and "초대가 2026-11-05" in read(clerk, f"/subscribers/{number}/")
    assert not AuditRecord.objects.filter(after__icontains=code).exists()
    assert clerk.post(f"/subscribers/{number}/portal/", {"how": "guess"}).status_code == 422
    person = Client()
    made = {"code": code, "name": "김 하늘", "contact": "+82 10 1234 2201", "password": "긴 대청마루 열 글자"}
    assert person.post("/my/start/", made).status_code == 302
    assert "쓰고 있습니다" in read(clerk, f"/subscribers/{number}/")
    assert clerk.post(f"/subscribers/{number}/portal/end/", {"reason": ""}).status_code == 422
    assert clerk.post(f"/subscribers/{number}/portal/end/", {"reason": "휴대전화 분실"}).status_code == 302
    assert person.get("/my/me/").status_code == 302 and "끝난 계정입니다" in read(clerk, f"/subscribers/{number}/")


def test_nobody_can_be_invited_without_a_number_or_an_address(naru: World, sign_in: object) -> None:  # noqa: F811
    clerk: Client = sign_in("subscriber_clerk")  # type: ignore[operator]
    path = f"/subscribers/{naru.subscriber('minsu').number}/portal/"
    assert "연락처를 먼저 적으십시오" in read(clerk, path)
    assert clerk.post(path, {"how": "call"}).status_code == 422 and not PortalInvitation.objects.exists()
