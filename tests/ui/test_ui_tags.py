"""The tags of a page: both languages, escaped values, and figures that never look alike when they mean different things."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from numaru.kernel import clock
from numaru.ui.counts import Counted
from numaru.ui.states import State
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text


def draw(source: str, lang: str = "ko", **values: object) -> str:
    with translation.override(lang), clock.pinned(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        return Template("{% load nm %}" + source).render(Context(values))


def test_text_follows_the_language() -> None:
    assert draw('{% t "가입자" "Subscribers" %}') == "가입자"
    assert draw('{% t "가입자" "Subscribers" %}', "en") == "Subscribers"
    assert draw('{% t "가입자" "Subscribers" as name %}[{{ name }}]', "en") == "[Subscribers]"


def test_values_are_grouped_written_and_escaped() -> None:
    assert draw('{% t "{n}명" "{n} people" n=n %}', n=1204) == "1,204명"
    assert draw('{% t "{a} 내기" "Pay {a}" a=a %}', "en", a=Money(24276, "KRW")) == "Pay ₩24,276"
    assert draw('{% t "<b>{v}</b>" "<b>{v}</b>" v=v %}', v="<script>&") == "<b>&lt;script&gt;&amp;</b>"


def test_english_has_a_plural_of_its_own() -> None:
    source = '{% t "{n}건" "{n} row" "{n} rows" n=n %}'
    assert [draw(source, "en", n=n) for n in (0, 1, 2, Counted(1000, True))] == ["0 rows", "1 row", "2 rows", "1,000+ rows"]
    assert draw(source, "ko", n=2) == "2건"


@pytest.mark.parametrize(
    "source",
    [
        '{% t "하나" %}',
        '{% t name "one" %}',
        '{% t "{n}명" "{n} people" %}',
        '{% t "{n}명" "{m} people" n=1 %}',
        '{% t "가" "a" 3 %}',
    ],
)
def test_a_text_that_cannot_be_whole_is_refused_when_the_page_is_read(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(source, name="하나")


def test_money_sets_its_unit_small() -> None:
    assert draw("{% money m %}", m=Money(13900, "KRW")) == '<span class="won">13,900<small>원</small></span>'
    assert draw("{% money m %}", "en", m=Money(-1390, "KRW")) == '<span class="won">−<small class="cur">₩</small>1,390</span>'
    assert draw("{% money m diff=True %}", m=Money(3166, "KRW")) == '<span class="won">+3,166<small>원</small></span>'
    assert draw("{% money m %}", m=Money(1240, "USD")) == '<span class="won"><small class="cur">US$</small>12.40</span>'


def test_zero_unknown_and_masked_never_look_alike() -> None:
    zero, unknown, hidden = draw("{% count 0 %}"), draw("{% count x %}", x=None), draw("{% masked m %}", m="김*늘")
    assert zero == '<span class="zero">0</span>'
    assert "–" in unknown and "알 수 없음" in unknown
    assert hidden == '<span class="masked">김*늘</span>'
    assert draw("{% money m quiet=True %}", m=Money(0, "KRW")) == zero
    assert draw("{% money m %}", m=None) == unknown
    assert draw("{% qty q %}", q=Decimal("0.000000")) == zero
    assert "&lt;b&gt;" in draw("{% masked m %}", m="<b>")


def test_days_instants_and_periods_carry_their_machine_form() -> None:
    assert draw("{% day d %}", d=date(2026, 11, 22)) == '<time datetime="2026-11-22">2026-11-22</time>'
    late = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)  # half past midnight in Seoul
    assert draw("{% day d %}", d=late) == '<time datetime="2026-11-22">2026-11-22</time>'
    assert draw("{% day d short=True %}", d=date(2026, 11, 22)) == '<time datetime="2026-11-22">11-22 일</time>'
    assert draw("{% when w %}", "en", w=datetime(2026, 11, 22, 12, 42, tzinfo=UTC)) == (
        '<time datetime="2026-11-22T12:42:00+00:00">22 Nov 2026, 21:42</time>'
    )
    assert "11-01 ~ 11-30, 30일" in draw("{% period p short=True %}", p=Period.month("2026-11"))
    assert "12분 전" in draw("{% ago a %}", a=datetime(2026, 11, 22, 11, 48, tzinfo=UTC))
    assert draw("{% left a %}", a=datetime(2026, 11, 22, 13, 18, tzinfo=UTC)) == (
        '<span class="clock" data-until="2026-11-22T13:18:00+00:00" data-now="2026-11-22T12:00:00+00:00">1<small>시간</small> 18<small>분</small></span>'
    )


def test_a_clock_knows_its_tone_and_what_ends() -> None:
    soon = draw("{% left a label=l mine=True %}", a=datetime(2026, 11, 22, 12, 2, 41, tzinfo=UTC), l="첫 <응답>")
    assert 'class="clock clock-warn"' in soon and 'data-label="첫 &lt;응답&gt;" data-mine>2:41<' in soon
    assert 'class="clock clock-bad"' in draw("{% left a %}", a=datetime(2026, 11, 22, 11, 57, tzinfo=UTC))
    assert "data-until" not in draw("{% left a %}", a=datetime(2026, 11, 25, 12, 0, tzinfo=UTC))  # the date, which nobody counts


def test_a_masked_value_can_be_asked_for() -> None:
    shown = draw('{% masked "김*늘" url="/s/1/?open=name" label="이름 보기" %}')
    assert shown == '<span class="masked">김*늘<a class="unmask" href="/s/1/?open=name" aria-label="이름 보기">보기</a></span>'


def test_bars_and_sparks_are_pictures_made_of_attributes() -> None:
    assert draw("{% load kit %}{% bar 31 100 tone='warn' %}").count('width="31.0"') == 1
    assert '<rect class="val"' not in draw("{% load kit %}{% bar 0 100 %}{% bar 5 0 %}")
    assert 'width="100.0"' in draw("{% load kit %}{% bar 150 100 %}")  # never over its end
    line = draw("{% load kit %}{% spark v tone='bad' label='성공률' %}", v=[1, None, 3, 2])
    assert 'points="0.0,20.0 66.7,2.0 100.0,11.0"' in line and 'role="img" aria-label="성공률"' in line and "style" not in line
    assert draw("{% load kit %}{% spark v %}", v=[1]) == ""


def test_a_state_is_word_icon_and_tone() -> None:
    shown = draw("{% state s pill=True %}", "en", s=State(Text("이용 중", "Active"), "good"))
    assert 'class="st st-good st-pill"' in shown and "#circle-check" in shown and shown.endswith("Active</span>")
    with pytest.raises(ValueError, match="icon"):
        State(Text("가", "a"), "good", "no-such-icon")
    with pytest.raises(ValueError, match="tone"):
        State(Text("가", "a"), "red")  # type: ignore[arg-type]


def test_an_icon_that_is_not_in_the_sprite_is_refused() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "search" %}')
    assert 'aria-label="찾기"' in draw('{% icon "search" label="찾기" %}')
    with pytest.raises(TemplateSyntaxError):
        draw('{% icon "no-such-icon" %}')
