"""Texts, findings, and the forms of personal values that lists may show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.values import masked
from numaru.values.finding import Finding
from numaru.values.text import Text


def test_a_text_fills_both_sides_and_each_in_its_own_language() -> None:
    said = Text("{what} {n}건", "{n} {what}").fill(what=Text("청구서", "invoices"), n=3)
    assert (said.pick("ko"), said.pick("ko-KR"), said.pick("en"), said.pick("fr")) == (
        "청구서 3건",
        "청구서 3건",
        "3 invoices",
        "3 invoices",
    )


def test_a_value_with_braces_is_shown_as_it_stands() -> None:
    assert Text("‘{v}’", "“{v}”").fill(v="{0.__class__}").en == "“{0.__class__}”"


def test_a_finding_cuts_what_it_repeats_and_speaks_both_languages() -> None:
    found = Finding("x.y", Text("가", "a"), Text("나", "b"), row=3, field="f", value="é" * 500)
    assert found.as_dict() == {
        "code": "x.y", "row": 3, "field": "f", "value": "é" * 200, "message_ko": "가", "message_en": "a", "remedy_ko": "나", "remedy_en": "b",
    }  # fmt: skip
    assert Finding("x", Text("가", "a"), Text("나", "b")).value is None


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("010-1234-2201", "010-****-2201"), ("+82 10 1234 2201", "010-****-2201"), ("+82(0)10-1234-2201", "010-****-2201"),
        ("02-123-4567", "02-****-4567"), ("+82 2 123 4567", "02-****-4567"), ("031-123-4567", "031-****-4567"), ("1588-1234", "****-1234"),
        ("０１０１２３４２２０１", "010-****-2201"), ("112", "***"), ("", ""),
    ],
)  # fmt: skip
def test_phones_are_masked_from_their_normal_form(phone: str, shown: str) -> None:
    assert masked.mask_phone(masked.phone_digits(phone)) == shown


@given(st.text("0123456789", min_size=1, max_size=15))
def test_a_masked_phone_hides_at_least_two_digits(digits: str) -> None:
    shown = [c for c in masked.mask_phone(digits) if c.isdigit()]
    assert len(shown) <= max(0, len(digits) - 2)


@given(st.emails())
def test_a_masked_address_never_shows_the_whole_name(address: str) -> None:
    local = address.rpartition("@")[0]
    assert not masked.mask_email(address).startswith(local)


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=5))
def test_a_korean_name_is_masked_alike_in_every_form_of_unicode(name: str) -> None:
    shown = masked.mask_name(name)
    assert shown == masked.mask_name(unicodedata.normalize("NFD", name))
    assert shown.count("*") >= 1 and shown[0] == name[0] and len(shown) == len(name)
    assert len(masked.initials(name)) == len(name)


def test_initials_are_only_of_hangul() -> None:
    assert masked.initials("남궁 민수") == "ㄴㄱㅁㅅ"
    assert masked.initials("김Haneul") == "" and masked.initials("") == ""
