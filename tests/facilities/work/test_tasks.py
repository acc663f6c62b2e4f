"""Tasks: who may do what with them, what follows what, who is told, and what a refusal leaves untouched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from numaru.facilities.work import api as work
from numaru.facilities.work import jobs, reads
from numaru.facilities.work.models import Task, TaskEvent, TaskOffer
from numaru.facilities.work.rules import states
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent
from numaru.kernel.notices.models import Notice
from numaru.kernel.staff import api as staff
from tests.facilities.work.conftest import Hire

HOUSE = Actor.system("test")
NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def tell() -> None:
    """Let the handlers run that the outbox would run."""
    from numaru.facilities.work.events import TaskChanged
    from numaru.facilities.work.handlers import changed

    for event in OutboxEvent.objects.filter(name="work.TaskChanged", dispatched_at__isnull=True).order_by("id"):
        changed(TaskChanged(**event.payload))
        OutboxEvent.objects.filter(pk=event.pk).update(dispatched_at=clock.now())


def told(who: int) -> list[tuple[str, bool]]:
    return list(Notice.objects.filter(staff=who).order_by("id").values_list("kind", "needs"))


def test_a_task_is_opened_once_for_one_key(hire: Hire) -> None:
    first = work.open_task.do(HOUSE, title="정산 확인", role="billing_clerk", once="rule:7:event:1")
    assert work.open_task.do(HOUSE, title="다른 제목", role="billing_clerk", once="rule:7:event:1") == first
    assert Task.objects.count() == 1
    assert Task.objects.get().title == "정산 확인"


def test_a_day_lasts_through_its_end_on_the_operators_clock() -> None:
    number = work.open_task.do(HOUSE, title="마감", role="auditor", due_on=date(2026, 11, 27))
    row = Task.objects.get(number=number)
    assert row.ends_at == datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert reads.due_day(row) == date(2026, 11, 27)


@pytest.mark.parametrize("title", ["", " ", "가" * 121, "010-1234-5678에 전화", "a@b.kr에 답장"])
def test_a_title_that_cannot_stand_in_a_list_is_refused(title: str) -> None:
    with pytest.raises(Invalid):
        work.open_task.do(HOUSE, title=title, role="auditor")
    assert not Task.objects.exists()
    assert not AuditRecord.objects.filter(object="work.task").exists()


def test_words_are_sealed_at_rest(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    number = work.open_task.do(me, title="확인", details="김하늘에게 전화", checklist=["박새봄 계좌"])
    work.comment_task.do(me, number=number, words="김하늘이 받지 않음")
    with connection.cursor() as cursor:
        for table, column in (("work_task", "details"), ("work_checklistitem", "words"), ("work_taskevent", "words")):
            cursor.execute(f"SELECT {column} FROM {table}")
            stored = b"".join(bytes(value) for (value,) in cursor.fetchall())
            assert stored
            assert "김하늘".encode() not in stored
            assert "박새봄".encode() not in stored
    assert Task.objects.get().details == "김하늘에게 전화"


def test_the_way_of_a_task(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    number = work.open_task.do(me, title="확인", checklist=["하나", "둘"])
    work.begin_task.do(me, number=number)
    with pytest.raises(Invalid):
        work.wait_task.do(me, number=number)
    work.wait_task.do(me, number=number, reason="답을 기다림")
    work.begin_task.do(me, number=number)
    work.tick_point.do(me, number=number, ordinal=1)
    with pytest.raises(Invalid) as left:
        work.finish_task.do(me, number=number)
    assert left.value.findings[0].code == "work.points_left"
    assert Task.objects.get().state == "doing"
    work.tick_point.do(me, number=number, ordinal=2)
    work.finish_task.do(me, number=number, note="다 했음")
    with pytest.raises(Conflict):
        work.begin_task.do(me, number=number)
    work.reopen_task.do(me, number=number, reason="빠진 것이 있음")
    row = Task.objects.get()
    assert (row.state, row.closed_at, row.closed_name) == ("open", None, "")
    kinds = list(TaskEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["opened", "began", "waits", "began", "ticked", "ticked", "finished", "reopened"]


@given(st.lists(st.sampled_from(sorted(states.FOLLOWS)), max_size=30))
def test_no_state_is_a_dead_end(verbs: list[str]) -> None:
    state = "open"
    for verb in verbs:
        state = states.after(verb, state) or state
        assert state in states.STATES
        assert states.verbs(state), state


@pytest.mark.parametrize("act", [work.begin_task, work.take_task, work.finish_task, work.cancel_task, work.wait_task, work.withdraw_offer])
def test_what_is_not_mine_is_left_alone(hire: Hire, act: Action[..., object]) -> None:
    mine, other = hire("subscriber_clerk"), hire("subscriber_clerk")
    number = work.open_task.do(mine.actor, title="내 일")
    before = Task.objects.values().get()
    with pytest.raises(NotAllowed):
        act.do(other.actor, number=number, reason="시험")
    assert Task.objects.values().get() == before


def test_a_role_of_another_service_sees_and_takes_nothing(hire: Hire) -> None:
    number = work.open_task.do(HOUSE, title="무비 정산", service="movies", role="billing_clerk")
    other = hire("billing_clerk", service="books").actor
    right = hire("billing_clerk", service="movies").actor
    assert not reads.visible(other).exists()
    with pytest.raises(NotFound):
        reads.task(other, number)
    with pytest.raises(NotAllowed):
        work.take_task.do(other, number=number)
    work.take_task.do(right, number=number)
    assert Task.objects.get().staff == right.staff_id


def test_a_hand_over_stays_with_its_giver_until_it_is_accepted(hire: Hire) -> None:
    giver, taker, third = hire("subscriber_clerk"), hire("subscriber_clerk"), hire("subscriber_clerk")
    number = work.open_task.do(giver.actor, title="인계")
    with pytest.raises(Invalid):
        work.hand_over.do(giver.actor, number=number, to_staff=taker.pk, note=" ")
    work.hand_over.do(giver.actor, number=number, to_staff=taker.pk, note="절반까지 함")
    assert Task.objects.get().staff == giver.pk
    for act in (work.accept_task, work.give_back):
        with pytest.raises(NotAllowed):
            act.do(third.actor, number=number, reason="시험")
    assert [row.number for row in reads.mine(taker.actor)] == [number]
    work.give_back.do(taker.actor, number=number, reason="휴가")
    assert (Task.objects.get().staff, TaskOffer.objects.get().state) == (giver.pk, "returned")
    work.hand_over.do(giver.actor, number=number, to_role="subscriber_clerk", note="다시")
    work.accept_task.do(third.actor, number=number)
    assert Task.objects.get().staff == third.pk
    with pytest.raises(NotAllowed):
        work.accept_task.do(taker.actor, number=number)
    with pytest.raises(Conflict):
        work.accept_task.do(third.actor, number=number)


def test_who_is_given_offered_or_late_is_told_and_who_did_it_is_not(hire: Hire) -> None:
    head, one = hire("billing_clerk"), hire("subscriber_clerk")
    with clock.pinned(NOW):
        number = work.open_task.do(head.actor, title="확인", staff=one.pk, due_at=NOW + timedelta(hours=1))
        work.hand_over.do(one.actor, number=number, to_staff=head.pk, note="못 함")
        tell()
        assert told(one.pk) == [("work.given", False)]
        assert told(head.pk) == [("work.offered", True)]
        assert jobs.late_ones() == 0
    with clock.pinned(NOW + timedelta(hours=1)):
        assert jobs.late_ones() == 1
        assert jobs.late_ones() == 0, "told once"
        assert told(one.pk)[-1] == ("work.late", True)
        work.finish_task.do(one.actor, number=number)
        tell()
    assert not Notice.objects.filter(read_at__isnull=True).exists(), "nobody is asked any more"


def test_the_tasks_of_a_leaver_go_back_to_their_role_or_to_whoever_cuts_off(hire: Hire) -> None:
    admin, gone = hire("administrator"), hire("billing_clerk")
    hire("administrator")
    with_role = work.open_task.do(HOUSE, title="역할의 일", role="billing_clerk")
    work.take_task.do(gone.actor, number=with_role)
    own = work.open_task.do(gone.actor, title="혼자의 일")
    done = work.open_task.do(gone.actor, title="끝난 일")
    work.finish_task.do(gone.actor, number=done)
    assert staff.cut_off.do(admin.actor, staff=gone.pk, reason="퇴사")["tasks"] == 2
    owners = dict(Task.objects.values_list("number", "staff"))
    assert owners == {with_role: None, own: admin.pk, done: gone.pk}


def test_somebody_is_reminded_once_before_it_is_due(hire: Hire) -> None:
    me, other = hire("billing_clerk"), hire("billing_clerk")
    with clock.pinned(NOW):
        number = work.open_task.do(me.actor, title="확인", due_at=NOW + timedelta(hours=5))
        role = work.open_task.do(HOUSE, title="역할", role="billing_clerk", due_on=date(2026, 11, 28))
    for at, expected in ((3, 0), (4, 1), (4.5, 0)):
        with clock.pinned(NOW + timedelta(hours=at)):
            assert jobs.near_ones() == expected
    assert told(me.pk) == [("work.near", False)]
    assert told(other.pk) == []
    with clock.pinned(NOW + timedelta(hours=4.6)):
        work.change_task.do(me.actor, number=number, title="확인", due_at=NOW + timedelta(hours=8))
        assert jobs.near_ones() == 0
    with clock.pinned(NOW + timedelta(hours=7)):
        assert jobs.near_ones() == 1
    with clock.pinned(datetime(2026, 11, 28, 0, 1, tzinfo=UTC)):  # nine in the morning of its day
        assert jobs.near_ones() == 1
        assert jobs.near_ones() == 0
    assert Notice.objects.filter(kind="work.near", key=role).count() == 2  # everybody who may take it


def test_what_was_opened_just_now_or_is_closed_is_not_reminded_of(hire: Hire) -> None:
    me = hire("billing_clerk").actor
    with clock.pinned(NOW):
        work.open_task.do(me, title="바로", due_at=NOW + timedelta(minutes=20))
        done = work.open_task.do(me, title="끝", due_at=NOW + timedelta(hours=2))
        work.finish_task.do(me, number=done)
    for minutes in (5, 15, 65, 110):
        with clock.pinned(NOW + timedelta(minutes=minutes)):
            assert jobs.near_ones() == 0
