"""Each of the mails gets its verdict and its key, and no mail whatever breaks the reader."""

from __future__ import annotations

import random

import pytest

from numaru.adapters.mail.incoming.reading import read
from numaru.adapters.mail.incoming.verdict import KINDS
from tests.adapters.mail.mails import CASES, KEY, TOKENS, Case, T


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_verdict(case: Case) -> None:
    found = read(case.raw, TOKENS.key)
    assert (found.kind, found.key) == (case.kind, case.key), found
    assert case.code is None or found.code == case.code, found


def test_there_are_enough_of_them_and_every_kind_is_among_them() -> None:
    assert len(CASES) >= 60
    assert len({c.name for c in CASES}) == len(CASES)
    assert {c.kind for c in CASES} == set(KINDS)


def test_only_what_changes_something_is_reported_and_only_for_our_messages() -> None:
    for case in CASES:
        report = read(case.raw, TOKENS.key).report
        assert (report is None) == (case.kind in ("delayed", "relayed", "receipt", "list", "loop", "reply") or not case.key), case.name
        if report is not None:
            assert report.key == KEY
            assert report.permanent == (case.kind in ("gone", "complaint", "unsubscribe"))


def test_a_mail_cut_anywhere_or_damaged_breaks_nothing() -> None:
    chance = random.Random(5)
    for case in CASES:
        raw = case.raw[:200_000]
        for _ in range(6):
            cut = raw[: chance.randrange(len(raw) + 1)]
            hurt = bytearray(cut)
            for _ in range(len(hurt) // 40):
                hurt[chance.randrange(len(hurt))] = chance.randrange(256)
            read(cut, TOKENS.key)
            read(bytes(hurt), TOKENS.key)


@pytest.mark.parametrize(
    "key", ["M-0000123456.2", "a", "A_b.c-9", "x" * 22, "8c4f7a52-1f0e-4c58-9c3b-0d7e0a6b1c2d", "8c4f7a521f0e4c589c3b0d7e0a6b1c2d"]
)
def test_a_token_gives_its_key_again_and_fits_a_return_path(key: str) -> None:
    token = TOKENS.of(key)
    assert TOKENS.key(token) == TOKENS.key(token.upper()) == key
    assert len("unsubscribe+" + token) <= 64
    assert token.isalnum()


def test_a_token_of_another_house_or_a_changed_one_gives_nothing() -> None:
    from numaru.adapters.mail.tokens import Tokens

    assert Tokens(b"another").key(T) is None
    for at in range(len(T) - 1):
        other = T[:at] + ("b" if T[at] != "b" else "c") + T[at + 1 :]
        assert TOKENS.key(other) is None, at
    for bad in ("", "a", "!!", "aaaaaaaaaaaaaaaa", "ㄱ" * 16):
        assert TOKENS.key(bad) is None


@pytest.mark.parametrize("key", ["", "x" * 23, "a b", "a@b", "가", "a\n"])
def test_a_key_that_fits_no_return_path_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        TOKENS.of(key)
