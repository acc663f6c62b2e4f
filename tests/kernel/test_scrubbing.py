"""What is kept or logged of an exception holds nobody, even when its first line does."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from numaru.kernel import scrubbing
from numaru.kernel.errors import NotFound, Refused
from numaru.values.text import Text

PERSON = "홍카나리 Canary 010-7391-4826 canary.bird@nest.example"


def caught(error: Exception) -> Exception:
    with pytest.raises(type(error)) as told:
        raise error
    return told.value


@pytest.mark.parametrize("error", [ValueError(PERSON), KeyError(PERSON), RuntimeError(f"{PERSON}\nand more"), OSError(2, PERSON)])
def test_of_an_unknown_exception_its_kind_and_place_are_kept_and_no_word(error: Exception) -> None:
    kept = scrubbing.kind_of(caught(error))
    assert kept == type(error).__name__  # raised in a test: no place of ours
    said = scrubbing.story(error)
    assert type(error).__name__ in said and not [w for w in PERSON.split() if w in said and w != "Canary"]


def test_the_place_is_that_of_our_code() -> None:
    with pytest.raises(TypeError) as told:
        scrubbing.scrub(7)  # type: ignore[arg-type]
    assert "at numaru/kernel/scrubbing.py:" in scrubbing.kind_of(told.value)


def test_of_a_refusal_code_and_words_are_kept_but_not_the_value() -> None:
    kept = scrubbing.kind_of(caught(NotFound.named(Text("사람", "person"), "홍카나리")))
    assert kept.startswith("NotFound not_found: There is no person") and "홍" not in kept
    refused = Refused.because("x.y", Text("가", "call 010-7391-4826"), Text("나", "b"))
    assert scrubbing.kind_of(caught(refused)) == "Refused x.y: call [phone]"


def test_of_a_database_error_its_code_is_kept(db: None) -> None:
    with pytest.raises(Exception) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::int", [PERSON])
    assert "Canary" in str(told.value)
    assert scrubbing.kind_of(told.value).startswith("DataError 22P02")
    assert "Canary" not in scrubbing.kind_of(told.value) + scrubbing.story(told.value)  # not even Latin words: the database quotes a value
