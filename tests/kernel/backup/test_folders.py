"""What lies in a backup's folder: which folders of the home are in, when it is whole, and when it is forgotten."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from numaru.kernel import clock
from numaru.kernel.backup import archive, folder, folders, prune, sealing
from numaru.kernel.errors import Invalid, NotFound

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.pinned(NOW):
        yield


@pytest.fixture
def one() -> x25519.Identity:
    return x25519.Identity.generate()


def made(place: Path, kind: str, days_ago: int) -> folder.Backup:
    """A whole backup of some days ago."""
    place.mkdir(exist_ok=True)
    with clock.pinned(NOW - timedelta(days=days_ago)), folder.draft(place, kind) as draft:
        draft.parts["a.age"] = sealing.seal(io.BytesIO(b"x" * 99), draft.path / "a.age", [x25519.Identity.generate().to_public()])
        return folder.finish(draft)


def test_a_new_folder_of_the_home_is_in_without_being_named(tmp_path: Path) -> None:
    for name in ("usage", "files", "some_new_room", "pg", "keys", "log", ".hidden"):
        (tmp_path / name).mkdir()
    assert folders.kept(tmp_path) == ["files", "some_new_room", "usage"]  # never the keys


def test_files_come_back_and_half_written_ones_stay_out(tmp_path: Path, one: x25519.Identity) -> None:
    root = tmp_path / "usage"
    (root / "day=2026-11-01").mkdir(parents=True)
    (root / ".draft-1").mkdir()
    (root / "day=2026-11-01" / "a.parquet").write_bytes(b"a" * 100_000)
    (root / "나루 비디오.txt").write_text("한글")
    (root / ".part-1").write_text("half")
    (root / ".draft-1" / "x").write_text("half")
    (root / "link").symlink_to("/etc/passwd")
    sealed, held = folders.pack(root, tmp_path / "u.age", [one.to_public()])
    assert (held.files, held.bytes) == (2, 100_006)
    came, out = folders.unpack(tmp_path / "u.age", tmp_path / "out", [one], "usage")
    assert came == sealed.plain_sha256 and out == held
    assert {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()} == {"a.parquet", "나루 비디오.txt"}
    assert (tmp_path / "out" / "나루 비디오.txt").read_text() == "한글"


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside"])
def test_a_tar_that_leads_outside_writes_nothing_there(tmp_path: Path, one: x25519.Identity, name: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        told = tarfile.TarInfo(name)
        told.size = 1
        tar.addfile(told, io.BytesIO(b"x"))
    packed.seek(0)
    sealing.seal(packed, tmp_path / "u.age", [one.to_public()])
    (tmp_path / "deep").mkdir()
    try:
        folders.unpack(tmp_path / "u.age", tmp_path / "deep" / "out", [one], "usage")
    except sealing.Damaged as refused:
        assert "leads outside" in str(refused)
    assert not (tmp_path / "deep" / "outside").exists() and not (tmp_path / "outside").exists() and not Path("/tmp/outside").exists()


def test_a_backup_is_whole_only_with_its_name_and_its_manifest(tmp_path: Path) -> None:
    whole = made(tmp_path, "full", 0)
    with pytest.raises(RuntimeError), folder.draft(tmp_path, "full") as draft:
        (draft.path / "a.age").write_bytes(b"x")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == [whole.name]
    (tmp_path / "numaru-20261101T000000Z-000000").mkdir()  # as if somebody copied only a part
    assert [b.name for b in folder.backups(tmp_path)] == [whole.name]
    with pytest.raises(NotFound):
        folder.read(tmp_path / "numaru-20261101T000000Z-000000")
    folder.verify_bytes(whole)
    whole.part("a.age").write_bytes(b"y" * whole.bytes)
    with pytest.raises(sealing.Damaged, match=r"a\.age.*is damaged"):
        folder.verify_bytes(whole)


def test_a_full_disk_is_said_before_a_byte_is_written(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="too little space"):
        folder.prepared(tmp_path / "b", 2**60)
    assert list((tmp_path / "b").iterdir()) == []


@pytest.mark.django_db
def test_keys_are_forgotten_sooner_and_the_last_of_a_kind_stays(tmp_path: Path) -> None:
    days = (0, 29, 31, 89, 91, 120)
    every = {(kind, n): made(tmp_path, kind, n).name for kind in ("full", "keys", "base") for n in days}
    gone = prune.prune(tmp_path)
    kept = {b.name for b in folder.backups(tmp_path)}
    assert kept == {every["full", n] for n in (0, 29, 31, 89)} | {every[kind, n] for kind in ("keys", "base") for n in (0, 29)}
    assert kept.isdisjoint(gone) and len(kept) + len(gone) == len(every)
    lonely = tmp_path / "lonely"
    last = made(lonely, "keys", 200)
    made(lonely, "keys", 300)
    prune.prune(lonely)
    assert [b.name for b in folder.backups(lonely)] == [last.name]  # the last good one, however old
    overdue = prune.overdue_keys(lonely)
    assert overdue is not None and overdue.name == last.name and prune.overdue_keys(tmp_path) is None  # and it is told
    assert prune.keys_gone_by(NOW) == NOW + timedelta(days=31)


def test_which_files_belong_to_a_moment() -> None:
    """Heads not ahead of the rows, the newest list of the destroyed, other files with the rows that name them."""

    def at(minute: int) -> str:
        return (NOW + timedelta(minutes=minute)).isoformat()

    lines = [
        {"file": "usage/a", "sha256": "1", "at": at(0)}, {"file": "audit/head", "sha256": "2", "at": at(0)},
        {"file": "destroyed/journal", "sha256": "3", "at": at(0)}, {"file": "files/upload", "sha256": "4", "at": at(1)},
        {"file": "usage/b", "sha256": "5", "at": at(6)}, {"file": "audit/head", "sha256": "6", "at": at(6)}, {"gone": "files/upload", "at": at(7)},
        {"file": "usage/c", "sha256": "7", "at": at(60)}, {"file": "destroyed/journal", "sha256": "8", "at": at(90)},
    ]  # fmt: skip
    found = {key: line["sha256"] for key, line in archive.files_at(lines, NOW + timedelta(minutes=5)).items()}
    assert found == {"usage/a": "1", "usage/b": "5", "audit/head": "2", "destroyed/journal": "8"}
