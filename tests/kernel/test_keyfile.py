"""A secret in a file is whole or absent, and the same for everybody who comes at once."""

from __future__ import annotations

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from numaru.kernel.keyfile import read_or_make


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    first = read_or_make(path, lambda: "one")
    assert first == "one"
    assert read_or_make(path, lambda: "two") == "one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret"]


def test_many_at_once_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with ThreadPoolExecutor(16) as pool:
        seen = set(pool.map(lambda _: read_or_make(path, lambda: secrets.token_hex(32)), range(200)))
    assert len(seen) == 1


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(RuntimeError, match="empty"):
        read_or_make(tmp_path / "secret", lambda: "x")
