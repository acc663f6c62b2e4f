"""Texts: variables checked and escaped, lengths counted, labels put once."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.facilities.messaging import wording
from numaru.facilities.messaging.rules import checking, label, render
from numaru.facilities.messaging.rules.channels import Limit, euc_kr, measured
from numaru.facilities.messaging.rules.label import LABEL, Sender
from numaru.facilities.messaging.rules.render import Rendered, Variable, Wording
from numaru.facilities.messaging.rules.states import RANK, falls_back, reported

SENDER = Sender("누리미디어", "1588-0000")
OUT = "무료 수신거부 080-000-0000"
LIMITS = {
    "email": Limit(100_000, 150), "sms": Limit(90, 0, "bytes"), "lms": Limit(2_000, 40, "bytes"), "alimtalk": Limit(1_000), "push": Limit(240, 50),
    "inapp": Limit(2_000, 80), "letter": Limit(4_000, 80),
}  # fmt: skip


def wrong(
    channel: str, text: str, variables: tuple[Variable, ...] = (), *, subject: str = "제목", code: str = "T", advert: bool = False
) -> set[str]:
    made = (
        wording.email(subject, text)
        if channel == "email"
        else Wording(subject if channel not in ("sms", "alimtalk") else "", text, code=code)
    )
    found = checking.check(variables, {channel: {"ko": made}}, (channel,), LIMITS, SENDER if advert else None, dict.fromkeys(LIMITS, OUT))
    return {w.code for w in found if w.grave}


NAME, LINK, SUM = Variable("word", "text", True, 20), Variable("go", "link", True, 40), Variable("sum", "money", False, 12)


@pytest.mark.parametrize(
    ("channel", "text", "variables", "codes"),
    [
        ("sms", "안내 {word}", (NAME,), set()),
        ("sms", "안내 {name} {operator}", (), set()),
        ("sms", "안내 {other}", (), {"unknown"}),
        ("sms", "안내 {이름}", (), {"almost"}),
        ("sms", "안내 { word }", (NAME,), {"almost", "missing", "unused"}),
        ("sms", "안내", (NAME,), {"missing", "unused"}),
        ("sms", "안내", (SUM,), {"unused"}),
        ("sms", "안내 {word}", (NAME, NAME), {"twice"}),
        ("sms", "{name}", (Variable("name"),), {"built_in"}),
        ("sms", "{word}", (Variable("word", "code"),), {"variable"}),
        ("sms", "가" * 45, (), set()),
        ("sms", "가" * 46, (), {"too_long"}),
        ("sms", "가" * 26 + "{word}", (NAME,), {"too_long"}),
        ("sms", "좋아요 👍", (), {"unwritable"}),
        ("sms", "뷁", (), set()),
        ("sms", " ", (), {"no_text"}),
        ("alimtalk", "가" * 1_000, (), set()),
        ("alimtalk", "가" * 1_001, (), {"too_long"}),
        ("lms", "가" * 1_000, (), set()),
        ("lms", "가" * 1_001, (), {"too_long"}),
        ("email", "[열기]({go})", (LINK,), set()),
        ("email", "[열기]({word})", (NAME,), {"link"}),
        ("email", "[열기](https://naru.kr/{word})", (NAME,), {"link"}),
    ],
)
def test_what_is_wrong_with_a_text(channel: str, text: str, variables: tuple[Variable, ...], codes: set[str]) -> None:
    assert wrong(channel, text, variables) == codes


def test_subjects_codes_and_the_growth_by_the_label_are_checked() -> None:
    assert wrong("email", "글", subject="") == {"no_subject"}
    assert wrong("email", "글", subject="가" * 151) == {"subject_long"}
    assert wrong("alimtalk", "글", code="") == {"no_code"}
    assert wrong("sms", "가" * 30) == set()
    assert wrong("sms", "가" * 30, advert=True) == {"too_long"}


def test_bytes_are_those_of_euc_kr() -> None:
    assert euc_kr("가나다abc\n") == (10, "")
    assert euc_kr("한글㉿∴") == (8, "")
    assert measured("가" * 45, 90, "bytes").fits
    assert not measured("😀", 90, "bytes").fits


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_value_is_never_read_again_and_never_becomes_markup(before: str, value: str) -> None:
    text = before.replace("{", "") + "{word}"
    assert render.filled(text, {"word": value}) == before.replace("{", "") + render.plain(value)
    made = render.filled_html("<p>{word}</p>", {"word": value})
    inner = made.removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    assert "<" not in inner and ">" not in inner and '"' not in inner
    assert html.unescape(inner) == render.plain(value)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_two_messages_never_come_to_one_digest_by_moving_words(a: str, b: str, c: str) -> None:
    one, other = render.digest("email", "ko", Rendered(a, b, c)), render.digest("email", "ko", Rendered(a + b, "", c))
    assert (one == other) == ((a, b, c) == (a + b, "", c))


@pytest.mark.parametrize(
    "written",
    [
        "새 작품",
        "(광고) 새 작품",
        "(광고)새 작품",
        " ( 광 고 ) 새 작품",
        "[광고] 누리미디어 새 작품",
        "(광고) (광고) 새 작품",
        "【광고】새 작품",
        "★(광고) 새 작품",
    ],
)
def test_the_label_stands_exactly_once_however_the_author_began(written: str) -> None:
    made = label.labelled(Rendered(written, written), SENDER, OUT)
    assert made.text.startswith(f"{LABEL} 누리미디어\n새 작품"), made.text
    assert made.text.count("광고") == 1
    assert made.subject == f"{LABEL} 새 작품"
    assert label.is_labelled(made, SENDER, OUT)


@given(st.text(max_size=80), st.text(max_size=40))
def test_what_is_labelled_passes_the_check_and_what_is_not_never_does(text: str, subject: str) -> None:
    made = label.labelled(Rendered(subject, text), SENDER, OUT)
    assert label.is_labelled(made, SENDER, OUT)
    assert not label.is_labelled(Rendered(made.subject, made.text.replace(OUT, "")), SENDER, OUT)
    assert not label.is_labelled(Rendered("", f"{LABEL} {made.text}"), SENDER, OUT)


def test_without_a_sender_or_a_way_out_nothing_counts_as_labelled() -> None:
    assert not label.is_labelled(label.labelled(Rendered("", "글"), SENDER, ""), SENDER, "")
    assert not label.is_labelled(label.labelled(Rendered("", "글"), Sender("", ""), OUT), Sender("", ""), OUT)


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "<img src=x onerror=1>", "![x](https://a.b/c.png)", "[x](javascript:alert(1))"]
)
def test_an_e_mail_carries_no_markup_of_the_author(evil: str) -> None:
    made = wording.html_of(evil)
    assert "<script" not in made and "<img" not in made and "javascript:" not in made.replace("(javascript:alert(1))", "")


def test_variables_survive_markdown_wherever_they_stand() -> None:
    assert wording.html_of("**{word}** [열기]({go})") == '<p><strong>{word}</strong> <a href="{go}">열기</a></p>'


@given(st.lists(st.sampled_from(["delivered", "failed", "bounced", "returned", "auto_replied", "complained"]), max_size=6))
def test_reports_in_any_order_come_to_the_same_state(reports: list[str]) -> None:
    def run(order: list[str]) -> str:
        state = "accepted"
        for one in order:
            state = reported(state, one)
        return state

    forward, backward = run(reports), run(reports[::-1])
    assert RANK[forward] == RANK[backward] == max((RANK.get(r, 0) for r in reports), default=0)


def test_only_what_failed_falls_back() -> None:
    for state in ("queued", "waiting", "sending", "accepted", "delivered", "unknown", "blocked"):
        assert not falls_back(state, 0, 3)
