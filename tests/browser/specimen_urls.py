"""Pages made of nothing but the kit, with the words of the pictures, so that every part is looked at without any room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from numaru.kernel import clock
from numaru.kernel.models import Staff
from numaru.ui.fields import DayField, MoneyField, PhoneField
from numaru.ui.forms import checked, spoken
from numaru.ui.lists import Choice, Column, Listing, Sort, View, respond
from numaru.ui.pages import page
from numaru.ui.progress import Figure, Progress, Station
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.ui.timeline import Entry, days
from numaru.values.money import Money
from numaru.values.text import Text

ACTIVE, OVERDUE = State(Text("이용 중", "Active"), "good"), State(Text("미납", "Overdue"), "bad")
PAUSED, ENDING = State(Text("일시 정지", "Paused"), "calm", "player-pause"), State(Text("해지 예정", "Ending"), "warn", "calendar-due")
RUNNING = State(Text("확정 중", "Finalising"), "info")
FACES = (ACTIVE, ACTIVE, ACTIVE, OVERDUE, PAUSED, ENDING)

SPOKEN = (("ko", Text("한국어", "Korean")), ("en", Text("영어", "English")))
PEOPLE = Listing(
    key="people",
    name=Text("가입자", "Subscribers"),
    unit=("명", "subscriber", "subscribers"),
    columns=(
        Column("name", Text("이름", "Name"), lambda r: r.name, "masked", url=lambda r: f"/kit/person/{r.login}/"),
        Column("login", Text("가입번호", "Number"), lambda r: r.login, "id"),
        Column("plan", Text("요금제", "Plan"), lambda r: Text("스탠다드", "Standard")),
        Column("state", Text("상태", "State"), lambda r: FACES[r.pk % 6], "state"),
        Column("uses", Text("이달 이용", "Uses this month"), lambda r: r.pk % 5, "count"),
        Column("next", Text("다음 청구", "Next bill"), lambda r: Money(13900 + r.pk % 7 * 1000, "KRW"), "money"),
        Column("owed", Text("미납", "Overdue"), lambda r: Money(8900 if r.pk % 6 == 3 else 0, "KRW"), "money", quiet=True),
        Column("since", Text("가입", "Joined"), lambda r: r.created_at, "when"),
    ),
    sorts=(
        Sort("new", Text("최근 순", "Newest first"), ("created_at",), descending=True),
        Sort("name", Text("이름 순", "By name"), ("name",)),
    ),
    filters=(
        Choice("active", Text("상태", "State"), (("yes", ACTIVE.word), ("no", PAUSED.word)), lambda q, v: q.filter(is_active=v == "yes")),
        Choice("speaks", Text("언어", "Language"), SPOKEN, lambda q, v: q.filter(language=v)),
    ),
    views=(
        View("all", Text("전체", "All")),
        View("active", ACTIVE.word, (("active", "yes"),)),
        View("paused", PAUSED.word, (("active", "no"),)),
    ),
    search=lambda rows, q: rows.filter(login__startswith=q),
    placeholder=Text("이름, 전화 뒤 4자리, 가입번호", "Name, last 4 digits, number"),
    row_field="login",
    live="people:*",
    trail=True,
)


def people(request: HttpRequest) -> Any:
    rows = Staff.objects.exclude(login="nuri")
    return respond(request, PEOPLE, rows, "ui/list.html", room="subscribers", place="list", crumbs=[Crumb(PEOPLE.name)])


def person(request: HttpRequest, login: str) -> HttpResponse:
    now = clock.now()
    entries = [
        Entry(now - timedelta(hours=1), "file-import", Text("가입자를 가져왔습니다", "Subscriber imported"), Text("파일 12행", "row 12 of the file")),
        Entry(now - timedelta(days=1), "alert-octagon", Text("결제가 거절됐습니다", "Payment declined"), tone="bad", url="/", act=Text("결제 보기", "See payment")),
        Entry(now - timedelta(days=9), "file-invoice", Text("11월 청구서 확정", "November invoice issued"), amount=Money(8900, "KRW"), url="/"),
    ]  # fmt: skip
    context = {
        "state": ACTIVE, "days": days(entries), "owed": Money(0, "KRW"), "next": Money(21276, "KRW"),
        "reasons": [("caller", Text("상담 중 본인 확인", "Verifying a caller"))], "label": Text("휴대전화 열람 사유", "Reason for showing the phone"),
        "note": Text("30초 뒤 다시 가려지고 열람 기록이 남습니다.", "Masked again after 30 seconds; the access is recorded."), "act": Text("열람", "Show"),
        "fact": Text("22일 재생 장애의 대상입니다.", "Touched by the fault of 22 Nov."), "why": Text("이용기간 1일 연장, 확정 대기 중입니다.", "One day more, waiting to be confirmed."),
    }  # fmt: skip
    crumbs = [Crumb(PEOPLE.name, "/kit/people/"), Crumb(login)]
    return page(request, "specimen/person.html", context, room="subscribers", place="list", crumbs=crumbs)


def run(request: HttpRequest) -> HttpResponse:
    if request.COOKIES.get("kit_step") == "boom":
        raise RuntimeError("on purpose")
    done = min(1_032_418, 612_904 + 1000 * int(request.COOKIES.get("kit_step", "0")))
    stations = (
        Station(Text("대상 확정", "Manifest"), "1,032,418", "done"), Station(Text("이용량 집계", "Usage"), "48,220,917", "done"),
        Station(Text("계산·확정", "Rating"), f"{done:,}", "now"), Station(Text("검산", "Tie-out"), Text("원장·합계 대사", "ledger and totals")),
        Station(Text("붙이기", "Attach")),
    )  # fmt: skip
    figures = (
        Figure(Text("남은 시간", "Left"), 37, Text("초", "s")), Figure(Text("초당", "Per second"), 11240),
        Figure(Text("확정 금액", "Finalised"), Money(6820278733, "KRW")), Figure(Text("보류", "Parked"), 214),
    )  # fmt: skip
    progress = Progress(done, 1_032_418, Text("계정", "accounts"), stations, figures, 214, Text("확정한 계정", "Accounts finalised"))
    context = {"progress": progress, "state": RUNNING, "at": datetime(2026, 12, 1, tzinfo=UTC)}
    crumbs = [Crumb(Text("청구 실행", "Bill runs"), "/kit/people/"), Crumb("R2026-12")]
    return page(request, "specimen/run.html", context, room="billing", place="runs", crumbs=crumbs, fragment="progress")


def invoice(request: HttpRequest) -> HttpResponse:
    won = {k: Money(v, "KRW") for k, v in {"fee": 13900, "save": 3600, "off": -1390, "supply": 14646, "tax": 1464, "total": 16110}.items()}
    return page(request, "specimen/invoice.html", {**won, "state": ACTIVE}, room="billing", place="runs", crumbs=[Crumb("R2026-12-000001")])


def live(request: HttpRequest) -> HttpResponse:
    """A live part in which one may type, choose and open things; what it shows comes from the cookie ``kit_step``."""
    step = int(request.COOKIES.get("kit_step", "0"))
    rows = [f"S-{n:07d}" for n in range(5 + step, 0, -1)]
    context = {"step": step, "rows": rows, "progress": Progress(step, 100, Text("계정", "accounts"), said=Text("확정한 계정", "Finalised"))}
    return page(request, "specimen/live.html", context, room="billing", place="runs", crumbs=[Crumb("live")], fragment="body")


class Written(forms.Form):
    """A control of each kind that reads what people write."""

    amount = MoneyField(label=spoken(Text("금액", "Amount")), most=1_000_000)
    day = DayField(label=spoken(Text("날짜", "Day")), required=False)
    phone = PhoneField(label=spoken(Text("전화번호", "Phone")), required=False)
    note = forms.CharField(label=spoken(Text("메모", "Note")), required=False)


def form(request: HttpRequest) -> HttpResponse:
    made = Written(request.POST or None)
    if (said := checked(request, made)) is not None:
        return said
    return page(request, "specimen/form.html", {"form": made}, room="subscribers", place="list", status=422 if request.POST else 200)


def boom(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("", include("numaru.faces.console.urls")),
    path("", include("numaru.faces.console.account.urls")),
    path("kit/people/", people, name="kit-people"),
    path("kit/person/<str:login>/", person),
    path("kit/form/", form),
    path("desk/", include("numaru.faces.console.desk.urls")),
    path("kit/run/", run, name="kit-run"),
    path("kit/invoice/", invoice),
    path("kit/live/", live),
    path("kit/boom/", boom),
    path("notices/", include("numaru.faces.console.notices.urls")),
    path("help/", include("numaru.faces.console.help.urls")),
]
handler400 = "numaru.faces.console.errors.bad_request"
handler403 = "numaru.faces.console.errors.forbidden"
handler404 = "numaru.faces.console.errors.not_found"
handler500 = "numaru.faces.console.errors.broken"
