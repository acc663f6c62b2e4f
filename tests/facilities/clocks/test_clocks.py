"""Clocks: the log and its cache, verdicts, pauses, reopening, changed targets and calendars."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.facilities.clocks import api as clocks
from numaru.facilities.clocks import calendars
from numaru.facilities.clocks.actions.judge import judge, waits
from numaru.facilities.clocks.models import Clock, ClockEvent
from numaru.facilities.clocks.recount import Recount
from numaru.facilities.clocks.rules.course import OutOfOrder, Step, fold, follow
from numaru.kernel.clock import pinned
from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.models import OutboxEvent
from numaru.values.business_calendar import BusinessCalendar, Hours, Version, read_frames
from tests.facilities.clocks.conftest import HOUSE, KIND, OFFICE, at

pytestmark = pytest.mark.django_db
FRIDAY = "2026-11-27T15:00"


def begin(when: str = FRIDAY, subject: str = "S-1", **more: object) -> Clock:
    with pinned(at(when)):
        return Clock.objects.get(pk=clocks.start.do(HOUSE, kind=KIND, subject=subject, **more))  # type: ignore[arg-type]


def test_start_is_laid_on_the_calendar_and_twice_is_once(kind: str, office: str) -> None:
    row = begin()
    assert row.due_at == at("2026-11-30T10:00") and row.near_at == at("2026-11-27T18:00")  # three of four hours: exactly at closing
    assert begin("2026-11-27T16:00").pk == row.pk and ClockEvent.objects.count() == 1
    assert begin(subject="S-2", row="fast").due_at == at("2026-11-27T16:00")
    with pytest.raises(Invalid):
        begin(subject="S-3", row="unknown")


def test_pause_over_closing_keeps_what_was_used(kind: str, office: str) -> None:
    row = begin()
    with pinned(at("2026-11-27T17:00")):
        assert clocks.pause.do(HOUSE, kind=kind, subject="S-1", why="customer")
    row.refresh_from_db()
    assert (row.state, row.used, row.due_at) == ("paused", 7200, None)
    with pinned(at("2026-11-30T13:00")):
        clocks.resume.do(HOUSE, kind=kind, subject="S-1")
    row.refresh_from_db()
    assert row.due_at == at("2026-11-30T15:00")


def test_a_pause_that_does_not_count_is_written_and_changes_nothing(kind: str, office: str) -> None:
    row = begin()
    with pinned(at("2026-11-27T16:00")):
        assert not clocks.pause.do(HOUSE, kind=kind, subject="S-1", why="third")
        clocks.resume.do(HOUSE, kind=kind, subject="S-1")
        with pytest.raises(Invalid):
            clocks.pause.do(HOUSE, kind=kind, subject="S-1", why="weather")
    due = row.due_at
    row.refresh_from_db()
    assert row.state == "running" and row.due_at == due and [e.counts for e in row.events.order_by("id")] == [True, False]


def test_breach_is_noticed_once_dated_at_the_due_time_and_stands(kind: str, office: str) -> None:
    row = begin()
    with pinned(at("2026-11-30T09:00")):
        assert judge.do(HOUSE) == 1 and not waits()  # warned of
    with pinned(at("2026-11-30T10:00:59")):
        assert not waits()  # an answer may be on its way
    with pinned(at("2026-11-30T10:01")):
        assert judge.do(HOUSE) == 1 and not waits()
    row.refresh_from_db()
    assert row.breached_at == row.due_at == at("2026-11-30T10:00") and row.state == "running"
    told = OutboxEvent.objects.filter(name__startswith="clocks.").order_by("id").values_list("name", "payload")
    assert list(told) == [(n, {"kind": kind, "clocks": [row.pk]}) for n in ("clocks.Nearing", "clocks.Breached")]
    with pinned(at("2026-11-30T11:00")), pytest.raises(Conflict):
        clocks.retarget.do(HOUSE, kind=kind, subject="S-1", minutes=6000)
    with pinned(at("2026-11-30T11:00")):
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="S-1") == "missed"
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="S-1") == ""


def test_a_calendar_of_a_house_that_was_emptied_is_not_taken_for_the_new_one(office: str) -> None:
    calendar = calendars.row_of(office)
    assert not calendars.by_id(calendar.pk).open_at(at("2026-11-28T10:00"))
    calendar.versions.update(made_at=at("2026-01-01T00:00"), week=[["00:00–24:00"]] * 7)  # the same ids, as after an emptying
    assert calendars.by_id(calendar.pk).open_at(at("2026-11-28T10:00"))


def test_no_verdict_while_what_happened_before_is_not_told_yet(kind: str, office: str) -> None:
    begin()
    waiting = OutboxEvent.objects.create(
        name="x.Answered",
        version=1,
        aggregate="x:1",
        payload={},
        occurred_at=at("2026-11-30T09:30"),
        recorded_at=at("2026-11-30T09:30"),
        actor="x",
    )
    with pinned(at("2026-11-30T12:00")):
        judge.do(HOUSE)
        assert not Clock.objects.exclude(breached_at=None).exists()  # the worker was away; that event may be the answer
        waiting.dispatched_at = at("2026-11-30T12:00")
        waiting.save()
        assert judge.do(HOUSE) == 1


def test_answered_exactly_when_due_is_in_time_and_a_second_later_is_not(kind: str, office: str) -> None:
    begin()
    begin(subject="S-2")
    with pinned(at("2026-11-30T10:00:01")):
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="S-1", at=at("2026-11-30T10:00")) == "met"
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="S-2") == "missed"  # judged by the answer itself
    assert Clock.objects.get(subject="S-2").breached_at == at("2026-11-30T10:00")


def test_before_its_policy_is_enforced_a_late_clock_is_no_breach(kind: str, office: str) -> None:
    row = begin("2026-05-29T15:00")
    with pinned(at("2026-06-10T12:00")):
        assert not waits()
        assert clocks.satisfy.do(HOUSE, kind=kind, subject="S-1") == "missed"
    row.refresh_from_db()
    assert row.breached_at is None and not row.enforced


def test_reopened_gets_a_clock_of_its_own(kind: str, office: str) -> None:
    begin()
    with pinned(at("2026-11-27T16:00")):
        clocks.satisfy.do(HOUSE, kind=kind, subject="S-1")
    again = begin("2026-11-27T17:00")
    with pinned(at("2026-11-27T17:30")):
        assert (again.round, again.used) == (2, 0) and [c.state for c in clocks.of("S-1")] == ["running", "met"]


def test_another_target_or_calendar_keeps_the_time_used(kind: str, office: str) -> None:
    from numaru.facilities.clocks.actions.calendars import make_calendar

    make_calendar.do(
        HOUSE, key="always", name_ko="늘", name_en="Always", zone="Asia/Seoul", week=[["00:00–24:00"]] * 7, holidays={}, policy="works"
    )
    row = begin()
    with pinned(at("2026-11-27T17:00")):  # two of four hours used
        assert clocks.retarget.do(HOUSE, kind=kind, subject="S-1", calendar="always") == at("2026-11-27T19:00")
        assert clocks.retarget.do(HOUSE, kind=kind, subject="S-1", row="fast") == at("2026-11-27T17:00")  # used up: due at once
    row.refresh_from_db()
    assert row.used == 7200


def test_changed_hours_lay_only_the_rest_and_leave_verdicts(kind: str, office: str) -> None:
    row, judged = begin(), begin("2026-11-26T09:00", subject="S-2")
    with pinned(at("2026-11-27T16:00")):
        judge.do(HOUSE)
        plan = clocks.change_calendar.plan(
            HOUSE, key="office", zone="Asia/Seoul", week=[["09:00–12:00", "13:00–17:00"]] * 5 + [["10:00–14:00"], []], holidays={}, policy="begins",
            exceptions={}, valid_from=at("2026-11-27T17:00"),
        )  # fmt: skip
        assert "열린 시계 1개 가운데 0개는 늦춰지고 1개는 당겨집니다." in plan.effects[0].ko
        clocks.change_calendar.do(
            HOUSE, key="office", zone="Asia/Seoul", week=[["09:00–12:00", "13:00–17:00"]] * 5 + [["10:00–14:00"], []], holidays={}, policy="begins",
            exceptions={}, valid_from=at("2026-11-27T17:00"), reason="토요 근무",
        )  # fmt: skip
        assert Recount(row.calendar_id).run() == 1
        row.refresh_from_db()
        assert row.due_at == at("2026-11-28T12:00") and row.near_at == at("2026-11-28T11:00")  # two hours on Friday, two on Saturday
        assert not clocks.rebuild.do(HOUSE, clock_id=row.pk)
        before = judged.due_at
        judged.refresh_from_db()
        assert judged.due_at == before == judged.breached_at
    with pinned(at("2026-11-27T16:30")), pytest.raises(Invalid):
        clocks.change_calendar.do(
            HOUSE,
            key="office",
            zone="Asia/Seoul",
            week=[OFFICE] * 7,
            holidays={},
            policy="begins",
            exceptions={},
            valid_from=at("2026-11-27T16:00"),
            reason="과거",
        )


def test_the_recount_joins_agree_with_the_rules_and_go_on_where_they_stopped(kind: str, office: str) -> None:
    start = at("2026-11-20T08:00")
    rows = []
    for n in range(120):
        with pinned(start + timedelta(minutes=97 * n)):
            rows.append(clocks.start.do(HOUSE, kind=kind, subject=f"N-{n}", minutes=1 + (n * 53) % 3000))
    with pinned(start + timedelta(minutes=97 * 120)):
        clocks.change_calendar.do(
            HOUSE, key="office", zone="Asia/Seoul", week=[["22:00–03:00"]] * 7, holidays={"2026-12-01": ["쉼", "off"]}, policy="dates",
            exceptions={"2026-12-03": [[], ""]}, reason="야간",
        )  # fmt: skip
        half = Recount(Clock.objects.get(pk=rows[0]).calendar_id, chunk=50)
        half.run()
        laid = {c.pk: (c.due_at, c.near_at) for c in Clock.objects.all()}
        for pk in rows:
            clocks.rebuild.do(HOUSE, clock_id=pk)
        assert {c.pk: (c.due_at, c.near_at) for c in Clock.objects.all()} == laid
        assert Recount(half.calendar, after=rows[60]).run() == 0  # nothing moves twice


CAL = {1: BusinessCalendar([Version(Hours("Asia/Seoul", (read_frames("09:00-12:00, 13:00-18:00"),) * 5 + ((), ())))]),
       2: BusinessCalendar([Version(Hours("Asia/Seoul", (read_frames("00:00-24:00"),) * 7))])}  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["pause", "resume", "retarget", "satisfy", "cancel"]), st.integers(1, 900), st.integers(1, 2)), max_size=8
    )
)
def test_used_time_is_the_overlap_of_running_spans_whatever_the_log(lines: list[tuple[str, int, int]]) -> None:
    moment = at("2026-11-26T10:00")
    steps = [Step("start", moment, 1, 360_000, 270_000)]
    spans, calendar, since, wanted = [], 1, moment, 0
    course = fold(steps, CAL.__getitem__)
    for what, later, other in lines:
        moment += timedelta(minutes=later)
        step = Step(what, moment, other if what == "retarget" else None)  # type: ignore[arg-type]
        try:
            course = follow(course, step, CAL.__getitem__)
        except OutOfOrder:
            moment -= timedelta(minutes=later)
            continue
        steps.append(step)
        if since is not None:
            spans.append((calendar, since, moment))
        calendar = other if what == "retarget" else calendar
        since = moment if course.counted_from is not None else None  # type: ignore[assignment]
        if course.ended:
            break
    for number, start, end in spans:
        minutes = int((end - start).total_seconds()) // 60
        wanted += sum(60 for n in range(minutes) if CAL[number].open_at(start + timedelta(minutes=n)))
    assert course.used == wanted and fold(steps, CAL.__getitem__) == course
    if course.state == "running":
        assert course.due_at == CAL[course.calendar].add(course.counted_from, course.target - course.used)  # type: ignore[arg-type]


def test_holidays_are_data_of_the_version(office: str) -> None:
    found = calendars.public_holidays("KR", 2026, 2026)
    assert found["2026-08-17"] == ["광복절 대체 휴일", "Alternative holiday for Liberation Day"]
