"""Charts: one specification for page and paper, in roles; the figures behind it in full; words where a picture needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from numaru.ui import charts
from numaru.ui.charts import About, Band, Bin, Chart, Event, Lane, Note, Series, Strip
from numaru.ui.charts.paper import roles
from numaru.values.money import Money
from numaru.values.text import Text

FIRST = date(2026, 11, 1)
ABOUT = About(
    "sample", Text("표본", "Sample"), Text("셋 가운데 하나가 큽니다.", "One of three is large."), Text("원", "won"), Text("11월", "November"),
    Text("가운데 절반", "middle half"),
)  # fmt: skip


def won(n: int) -> Money:
    return Money(n, "KRW")


def made_steps() -> Chart:
    now = Series(Text("11월", "November"), [(d, Decimal(24 - d) / 2) for d in range(1, 24)])
    then = Series(Text("10월", "October"), [(d, Decimal(26 - d) / 2) for d in range(1, 27)], "before")
    x = charts.told([(1, Text("1일", "1st")), (15, Text("15일", "15th")), (30, Text("30일", "30th"))], 1, 30)
    return charts.steps(ABOUT, [now, then], x, charts.percent().over(0, 14).at(0, 10), target=(3, Text("목표 3%", "target 3%")))


KINDS: dict[str, Callable[[], Chart]] = {
    "bars": lambda: charts.bars(ABOUT, [("가", won(1_234_567)), ("나", won(-20_000)), ("다", None)], charts.money("KRW"), focus=frozenset({"가"})),
    "lines": lambda: charts.lines(
        ABOUT, [Series("서울", [(FIRST + timedelta(n), 10_000 * n) for n in range(10)])], charts.dated(FIRST, FIRST + timedelta(9)), charts.count(),
        band=[(FIRST + timedelta(n), 8_000 * n, 12_000 * n) for n in range(10)],
    ),
    "steps": made_steps,
    "histogram": lambda: charts.histogram(
        ABOUT, [Bin(won(-500), won(0), 12), Bin(won(0), won(500), 312_000), Bin(won(500), won(1_000), 3, True)],
        charts.money("KRW", signed=True).over(-500, 1000).at(-500, 0, 500), charts.count(log=True), notes=[Note(won(500), 3, Text("3계정", "3 accounts"), "bad")],
    ),
    "sorted_area": lambda: charts.sorted_area(
        ABOUT, [(62, won(-1_000)), (69, won(0)), (90, won(900)), (100, won(8_000))], charts.money("KRW", signed=True), who=Text("가입자", "Subscribers")
    ),
    "band_dots": lambda: charts.band_dots(
        ABOUT, [Band("월정액", Decimal(-2), Decimal(2), Decimal("0.9")), Band("할인", Decimal(-5), Decimal(6), Decimal("18.4"), Decimal(1), True)],
        charts.percent(signed=True),
    ),
    "lanes": lambda: charts.lanes(
        ABOUT, [Lane("장애", [Event(FIRST + timedelta(8), "장애", "bad", "재생 실패")]), Lane("상담", [Event(FIRST + timedelta(9), "전화")])],
        charts.dated(FIRST, FIRST + timedelta(59)), strip=Strip("이용", [(FIRST + timedelta(n), n * 7 % 90) for n in range(60)], charts.count()),
        marked=[FIRST + timedelta(8)],
    ),
}  # fmt: skip


def colours(node: Any) -> list[str]:
    """Every word of a specification that paints."""
    if isinstance(node, dict):
        return [c for v in node.values() for c in colours(v)]
    if isinstance(node, list):
        return [c for v in node for c in colours(v)]
    return [node] if isinstance(node, str) and re.match(r"#|rgb|var\(", node) else []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_kind_is_drawn_on_paper_with_the_letters_of_the_house(kind: str, lang: str) -> None:
    with translation.override(lang):
        made = charts.on_paper(KINDS[kind]())
        assert made == charts.on_paper(KINDS[kind]())  # the same chart, the same picture
    assert made.startswith("<svg") and "var(" not in made and "NaN" not in made
    assert set(re.findall(r'font-family="([^"]+)"', made)) == {"Pretendard"}
    assert set(re.findall(r"#[0-9a-f]{6}\b", made)) <= set(roles().values())


@pytest.mark.parametrize("kind", KINDS)
def test_on_the_page_every_colour_is_a_role(kind: str) -> None:
    chart = KINDS[kind]()
    spec = json.loads(chart.page_json)
    found = colours(spec)
    assert found and all(re.fullmatch(r"var\(--nm-([\w-]+)\)", c) and c[9:-1] in roles() for c in found)
    assert spec["description"] == str(ABOUT.finding) and spec["config"]["axis"]["labelAngle"] == 0
    assert all(len(row) == len(chart.table.heads) for row in chart.table.rows) and chart.table.rows


def test_the_table_has_the_figures_in_full_and_the_axis_shortens_them() -> None:
    chart = KINDS["bars"]()
    assert [row[1] for row in chart.table.rows] == ["1,234,567원", "−20,000원", "–"]  # unknown is not zero
    log = KINDS["histogram"]()
    assert ["0원 ~ +500원", "312,000"] in [list(r) for r in log.table.rows]
    drawn = charts.on_paper(log)
    assert ">10만</text>" in drawn and ">같음</text>" in drawn and ">+500원</text>" in drawn
    assert [str(w) for w in log.words] == ["원", "11월", "세로는 로그 눈금", "가운데 절반"]
    with translation.override("en"):
        english = charts.on_paper(KINDS["histogram"]())
        assert ">100K</text>" in english and ">Same</text>" in english and ">+₩500</text>" in english


def test_rows_keep_the_order_given_and_only_the_seen_one_is_saturated() -> None:
    spec = KINDS["bars"]().spec(lambda role: role)
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["가", "나"]
    assert [v["seen"] for v in spec["data"]["values"]] == [True, False]


def test_out_of_range_is_said_and_not_only_red() -> None:
    rows = {row[0]: row[-1] for row in KINDS["band_dots"]().table.rows}
    assert rows == {"월정액": "범위 안", "할인": "범위 밖"}
    spec = KINDS["band_dots"]().spec(lambda role: role)
    assert spec["layer"][-1]["encoding"]["shape"]["condition"]["value"] == "diamond"


def test_what_a_person_typed_can_close_nothing() -> None:
    about = About("typed", Text("</script><b>", "</script><b>"), Text("</script>", "</script>"))
    chart = charts.bars(about, [("</script><script>alert(1)", 3), ("'+1+'", 2)], charts.count())
    assert "<" not in chart.page_json and json.loads(chart.page_json)["data"]["values"][0]["k"].startswith("</script>")
    lanes = charts.lanes(about, [], charts.dated(FIRST, FIRST), strip=Strip("a'+b", [(FIRST, 1)], charts.count()))
    assert "a\\\\'+b" in lanes.page_json
    with pytest.raises(ValueError, match="key"):
        About("Not A Key", about.name, about.finding)
