"""What the command says on a terminal: Korean where the system's language is Korean, else English; words for the troubles a person can mend."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from numaru.kernel.postgres_programs import ServerTrouble
from numaru.values.text import Text


class Stop(Exception):
    """The command cannot go on. ``what`` says why, ``remedy`` what to do; ``status`` is the exit status."""

    def __init__(self, what: Text, remedy: Text | None = None, status: int = 1) -> None:
        super().__init__(what.en)
        self.what = what
        self.remedy = remedy
        self.status = status


def language() -> str:
    """ko or en by LC_ALL, LC_MESSAGES, LANG: the first that is set decides, as everywhere on the system."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


def say(text: Text, *, error: bool = False) -> None:
    """One line to the terminal, at once. A terminal that cannot show it gets question marks, never an exception."""
    stream = sys.stderr if error else sys.stdout
    line = text.pick(language())
    try:
        print(line, file=stream, flush=True)
    except UnicodeEncodeError:
        print(line.encode(stream.encoding or "ascii", "replace").decode(stream.encoding or "ascii"), file=stream, flush=True)
    except BrokenPipeError:
        pass


def of_error(error: BaseException, home: Path) -> tuple[Text, Text] | None:
    """What and remedy for a trouble of the surroundings (database, disk, rights, port); None for a fault of ours."""
    import psycopg

    seen: BaseException | None = error
    for _ in range(8):  # a driver's error travels as the cause of the framework's
        if seen is None:
            return None
        if isinstance(seen, ServerTrouble):
            return seen.what, seen.remedy
        if isinstance(seen, psycopg.errors.DiskFull) or (isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT)):
            return (
                Text("디스크가 가득 찼습니다: {home}", "The disk is full: {home}").fill(home=home),
                Text(
                    "공간을 비운 뒤 다시 실행하세요. 이미 저장한 것은 그대로 있습니다.",
                    "Free some space and start again. What was stored is still there.",
                ),
            )
        if isinstance(seen, psycopg.OperationalError):
            why = (str(seen).strip().splitlines() or ["?"])[0]
            return (
                Text("데이터베이스가 답하지 않습니다: {why}", "The database does not answer: {why}").fill(why=why),
                Text(
                    "다시 실행해도 같으면 {home}/log 의 기록이나 DATABASE_URL을 확인하세요.",
                    "If it is the same once more, see the log in {home}/log or check DATABASE_URL.",
                ).fill(home=home),
            )
        if isinstance(seen, OSError) and seen.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return (
                Text("{path}에 쓸 수 없습니다.", "{path} cannot be written.").fill(path=seen.filename or home),
                Text(
                    "쓰기 권한을 주거나, NUMARU_HOME에 다른 폴더를 적으세요.",
                    "Allow writing there, or put another folder into NUMARU_HOME.",
                ),
            )
        seen = seen.__cause__ or seen.__context__
    return None
