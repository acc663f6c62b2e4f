"""Where master keys come from: a port with three drivers (a file in the home, the environment, a command such as a KMS client).

Every driver gives one or more keys of 32 bytes as 64 hexadecimal digits, the one in force first; the others only unwrap what was wrapped
before a rotation. Nothing here is ever logged, and no message repeats a key.
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Protocol, runtime_checkable

from django.conf import settings

from numaru.kernel import ports
from numaru.kernel.errors import Conflict
from numaru.kernel.keyfile import read_or_make
from numaru.values.text import Text

PATIENCE = 20.0  # seconds that a command may take
FRESH = 60.0  # seconds for which a command's answer is believed


@runtime_checkable
class MasterKeys(Protocol):
    """Master keys, the one in force first. Raises RuntimeError when they cannot be had or are no keys."""

    def keys(self, anew: bool = False) -> tuple[bytes, ...]: ...

    def rotate(self) -> None:
        """Put a new key in force and keep the others. Raises Conflict where that is done elsewhere."""
        ...

    def retire(self, keys: frozenset[bytes]) -> None:
        """Forget ``keys``. Raises Conflict where that is done elsewhere."""
        ...


def parse(given: str) -> tuple[bytes, ...]:
    """Keys written one per line or parted by commas. Raises RuntimeError for anything else: sealing under half a key would look like safety."""
    found = []
    for word in given.replace(",", "\n").split():
        try:
            key = bytes.fromhex(word)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise RuntimeError("the master key must be 64 hexadecimal digits; restore it from a backup")
        found.append(key)
    if not found:
        raise RuntimeError("there is no master key; restore it from a backup")
    return tuple(dict.fromkeys(found))


def _elsewhere(where: Text) -> Exception:
    return Conflict.because(
        "vault.master_elsewhere", Text("마스터 키를 {w}에서 받습니다.", "The master key comes from {w}.").fill(w=where),
        Text("새 키를 그곳의 맨 앞에 더하고, 옛 키는 뒤에 두십시오. 다 쓰인 키를 빼는 것도 그곳에서 합니다.",
             "Put the new key first there and leave the old one behind it. Keys no longer used are taken out there too."),
    )  # fmt: skip


class FileMasters:
    """``keys/master`` in the home, one key a line, made at first use; readable by its owner alone and replaced as a whole."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int, int], tuple[bytes, ...]]] = {}

    def keys(self, anew: bool = False) -> tuple[bytes, ...]:
        path: Path = settings.HOME / "keys" / "master"
        try:
            stat = path.stat()
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except FileNotFoundError:
            mark = (0, 0, 0)
        known = self._read.get(path)
        if known and known[0] == mark and not anew:
            return known[1]
        found = parse(read_or_make(path, lambda: secrets.token_hex(32)))
        self._read[path] = (mark, found)
        return found

    def rotate(self) -> None:
        self._write((secrets.token_bytes(32), *self.keys(anew=True)))

    def retire(self, keys: frozenset[bytes]) -> None:
        first, *others = self.keys(anew=True)
        self._write((first, *(k for k in others if k not in keys)))

    def _write(self, keys: tuple[bytes, ...]) -> None:
        path: Path = settings.HOME / "keys" / "master"
        handle, half = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with open(handle, "w") as file:
            file.write("\n".join(k.hex() for k in keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class EnvironmentMasters:
    """``NUMARU_MASTER_KEY``: keys parted by commas, the one in force first."""

    def keys(self, anew: bool = False) -> tuple[bytes, ...]:
        return parse(os.environ["NUMARU_MASTER_KEY"])

    def rotate(self) -> None:
        raise _elsewhere(Text("환경 변수 NUMARU_MASTER_KEY", "the environment, NUMARU_MASTER_KEY"))

    def retire(self, keys: frozenset[bytes]) -> None:
        self.rotate()


class CommandMasters:
    """``NUMARU_MASTER_COMMAND``: a command line without a shell whose output is the keys, one a line. Its output and errors go nowhere."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, tuple[bytes, ...]]] = {}

    def keys(self, anew: bool = False) -> tuple[bytes, ...]:
        line = os.environ["NUMARU_MASTER_COMMAND"]
        known = self._said.get(line)
        if known and not anew and time.monotonic() - known[0] < FRESH:
            return known[1]
        try:
            told = subprocess.run(shlex.split(line), capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the master key command gave no answer in {PATIENCE:.0f} seconds") from None
        except (OSError, ValueError) as fault:
            raise RuntimeError(f"the master key command could not be started: {type(fault).__name__}") from None
        if told.returncode != 0:
            raise RuntimeError(f"the master key command ended with status {told.returncode}")
        found = parse(told.stdout.decode("ascii", "replace"))
        self._said[line] = (time.monotonic(), found)
        return found

    def rotate(self) -> None:
        raise _elsewhere(Text("명령 NUMARU_MASTER_COMMAND", "a command, NUMARU_MASTER_COMMAND"))

    def retire(self, keys: frozenset[bytes]) -> None:
        self.rotate()


class ChosenMasters:
    """The command when one is named, else the environment, else the file."""

    def __init__(self) -> None:
        self._file, self._environment, self._command = FileMasters(), EnvironmentMasters(), CommandMasters()

    @property
    def driver(self) -> MasterKeys:
        if os.environ.get("NUMARU_MASTER_COMMAND"):
            return self._command
        return self._environment if os.environ.get("NUMARU_MASTER_KEY") else self._file

    def keys(self, anew: bool = False) -> tuple[bytes, ...]:
        return self.driver.keys(anew)

    def rotate(self) -> None:
        self.driver.rotate()

    def retire(self, keys: frozenset[bytes]) -> None:
        self.driver.retire(keys)


def masters() -> MasterKeys:
    return ports.get(MasterKeys)  # type: ignore[type-abstract]
