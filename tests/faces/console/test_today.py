"""The first page: what waits for whom, what a reader without the permission never sees, what changed, and the bell."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from numaru.domains.billing.models import BillRun, ParkedAccount
from numaru.kernel import clock, outbox
from numaru.kernel.audit.models import AccessFinding
from numaru.kernel.imports.models import ImportRun
from numaru.kernel.jobs import Progress
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import ApiClient, AuditRecord, OutboxEvent, Policy, Staff, Work
from numaru.kernel.notices.models import Notice
from numaru.kernel.retention import api as retention
from numaru.kernel.tallies import api as tallies
from numaru.ui import since, today
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
CANCEL = "/billing/runs/R2026-09/cancel/"


def home(client: Client, scope: str = "", **headers: str) -> str:
    answer = client.get(f"/?scope={scope or 'mine'}&list=all", headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def keys(page: str) -> list[str]:
    """The lines of the first section by their ids, in their order."""
    return re.findall(r'<li id="todo-([^"]+)"', page)


def person(client: Client) -> Staff:
    return Staff.objects.get(pk=client.session["_auth_user_id"])


@pytest.fixture
def low(naru: World) -> None:  # noqa: F811
    """From 26,400 won on, taking a run back needs a colleague."""
    Policy.objects.create(
        key="approvals.run_cancel_from", value={"KRW": 26_400}, basis="시험", valid_from=clock.today(), recorded_at=clock.now()
    )


def dispatched() -> None:
    while outbox.dispatch_once():
        pass


def test_a_month_that_is_over_and_not_billed_waits_for_a_clerk(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk = sign_in("billing_clerk")
    page = home(clerk)
    assert keys(page) == [f"billing-parked-{SLUG}", f"billing-unbilled-{SLUG}-2026-10"]  # the weight of accounts decides
    assert "10월 청구를 아직 하지 않았습니다" in page and f"/billing/runs/new/?service={SLUG}&amp;period=2026-10" in page
    assert page[: page.index("</main>")].count("btn-primary") == 1 and re.search(r'data-code="KeyB">과금<b class="waits">.*?2</b>', page)
    naru.start("2026-10")
    assert keys(home(clerk)) == [f"billing-parked-{SLUG}"]


def test_runs_that_stand_still_and_parked_accounts_wait_for_a_clerk(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk, other = sign_in("billing_clerk"), sign_in("billing_clerk", service="somewhere-else")
    parked = ParkedAccount.objects.filter(state="open").count()
    made = naru.start("2026-10")
    BillRun.objects.filter(pk=made.pk).update(state="failed", failure={"code": "x", "ko": "합계가 다릅니다", "en": "The totals differ"})
    Work.objects.filter(kind="billing.run", key="R2026-10").update(staff=None)
    page = home(clerk)
    assert sorted(keys(page)) == [f"billing-parked-{SLUG}", "billing-run-R2026-10"]
    assert "합계가 다릅니다" in page and f"보류된 계정 {parked}개" in page and re.search(r'class="waits">.*?2</b>', page)
    assert keys(home(other)) == [] and "합계가 다릅니다" not in home(other, "all")
    Work.objects.filter(kind="billing.run", key="R2026-10").update(staff=person(other).pk)
    assert "billing-run-R2026-10" not in keys(home(clerk)) and "billing-run-R2026-10" in keys(home(clerk, "role"))
    Work.objects.filter(kind="billing.run", key="R2026-10").update(staff=999)
    assert "billing-run-R2026-10" not in keys(home(clerk, "role")) and "billing-run-R2026-10" in keys(home(clerk, "all"))


def everything(naru: World, me: Staff) -> None:  # noqa: F811
    """One of each thing that can wait, about people and the house."""
    leaks.open_case.do(HOUSE, kind="both", known_at=clock.now() - timedelta(hours=30), happened="확인 중")
    card = naru.subscriber("haneul")
    retention.take_request.do(HOUSE, person=card.party_id, subject=card.number, kind="deletion", channel="phone", received_on=clock.today())
    retention.place_hold.do(HOUSE, klass="parties.contact", until=clock.today() + timedelta(days=3), reason="명령")
    AccessFinding.objects.create(
        key="x",
        rule="volume",
        severity="severe",
        actor="staff:9",
        staff=9,
        evidence={},
        first_at=clock.now(),
        last_at=clock.now(),
        at=clock.now(),
    )
    ApiClient.objects.create(
        name="앱", token_hash="x", prefix="nmk_abc", expires_at=clock.now() + timedelta(days=5), created_at=clock.now(), owner=me
    )
    for n, (state, dry, refused) in enumerate([("failed", False, 0), ("done", False, 7), ("done", True, 0)]):
        ImportRun.objects.create(
            number=f"IMP-90000{n}", kind="subscribers", service_slug=SLUG, file_name=f"{n}.csv", sha256="x", mapping_name="m", mapping_text="",
            mapping_sha256="x", dry=dry, state=state, refused=refused, accepted=3, file_key="k", created_at=clock.now(), actor_kind="staff",
            actor_id=me.pk, actor_name=me.name,
        )  # fmt: skip


OF = {  # what each role is told of, besides what belongs to everybody
    "privacy_officer": {"leaks", "subject", "retention", "audit"},
    "administrator": {"leaks", "subject", "retention", "audit", "access", "import", "billing", "system"},
    "subscriber_clerk": {"subject", "import"},
    "billing_clerk": {"billing", "import"},
    "auditor": set(),
    "basic": set(),
}


@pytest.mark.parametrize("role", sorted(OF))
def test_a_reader_without_the_permission_sees_nothing_of_it(naru: World, sign_in: SignIn, role: str) -> None:  # noqa: F811
    client = sign_in(role)
    everything(naru, person(client))
    page = home(client, "all")
    assert {key.partition("-")[0] for key in keys(page)} == OF[role]
    listed = page[page.index('<section id="todo"') : page.index('<section id="ways"')]
    for word, needs in (("L-0000001", "leaks"), ("Q-0000001", "subject"), ("2.csv", "import")):
        assert (word in listed) is (needs in OF[role]), word


def test_the_clocks_of_a_case_come_first_and_over(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("privacy_officer")
    everything(naru, person(client))
    page = home(client)
    first, second = keys(page)[:2]
    assert (first.startswith("leaks-duty") and second.startswith("audit-finding")) or second.startswith("leaks-duty")
    assert "6시간 지남" in page and "clock-bad" in page
    assert page.index("침해 신고: 사고 L-0000001") < page.index("열람 이상을 판단해야 합니다") < page.index("개인정보 삭제 요구")


def test_an_import_that_was_done_again_settles_what_was_left(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    everything(naru, person(client))
    assert len([key for key in keys(home(client)) if key.startswith("import")]) == 3
    again = ImportRun.objects.get(number="IMP-900000")
    again.pk, again.number, again.state = None, "IMP-900009", "done"
    again.save()
    assert len([key for key in keys(home(client)) if key.startswith("import")]) == 2


def test_an_approval_appears_here_and_in_the_bell_is_decided_and_told(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other, clerk = sign_in("administrator"), sign_in("administrator"), sign_in("billing_clerk")
    number = asker.post(CANCEL, {"reason": "요율표를 잘못 등록함"})["Location"].split("/")[2]
    dispatched()
    page = home(other)
    assert f"approvals-{number}" in keys(page) and "청구 실행 취소 결재" in page and "요율표를 잘못 등록함" in page
    assert "알림 1건" in page and f"approvals-{number}" not in keys(home(asker, "all")) and "알림 1건" not in home(asker)
    assert "알림 1건" not in home(clerk) and "청구 실행 취소" not in clerk.get("/notices/menu/").content.decode()
    menu = other.get("/notices/menu/").content.decode()
    assert "청구 실행 취소 결재가 기다립니다" in menu
    notice = Notice.objects.get(staff=person(other).pk)
    assert notice.needs and asker.post(f"/notices/{notice.pk}/follow/").status_code == 404
    shown = other.get(f"/approvals/{number}/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', shown).group(1)  # type: ignore[union-attr]
    assert other.post(f"/approvals/{number}/approve/", {"seen": seen}).status_code == 302
    dispatched()
    page = home(other)
    assert f"approvals-{number}" not in keys(page) and "알림 1건" not in page and "승인되어 실행되었습니다" in page  # among what changed
    notice.refresh_from_db()
    assert notice.settled_at is not None
    told = home(asker)
    assert "알림 1건" in told and "승인되어 실행되었습니다" in asker.get("/notices/").content.decode()
    mine = Notice.objects.get(staff=person(asker).pk)
    assert asker.post(f"/notices/{mine.pk}/follow/")["Location"] == f"/approvals/{number}/"
    assert "알림 1건" not in home(asker)
    assert AuditRecord.objects.filter(object="notices.notice", key=str(mine.pk)).exists()


def test_a_refusal_is_told_and_stays_until_read(naru: World, sign_in: SignIn, low: None) -> None:  # noqa: F811
    asker, other = sign_in("administrator"), sign_in("administrator")
    number = asker.post(CANCEL, {"reason": "시험"})["Location"].split("/")[2]
    other.post(f"/approvals/{number}/refuse/", {"note": "9월은 맞습니다"})
    dispatched()
    assert "반려되었습니다" in asker.get("/notices/menu/").content.decode() and "9월은 맞습니다" in asker.get("/notices/").content.decode()
    last = Notice.objects.latest("id").pk
    Notice.objects.create(staff=person(asker).pk, kind="work.done", key="import X", about={"kind": "import", "key": "X"}, at=clock.now())
    asker.post("/notices/read/", {"upto": str(last), "next": "https://elsewhere.example/"})
    assert Notice.objects.filter(staff=person(asker).pk, read_at__isnull=True).count() == 1  # what came after the page was made stays
    assert asker.post("/notices/read/", {"upto": "nonsense", "next": "//elsewhere.example"})["Location"] == "/"


@pytest.mark.parametrize(("seconds", "state", "told"), [(11, "done", 1), (11, "failed", 1), (3, "done", 0), (11, "paused", 0)])
def test_long_work_that_ended_is_told_to_whose_it_is(naru: World, sign_in: SignIn, seconds: int, state: str, told: int) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    work = Progress("import", "IMP-000001", "staff:한누리", staff=person(client).pk)
    work.begin()
    with clock.pinned(clock.now() + timedelta(seconds=seconds)):
        work.finish(state)
        dispatched()
        assert Notice.objects.filter(staff=person(client).pk).count() == told
        if told:
            assert ("들이기이(가) 실패" if state == "failed" else "들이기이(가) 끝났습니다") in client.get(
                "/notices/menu/"
            ).content.decode()


def test_what_changed_is_told_until_it_is_seen(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client, blind = sign_in("billing_clerk"), sign_in("support_engineer")
    OutboxEvent.objects.all().delete()
    naru.bill("2026-10")
    page = home(client)
    assert "지난 24시간" in page and "10월 청구를 확정했습니다" in page
    assert "청구를 확정했습니다" not in home(blind)
    upto = re.search(r'name="upto" value="(\d+)"', page).group(1)  # type: ignore[union-attr]
    assert client.post("/today/seen/", {"upto": upto})["Location"] == "/"
    after = home(client)
    assert "청구를 확정했습니다" not in after and "달라진 것이 없습니다" in after
    assert client.post("/today/seen/", {"upto": "999999999999"}).status_code == 302
    assert client.post("/today/seen/", {"upto": "0"}).status_code == 302  # never goes back
    assert "달라진 것이 없습니다" in home(client)


def test_many_enrolments_are_one_line(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client, other = sign_in("subscriber_clerk"), sign_in("subscriber_clerk", service="somewhere-else")
    OutboxEvent.objects.all().delete()
    service = naru.contract("noeul").service_id
    now = clock.now()
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            name="billing.ContractsEnrolled", version=1, aggregate=f"service:{service}", occurred_at=now, recorded_at=now, actor="system:x",
            payload={"service_id": service, "first_contract": 1, "count": 301},
        )
        for _ in range(4)
    )  # fmt: skip
    assert "가입 1,204건" in home(client) and "가입 1,204건" not in home(other)


def test_every_teller_bears_the_events_it_is_given(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    """Each kind of event that is told, about things that are gone: nothing fails, nothing is invented."""
    client = sign_in("administrator", "privacy_officer")
    now = clock.now()
    given: dict[str, Any] = {
        "run_id": 10**6, "count": 3, "account_id": 1, "invoice": "", "service_id": 10**6, "first_contract": 1, "contract_id": 10**6, "fact_id": 1,
        "kind": "import", "version_id": 10**6, "number": "A-9999999", "action": "gone", "state": "approved", "rule": "volume", "severity": "severe",
        "held": True, "what": "missed", "staff": 10**6, "role": "auditor", "ended": True, "party": 10**6, "edition": 2, "key": "gone",
        "scope": "operator", "valid_from": "2026-11-01", "seconds": 1.0,
    }  # fmt: skip
    OutboxEvent.objects.bulk_create(
        OutboxEvent(name=name, version=1, aggregate="x", occurred_at=now, recorded_at=now, actor="system:x", payload=given)
        for name, _ in since.tellers
    )
    assert "달라진 것" in home(client)


def test_parts_are_fetched_alone(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("administrator")
    for part in ("todo", "ways", "since"):
        text = client.get(f"/?part={part}", headers={"HX-Request": "true"}).content.decode()
        assert f'id="{part}"' in text and "<html" not in text and text.count("<section") == 1
    assert "<html" in client.get("/?part=todo").content.decode()


def test_journeys_follow_a_run_and_a_deletion(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk, officer = sign_in("billing_clerk"), sign_in("privacy_officer")
    everything(naru, person(officer))
    naru.start("2026-10")
    page = home(clerk)
    assert 'id="way-run-r2026-10"' in page and "way-leak" not in page and "way-subject" not in page
    page = home(officer)
    assert 'id="way-leak-l-0000001"' in page and 'id="way-subject-q-0000001"' in page and "way-run" not in page
    assert page.count('aria-current="step"') >= 2


def test_panels_carry_their_time_and_never_invent(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client, auditor, officer = sign_in("subscriber_clerk"), sign_in("auditor"), sign_in("privacy_officer")
    page = home(client)
    assert "아직 세지 않음" in page and "알 수 없음" in page
    tallies.recount("subscribers")
    page = home(client)
    assert "기준</time>" in page and re.search(r"이용 중인 가입자</a></th><td class=\"num strong\">\d", page)
    billed = home(auditor)
    assert "정기 청구 실행 기준" in billed and "26,400" in billed
    assert "이용 중인 가입자" not in home(officer) and "정기 청구 실행 기준" not in home(officer)
    assert "이용 중인 가입자" not in home(sign_in("subscriber_clerk", service="somewhere-else"))


def test_the_standing_of_subscribers_is_counted_by_their_days(naru: World) -> None:  # noqa: F811
    from numaru.domains.subscribers.models import Subscriber
    from numaru.domains.subscribers.reads import standing

    Subscriber.objects.update(served_from=date(2026, 1, 1), served_to=None)
    one, two, three = Subscriber.objects.order_by("pk")[:3]
    Subscriber.objects.filter(pk=one.pk).update(served_from=date(2026, 10, 27))  # seven days ago: the first of the last seven
    Subscriber.objects.filter(pk=two.pk).update(served_from=date(2026, 10, 26))  # one day earlier: of the seven before
    Subscriber.objects.filter(pk=three.pk).update(served_to=date(2026, 11, 2))
    found = standing()[SLUG]
    assert found["active"] == Subscriber.objects.count() - 1
    assert (found["joined"], found["joined_before"], found["ended"], found["ended_before"]) == (1, 1, 1, 0)


def test_eight_lines_and_how_many_are_due_later(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("administrator", "privacy_officer")
    everything(naru, person(client))
    every, short = keys(home(client)), client.get("/").content.decode()
    assert len(every) > 9 and keys(short) == every[:8] and f"기한이 더 뒤인 {len(every) - 8}건 보기" in short


def test_the_first_room_has_no_list_of_places(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    page = home(sign_in("administrator"))
    assert '<nav class="room"' not in page and 'data-code="KeyH">오늘' in page
    assert today.SCOPES["role"].ko in page and 'aria-current="true">내 일' in page
