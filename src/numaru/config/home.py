"""The home: the folder (NUMARU_HOME) where one installation keeps its database, files, keys and logs."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from numaru.config.words import Stop
from numaru.values.text import Text

ROOT = Path(__file__).resolve().parents[3]
LEAST_FREE = 256 * 2**20  # bytes free without which nothing is started: a database that runs dry stops in the middle of somebody's work


def place() -> Path:
    """The home of this process."""
    return Path(os.environ.get("NUMARU_HOME") or ROOT / ".numaru").resolve()


def ready() -> Path:
    """The home, made if need be and proved writable with enough room; raises `Stop` with words otherwise."""
    home = place()
    if (home / "restoring").exists():  # kernel/backup/restoring.py sets it
        raise Stop(
            Text("{home}에 되돌리기가 끝나지 않았습니다.", "A restore into {home} has not finished.").fill(home=home),
            Text("‘./numaru restore’를 같은 곳에 다시 실행하세요.", "Run ./numaru restore into the same place once more."),
        )
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o755)
        (home / "log").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"x" * 65536)
            probe.flush()
    except NotADirectoryError as error:
        raise Stop(
            Text("NUMARU_HOME={home}은(는) 폴더가 아닙니다.", "NUMARU_HOME={home} is not a folder.").fill(home=home),
            Text("폴더의 경로를 적으세요.", "Name a folder."),
        ) from error
    except FileExistsError as error:
        raise Stop(
            Text("NUMARU_HOME={home}은(는) 폴더가 아닙니다.", "NUMARU_HOME={home} is not a folder.").fill(home=home),
            Text("폴더의 경로를 적으세요.", "Name a folder."),
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full(home) from error
        raise Stop(
            Text("데이터 폴더 {home}에 쓸 수 없습니다.", "The data folder {home} cannot be written.").fill(home=home),
            Text("쓰기 권한을 주거나, NUMARU_HOME에 다른 폴더를 적으세요.", "Allow writing there, or put another folder into NUMARU_HOME."),
        ) from error
    if shutil.disk_usage(home).free < LEAST_FREE:
        raise full(home)
    return home


def full(home: Path) -> Stop:
    """The words for a disk that is full or nearly so."""
    free = shutil.disk_usage(home).free if home.exists() else 0
    return Stop(
        Text("디스크에 공간이 모자랍니다: {home}에 {free}MB 남았습니다.", "The disk is full: {free} MB are left for {home}.").fill(
            home=home, free=free // 2**20
        ),
        Text(
            "{least}MB 이상 비운 뒤 다시 실행하거나, NUMARU_HOME에 다른 폴더를 적으세요. 이미 저장한 것은 그대로 있습니다.",
            "Free at least {least} MB and start again, or put another folder into NUMARU_HOME. What was stored is still there.",
        ).fill(least=LEAST_FREE // 2**20),
    )


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Only one `up` for a home: a second one raises `Stop` naming the first one's process and address."""
    (home / "locks").mkdir(exist_ok=True)
    handle = os.open(home / "locks" / "up", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
            raise Stop(
                Text(
                    "이미 실행 중입니다 (프로세스 {pid}, 데이터 폴더 {home}).", "It is running already (process {pid}, data folder {home})."
                ).fill(pid=pid, home=home),
                Text(
                    "그쪽을 Ctrl-C로 멈추거나, 다른 NUMARU_HOME과 --port로 실행하세요.",
                    "Stop that one with Ctrl-C, or use another NUMARU_HOME and --port.",
                ),
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def database(home: Path) -> Iterator[str]:
    """A database for the length of the block: DATABASE_URL when it is set (checked), else the embedded server, shared with whoever uses it.

    Sets DATABASE_URL for this process and its children and yields it.
    """
    from numaru.kernel.postgres import Server, check_external

    given = os.environ.get("DATABASE_URL")
    if given:
        check_external(given)
        yield given
        return
    with Server(home).used() as url:
        os.environ["DATABASE_URL"] = url
        try:
            yield url
        finally:
            os.environ.pop("DATABASE_URL", None)
