"""Sealing: what comes out is what went in, and whatever happened to it in between is said."""

from __future__ import annotations

import io
import os
import random
import tracemalloc
from pathlib import Path

import pytest
from pyrage import x25519

from numaru.kernel.backup import sealing
from numaru.kernel.errors import Invalid


@pytest.fixture
def one() -> x25519.Identity:
    return x25519.Identity.generate()


class Zeros:
    """A source of ``size`` bytes that takes no memory."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_003])
def test_it_comes_back_whole(tmp_path: Path, one: x25519.Identity, size: int) -> None:
    plain = random.Random(size).randbytes(size)
    made = sealing.seal(io.BytesIO(plain), tmp_path / "a", [one.to_public()])
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert sealing.hash_file(tmp_path / "a") == (made.sha256, made.bytes)
    out = io.BytesIO()
    assert sealing.unseal(tmp_path / "a", out, [one]) == (made.plain_sha256, made.plain_bytes)
    assert (out.getvalue() == plain and plain[:50] not in (tmp_path / "a").read_bytes()[200:]) or size < 50


def test_memory_does_not_grow_with_the_stream(tmp_path: Path, one: x25519.Identity) -> None:
    tracemalloc.start()
    sealing.seal(Zeros(64 * 2**20), tmp_path / "a", [one.to_public()])
    sealing.unseal(tmp_path / "a", sealing.Nowhere(), [one])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_every_damage_is_said(tmp_path: Path, one: x25519.Identity) -> None:
    sealing.seal(io.BytesIO(b"x" * 200_000), tmp_path / "a", [one.to_public()])
    held = (tmp_path / "a").read_bytes()
    pick = random.Random(7)
    for n in [0, 10, 60, 150, *(pick.randrange(len(held)) for _ in range(30)), len(held) - 1]:
        changed = bytearray(held)
        changed[n] ^= 1 << pick.randrange(8)
        (tmp_path / "b").write_bytes(changed)
        with pytest.raises((sealing.Damaged, sealing.WrongIdentity)):
            sealing.unseal(tmp_path / "b", sealing.Nowhere(), [one])
    for size in (0, 20, 180, 70_000, len(held) - 1):
        (tmp_path / "b").write_bytes(held[:size])
        with pytest.raises((sealing.Damaged, sealing.WrongIdentity)):
            sealing.unseal(tmp_path / "b", sealing.Nowhere(), [one])


def test_what_the_other_end_raises_comes_through(tmp_path: Path, one: x25519.Identity) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    class Broken:
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        sealing.seal(Broken(), tmp_path / "a", [one.to_public()])
    sealing.seal(io.BytesIO(b"x"), tmp_path / "b", [one.to_public()])
    with pytest.raises(OSError, match="No space left"):
        sealing.unseal(tmp_path / "b", Full(), [one])
    with pytest.raises(FileNotFoundError):
        sealing.unseal(tmp_path / "none", sealing.Nowhere(), [one])


def test_the_recipient_can_be_somebody_whose_identity_is_not_here(
    tmp_path: Path, one: x25519.Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMARU_BACKUP_RECIPIENT", f"{one.to_public()}, {x25519.Identity.generate().to_public()}")
    to, fresh = sealing.recipients(tmp_path)
    assert len(to) == 2 and not fresh and sealing.identity_file(tmp_path) is None
    sealing.seal(io.BytesIO(b"x"), tmp_path / "a", to)
    assert sealing.unseal(tmp_path / "a", sealing.Nowhere(), [one])[1] == 1
    monkeypatch.setenv("NUMARU_BACKUP_RECIPIENT", "age1wrong")
    with pytest.raises(Invalid, match="not an age recipient"):
        sealing.recipients(tmp_path)


def test_a_pair_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, fresh = sealing.recipients(tmp_path)
    again, stale = sealing.recipients(tmp_path)
    assert fresh and not stale and [str(r) for r in first] == [str(r) for r in again]
    path = tmp_path / "keys" / sealing.IDENTITY
    assert path.stat().st_mode & 0o777 == 0o600 and sealing.identity_file(tmp_path) == path
    assert [str(i.to_public()) for i in sealing.read_identity(path)] == [str(r) for r in first]
    (tmp_path / "other").write_bytes(os.urandom(50))
    with pytest.raises(Invalid, match="holds no identity"):
        sealing.read_identity(tmp_path / "other")
