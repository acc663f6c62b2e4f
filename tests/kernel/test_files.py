"""The file store: whole or absent, and never outside its folder."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from numaru.adapters.storage.local import FolderStore
from numaru.kernel import files


class Breaks(io.BytesIO):
    """A stream that ends in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("the line is dead")
        return super().read(4)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def test_a_file_is_kept_found_replaced_and_deleted(store: FolderStore) -> None:
    assert isinstance(store, files.FileStore)
    assert store.put("imports/12/source.csv", io.BytesIO(b"one")) == hashlib.sha256(b"one").hexdigest()
    assert store.open("imports/12/source.csv").read() == store.local("imports/12/source.csv").read_bytes() == b"one"
    store.put("imports/12/source.csv", io.BytesIO(b"two"))
    assert store.open("imports/12/source.csv").read() == b"two" and store.exists("imports/12/source.csv")
    store.delete("imports/12/source.csv")
    store.delete("imports/12/source.csv")
    assert not store.exists("imports/12/source.csv")
    for ask in (store.open, store.local):
        with pytest.raises(FileNotFoundError):
            ask("imports/12/source.csv")


def test_a_put_that_breaks_leaves_what_was_there_and_no_rubbish(store: FolderStore) -> None:
    store.put("a/b", io.BytesIO(b"whole"))
    with pytest.raises(OSError, match="dead"):
        store.put("a/b", Breaks(b"half and more"))
    assert store.open("a/b").read() == b"whole"
    assert [p.name for p in (store.root / "a").iterdir()] == ["b"]


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/passwd", "", "a/../../files-of-another/x"])
def test_no_key_leaves_the_folder(store: FolderStore, key: str) -> None:
    for ask in (lambda: store.put(key, io.BytesIO(b"x")), lambda: store.open(key), lambda: store.delete(key), lambda: store.exists(key)):
        with pytest.raises(ValueError, match="not a key"):
            ask()


def test_a_link_does_not_lead_out(store: FolderStore, tmp_path: Path) -> None:
    store.put("a/b", io.BytesIO(b"x"))
    (tmp_path / "secret").write_text("s")
    (store.root / "way").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="not a key"):
        store.open("way/secret")


def test_the_house_has_a_store_and_work_lies_in_the_home(settings: object, tmp_path: Path) -> None:
    assert isinstance(files.store(), FolderStore)
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    assert files.work_dir("rating", "R1") == tmp_path / "work" / "rating" / "R1" and files.work_dir("rating", "R1").is_dir()
