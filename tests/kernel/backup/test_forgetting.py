"""The archive forgets what no kept base needs: segments of the log, and contents of files that no kept moment knows."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from numaru.kernel.backup import archive
from tests.kernel.backup.test_folders import NOW, made


def line(days: float, **more: str) -> dict[str, str]:
    return {"at": (NOW - timedelta(days=days)).isoformat(), **more}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An archive of forty days whose only kept base is ten days old."""
    for name in ("wal", "files"):
        (tmp_path / name).mkdir()
    lines = [
        line(40, wal="W40"), line(12, wal="W12"), line(9, wal="W09"),
        line(40, file="usage/a", sha256="a1"), line(20, file="usage/a", sha256="a2"), line(5, file="usage/a", sha256="a3"),
        line(40, file="usage/b", sha256="b1"), line(30, gone="usage/b"),
        line(40, file="usage/c", sha256="c1"), line(3, gone="usage/c"),
    ]  # fmt: skip
    (tmp_path / archive.JOURNAL).write_text("".join(json.dumps(one) + "\n" for one in lines))
    for one in lines:
        if "wal" in one:
            (tmp_path / "wal" / f"{one['wal']}.gz.age").write_bytes(b"w")
        elif "file" in one:
            (tmp_path / "files" / f"{one['sha256']}.age").write_bytes(b"f")
    return tmp_path


def held(place: Path) -> tuple[set[str], set[str]]:
    return (
        {p.name.removesuffix(".gz.age") for p in (place / "wal").iterdir()},
        {p.name.removesuffix(".age") for p in (place / "files").iterdir()},
    )


def test_without_a_base_nothing_is_forgotten(place: Path) -> None:
    archive._forget(place)
    assert held(place) == ({"W40", "W12", "W09"}, {"a1", "a2", "a3", "b1", "c1"})


def test_what_every_kept_moment_needs_stays_and_the_rest_goes(place: Path) -> None:
    made(place, "base", 10)
    moments = [NOW - timedelta(days=days) for days in (9.5, 6, 4, 1, 0)]
    before = [archive.files_at(archive.entries(place), at) for at in moments]
    archive._forget(place)
    assert held(place) == ({"W09"}, {"a2", "a3", "c1"})
    after = [archive.files_at(archive.entries(place), at) for at in moments]
    assert after == before  # every moment that can be chosen still finds the same files
    assert before[0]["usage/c"]["sha256"] == "c1" and "usage/c" not in before[-1]


def test_it_is_done_once_an_hour(place: Path) -> None:
    made(place, "base", 10)
    archive._forget(place)
    late = place / "wal" / "W40.gz.age"
    late.write_bytes(b"w")
    with (place / archive.JOURNAL).open("a") as file:
        file.write(json.dumps(line(40, wal="W40")) + "\n")
    archive._forget(place)
    assert late.exists()
