"""A home of its own for each test: usage files, frozen rows and keys lie there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.domains.billing import world


@pytest.fixture
def own_home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def naru(db: None, own_home: Path) -> world.World:
    """Naru Video with its cast, in a transaction that the test's end takes back."""
    return world.company()


@pytest.fixture
def naru_for_real(transactional_db: None, own_home: Path) -> Iterator[world.World]:
    """The same, committed: for tests with a second connection or process."""
    yield world.company()
    drop_run_tables()


def drop_run_tables() -> None:
    """Emptying the database leaves the tables of runs, which no model manages."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^billing_(invoice|line|tax|transfer|parked)_r[0-9]+$'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE "{name}"')
