"""The work of the demo company: tasks of its people, one of them handed over, processes that stand on different steps, and a month of windows with
one clash. A part of the load."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from numaru.config import demo_world as plan
from numaru.facilities.work import api as work
from numaru.kernel.access import Actor
from numaru.kernel.models import Staff

type At = Callable[[datetime], AbstractContextManager[None]]
MOONLIGHT, TALEWOOD, BOOKFLOOR = (studio.slug for studio in plan.STUDIOS)


def _who(key: str) -> Actor:
    return Staff.objects.get(login=f"face-{key}").actor


def prepare(calendar: plan.Calendar, at: At) -> None:
    """What was opened over the last days, and what is planned around today."""
    day = calendar.day
    _processes(day, at)
    with at(plan.moment(day - timedelta(days=2), 10, 5)):
        _windows(day)
        _tasks(day)
    with at(plan.moment(day - timedelta(days=1), 16, 40)):
        clerk = _who("clerk")
        number = work.open_task.do(
            clerk, title="보호자 동의서 다시 받기", details="자녀 계정 세 건의 동의서 서명이 흐립니다. 보호자에게 다시 요청합니다.", service=MOONLIGHT,
            due_on=day + timedelta(days=2), checklist=("동의서 양식 보내기", "서명 확인하기", "보관함에 넣기"),
        )  # fmt: skip
        work.begin_task.do(clerk, number=number)
        work.tick_point.do(clerk, number=number, ordinal=1)
        work.hand_over.do(
            clerk, number=number, to_staff=_who("billing").staff_id, note="양식은 두 분께 보냈습니다. 내일은 휴가라 서명 확인을 부탁합니다."
        )


def _processes(day: date, at: At) -> None:
    """One review that was sent back once, one that waits for the clerk, and what is left after a fault."""
    clerk, engineer, billing = _who("clerk"), _who("engineer"), _who("billing")
    checked = "점검표는 종이로 했음"
    with at(plan.moment(day - timedelta(days=6), 10, 20)):
        work.ship(Actor.system("work"))
        first = work.start_process.do(clerk, process="content-review", title="겨울 특집 12화", service=MOONLIGHT)
        fault = work.start_process.do(
            engineer,
            process="after-incident",
            title="저녁 재생 오류",
            service=MOONLIGHT,
            details="21:10부터 22:40까지 일부 기기에서 재생이 멈췄습니다.",
        )
    _step(
        clerk,
        first,
        plan.moment(day - timedelta(days=5), 11, 5),
        at,
        "원본은 11월 보관함 12화 칸에 두었습니다. 빠진 것은 없습니다.",
        checked,
    )
    _step(
        engineer,
        first,
        plan.moment(day - timedelta(days=4), 15, 30),
        at,
        "TV에서 자막이 2초 밀립니다. 4분 12초부터 보십시오.",
        checked,
        "back",
    )
    _step(
        engineer,
        fault,
        plan.moment(day - timedelta(days=3), 9, 40),
        at,
        "90분 멈췄고 구독 상품 두 가지, 1,204명이 겪었습니다.",
        checked,
        "charged",
    )
    with at(plan.moment(day - timedelta(days=1), 9, 15)):
        done = work.start_process.do(billing, process="content-review", title="주말 영화 묶음", service=MOONLIGHT)
    _step(clerk, done, plan.moment(day - timedelta(days=1), 11, 0), at, "세 편 모두 받았고 등급 정보도 있습니다.", checked)


def _step(who: Actor, number: str, when: datetime, at: At, note: str, reason: str, outcome: str = "") -> None:
    with at(when):
        task = work.processes(who).get(number=number).task
        work.take_task.do(who, number=task)
        work.finish_step.do(who, number=task, outcome=outcome, note=note, reason=reason)


def _tasks(day: date) -> None:
    operations = _who("operations")
    work.open_task.do(
        operations, title="지난달 보류 계정 정리", role="billing_clerk", service=BOOKFLOOR, due_at=plan.moment(day, 17), priority=1,
        details="제휴사 단가가 빠진 계정부터 봅니다.", checklist=("단가 확인", "다시 청구", "제휴사에 알림"),
    )  # fmt: skip
    work.open_task.do(
        operations,
        title="결제 대행사 점검 공지 문안 확인",
        staff=_who("billing").staff_id,
        service=MOONLIGHT,
        due_on=day,
        details="점검 시간과 영향을 확인합니다.",
    )
    work.open_task.do(operations, title="접근 점검 대상 추리기", role="privacy_officer", due_on=day + timedelta(days=5), priority=3)
    late = work.open_task.do(_who("privacy"), title="위탁 계약 갱신본 받기", due_on=day - timedelta(days=1))
    work.wait_task.do(_who("privacy"), number=late, reason="법무 검토를 기다림")


def _windows(day: date) -> None:
    operations = _who("operations")

    def put(
        kind: str, title: str, ahead: int, begin: int, hours: int, service: str = "", rrule: str = "", reason: str = "", **more: bool
    ) -> None:
        start = plan.moment(day + timedelta(days=ahead), begin)
        work.plan_window.do(
            operations, kind=kind, title=title, starts_at=start, ends_at=start + timedelta(hours=hours), service=service, rrule=rrule, reason=reason, **more
        )  # fmt: skip

    tuesday = (1 - day.weekday()) % 7
    put("release", "앱 정기 배포", tuesday, 10, 2, MOONLIGHT, "FREQ=WEEKLY")
    put("maintenance", "결제 대행사 점검", 3 if tuesday != 3 else 4, 2, 3, MOONLIGHT)
    put("campaign", "가을 웹툰 할인", 6, 0, 24 * 7, TALEWOOD, all_day=True)
    put("drill", "복구 훈련", 14, 14, 3)
    put("leave", "운영팀 휴가", 1, 0, 24, all_day=True)
    put("freeze", "연말 변경 동결", 16, 0, 24 * 12, rrule="", reason="배포 두 번은 미리 승인받음", all_day=True)
