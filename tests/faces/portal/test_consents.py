"""Consents in the portal: seen as the ledger has them, switched by the reader alone, and stopped by the link of a message without signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from numaru.facilities.parties.api import consents
from numaru.facilities.parties.models import ConsentEvent, Guardianship
from numaru.kernel import clock
from tests.domains.billing.world import HOUSE, World
from tests.faces.portal.test_pages import read
from tests.screens import naru, shared, subscriber  # noqa: F401

AT = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
PAPERS = (
    ("terms", "service", "이용약관", "Terms", True),
    ("news", "advertising", "광고 수신 동의서", "Advertising", False),
    ("night-news", "advertising_night", "야간 광고 동의서", "Advertising at night", False),
    ("partner", "third_party", "제휴사 제공", "Passing on to a partner", False),
)


def papers() -> None:
    """The documents of the house, each published once."""
    for key, purpose, ko, en, required in PAPERS:
        consents.write_document.do(HOUSE, key=key, purpose=purpose, name_ko=ko, name_en=en, required=required)
        publish(key, f"{ko} 첫 글", f"First words of {en}")


def publish(key: str, ko: str, en: str, *, material: bool = False) -> None:
    consents.draft_text.do(HOUSE, key=key, ko=ko, en=en, valid_from=clock.today(), material=material)
    consents.publish_text.do(HOUSE, key=key, reason="시험")


def stands(person: int, purpose: str, medium: str = "", document: int | None = None) -> str:
    return consents.standing([person])[person].of(purpose, medium, document).state


def raw(client: Client, path: str) -> str:
    """A page with its markup."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def agree(client: Client, purpose: str, medium: str = "", document: str = "") -> Any:
    """What the form of the page of agreement sends."""
    shown = raw(client, f"/my/consents/agree/?purpose={purpose}&medium={medium}&document={document}")
    version = shown.split('name="version" value="')[1].split('"')[0]
    return client.post("/my/consents/say/", {"purpose": purpose, "medium": medium, "document": document, "version": version, "kind": "yes"})


def stop(client: Client, purpose: str, medium: str = "", document: str = "") -> Any:
    return client.post("/my/consents/say/", {"purpose": purpose, "medium": medium, "document": document, "kind": "withdrawn"})


def test_nothing_is_on_before_somebody_agreed_and_notices_say_why_they_stay(naru: World) -> None:  # noqa: F811
    shown = read(subscriber(naru, "haneul"), "/my/consents/")
    assert (
        "끌 수 없습니다" in shown
        and "아직 고른 것이 없습니다" in shown
        and 'value="withdrawn"' not in raw(subscriber(naru, "haneul"), "/my/consents/")
    )
    assert "광고성 정보 수신부터 켜면" in shown and "지금 동의를 받는 제3자 제공이 없습니다" in shown
    assert "수신과 제공 동의" in read(subscriber(naru, "haneul"), "/my/me/")


def test_switching_on_shows_the_words_and_keeps_which_they_were(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    shown = read(client, "/my/consents/agree/?purpose=advertising&medium=email")
    assert "광고 수신 동의서 첫 글" in shown and "지금부터 동의한 것으로 봅니다" in shown and not ConsentEvent.objects.exists()
    answer = agree(client, "advertising", "email")
    assert answer.status_code == 302 and answer["Location"] == "/my/consents/?done=on#advertising-email"
    row = ConsentEvent.objects.get()
    assert (row.party_id, row.purpose, row.medium, row.kind, row.channel, row.actor, row.locale) == (
        person, "advertising", "email", "yes", "portal", "self", "ko"
    )  # fmt: skip
    assert row.text and row.text.number == 1 and row.text_hash == row.text.sha256 and row.evidence.startswith("session-")
    assert stands(person, "advertising", "email") == "yes" and stands(person, "advertising", "text") == "none"
    shown = read(client, "/my/consents/?done=on")
    assert "지금부터 적용됩니다" in shown and "일부만 받음" in shown and "/my/consents/texts/news/1/" in raw(client, "/my/consents/")
    assert "광고 수신 동의서 첫 글" in read(client, "/my/consents/texts/news/1/")
    assert "이미 켜져 있습니다" in read(client, "/my/consents/agree/?purpose=advertising&medium=email")


def test_switching_off_is_one_tap_and_all_at_once_leaves_none_on(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    agree(client, "advertising", "email")
    assert stop(client, "advertising").status_code == 302 and stands(person, "advertising", "email") == "no"
    with clock.pinned(clock.now() + timedelta(hours=1)):
        agree(client, "advertising", "email")
        agree(client, "advertising_night", "email")
        assert stands(person, "advertising_night", "email") == "yes"
    with clock.pinned(clock.now() + timedelta(hours=2)):
        assert stop(client, "advertising")["Location"].startswith("/my/consents/?done=off")
        assert stands(person, "advertising", "email") == stands(person, "advertising_night", "email") == "no"
        count = ConsentEvent.objects.count()
        assert "done=held" in stop(client, "advertising")["Location"] and ConsentEvent.objects.count() == count


def test_night_needs_advertising_first_and_terms_are_not_switched_off(naru: World) -> None:  # noqa: F811
    papers()
    client = subscriber(naru, "haneul")
    shown = read(client, "/my/consents/agree/?purpose=advertising_night&medium=text")
    assert "광고 수신에 먼저 동의해야" in shown and "동의하고 켜기" not in shown
    agree(client, "service", document="terms")
    assert "해지를 신청하십시오" in read(client, "/my/consents/")
    assert stop(client, "service", document="terms").status_code == 409
    agree(client, "third_party", document="partner")
    assert stop(client, "third_party", document="partner").status_code == 302
    assert "제휴사 제공 · 철회" in read(client, "/my/consents/")


def test_a_text_that_changed_since_it_was_shown_is_shown_again(naru: World) -> None:  # noqa: F811
    papers()
    client = subscriber(naru, "haneul")
    shown = raw(client, "/my/consents/agree/?purpose=advertising&medium=email")
    seen = shown.split('name="version" value="')[1].split('"')[0]
    publish("news", "광고 수신 동의서 바뀐 글", "Changed words", material=True)
    answer = client.post("/my/consents/say/", {"purpose": "advertising", "medium": "email", "version": seen, "kind": "yes"})
    assert answer.status_code == 422 and "그사이 문서가 바뀌었습니다" in answer.content.decode() and "바뀐 글" in answer.content.decode()
    assert not ConsentEvent.objects.exists()


def test_a_consent_that_lapsed_asks_again_and_says_when_it_ended(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    agree(client, "advertising", "email")
    with clock.pinned(clock.now() + timedelta(days=800)):
        assert stands(person, "advertising", "email") == "lapsed"
        shown = read(client, "/my/consents/")
        assert "다시 동의해야 함" in shown and "확인 기한이 지나" in shown
        agree(client, "advertising", "email")
        assert stands(person, "advertising", "email") == "yes"


def test_a_child_may_refuse_but_not_agree(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    now = clock.now()
    Guardianship.objects.create(
        child_id=person, begun_at=now - timedelta(days=1), until=now + timedelta(days=900), recorded_at=now - timedelta(days=1)
    )
    assert "법정대리인이 동의합니다" in read(client, "/my/consents/")
    assert "법정대리인이 동의해야" in read(client, "/my/consents/agree/?purpose=advertising&medium=email")
    assert stop(client, "advertising", "email").status_code == 302 and stands(person, "advertising", "email") == "no"


def test_nobody_speaks_for_another_and_what_there_is_not_is_not_found(naru: World) -> None:  # noqa: F811
    papers()
    client = subscriber(naru, "noeul")
    stop(client, "advertising", "email")
    row = ConsentEvent.objects.get()
    client.post("/my/consents/say/", {"purpose": "advertising", "kind": "withdrawn", "party": str(naru.subscriber("haneul").party_id)})
    assert {e.party_id for e in ConsentEvent.objects.all()} == {row.party_id}
    assert client.get(f"/my/consents/?before={row.pk}").status_code == 200
    stranger = subscriber(naru, "haneul")
    assert "철회" not in read(stranger, f"/my/consents/?before={row.pk}") and stranger.get("/my/consents/?before=x").status_code == 200
    for asked in (
        "purpose=x",
        "purpose=service",
        "purpose=advertising&medium=x",
        "purpose=service&document=none",
        "purpose=service&document=news",
    ):
        assert client.get(f"/my/consents/agree/?{asked}").status_code == 404, asked
    consents.draft_text.do(HOUSE, key="news", ko="초안", en="Draft", valid_from=clock.today())
    for path in ("news/2", "news/9", "none/1", "news/99999999"):
        assert client.get(f"/my/consents/texts/{path}/").status_code == 404, path


def test_a_long_history_is_paged(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    lines = [
        consents.Statement(person, "advertising", "yes" if n % 2 else "withdrawn", AT + timedelta(minutes=n), "email") for n in range(43)
    ]
    consents.say_many.do(HOUSE, statements=lines, reason="시험")
    first = client.get("/my/consents/").content.decode()
    older = first.split('class="act" href="?before=')[1].split("#")[0]
    then = client.get(f"/my/consents/?before={older}").content.decode()
    last = then.split('class="act" href="?before=')[1].split("#")[0]
    rest = client.get(f"/my/consents/?before={last}").content.decode()

    def shown(page: str) -> int:
        return page.split('id="history"')[1].count("<li>")

    assert [shown(page) for page in (first, then, rest)] == [20, 20, 3] and "이전 기록" not in rest and "최근 기록" in rest


def test_in_english(naru: World) -> None:  # noqa: F811
    papers()
    client = subscriber(naru, "haneul", "en")
    assert "First words of Advertising" in read(client, "/my/consents/agree/?purpose=advertising&medium=text")
    agree(client, "advertising", "text")
    shown = read(client, "/my/consents/")
    assert "Switch off" in shown and "cannot be switched off" in shown and "Text message" in shown


# ── the link of a message ──


def link(naru: World, who: str = "haneul", medium: str = "email") -> str:  # noqa: F811
    return consents.stop_link(naru.subscriber(who).party_id, "advertising", medium)


def test_a_link_stops_at_a_tap_and_not_by_being_opened(naru: World) -> None:  # noqa: F811
    papers()
    person = naru.subscriber("haneul").party_id
    agree(subscriber(naru, "haneul"), "advertising", "email")
    stranger = Client()
    shown = read(stranger, link(naru))
    assert "이메일" in shown and "로그인은 필요 없고" in shown and stands(person, "advertising", "email") == "yes"
    assert stranger.head(link(naru)).status_code == 200 and stands(person, "advertising", "email") == "yes"
    with clock.pinned(clock.now() + timedelta(minutes=1)):
        answer = stranger.post(link(naru))
        assert answer.status_code == 200 and "방금 처리했습니다" in answer.content.decode()
        assert stands(person, "advertising", "email") == "no"
        assert "이미 보내지 않고 있습니다" in stranger.post(link(naru)).content.decode()
        assert "이미 보내지 않고 있습니다" in read(stranger, link(naru))
    line = ConsentEvent.objects.latest("pk")
    assert (line.channel, line.actor, line.kind) == ("link", "self", "withdrawn") and ConsentEvent.objects.count() == 2


def test_a_mail_program_stops_it_without_a_form_or_a_cookie(naru: World) -> None:  # noqa: F811
    """RFC 8058: POST with ``List-Unsubscribe=One-Click``, without cookies; the answer is no redirect."""
    papers()
    person = naru.subscriber("haneul").party_id
    agree(subscriber(naru, "haneul"), "advertising", "email")
    strict = Client(enforce_csrf_checks=True)
    with clock.pinned(clock.now() + timedelta(minutes=1)):
        answer = strict.post(link(naru), {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"})
        assert answer.status_code == 200 and stands(person, "advertising", "email") == "no"
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"


def test_the_page_offers_to_stop_the_rest(naru: World) -> None:  # noqa: F811
    papers()
    person, client = naru.subscriber("haneul").party_id, subscriber(naru, "haneul")
    agree(client, "advertising", "email")
    agree(client, "advertising", "text")
    with clock.pinned(clock.now() + timedelta(minutes=1)):
        shown = Client().post(link(naru)).content.decode()
        everything = shown.split('action="/my/stop/')[1].split('"')[0]
        assert "모든 수단의 광고 거부" in shown
        Client().post(f"/my/stop/{everything}")
        assert stands(person, "advertising", "text") == "no"
        assert "모든 수단의 광고 거부" not in read(Client(), link(naru))


def test_a_link_that_was_never_made_is_told_like_an_address_that_there_is_not(naru: World) -> None:  # noqa: F811
    from numaru.facilities.parties.consents.links import token_for

    person = naru.subscriber("haneul").party_id
    good = token_for(person, "advertising", "email")
    gone = token_for(10**9, "advertising", "email")
    other = ("B" if good[0] == "A" else "A") + good[1:]
    strange = [gone, other, good[:-1], good + "A", "x", "a" * 200, token_for(person, "service"), token_for(person, "third_party")]
    for token in strange:
        for method in ("get", "post"):
            assert getattr(Client(), method)(f"/my/stop/{token}/").status_code == 404, token
    assert not ConsentEvent.objects.exists() and Client().put(f"/my/stop/{good}/").status_code == 405
