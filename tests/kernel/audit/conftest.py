"""A home of its own for each test of the chain, so that no head of another one stands outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, Action

HOUSE = Actor.system("test")


def _note(act: Act, *, key: str, n: int = 1, word: str = "") -> None:
    for i in range(n):
        act.record("test.thing", f"{key}{i}" if n > 1 else key, after={"word": word or key, "n": i})


NOTE = Action(_note, "catalogue.service.open", reason=False, service=None)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: object) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@contextmanager
def owner(*tables: str) -> Iterator[None]:
    """As the owner of the tables, with their guards off."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def note() -> object:
    """``note("a", n=3)``: an action that leaves n audit records."""

    def make(key: str, n: int = 1, word: str = "") -> None:
        NOTE.do(HOUSE, key=key, n=n, word=word)

    return make
