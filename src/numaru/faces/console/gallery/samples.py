"""Invented values for the gallery, in the language in force. Nothing here is read from the house but the reader's own row of the sample list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest

from numaru.kernel import clock
from numaru.kernel.actions import Second
from numaru.kernel.models import Staff
from numaru.ui import charts, lists
from numaru.ui.charts import About, Band, Bin, Chart, Event, Lane, Note, Series, Strip
from numaru.ui.detail import Fact
from numaru.ui.fields import DayInput
from numaru.ui.forms import spoken
from numaru.ui.lanes import Lane as LifeLane
from numaru.ui.lanes import Lanes, Mark
from numaru.ui.lists import Choice, Column, Listing, Sort, View
from numaru.ui.progress import Figure, Progress, Station
from numaru.ui.states import State
from numaru.ui.timeline import Entry, days
from numaru.ui.toasts import Toast, Undo
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text

STATES = [
    (State(Text("정상", "Normal"), "good"), Text("완료, 수납, 충족", "done, paid, met")),
    (State(Text("진행 중", "Running"), "info"), Text("실행 중, 응대 중", "running, handling")),
    (State(Text("지켜보는 중", "Watching"), "warn", "eye"), Text("임박, 확인 필요", "due soon, to be looked at")),
    (State(Text("실패", "Failed"), "bad"), Text("초과, 미납, 중단", "breached, overdue, broken off")),
    (State(Text("자동", "Automatic"), "plum"), Text("봇, 자동화, 계산만", "bot, automation, computed only")),
    (State(Text("대기", "Waiting"), "calm"), Text("정지, 예정, 해당 없음", "stopped, planned, not applicable")),
]
FIRST = date(2026, 11, 1)


def won(n: int) -> Money:
    return Money(n, "KRW")


class SampleForm(forms.Form):
    """A form that came back: two answers are wrong, one is not required."""

    plan = forms.CharField(label=spoken(Text("요금제 이름", "Name of the offer")))
    phone = forms.CharField(
        label=spoken(Text("확인할 휴대전화", "Phone to verify")),
        help_text=spoken(Text("하이픈은 없어도 됩니다.", "Hyphens may be left out.")),
    )
    since = forms.CharField(label=spoken(Text("시행일", "In force from")), widget=DayInput)
    memo = forms.CharField(label=spoken(Text("메모", "Note")), required=False)

    def clean(self) -> None:
        short = Text("번호가 짧습니다. 010-0000-0000 형식으로 입력하십시오.", "The number is too short. Write it as 010-0000-0000.")
        early = Text(
            "인상 요금제는 동의 기간 30일 이후부터 시행할 수 있습니다.", "A dearer offer may begin 30 days after consent was asked."
        )
        self.add_error("phone", str(short))
        self.add_error("since", str(early))


def context(request: HttpRequest, at: str) -> dict[str, Any]:
    """Everything the specimens draw with. ``at`` keeps the ids of the two panes apart."""
    now = clock.now()
    typed = {"plan": str(Text("달빛 스탠다드 2027", "Moonlight Standard 2027")), "phone": "010-2201", "since": "2026-12-10", "memo": ""}
    return {
        "at": at, "request": request, "states": STATES, "state": STATES[0][0], "nothing": None,
        "fee": won(13_900), "off": won(-1_390), "zero": won(0), "rise": won(3_166), "dollars": Money(1240, "USD"),
        "today": date(2026, 11, 22), "instant": datetime(2026, 11, 22, 12, 42, tzinfo=UTC), "recent": now - timedelta(minutes=12),
        "period": Period(date(2026, 11, 12), date(2026, 12, 1)), "soon": now + timedelta(minutes=2, seconds=41), "minutes": now + timedelta(minutes=12),
        "hours": now + timedelta(hours=1, minutes=18), "later": now + timedelta(days=3), "over": now - timedelta(minutes=3),
        "names": [("김*늘", "S-1048-2201"), ("강*늘", "S-1177-0342")], "sum": won(6_820_278_733), "quantity": Decimal("1204.5"), "hundred": 100,
        "flat": [99.9, 99.9, 99.8, 99.9, 99.9, 99.9], "dip": [99.9, 99.8, 97.1, 96.0, 98.8, 99.7],
        "stations": [
            Station(Text("결제 실패", "Payment failed"), "9,412", "done"), Station(Text("재시도 1", "Retry 1"), Text("5,870 회복", "5,870 recovered"), "done"),
            Station(Text("안내, 재시도 2", "Notice, retry 2"), Text("오늘 14:00", "today 14:00"), "now"), Station(Text("이용 정지", "Suspension"), "11-27"),
            Station(Text("복구", "Restored"), Text("납부 즉시", "on payment"), "bad"),
        ],
        "progress": Progress(
            612_904, 1_032_418, Text("계정", "accounts"),
            (Station(Text("대상 확정", "Frozen"), "1,032,418", "done"), Station(Text("계산·확정", "Rating"), "612,904", "now"), Station(Text("검산", "Tie-out"))),
            (Figure(Text("초당", "Per second"), 11_240), Figure(Text("확정 금액", "Finalised"), won(6_820_278_733))), 214, Text("확정한 계정", "Accounts finalised"),
        ),
        "days": days([
            Entry(now - timedelta(hours=1), "receipt", Text("11월 청구서를 냈습니다", "November invoice paid"), Text("카드 **** 4417", "card **** 4417"), amount=won(13_900)),
            Entry(now - timedelta(hours=3), "alert-octagon", Text("결제가 거절됐습니다", "Payment declined"), Text("한도 초과", "over the limit"), "bad", url="#timeline", act=Text("결제 보기", "See payment")),
            Entry(now - timedelta(days=1), "robot", Text("이용기간을 하루 늘렸습니다", "One day added"), Text("자동, 22일 재생 장애", "automatic, fault of 22 Nov"), "plum"),
        ]),
        "form": SampleForm(typed, auto_id=f"{at}_%s"), "second": Second(Text("10만 원이 넘는 환불입니다.", "A refund above ₩100,000.")),
        "reasons": [("caller", Text("상담 중 본인 확인", "Verifying a caller")), ("bill", Text("청구 문의", "Question about a bill"))],
        "facts": [Text("확정하면 다음 청구에 반영됩니다. 되돌리려면 승인이 필요합니다.", "It enters the next bill. Undoing it needs approval.")],
        "told": [
            Fact(Text("다음 청구", "Next bill"), won(13_900), url="#p-facts"), Fact(Text("가입", "Joined"), date(2026, 3, 2)),
            Fact(Text("미납", "Overdue"), None), Fact(Text("이용", "Use"), 42, note=Text("지난 30일", "last 30 days")),
        ],
        "lanes": _lanes(), "invoice": "/billing/invoices/R2026-11-000001/", "asked": SimpleNamespace(text=str(Text("김", "K"))),
        "hit": SimpleNamespace(icon="user", title="김*늘", number="S-1048-2201", note=Text("스탠다드", "Standard"), state=STATES[0][0], keys=()),
        "thing": SimpleNamespace(icon="file-invoice"),
        "seen": SimpleNamespace(
            title=Text("11월 청구서", "November invoice"), number="R2026-11-000001", state=STATES[0][0], note=Text("김*늘", "K** H*****"),
            facts=[(Text("금액", "Amount"), won(13_900)), (Text("납부 기한", "Due"), date(2026, 12, 15))],
        ),
        "steps": _steps(), "beside": SimpleNamespace(before="#p-beside", after="#p-beside"),
        "effects": [Text("기간 연장 1,017명, 하루씩", "1,017 people get a day more"), Text("유상캐시 187명, 500원씩", "187 people get ₩500 of cash")],
        "toasts": [
            Toast(Text("6명에게 태그를 추가했습니다", "Tag added to 6 people"), undo=Undo("#toasts-part"), stays=True),
            Toast(Text("문자 2건이 도착하지 않았습니다", "2 messages did not arrive"), "bad", "#toasts-part", Text("보기", "Show")),
        ],
        "reminder": SimpleNamespace(text=Text("7일 안에 2단계 인증을 등록하십시오.", "Set up a second factor within 7 days."), url="#notices", label=Text("지금 등록", "Set it up now")),
        "banner": Text("시연 회사입니다. 사람과 금액은 모두 지어낸 것입니다.", "This is a demo company: people and amounts are invented."),
        "list": lists.Page(request, _listing(at), Staff.objects.filter(pk=request.user.pk or 0)), "charts": _charts(at), "nolist": None,
    }  # fmt: skip


def _steps() -> list[SimpleNamespace]:
    """Two of the first steps of a new house: one done, one next."""
    out = []
    for state, face, text, why in (
        ("done", STATES[0][0], Text("서비스와 요금제 올리기", "Publish a service and its offers"), Text("요금제 3개", "3 offers")),
        (
            "next",
            STATES[5][0],
            Text("가입자 들이기", "Bring subscribers in"),
            Text("파일 하나로 시작합니다.", "One file is enough to begin."),
        ),
    ):
        step = SimpleNamespace(
            text=text, why=why, url="#p-firsts", act=Text("가져오기", "Import"), chapter=SimpleNamespace(url="#p-firsts")
        )
        out.append(SimpleNamespace(state=state, face=face, step=step, may=True, who=""))
    return out


def _lanes() -> Lanes:
    """Sixty days of somebody who does not exist."""
    return Lanes(
        Period(FIRST - timedelta(30), FIRST + timedelta(30)), {FIRST + timedelta(n - 30): (n * 53) % 170 if n % 4 else 0 for n in range(54)},
        Text("이용", "Use"), ("분", "minute", "minutes"),
        [
            LifeLane(Text("청구", "Bills"), "square", [Mark(FIRST, Text("11-01 청구 13,900원", "1 Nov billed ₩13,900"))]),
            LifeLane(Text("장애", "Faults"), "triangle", [Mark(FIRST + timedelta(21), Text("11-22 재생 실패", "22 Nov playback failed"), "bad")]),
            LifeLane(Text("상담", "Contacts"), "circle", [Mark(FIRST + timedelta(22), Text("11-23 채팅", "23 Nov chat"), "now")]),
        ],
    )  # fmt: skip


def _listing(at: str) -> Listing:
    return Listing(
        key=f"sample-{at}",
        name=Text("표본 목록", "Sample list"),
        unit=("명", "person", "people"),
        columns=(
            Column("name", Text("이름", "Name"), lambda r: "김*늘", "masked", url=lambda r: "#p-list"),
            Column("login", Text("가입번호", "Number"), lambda r: "S-1048-2201", "id"),
            Column("state", Text("상태", "State"), lambda r: STATES[0][0], "state"),
            Column("next", Text("다음 청구", "Next bill"), lambda r: won(13_900), "money"),
            Column("owed", Text("미납", "Overdue"), lambda r: won(0), "money", quiet=True),
        ),
        sorts=(
            Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),
            Sort("old", Text("오래된 순", "Oldest first"), ("pk",)),
        ),
        filters=(
            Choice(f"state-{at}", Text("상태", "State"), [("on", STATES[0][0].word), ("off", STATES[5][0].word)], lambda rows, v: rows),
        ),
        views=(View("all", Text("전체", "All")), View("on", STATES[0][0].word, ((f"state-{at}", "on"),))),
        search=lambda rows, q: rows,
        placeholder=Text("이름, 가입번호", "Name, number"),
    )


def _about(at: str, key: str, name: Text, finding: Text, unit: Text, period: Text) -> About:
    return About(f"{key}-{at}", name, finding, unit, period)


NOVEMBER = Text("11월", "November")


def _charts(at: str) -> dict[str, Chart]:
    """One of each kind."""
    money = charts.money("KRW", signed=True)
    now = [
        (d, v)
        for d, v in enumerate(
            map(
                Decimal,
                [
                    "21",
                    "18.6",
                    "14.8",
                    "13.9",
                    "13",
                    "12.4",
                    "10.1",
                    "9.6",
                    "9.1",
                    "8.4",
                    "8",
                    "7.7",
                    "7.4",
                    "6",
                    "5.8",
                    "5.6",
                    "5.4",
                    "5.2",
                    "5",
                    "4.9",
                    "4.5",
                    "4.3",
                    "4.2",
                ],
            ),
            1,
        )
    ]
    then = [
        (d, v)
        for d, v in enumerate(
            map(
                Decimal,
                [
                    "22.4",
                    "20.4",
                    "17",
                    "16.1",
                    "15.2",
                    "14.5",
                    "12.2",
                    "11.6",
                    "11",
                    "10.2",
                    "9.8",
                    "9.4",
                    "9",
                    "7.6",
                    "7.2",
                    "6.9",
                    "6.6",
                    "6.4",
                    "6.2",
                    "6",
                    "5.4",
                    "5.2",
                    "5.1",
                    "4.8",
                    "4.6",
                ],
            ),
            1,
        )
    ]
    month = charts.told([(d, Text(f"{d}일", f"{d} Nov")) for d in (1, 5, 10, 15, 20, 25, 30)], 1, 30)
    spread = [10, 16, 30, 90, 160, 400, 1900, 5300, 18_000, 96_500, 312_000, 111_000, 42_900, 7_000, 3_600, 5_400, 1_200, 250, 90, 20, 12]
    bins = [Bin(won(500 * (k - 10) - 250), won(500 * (k - 10) + 250), n, k in (0, 20)) for k, n in enumerate(spread)]
    tall = charts.money("KRW", signed=True).over(-2000, 8000).at(-2000, 0, 2000, 4000, 6000, 8000)
    return {
        "bars": charts.bars(
            _about(at, "bars", Text("늘어난 문의", "Rising questions"), Text("재생 실패 문의가 네 배가 되었습니다.", "Questions on failed playback rose fourfold."), Text("문의 수", "Cases"), Text("지난 7일", "Last 7 days")),
            [(Text("재생 실패", "Playback fails"), 1204), (Text("보상 문의", "Compensation"), 412), (Text("자막 어긋남", "Subtitles off"), 96), (Text("환불 소요일", "Refund takes long"), 41)],
            charts.count(), focus=frozenset({str(Text("재생 실패", "Playback fails"))}), head=Text("주제", "Topic"),
        ),
        "lines": charts.lines(
            _about(at, "lines", Text("일일 이용", "Daily use"), Text("주말마다 예상보다 높았습니다.", "Weekends were above what was expected."), Text("시청 수", "Plays"), NOVEMBER),
            [Series(Text("시청", "Plays"), [(FIRST + timedelta(n), 42_000 + n * 400 + (9_000 if (FIRST + timedelta(n)).weekday() > 4 else 0)) for n in range(23)])],
            charts.dated(FIRST, FIRST + timedelta(22)), charts.count().over(0, 70_000).at(0, 20_000, 40_000, 60_000),
            band=[(FIRST + timedelta(n), 38_000 + n * 400, 48_000 + n * 400) for n in range(23)],
        ),
        "steps": charts.steps(
            _about(at, "steps", Text("청구 후 미납률", "Unpaid after billing"), Text("11월 23일 미납은 4.2%로, 10월 같은 날 5.1%보다 낮고 목표 3%보다 높습니다.", "On 23 November 4.2% was unpaid: less than 5.1% on the same day in October, more than the target of 3%."), Text("청구액 가운데", "Share of what was billed"), NOVEMBER),
            [Series(NOVEMBER, now), Series(Text("10월", "October"), then, "before")], month, charts.percent().over(0, 24).at(0, 10, 20), target=(3, Text("목표 3%", "target 3%")),
        ),
        "histogram": charts.histogram(
            _about(at, "histogram", Text("계정별 증감액", "Change by account"), Text("절반은 그대로이고 22계정이 5,000원 넘게 달라졌습니다.", "Half are unchanged; 22 changed by more than ₩5,000."), Text("계정 수", "Accounts"), Text("11월 대비 12월", "December against November")),
            bins, money.over(-5500, 5500).at(-5000, -2500, 0, 2500, 5000), charts.count(log=True),
            notes=[Note(won(-5250), 10, Text("10계정", "10 accounts"), "bad"), Note(won(5250), 12, Text("12계정", "12 accounts"), "bad", "right")],
            head=Text("달라진 금액", "Changed by"), of=Text("계정", "Accounts"),
        ),
        "sorted_area": charts.sorted_area(
            _about(at, "sorted", Text("달라지는 금액", "Who pays more, who less"), Text("62.4%는 덜 내고 31.3%는 더 내며, 열에 하나는 2,000원 넘게 더 냅니다.", "62.4% pay less, 31.3% more; one in ten pays over ₩2,000 more."), Text("월 증감액", "Change a month"), Text("너비는 가입자 수", "Width is people")),
            [(Decimal(p), won(v)) for p, v in (("40", -1000), ("62.4", -500), ("68.7", 0), ("80", 700), ("90", 1500), ("95", 2600), ("98", 4200), ("100", 7400))],
            tall, who=Text("가입자", "Subscribers"), notes=[Note(Decimal(89), won(3_200), Text("열에 하나", "one in ten"), align="right")],
        ),
        "band_dots": charts.band_dots(
            _about(at, "band", Text("전월 비교", "Against the month before"), Text("할인만 예상 범위 밖입니다.", "Discounts alone are out of range."), Text("변화율", "Change"), Text("11월 대비 12월", "December against November")),
            [
                Band(Text("월정액", "Monthly fee"), Decimal(-2), Decimal(2), Decimal("0.9"), Decimal("0.4")), Band(Text("이용량 요금", "Usage"), Decimal(-6), Decimal(9), Decimal("6.8"), Decimal("3.1")),
                Band(Text("할인", "Discounts"), Decimal(-8), Decimal(10), Decimal("18.4"), Decimal("2.0"), True),
            ],
            charts.percent(signed=True).over(-20, 20).at(-20, -10, 0, 10, 20), head=Text("항목", "Charge"),
        ),
        "lanes": charts.lanes(
            _about(at, "lanes", Text("60일", "Sixty days"), Text("11월 22일 장애 뒤 상담 1건이 있었습니다.", "One contact after the fault of 22 November."), Text("이용은 분", "Use in minutes"), Text("지난 60일", "Last 60 days")),
            [
                Lane(Text("청구·수납", "Bills"), [Event(FIRST, Text("청구", "Billed")), Event(FIRST + timedelta(14), Text("수납", "Paid"))]),
                Lane(Text("장애", "Faults"), [Event(FIRST + timedelta(21), Text("장애", "Fault"), "bad", Text("재생 실패", "playback failed"))]),
                Lane(Text("상담", "Contacts"), [Event(FIRST + timedelta(22), Text("채팅", "Chat"), "now")]),
            ],
            charts.dated(FIRST - timedelta(30), FIRST + timedelta(29)), marked=[FIRST + timedelta(21)],
            strip=Strip(Text("이용", "Use"), [(FIRST + timedelta(n - 30), (n * 53) % 170 if n % 4 else 0) for n in range(54)], charts.count()),
        ),
    }  # fmt: skip
