"""Processes: what a definition may say, how one runs from role to role, what a refusal leaves untouched, and who sees which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from numaru.facilities.work import api as work
from numaru.facilities.work import reads
from numaru.facilities.work.actions import processes
from numaru.facilities.work.events import ProcessMoved
from numaru.facilities.work.models import Process, ProcessDefinition, ProcessStep, Task
from numaru.facilities.work.rules import process as rule
from numaru.kernel import clock
from numaru.kernel.access import ROLES, Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import OutboxEvent
from numaru.kernel.notices.models import Notice
from tests.domains.billing.world import SLUG, World
from tests.facilities.work.conftest import Hire
from tests.screens import SignIn

HOUSE = Actor.system("test")
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
TICKED = "점검을 다른 곳에서 했음"


def step(key: str, role: str = "billing_clerk", more: str = "") -> str:
    return f'[[steps]]\nkey = "{key}"\nname_ko = "{key}"\nname_en = "{key}"\nrole = "{role}"\nminutes = 60\n{more}\n'


def way(key: str, to: str = "") -> str:
    return f'[[steps.outcomes]]\nkey = "{key}"\nname_ko = "{key}"\nname_en = "{key}"\n' + (f'to = "{to}"\n' if to else "")


def written(*steps: str, key: str = "tried") -> str:
    return f'key = "{key}"\nname_ko = "시험"\nname_en = "Tried"\ncalendar = "always"\n\n' + "\n".join(steps)


WRONG = {
    "not TOML": "key = ",
    "no key": written(step("a")).replace('key = "tried"', 'key = "Tried!"'),
    "no name": written(step("a")).replace('name_en = "Tried"', ""),
    "no steps": written(),
    "a step twice": written(step("a"), step("a")),
    "the name of the end": written(step("end")),
    "an unknown role": written(step("a", "emperor")),
    "the role of everybody": written(step("a", "basic")),
    "no time": written(step("a").replace("60", "0")),
    "a yes for a number": written(step("a").replace("60", "true")),
    "an unknown calendar": written(step("a")).replace("always", "moon"),
    "an outcome to nowhere": written(step("a", more=way("x", "b"))),
    "an outcome twice": written(step("a", more=way("x") + way("x"))),
    "a step that nothing leads to": written(step("a", more=way("x", "end")), step("b")),
    "a circle without an end": written(step("a"), step("b", more=way("x", "a"))),
    "an empty point": written(step("a", more='checklist = [""]')),
    "a person": written(step("a")) + "# 010-1234-5678",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRONG)
def test_a_definition_that_cannot_be_is_refused_in_words(hire: Hire, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        work.keep_process.do(HOUSE, source=WRONG[name])
    found = refused.value.findings[0]
    assert found.field == "source"
    assert found.message.ko and found.remedy.en
    assert not ProcessDefinition.objects.exists()


KEYS = ["a", "b", "c", "d", "e"]


@settings(max_examples=200)
@given(
    st.lists(st.lists(st.sampled_from([*KEYS, "end"]), max_size=3), min_size=1, max_size=5),
    st.lists(st.integers(0, 5), min_size=40, max_size=40),
)
def test_whatever_is_accepted_can_always_come_to_an_end(leads: list[list[str]], chosen: list[int]) -> None:
    text = written(*(step(KEYS[n], more="".join(way(f"w{m}", to) for m, to in enumerate(ways))) for n, ways in enumerate(leads)))
    try:
        found = rule.read(text, set(ROLES), {"always"})
    except rule.Unreadable:
        return
    at = found.steps[0]
    for n in chosen:
        to = at.outcomes[n % len(at.outcomes)].to
        if to == rule.END:
            return
        after = found.step(to)
        assert after is not None
        at = after
    seen, look = set(), [at.key]
    while look:
        key = look.pop()
        if key == rule.END:
            return
        if key not in seen:
            seen.add(key)
            one = found.step(key)
            assert one is not None
            look += [w.to for w in one.outcomes]
    raise AssertionError(f"no end from {at.key}")


@pytest.mark.django_db
def test_the_shipped_ones_are_kept_once() -> None:
    assert processes.ship(HOUSE) == 2
    assert processes.ship(HOUSE) == 0
    assert set(processes.newest()) == {"content-review", "after-incident"}


def task_of(number: str) -> Task:
    return Task.objects.get(number=Process.objects.get(number=number).task)


@pytest.mark.django_db
def test_a_process_goes_from_role_to_role_and_back(hire: Hire) -> None:
    processes.ship(HOUSE)
    taker, checker, pricer = hire("subscriber_clerk"), hire("support_engineer"), hire("billing_clerk")
    with clock.pinned(MONDAY):
        number = work.start_process.do(taker.actor, process="content-review", title="겨울 특집 12화", once="title:12")
        assert work.start_process.do(taker.actor, process="content-review", title="다른 것", once="title:12") == number
        first = task_of(number)
        assert (first.role, first.staff, first.title) == ("subscriber_clerk", None, "파일과 정보 받기: 겨울 특집 12화")
        assert first.due_at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # four business hours, lunch between
        assert list(reads.mine(taker.actor)) == [first]
        with pytest.raises(NotAllowed):
            work.finish_step.do(checker.actor, number=first.number, note="x", reason=TICKED)
        with pytest.raises(Invalid) as empty:
            work.finish_step.do(taker.actor, number=first.number, reason=TICKED)
        assert empty.value.findings[0].code == "work.hands"
        with pytest.raises(Invalid) as left:
            work.finish_step.do(taker.actor, number=first.number, note="서버에 두었음")
        assert left.value.findings[0].code == "work.points_left"
        assert task_of(number) == first
        work.finish_step.do(taker.actor, number=first.number, note="서버에 두었음", reason=TICKED)
        second = task_of(number)
        assert (second.role, second.details) == ("support_engineer", "서버에 두었음")
        with pytest.raises(Invalid) as chosen:
            work.finish_step.do(checker.actor, number=second.number, note="자막이 밀림", reason=TICKED)
        assert chosen.value.findings[0].field == "outcome"
        work.finish_step.do(checker.actor, number=second.number, outcome="back", note="자막이 밀림", reason=TICKED)
        again = task_of(number)
        assert (again.role, again.details) == ("subscriber_clerk", "자막이 밀림")
        with pytest.raises(NotFound):
            work.finish_step.do(checker.actor, number=second.number, outcome="pass", note="늦게")
        work.finish_step.do(taker.actor, number=again.number, note="고침", reason=TICKED)
        work.finish_step.do(checker.actor, number=task_of(number).number, outcome="pass", note="좋음", reason=TICKED)
        work.finish_step.do(pricer.actor, number=task_of(number).number, note="1,500원, 내일 10시")
        work.finish_step.do(checker.actor, number=task_of(number).number, reason=TICKED)
    row = Process.objects.get(number=number)
    assert (row.state, row.step, row.task) == ("done", "", "")
    ways = list(ProcessStep.objects.order_by("ordinal").values_list("step", "outcome"))
    assert ways == [("files", "done"), ("check", "back"), ("files", "done"), ("check", "pass"), ("price", "done"), ("open", "done")]
    assert not Task.objects.filter(closed_at__isnull=True).exists()
    for event in OutboxEvent.objects.filter(name="work.ProcessMoved").order_by("id"):
        from numaru.facilities.work.handlers import moved

        moved(ProcessMoved(**event.payload))
    assert list(Notice.objects.filter(kind="work.process_ended").values_list("staff", "key")) == [(taker.pk, number)]


@pytest.mark.django_db
def test_a_step_is_not_finished_cancelled_or_reopened_as_a_task(hire: Hire) -> None:
    processes.ship(HOUSE)
    me = hire("administrator").actor
    number = work.start_process.do(me, process="after-incident", title="재생 장애")
    task = task_of(number)
    for act in (work.finish_task, work.cancel_task):
        with pytest.raises(Conflict) as refused:
            act.do(me, number=task.number, reason="시험")
        assert refused.value.findings[0].code == "work.step"
    work.finish_step.do(me, number=task.number, outcome="free", note="두 시간", reason=TICKED)
    with pytest.raises(Conflict):
        work.reopen_task.do(me, number=task.number, reason="시험")
    assert Process.objects.get().step == "answers"


@pytest.mark.django_db
def test_cancelling_ends_the_open_step_with_it(hire: Hire) -> None:
    processes.ship(HOUSE)
    starter = hire("billing_clerk").actor
    number = work.start_process.do(starter, process="after-incident", title="재생 장애")
    task = task_of(number)
    with pytest.raises(Invalid):
        work.cancel_process.do(starter, number=number)
    work.cancel_process.do(starter, number=number, reason="다른 건과 합침")
    task.refresh_from_db()
    assert (task.state, Process.objects.get().state, ProcessStep.objects.get().note) == ("cancelled", "cancelled", "다른 건과 합침")
    with pytest.raises(Conflict):
        work.cancel_process.do(starter, number=number, reason="또")


@pytest.mark.django_db
def test_a_changed_definition_leaves_what_runs_alone(hire: Hire) -> None:
    me = hire("administrator").actor
    work.keep_process.do(me, source=written(step("a"), step("b")))
    number = work.start_process.do(me, process="tried", title="옛 판")
    effects = [e.ko for e in work.keep_process.plan(me, source=written(step("a"))).effects]
    assert any("진행 중 1건" in one for one in effects)
    work.keep_process.do(me, source=written(step("a")))
    with pytest.raises(Conflict):
        work.keep_process.do(me, source=written(step("a")))
    work.finish_step.do(me, number=task_of(number).number)
    assert Process.objects.get(number=number).step == "b"
    other = work.start_process.do(me, process="tried", title="새 판")
    work.finish_step.do(me, number=task_of(other).number)
    assert Process.objects.get(number=other).state == "done"


@pytest.mark.django_db
def test_a_moved_due_time_moves_the_process_in_its_list(hire: Hire) -> None:
    me = hire("administrator").actor
    work.keep_process.do(me, source=written(step("a")))
    number = work.start_process.do(me, process="tried", title="기한")
    task, later = task_of(number), clock.now() + timedelta(days=9)
    work.change_task.do(me, number=task.number, title=task.title, due_at=later)
    assert Process.objects.get().ends_at == later


@pytest.mark.django_db
def test_another_service_sees_and_cancels_nothing(hire: Hire) -> None:
    processes.ship(HOUSE)
    number = work.start_process.do(HOUSE, process="after-incident", title="무비 장애", service="movies")
    other, right = hire("billing_clerk", service="books").actor, hire("billing_clerk", service="movies").actor
    assert not reads.processes(other).exists()
    assert reads.processes(right).get().number == number
    with pytest.raises(NotAllowed):
        work.cancel_process.do(other, number=number, reason="시험")
    with pytest.raises(NotAllowed):
        work.start_process.do(other, process="after-incident", title="남의 것", service="movies")
    assert Process.objects.get().state == "running"


@pytest.mark.django_db
def test_words_are_sealed_at_rest(hire: Hire) -> None:
    me = hire("administrator").actor
    work.keep_process.do(me, source=written(step("a"), step("b")))
    number = work.start_process.do(me, process="tried", title="시험", details="김하늘에게 전화")
    work.finish_step.do(me, number=task_of(number).number, note="김하늘이 받음")
    with connection.cursor() as cursor:
        for table, column in (("work_process", "details"), ("work_processstep", "note")):
            cursor.execute(f"SELECT {column} FROM {table}")
            assert all("김하늘".encode() not in bytes(value) for (value,) in cursor.fetchall())
    assert Process.objects.get().details == "김하늘에게 전화"


@pytest.mark.django_db
def test_it_is_started_after_a_preview_and_finished_on_its_pages(naru: World, sign_in: SignIn) -> None:
    processes.ship(HOUSE)
    client = sign_in("support_engineer", "billing_clerk")
    form = {"process": "after-incident", "title": "재생 장애", "service": SLUG, "about": "r2026-08"}
    seen = client.post("/processes/start/", form)
    page = seen.content.decode()
    assert seen.status_code == 200
    assert "원인과 영향 적기" in page and not Process.objects.exists()
    changed = client.post("/processes/start/", form | {"title": "다른 제목", "go": "1", "seen": seen.context["seen"]})
    assert changed.status_code == 200 and not Process.objects.exists()  # what was not previewed is not carried out
    client.post("/processes/start/", form | {"go": "1", "seen": seen.context["seen"]})
    row = Process.objects.get()
    page = client.get(f"/processes/{row.number}/").content.decode()
    assert 'href="/billing/runs/R2026-08/"' in page and "단계 마치기" in page
    assert (
        f'href="/tasks/{row.task}/step/"' in client.get(f"/tasks/{row.task}/").content.decode()
        or "내가 맡기" in client.get(f"/tasks/{row.task}/").content.decode()
    )
    asked = client.post(f"/tasks/{row.task}/step/", {"outcome": "charged", "note": ""})
    assert asked.status_code == 422
    client.post(f"/tasks/{row.task}/step/", {"outcome": "charged", "note": "두 시간, 41명", "reason": TICKED})
    row.refresh_from_db()
    assert row.step == "money"
    page = client.get(f"/processes/{row.number}/").content.decode()
    assert "두 시간, 41명" in page and "요금에 영향 있음" in page
    assert "재생 장애" in client.get("/").content.decode()
    assert row.number in client.get(f"/find/?q={row.number}&stay=1").content.decode()


@pytest.mark.django_db
def test_a_definition_is_previewed_in_lanes_and_kept(naru: World, sign_in: SignIn) -> None:
    client = sign_in("billing_clerk")
    seen = client.post("/processes/definitions/new/", {"source": written(step("a"), step("b"))})
    assert "<table>" in seen.content.decode() and not ProcessDefinition.objects.exists()
    client.post("/processes/definitions/new/", {"source": written(step("a"), step("b")), "go": "1", "seen": seen.context["seen"]})
    assert ProcessDefinition.objects.get().key == "tried"
    wrong = client.post("/processes/definitions/tried/change/", {"source": written(step("a"), key="other")})
    assert wrong.status_code == 422
    assert client.get("/processes/definitions/tried/").status_code == 200
    assert client.get("/processes/definitions/").status_code == 200
