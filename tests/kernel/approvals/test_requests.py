"""Two people behind one step: asked by one, approved by another, bound to what was shown; nothing happens in any other way."""

from __future__ import annotations

import threading
from datetime import date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.arguments import pack, unpack
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from numaru.kernel.models import AuditRecord, OutboxEvent, Series, Staff, StaffGrant
from numaru.values.money import Money
from tests.kernel.approvals.conftest import ALONE, RAISE, Hire

pytestmark = pytest.mark.django_db


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.findings[0].code


def ask(actor: Actor, **more: Any) -> str:
    return RAISE.ask(actor, reason="분기 정리", **({"series": "a", "by": 10} | more))


def seen(number: str) -> str:
    return approvals.preview(ApprovalRequest.objects.get(number=number))[1]


def approve(actor: Actor, number: str) -> Any:
    return approvals.approve.do(actor, number=number, seen=seen(number))


def state(number: str) -> str:
    return ApprovalRequest.objects.get(number=number).state


def untouched() -> bool:
    return not Series.objects.exclude(name="approval").exists()


def test_what_needs_a_second_person_is_not_done_by_one(hire: Hire) -> None:
    asker = hire("administrator")
    with pytest.raises(NeedsSecond):
        RAISE.do(asker, reason="급함", series="a", by=10)
    assert untouched() and RAISE.do(asker, reason="작음", series="a", by=9) == 9


def test_the_house_itself_needs_nobody(hire: Hire) -> None:
    assert RAISE.do(Actor.system("command"), reason="명령", series="a", by=10) == 10
    assert RAISE.second(Actor.system("command"), by=10) is None


def test_asked_by_one_and_approved_by_another_it_is_done_as_the_one_who_asked(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    assert untouched() and state(number) == "pending" and list(approvals.waiting(other)) and not approvals.waiting(asker)
    assert approve(other, number) == 10
    row = ApprovalRequest.objects.get(number=number)
    assert (row.state, row.asked_by, row.decided_by) == ("approved", asker.id, other.id)
    record = AuditRecord.objects.get(object="test.series")
    assert (record.actor_id, record.approval, record.reason) == (asker.id, row.pk, "분기 정리")
    told = list(OutboxEvent.objects.filter(aggregate=f"approval:{number}").order_by("id").values_list("name", flat=True))
    assert told == ["approvals.ApprovalAsked", "approvals.ApprovalDecided"]
    with pytest.raises(Conflict) as again:
        approvals.approve.do(other, number=number, seen="x")
    assert code(again) == "approval.closed" and Series.objects.get(name="a").last == 10


def test_nobody_approves_what_they_asked_for(hire: Hire) -> None:
    asker = hire("administrator")
    number = ask(asker)
    with pytest.raises(NotAllowed):
        approve(asker, number)
    with pytest.raises(NotAllowed):
        approvals.refuse.do(asker, number=number, note="내가")
    assert untouched() and state(number) == "pending"


def test_the_database_itself_refuses_one_person_in_both_places(hire: Hire) -> None:
    from django.db import IntegrityError

    number = ask(hire("administrator"))
    with pytest.raises(IntegrityError):
        row = ApprovalRequest.objects.get(number=number)
        ApprovalRequest.objects.filter(number=number).update(state="approved", decided_by=row.asked_by)


def test_who_is_concerned_does_not_approve(hire: Hire) -> None:
    asker, concerned, third = hire("administrator"), hire("administrator"), hire("administrator")
    number = ask(asker, barred=concerned.id)
    assert not approvals.waiting(concerned) and approvals.waiting(third).count() == 1
    with pytest.raises(NotAllowed):
        approve(concerned, number)
    assert approve(third, number) == 10


@pytest.mark.parametrize(("role", "service"), [("auditor", ""), ("billing_clerk", "books"), (None, "")])
def test_without_the_permission_in_its_scope_nobody_approves_or_sees_it(hire: Hire, role: str | None, service: str) -> None:
    asker = hire("administrator")
    other = hire(*([role] if role else []), service=service)
    number = ask(asker, service="video")
    assert not approvals.waiting(other) and not approvals.visible(other)
    with pytest.raises(NotFound):
        approvals.request(other, number)
    with pytest.raises(NotAllowed):
        approve(other, number)
    assert untouched()


def test_the_permission_in_the_right_scope_is_enough(hire: Hire) -> None:
    number = ask(hire("administrator"), service="video")
    assert approve(hire("billing_clerk", service="video"), number) == 10


def test_programs_neither_ask_nor_approve(hire: Hire) -> None:
    program = Actor("client", 1, "p", (("administrator", None),))
    with pytest.raises(NotAllowed) as refused:
        ask(program)
    assert code(refused) == "approval.staff"
    number = ask(hire("administrator"))
    with pytest.raises(NotAllowed):
        approve(program, number)


def test_refused_says_why_and_does_nothing(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    for note in ("", "  ", "가" * 401):
        with pytest.raises(Invalid):
            approvals.refuse.do(other, number=number, note=note)
    approvals.refuse.do(other, number=number, note=" 금액이 다릅니다 ")
    row = approvals.request(asker, number)
    assert (row.state, row.note, row.decided_by) == ("refused", "금액이 다릅니다", other.id) and untouched()


def test_only_who_asked_withdraws(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    with pytest.raises(NotAllowed):
        approvals.withdraw.do(other, number=number)
    approvals.withdraw.do(asker, number=number)
    assert state(number) == "withdrawn"
    with pytest.raises(Conflict):
        approve(other, number)
    assert untouched()


def test_after_its_days_it_is_closed_even_before_the_tick(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    now = clock.now()
    with clock.pinned(now):
        number = ask(asker)
        shown = seen(number)
    with clock.pinned(now + timedelta(days=7)):
        assert not approvals.waiting(other)
        with pytest.raises(Conflict):
            approvals.approve.do(other, number=number, seen=shown)
        from numaru.kernel.approvals.requests import expire

        assert expire() == 1 and expire() == 0 and state(number) == "expired" and untouched()
        assert AuditRecord.objects.filter(object="approvals.request", key=number, after={"state": "expired"}).exists()


def test_the_same_request_twice_is_refused_until_the_first_is_closed(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    with pytest.raises(Conflict) as refused:
        ask(asker)
    assert code(refused) == "approval.twice"
    assert ask(asker, by=11) and ask(other)  # another amount, another person
    approvals.withdraw.do(asker, number=number)
    assert ask(asker)


def test_whoever_asked_has_left_meanwhile(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    shown = seen(number)
    Staff.objects.filter(pk=asker.id).update(is_active=False)
    with pytest.raises(Conflict) as refused:
        approvals.approve.do(other, number=number, seen=shown)
    assert code(refused) == "approval.left" and state(number) == "pending" and untouched()
    approvals.refuse.do(other, number=number, note="퇴사")


def test_cutting_a_leaver_off_takes_their_requests_back(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    mine, theirs = ask(asker), ask(other)
    assert approvals.cut_off(asker.id or 0) == 1
    assert (state(mine), state(theirs)) == ("withdrawn", "pending")


def test_whoever_asked_has_lost_the_permission_meanwhile(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    shown = seen(number)
    StaffGrant.objects.filter(staff=asker.id).delete()
    with pytest.raises(Conflict) as refused:
        approvals.approve.do(other, number=number, seen=shown)
    assert code(refused) == "approval.lost" and state(number) == "pending" and untouched()


def test_effects_that_changed_are_looked_at_again(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    number = ask(asker)
    shown = seen(number)
    RAISE.do(other, reason="다른 일", series="a", by=3)
    with pytest.raises(Conflict) as refused:
        approvals.approve.do(other, number=number, seen=shown)
    assert code(refused) == "approval.changed" and state(number) == "pending" and Series.objects.get(name="a").last == 3
    assert approve(other, number) == 13


def test_what_the_action_refuses_leaves_the_request_open_and_nothing_changed(hire: Hire) -> None:
    asker, other = hire("administrator"), hire("administrator")
    for _ in range(2):
        RAISE.do(asker, reason="준비", series="a", by=9)
    number = ask(asker, by=-15)
    shown = seen(number)
    RAISE.do(asker, reason="그 사이", series="a", by=-9)
    with pytest.raises(Conflict) as refused:
        approvals.approve.do(other, number=number, seen=shown)
    assert code(refused) == "test.below" and state(number) == "pending" and Series.objects.get(name="a").last == 9


def test_what_could_not_be_done_is_refused_when_asked(hire: Hire) -> None:
    with pytest.raises(Conflict) as refused:
        ask(hire("administrator"), by=-10)
    assert code(refused) == "test.below" and not ApprovalRequest.objects.exists()


def test_an_action_that_the_house_no_longer_has(hire: Hire) -> None:
    number = ask(hire("administrator"))
    ApprovalRequest.objects.filter(number=number).update(action="gone.action")
    with pytest.raises(Conflict) as refused:
        approvals.preview(ApprovalRequest.objects.get(number=number))
    assert code(refused) == "approval.unknown"


def test_a_house_with_one_administrator_may_do_what_allows_it(hire: Hire) -> None:
    only = hire("administrator")
    assert ALONE.second(only, series="a") is None and ALONE.do(only, reason="혼자", series="a") == 1
    hire("administrator", service="books")  # whose grant does not reach
    assert ALONE.second(only, series="a") is None
    leaver = hire("administrator")
    assert ALONE.second(only, series="a") is not None
    Staff.objects.filter(pk=leaver.id).update(is_active=False)
    assert ALONE.second(only, series="a") is None
    assert RAISE.second(only, series="a", by=10) is not None  # an action that does not allow it waits for ever rather


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_wins(hire: Hire) -> None:
    asker, first, second = hire("administrator"), hire("administrator"), hire("administrator")
    number = ask(asker)
    shown = seen(number)
    gate, results = threading.Barrier(2), []

    def go(actor: Actor) -> None:
        try:
            gate.wait(10)
            results.append(approvals.approve.do(actor, number=number, seen=shown))
        except Refused as refused:
            results.append(refused.findings[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, results)) == ["10", "approval.closed"] and Series.objects.get(name="a").last == 10


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_the_same_at_once_one_is_refused(hire: Hire) -> None:
    asker = hire("administrator")
    gate, results = threading.Barrier(4), []

    def go() -> None:
        try:
            gate.wait(10)
            results.append(ask(asker))
        except Refused as refused:
            results.append(refused.findings[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results.count("approval.twice") == 3 and ApprovalRequest.objects.count() == 1


PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20) | st.dates()
EXACT = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)
INSTANTS = st.datetimes(timezones=st.just(timezone(timedelta(hours=9))))
MONEY = st.builds(Money, st.integers(-(2**40), 2**40), st.sampled_from(["KRW", "USD", "KWD"]))
KEYS = st.text(max_size=8).filter(lambda key: key != "$")
VALUES = st.recursive(
    PLAIN | EXACT | INSTANTS | MONEY, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(VALUES)
def test_arguments_survive_the_wait_exactly(value: Any) -> None:
    import orjson

    back = unpack(orjson.loads(orjson.dumps(pack(value))))
    assert back == value and _kinds(back) == _kinds(value)


def _kinds(value: Any) -> Any:
    if isinstance(value, list):
        return [_kinds(one) for one in value]
    if isinstance(value, dict):
        return {key: _kinds(one) for key, one in value.items()}
    return type(value)


@pytest.mark.parametrize("value", [1.5, object(), b"x", {"$": 1}, {1: 2}, {1, 2}])
def test_what_could_not_be_restored_is_not_taken(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.django_db
def test_every_kind_of_argument_reaches_the_action(hire: Hire) -> None:
    from tests.kernel.approvals import conftest as made

    got: list[Any] = []
    kept = made.RAISE.function
    sent = {"day": date(2026, 11, 22), "price": Decimal("1.230000"), "all": [Money(5, "KRW"), clock.now()], "none": None}

    def listening(act: Any, **arguments: Any) -> Any:
        got.append(arguments["anything"])
        return kept(act, **arguments)

    made.RAISE.function = listening  # type: ignore[assignment]
    try:
        number = ask(hire("administrator"), anything=sent)
        approve(hire("administrator"), number)
    finally:
        made.RAISE.function = kept
    assert got and all(one == sent for one in got)
