"""A secret kept in a file of the home: made at first use, whole or absent, readable by its owner alone."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The secret in ``path``; when there is none, what ``make`` returns, kept from then on.

    Of several processes that come at once one wins and all read the same. A kill in the middle leaves no half a secret: the file appears
    under its name only when it is complete and on the disk. An empty file is refused with RuntimeError instead of being used as a key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, half = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with open(handle, "w") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(half, path)
        finally:
            os.unlink(half)
    secret = path.read_text().strip()
    if not secret:
        raise RuntimeError(f"{path} is empty; restore it from a backup")
    return secret
