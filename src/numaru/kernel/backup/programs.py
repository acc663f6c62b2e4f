"""The client programs of PostgreSQL: the ones that fit a server, run without passwords on their command line."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from numaru.kernel.errors import Conflict
from numaru.kernel.postgres_programs import ServerTrouble, binaries
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with pg_dump, pg_restore and pg_basebackup of one major version."""

    folder: Path
    major: int


def version_of(program: Path) -> int:
    """The major version of a program; 0 when it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else 0


def _places() -> Iterator[Path]:
    given = os.environ.get("NUMARU_PG_BIN")
    if given:
        yield Path(given)
    with contextlib.suppress(ServerTrouble):
        yield binaries()
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).resolve().parent
        yield Path(on_path).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def fitting(server: int) -> Programs:
    """Programs for a server of the major version ``server``: of the same version if there are, else the oldest newer ones.

    Raises Conflict when there are only older ones: pg_dump refuses a server newer than itself.
    """
    found = [Programs(folder, version_of(folder / "pg_dump")) for folder in _places() if (folder / "pg_restore").is_file()]
    good = sorted((p for p in found if p.major >= server), key=lambda p: p.major)
    if not good:
        raise Conflict.because(
            "backup.programs",
            Text("PostgreSQL {v} 서버에 맞는 pg_dump가 없습니다.", "There is no pg_dump for a PostgreSQL {v} server.").fill(v=server),
            Text("PostgreSQL {v} 이상의 bin 폴더를 NUMARU_PG_BIN에 적으십시오.", "Set NUMARU_PG_BIN to the bin folder of a PostgreSQL {v} or newer.").fill(v=server),
        )  # fmt: skip
    return good[0]


def server_version(url: str) -> int:
    with psycopg.connect(url, connect_timeout=10) as con:
        return con.info.server_version // 10000


def without_secret(url: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the environment that carries it: a command line can be read by everybody on the machine."""
    parts = conninfo_to_dict(url)
    secret = parts.pop("password", None)
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
    if secret:
        environment["PGPASSWORD"] = str(secret)
    return make_conninfo(**{key: str(value) for key, value in parts.items() if value is not None and key != "options"}), environment


@contextlib.contextmanager
def running(program: Path, arguments: list[str], url: str = "", *, feeds: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A program whose output is read (or, with ``feeds``, whose input is written) while it runs.

    When the block ends well the program must too: raises Conflict with its own first words otherwise. A block that fails ends the program.
    """
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
    target: list[str] = []
    if url:
        address, environment = without_secret(url)
        target = ["-d", address]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            [str(program), *arguments, *target],
            stdin=subprocess.PIPE if feeds else subprocess.DEVNULL, stdout=subprocess.DEVNULL if feeds else subprocess.PIPE,
            stderr=words, env=environment, cwd="/",
        )  # fmt: skip
        pipe: IO[bytes] | None = process.stdin if feeds else process.stdout
        try:
            yield process
            if feeds and pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if status != 0:
            words.seek(0)
            said = [line for line in words.read().decode("utf-8", "replace").splitlines() if line.strip()]
            raise Conflict.because(
                "backup.program",
                Text("{p}이(가) 실패했습니다: {why}", "{p} failed: {why}").fill(p=program.name, why=_telling(said)),
                Text("데이터베이스와 디스크 공간을 확인하고 다시 하십시오.", "Check the database and the free space, then try again."),
            )


class Input:
    """The input of a program that may have read enough, or have failed, before everything is written: its status tells which."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        self._pipe = process.stdin

    def write(self, data: bytes) -> int:
        with contextlib.suppress(BrokenPipeError):
            self._pipe.write(data)
        return len(data)


def _telling(lines: list[str]) -> str:
    """The line that names the error; never a DETAIL or CONTEXT, which may quote rows."""
    telling = [line for line in lines if re.search(r"error|fatal", line, re.I) and not re.match(r"(DETAIL|CONTEXT|HINT|Command was)", line)]
    return (telling or lines or ["?"])[0][:300]
