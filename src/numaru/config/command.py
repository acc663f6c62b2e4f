"""The one command: looks up the verb, runs it, and turns every trouble of the surroundings into words.

Exit status: 0 good, 1 a refusal or a failed check, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from numaru.config.home import place, ready
from numaru.config.words import Stop, language, of_error, say
from numaru.kernel.postgres_programs import ServerTrouble
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``does`` is "module:function"; it is called with the rest of the line and returns the exit status.

    ``world`` verbs get Django set up on a migrated database, started for them when nothing runs.
    """

    does: str
    text: Text
    world: bool = False
    inner: bool = False  # called by the supervisor, not by people


VERBS: dict[str, Verb] = {
    "up": Verb(
        "numaru.config.commands.up:main",
        Text("서비스를 켭니다 [--empty] [--port 8600] [--admin 이름]", "start everything [--empty] [--port 8600] [--admin NAME]"),
    ),
    "import": Verb(
        "numaru.faces.command.imports:main",
        Text(
            "파일을 들입니다: subscribers|usage 파일 --mapping 매핑.toml [--dry-run] [--json]",
            "import a file: subscribers|usage FILE --mapping MAP.toml [--dry-run] [--json]",
        ),
        world=True,
    ),
    "privacy": Verb(
        "numaru.faces.command.privacy:main",
        Text(
            "개인정보: retention [--dry-run] [--as-of 날짜] | destroy 가입번호 --as 아이디 | package 요구번호 --to 파일 | replay",
            "personal data: retention [--dry-run] [--as-of DATE] | destroy NUMBER --as NAME | package REQUEST --to FILE | replay",
        ),
        world=True,
    ),
    "bill": Verb(
        "numaru.faces.command.bill:main",
        Text("과금 실행: run --service 서비스 --period YYYY-MM [--json]", "bill: run --service SLUG --period YYYY-MM [--json]"),
        world=True,
    ),
    "backup": Verb(
        "numaru.faces.command.backup:main",
        Text(
            "백업합니다: [--to 폴더] [--full|--keys|--base], list, check, prune",
            "back up: [--to FOLDER] [--full|--keys|--base], list, check, prune",
        ),
        world=True,
    ),
    "restore": Verb(
        "numaru.config.commands.restore:main",
        Text(
            "빈 집에 되돌립니다: 백업 [--into 집] [--identity 파일] [--keys 백업] [--to-time 시각]",
            "restore into an empty home: BACKUP [--into HOME] [--identity FILE] [--keys BACKUP] [--to-time TIME]",
        ),
    ),
    "integrity": Verb(
        "numaru.faces.command.backup:integrity",
        Text("파일과 데이터베이스의 무결성을 검사합니다 [--json]", "check files and database [--json]"),
        world=True,
    ),
    "audit": Verb(
        "numaru.faces.command.audit:main",
        Text("감사 사슬: verify [--since]|seal|head|accept [--json]", "the audit chain: verify [--since]|seal|head|accept [--json]"),
        world=True,
    ),
    "keys": Verb(
        "numaru.faces.command.keys:main",
        Text("암호 키: status|rotate|rewrap|reindex|retire", "keys: status|rotate|rewrap|reindex|retire"),
        world=True,
    ),
    "test": Verb("numaru.config.commands.test:main", Text("시험합니다 [pytest 인자]", "run the tests [pytest arguments]")),
    "check": Verb("numaru.config.commands.check:main", Text("커밋 전 검사 [--all]", "check before a commit [--all]")),
    "bench": Verb(
        "numaru.config.commands.bench:main",
        Text(
            "성능을 잽니다: bill-run|usage|pages|paint|vault|audit|leaks|retention|clocks [--json]",
            "measure: bill-run|usage|pages|paint|vault|audit|leaks|retention|clocks [--json]",
        ),
    ),
    "budget": Verb(
        "numaru.config.commands.test:budget", Text("화면별 질의 수를 다시 적습니다", "write the query counts of the screens anew")
    ),
    "capabilities": Verb(
        "numaru.config.commands.capabilities:main",
        Text("무엇이 보여졌는지 셉니다 [--bite]", "which capabilities are shown, and by what [--bite]"),
    ),
    "where": Verb("numaru.config.commands.where:main", Text("어디서 정해졌는지 찾습니다: 낱말", "find where a thing is decided: WORD")),
    "install": Verb(  # the launcher has done it before Python is reached
        "numaru.config.commands.sbom:installed", Text("환경만 준비하고 끝냅니다", "prepare the environment and end")
    ),
    "sbom": Verb(
        "numaru.config.commands.sbom:main",
        Text("구성 목록(CycloneDX)을 적습니다 [파일]", "write the bill of materials (CycloneDX) [FILE]"),
    ),
    "manage": Verb("numaru.config.commands.manage:main", Text("Django 관리 명령", "Django's management commands")),
    "web": Verb("numaru.config.web:main", Text("웹 프로세스", "the web process"), inner=True),
    "worker": Verb("numaru.config.worker:main", Text("작업 프로세스", "the worker process"), inner=True),
    "load-demo": Verb("numaru.config.commands.up:load_demo", Text("데모 회사를 싣습니다", "load the demo company"), inner=True),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit status; never raises for a trouble that a person can mend."""
    line = sys.argv[1:] if argv is None else argv
    if not line or line[0] in ("-h", "--help", "help"):
        return usage(0 if line else 2)
    if line[0] in ("-V", "--version"):
        from importlib.metadata import PackageNotFoundError, version

        with contextlib.suppress(PackageNotFoundError):
            print(version("numaru"))
            return 0
        import tomllib

        from numaru.config.home import ROOT

        print(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
        return 0
    verb = VERBS.get(line[0])
    if verb is None:
        say(Text("‘{word}’ 명령은 없습니다.", "There is no command “{word}”.").fill(word=line[0]), error=True)
        return usage(2)
    try:
        return _run(verb, line[1:])
    except Stop as stop:
        say(stop.what, error=True)
        if stop.remedy:
            say(stop.remedy, error=True)
        return stop.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        return 141
    except Exception as error:
        return _troubled(error)


def _run(verb: Verb, rest: list[str]) -> int:
    if not verb.world:
        return function(verb.does)(rest)
    home = ready()
    from numaru.config import world

    with world.of(home):
        return function(verb.does)(rest)


def function(name: str) -> Callable[[list[str]], int]:
    """The function called "module:function"."""
    module, _, attribute = name.partition(":")
    found: Callable[[list[str]], int] = getattr(importlib.import_module(module), attribute)
    return found


def _troubled(error: Exception) -> int:
    """Words for a trouble of the surroundings or of an action; for a fault of ours one line, the whole story goes to the log."""
    if os.environ.get("NUMARU_DEBUG"):
        raise error
    home = place()
    if isinstance(error, ServerTrouble):
        known: tuple[Text, Text] | None = (error.what, error.remedy)
    else:
        known = of_error(error, home)
    if known:
        for text in known:
            say(text, error=True)
        return 1
    findings = getattr(error, "findings", None)  # a refusal of an action
    if findings:
        for finding in findings:
            say(finding.message, error=True)
            say(finding.remedy, error=True)
        return 1
    log = _kept(home, error)
    what = f"{type(error).__name__}: {error}"
    say(Text("예상하지 못한 오류입니다: {what}", "Something unexpected happened: {what}").fill(what=what), error=True)
    if log:
        say(Text("자세한 기록: {log}", "The whole story: {log}").fill(log=log), error=True)
    else:
        traceback.print_exception(error)
    return 1


def _kept(home: Path, error: Exception) -> Path | None:
    """Append the traceback to the log; None when even that cannot be written."""
    log = home / "log" / "command.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{' '.join(sys.argv[1:2])}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        return None
    return log


def usage(status: int) -> int:
    """Print the verbs and return ``status``."""
    stream = sys.stdout if status == 0 else sys.stderr
    print("./numaru …", file=stream)
    for name, verb in VERBS.items():
        if not verb.inner:
            print(f"  {name:<13} {verb.text.pick(language())}", file=stream)
    return status
