"""What the gallery shows: each part by name, when to use it, and the template text that draws it here and on any screen.

A part of ``ui/templates/ui/parts`` or a tag of the kit that stands in no specimen fails a test. The frame of this page (pillar, top bar,
room list, list of keys) is a specimen of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from numaru.values.text import Text

LOADS = "{% load nm kit %}"


@dataclass(frozen=True, slots=True)
class Specimen:
    """``code`` is what a screen writes; ``around`` wraps it here only."""

    key: str
    name: Text
    when: Text
    code: str
    around: str = "{code}"

    @property
    def source(self) -> str:
        return LOADS + self.around.replace("{code}", self.code)

    @property
    def shown(self) -> str:
        return self.code


def _s(key: str, ko: str, en: str, when: tuple[str, str], code: str, around: str = "{code}") -> Specimen:
    return Specimen(key, Text(ko, en), Text(*when), code, around)


PAIRS = '<dl class="pairs">{code}</dl>'
TYPE = """<p class="hero">{% money fee %}</p><h4 class="as-title">{% t "가입자를 한눈에" "A subscriber at a glance" %}</h4><p class="as-head">{% t "구역 제목 15/22" "Section head 15/22" %}</p><p class="as-body">{% t "본문 14/22. 어젯밤 장애의 대상이며 이용기간이 하루 늘어납니다." "Body 14/22. Touched by last night’s fault; one day is added." %}</p><p class="sub">{% t "표와 목록 13/20. 2026-11-22 21:42 · 1,204명" "Tables and lists 13/20. 22 Nov 2026, 21:42 · 1,204 people" %}</p><p class="meta">{% t "설명과 표 머리 12/18. 1분 전 갱신" "Captions and heads 12/18. Updated a minute ago" %}</p>"""
BUTTONS = """<div class="chips"><button class="btn btn-primary" type="button">{% t "보상 확정" "Confirm" %}</button><button class="btn" type="button">{% t "검토" "Review" %}</button><button class="btn btn-ghost" type="button">{% t "취소" "Cancel" %}</button><button class="btn btn-danger" type="button">{% t "중지…" "Stop…" %}</button><button class="btn" type="button" disabled>{% t "확정" "Confirm" %}</button><a class="act" href="#p-buttons">{% t "보상 확인" "See remedy" %}</a></div>"""
CHOICES = """<div class="chips"><a class="chip on" href="#p-choices">{% t "서비스 <b>달빛극장</b>" "Service <b>Moonlight</b>" %}{% icon "x" %}<span class="visually-hidden">{% t "조건 빼기" "drop this filter" %}</span></a><button class="chip" type="button">{% icon "plus" %}{% t "조건" "Filter" %}</button><span class="seg" role="group" aria-label="{% t '줄 간격' 'Row height' %}"><button type="button" aria-pressed="true">{% t "촘촘" "Compact" %}</button><button type="button" aria-pressed="false">{% t "보통" "Regular" %}</button></span></div>"""
VIEWS = """<nav class="views" aria-label="{% t '보기' 'Views' %}"><a href="#p-views" aria-current="page">{% t "전체" "All" %} <small>1,204</small></a><a href="#p-views">{% t "미납" "Overdue" %} <small>38</small></a></nav>"""
SWATCHES = """<div class="swatches legend"><span><i></i>1</span><span><i class="c2"></i>2</span><span><i class="c3"></i>3</span><span><i class="c4"></i>4</span><span><i class="c5"></i>5</span><span><i class="c6"></i>6</span><span><i class="mute"></i>{% t "비교 대상" "context" %}</span></div>"""
FLOOR = """<div class="floor" role="group" aria-label="{% t '결정 막대' 'Floor' %}"><span class="grow"><b>{% t "화면을 벗어나도 계속 실행됩니다." "It goes on when you leave." %}</b></span><button class="btn btn-ghost" type="button">{% t "취소" "Cancel" %}</button><button class="btn btn-primary" type="button">{% t "1,204명 확정" "Confirm 1,204 people" %}</button></div>"""
EMPTY = """{% t "보류 계정이 없습니다" "No parked accounts" as fact %}{% t "이번 실행은 모든 계정을 확정했습니다." "This run finalised every account." as next %}{% t "지난 실행 보기" "See the run before" as act %}{% include "ui/parts/blank.html" with url="#p-empty" %}"""
FAILED = """{% t "결제대행사가 응답하지 않습니다." "The payment provider does not answer." as fact %}{% t "청구서와 원장은 변경되지 않았습니다. 2분 뒤 자동으로 다시 확인합니다." "Invoices and ledger are unchanged. It is tried again in 2 minutes." as next %}{% include "ui/parts/fail.html" with url="#p-failed" %}"""
NOTICE = """{% t "22일 재생 장애의 대상입니다." "Touched by the fault of 22 Nov." as fact %}{% t "이용기간 1일 연장이 확정을 기다립니다." "One day more waits to be confirmed." as why %}{% t "보상 확인" "See remedy" as act %}{% include "ui/parts/notice.html" with url="#p-notices" %}"""
DIALOG = """{% t "1,204명에게 보상을 확정할까요?" "Confirm the remedy for 1,204 people?" as question %}{% t "1,204명 확정" "Confirm 1,204 people" as act %}{% include "ui/parts/dialog.html" with id=at|add:"-dialog" action="#p-dialog" shown=True %}"""
REASON = """{% t "휴대전화 열람 사유" "Reason for showing the phone" as label %}{% t "30초 뒤 다시 가려지고 열람 기록이 남습니다." "Masked again after 30 seconds; the access is recorded." as note %}{% t "열람" "Show" as act %}{% include "ui/parts/reason.html" with id=at|add:"-reason" action="#p-reason" cancel="#p-reason" %}"""
LIST = """{% include "ui/parts/filters.html" %}<div class="sideways" tabindex="0" role="region" aria-label="{{ list.listing.name }}, {{ at }}"><table class="table list" id="list-{{ list.listing.key }}"><thead><tr>{% for column in list.listing.columns %}<th scope="col"{% if column.right %} class="num"{% endif %}>{{ column.label }}</th>{% endfor %}</tr></thead><tbody>{% list_rows list %}</tbody></table></div>"""

# Parts that make sense on a list of the reader's own only: any list shows them, so the gallery leads there instead of pretending.
ON_A_LIST = ("views", "view_save", "view_change", "columns", "columns_menu")
GROUPS: list[tuple[str, Text, list[Specimen]]] = [
    ("words", Text("글자와 상태", "Type and status"), [
        _s("type", "글자", "Type", ("일곱 크기, 두 굵기. 기울임과 자간은 없습니다.", "Seven sizes, two weights. Never italic, never spaced out."), TYPE, '<div class="specimen">{code}</div>'),
        _s("state", "상태", "Status", ("아이콘과 단어와 색을 언제나 함께 씁니다. 알약은 대상의 머리에만.", "Icon, word and tone, always together. Pills in object heads only."), '{% for s, meaning in states %}<div>{% state s pill=True %} {% state s %} <span class="meta">{{ meaning }}</span></div>{% endfor %}', '<div class="tones">{code}</div>'),
        _s("icons", "아이콘", "Icons", ("혼자 서면 이름을 붙입니다.", "One that stands alone carries a label."), '{% icon "user" %} {% icon "file-invoice" label="청구서" %} {% tone_icon "warn" %}'),
    ]),
    ("acts", Text("버튼과 선택", "Buttons and choices"), [
        _s("buttons", "버튼", "Buttons", ("한 화면에 주 버튼 하나. 행에는 글자 링크.", "One primary a screen. Text links in rows."), BUTTONS),
        _s("choices", "칩과 구간", "Chips and segments", ("거는 조건과 하나만 고르는 것.", "Filters that hold, and one of few."), CHOICES),
        _s("views", "보기", "Views", ("이름 붙은 조건, 건수와 함께.", "Filters with a name, and their count."), VIEWS),
        _s("keys", "글쇠", "Key caps", ("명령 옆에.", "Beside commands."), '{% keys "Ctrl K" %} {% keys "G B" %}'),
        _s("tip", "설명", "Tip", ("title 대신. 누르거나 글쇠로 열고 Esc로 닫습니다.", "Instead of a title. Opened by press or key, closed by Esc."), '{% t "표본은 1,000계정입니다." "The sample is 1,000 accounts." as words %}{% t "표본 설명" "About the sample" as label %}{% tip words label key=at %}'),
        _s("floor", "결정 막대", "Floor", ("결정하는 곳. 한 화면에 하나.", "Where decisions are made. One a screen."), FLOOR),
    ]),
    ("figures", Text("금액, 날짜, 마스킹", "Money, dates, masking"), [
        _s("money", "금액", "Money", ("0과 모름은 다르게 보입니다.", "Nothing and unknown never look alike."), '<dt>{% t "금액" "Amount" %}</dt><dd>{% money fee %} · {% money off %} · {% money zero %}</dd><dt>{% t "차이" "Difference" %}</dt><dd>{% money rise diff=True %}</dd><dt>{% t "외화" "Foreign" %}</dt><dd>{% money dollars %}</dd><dt>{% t "표에서 0" "0 in tables" %}</dt><dd>{% money zero quiet=True %}</dd><dt>{% t "모름" "Unknown" %}</dt><dd>{% money nothing %}</dd>', PAIRS),
        _s("counts", "수량과 비율", "Counts and shares", ("묶음 수와 자리 수를 한 가지로.", "One way of grouping and rounding."), '<dt>{% t "건수" "Count" %}</dt><dd>{% count 1032418 %} · {% count 0 %}</dd><dt>{% t "수량" "Quantity" %}</dt><dd>{% qty quantity %}</dd><dt>{% t "비율" "Share" %}</dt><dd>{% share 624 1000 %} · {% share 81 1000 diff=True %}</dd><dt>{% t "걸린 시간" "Took" %}</dt><dd>{% duration 72.0 %}</dd><dt>{% t "곁의 수치" "Figure" %}</dt><dd>{% figure sum %}</dd>', PAIRS),
        _s("dates", "날짜와 기간", "Dates and periods", ("기간은 끝날을 포함합니다.", "The last day belongs to a period."), '<dt>{% t "날" "Day" %}</dt><dd>{% day today %} · {% day today short=True %}</dd><dt>{% t "시각" "Instant" %}</dt><dd>{% when instant %} · {% hm instant %}</dd><dt>{% t "가까운 과거" "Near past" %}</dt><dd>{% ago recent %}</dd><dt>{% t "기간" "Period" %}</dt><dd>{% period period %}</dd><dt>{% t "달" "Month" %}</dt><dd>{% month today %}</dd><dt>{% t "고객에게" "To customers" %}</dt><dd>{% plainday today %}</dd>', PAIRS),
        _s("clocks", "남은 시간", "Clocks", ("스스로 줄어듭니다. 넘으면 색이 바뀌고 한 번 알립니다.", "They count down. A breach changes the tone and is said once."), '{% left soon %} · {% left minutes %} · {% left hours %} · {% left later %} · {% t "첫 응답" "First answer" as what %}{% left over label=what %}'),
        _s("masked", "마스킹", "Masked values", ("서버가 가린 채로 보냅니다. 보기는 사유를 묻습니다.", "Masked before the page is made. Show asks for a reason."), '{% t "이름 보기" "Show the name" as show %}{% masked "김*늘" url="#p-masked" label=show %} · {% masked "010-****-2201" %}'),
        _s("chip", "대상의 번호", "Number of an object", ("가리키면 한눈에 보입니다(Alt+Enter).", "Pointed at, it shows a glance (Alt+Enter)."), '{% chip invoice "R2026-11-000001" %} · <a href="{{ invoice }}"{% peek_at invoice %}>{% t "11월 청구서" "November invoice" %}</a>'),
        _s("peek", "한눈에", "Glance", ("열지 않고 보는 몇 가지.", "A few facts without opening it."), '{% include "ui/parts/peek.html" %}<p>{% written fee %} · {% written today %}</p>', '<div class="peek peek-shown">{code}</div>'),
        _s("people", "사람", "People", ("가린 이름과 번호.", "Masked name and number."), '<span class="chips">{% for name, number in names %}{% person name number url="#p-people" %}{% endfor %}</span>'),
    ]),
    ("much", Text("얼마나", "How much"), [
        _s("stat", "수치 줄", "Stat lines", ("이름, 수치, 변화, 흐름.", "Name, figure, change, course."), '{% t "가입자" "Subscribers" as who %}{% t "성공률" "Success" as rate %}{% stat who 1032418 change="+0.3%" values=flat %}{% stat rate "99.71%" change="−0.2%p" values=dip tone="warn" %}', '<dl class="stats">{code}</dl>'),
        _s("facts", "사실 한 줄", "Facts in one line", ("대상의 머리 아래. 종류마다 쓰는 법이 하나.", "Under the head of an object, each written by its kind."), "{% facts told %}"),
        _s("written", "아무 값", "Any value", ("종류를 모르는 값.", "A value of any kind."), "{% written fee %} · {% written state %} · {% written nothing %}"),
        _s("bar", "막대", "Bars", ("전체 가운데 얼마. 수치 옆에 둡니다.", "How much of a whole, beside its figure."), '{% bar 31 hundred tone="warn" %}<span class="meta">31%</span>{% bar 86 hundred mark=70 %}<span class="meta">86%</span>{% bar 0 hundred %}<span class="meta">0%</span>'),
        _s("spark", "작은 선", "Sparks", ("눈금 없이 흐름만.", "The course without a scale."), '{% spark flat %}{% spark dip tone="bad" %}{% spark flat tone="mute" %}'),
        _s("stations", "정거장", "Stations", ("여러 방을 지나는 일의 자리.", "Where a journey across rooms stands."), "{% stations stations %}"),
        _s("progress", "진행", "Progress", ("긴 일은 주소를 가진 대상입니다.", "Long work is an object with an address."), '{% include "ui/parts/progress.html" %}'),
    ]),
    ("lists", Text("목록과 시간줄", "Lists and timelines"), [
        _s("list", "목록", "List", ("Listing으로 선언합니다. 조건은 주소에 있습니다.", "Declared as a Listing. Filters live in the address."), LIST),
        _s("beside", "목록의 앞과 뒤", "Beside in the list", ("한 건에서 다음 건으로.", "From one row to the next."), '{% include "ui/parts/beside.html" %}'),
        _s("cell", "칸", "Cells", ("열의 종류가 쓰는 법을 정합니다.", "The kind of a column decides how it is written."), "{% with column=list.listing.columns.3 %}{% cell column fee %} · {% cell column nothing %}{% endwith %}"),
        _s("lanes", "예순 날", "Sixty days", ("대상 화면의 그림. 스크립트 없이 그립니다.", "The picture of an object’s page, drawn without script."), '{% include "ui/parts/lanes.html" %}'),
        _s("hit", "찾은 것", "Hits", ("찾은 까닭이 보이게.", "So that one sees why it was found."), '<p>{% include "ui/parts/hit.html" %}</p><p>{% marked "김*늘" "김" %}</p>'),
        _s("found-none", "찾은 것 없음", "Nothing found", ("무엇으로 찾는지 말합니다.", "It says what may be searched by."), '{% include "ui/parts/found_none.html" %}'),
        _s("timeline", "시간줄", "Timeline", ("새것부터. 시각, 무엇이, 왜.", "Newest first: time, what, why."), '{% include "ui/parts/timeline.html" %}'),
    ]),
    ("forms", Text("양식", "Forms"), [
        _s("form", "양식과 오류", "Form and errors", ("422로 돌아오면 요약이 위에 서고 항목마다 고치는 법을 적습니다.", "It comes back with 422: a summary above, and at each field how to write it right."), "{% errsum form %}{% for bound in form %}{% field bound %}{% endfor %}", '<div class="form">{code}</div>'),
        _s("ask", "두 번째 사람", "A second person", ("결재가 필요하면 누르기 전에 말합니다.", "Said before the button is pressed."), '{% include "ui/parts/ask.html" %}'),
        _s("reason", "열람 사유", "Reason for opening", ("값 대신 사유를 묻는 한 줄.", "One line that asks why."), REASON),
        _s("dialog", "확인", "Confirming", ("제목은 물음, 버튼은 행위와 수. 낱말 입력은 되돌릴 수 없는 것에만.", "The title asks, the button names act and number. A word is typed only for what can't be undone."), DIALOG),
    ]),
    ("told", Text("알림", "Notices"), [
        _s("notices", "알림 줄", "Notice", ("이 화면에 걸린 사실.", "A fact about this page."), NOTICE),
        _s("toasts-part", "지나가는 알림", "Toasts", ("서버가 해낸 뒤에만. 6초, 되돌리기가 있으면 10초, 할 일이 있으면 닫을 때까지.", "Only after the server did it. 6 s, 10 s with undo, until closed when it needs something."), '{% include "ui/parts/toasts.html" %}', '<div class="toasts">{code}</div>'),
        _s("lines", "모든 화면의 줄", "Lines over every page", ("시연, 등록하지 않은 2단계 인증.", "A demo house, a second factor to set up."), '{% include "ui/parts/banner.html" with text=banner %}{% include "ui/parts/reminder.html" %}'),
    ]),
    ("states", Text("빈, 실패, 기다림", "Empty, failed, loading"), [
        _s("empty", "빈 상태", "Empty", ("없다는 사실, 까닭, 한 가지 할 일.", "What is absent, why, one thing to do."), EMPTY),
        _s("firsts", "첫걸음", "First steps", ("새 집에서 할 일의 차례.", "What to do in a new house, in order."), '{% include "ui/parts/firsts.html" %}'),
        _s("failed", "실패", "Failed", ("무엇이, 무엇은 괜찮은지, 다음에 무슨 일이 있는지.", "What did not answer, what is not affected, what happens next."), FAILED),
        _s("loading", "불러오는 중", "Loading", ("300ms를 넘을 때만 회색 줄.", "Grey lines, only after 300 ms."), '{% include "ui/parts/loading.html" %}'),
    ]),
    ("charts", Text("차트", "Charts"), [
        _s("colours", "차트 색", "Chart colours", ("쓰는 차례대로. 빨강과 초록만으로 나누지 않습니다.", "In order of use. Never red against green alone."), SWATCHES),
        *(
            _s(f"chart-{key}", ko, en, (why, why_en), f"{{% chart charts.{key} %}}")
            for key, ko, en, why, why_en in (
                ("bars", "누운 막대", "Bars", "갈래를 견줄 때.", "To compare kinds."),
                ("lines", "선과 예상 범위", "Lines and band", "날마다의 흐름.", "A course by days."),
                ("steps", "계단", "Steps", "다음 점까지 그대로인 것.", "What holds until the next point."),
                ("histogram", "분포", "Histogram", "크기마다 몇인지. 밖은 빨강과 말로.", "How often each size occurs; out of range is red and said."),
                ("sorted_area", "이득과 손해", "Sorted area", "너비는 사람, 높이는 돈.", "Width is people, height is money."),
                ("band_dots", "범위와 점", "Band and dot", "지금, 예상, 이전.", "Now, expected, before."),
                ("lanes", "줄", "Lanes", "한 사람의 60일.", "Sixty days of a life."),
            )
        ),
    ]),
]  # fmt: skip
