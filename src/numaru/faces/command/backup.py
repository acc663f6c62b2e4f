"""``./numaru backup …`` and ``./numaru integrity``: make, list, check and forget backups, and look through the house, from the terminal.

``./numaru restore`` starts where nothing runs yet and is in config/commands/restore.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from django.conf import settings

from numaru.kernel.access import Actor
from numaru.kernel.backup import api as backup
from numaru.kernel.backup import archive, folder, folders, sealing, write
from numaru.kernel.backup.errors import no_place
from numaru.kernel.errors import NotFound, Refused
from numaru.values.text import Text

ACTOR = Actor.system("command")


def _say(text: Text) -> None:
    print(str(text), file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="numaru backup", description=str(Text("백업합니다.", "Back up the house.")))
    words.add_argument("what", nargs="?", default="make", choices=("make", "list", "check", "prune", "ship"))
    words.add_argument("name", nargs="?", help=str(Text("확인할 백업의 폴더나 이름", "folder or name of the backup to check")))
    words.add_argument("--to", type=Path, metavar="FOLDER")
    kind = words.add_mutually_exclusive_group()
    kind.add_argument("--full", dest="kind", action="store_const", const="full", help=str(Text("전부 (기본)", "everything (default)")))
    kind.add_argument("--keys", dest="kind", action="store_const", const="keys", help=str(Text("감싼 키만", "the wrapped keys only")))
    kind.add_argument(
        "--base", dest="kind", action="store_const", const="base", help=str(Text("시점 복구용 기본 백업", "a base for points in time"))
    )
    words.add_argument("--identity", type=Path, metavar="FILE")
    words.add_argument("--json", action="store_true")
    return words


def main(argv: list[str]) -> int:
    """Run one verb and return the exit status: 0 done, 1 refused or damaged, 2 wrong usage."""
    options = _parser().parse_args(argv)
    try:
        return {"make": _make, "list": _list, "check": _check, "prune": _prune, "ship": _ship}[options.what](options)
    except Refused as refused:
        if options.json:
            print(json.dumps({"refused": [f.as_dict() for f in refused.findings]}, ensure_ascii=False))
        for finding in refused.findings:
            print(f"{finding.message} {finding.remedy}", file=sys.stderr)
        return 1


def _place(options: argparse.Namespace) -> Path:
    target = archive.place() if options.kind == "base" and options.to is None else options.to or backup.place()
    if target is None:
        raise no_place()
    return Path(target).resolve()


def _make(options: argparse.Namespace) -> int:
    target = _place(options)
    _, fresh = sealing.recipients(settings.HOME)
    if fresh:
        _say(
            Text(
                "*** 백업을 여는 열쇠를 만들었습니다: {p}\n"
                "*** 지금 이 파일을 다른 곳(금고, 비밀번호 관리자)에 옮겨 두십시오. 이 기계를 잃고 열쇠도 없으면 어떤 백업도 열 수 없습니다.",
                "*** An identity that opens backups was made: {p}\n"
                "*** Keep a copy somewhere else now (a safe, a password manager). Without it no backup can be opened once this machine is lost.",
            ).fill(p=settings.HOME / "keys" / sealing.IDENTITY)
        )
    began = time.monotonic()
    made = backup.carry_out(target, options.kind or "full", ACTOR, lambda part: _say(Text("… {p}", "… {p}").fill(p=folders.title(part))))
    seconds = time.monotonic() - began
    if options.json:
        print(
            json.dumps(
                {"made": [_told(m.backup) | {"verified": m.verified} for m in made], "seconds": round(seconds, 2)}, ensure_ascii=False
            )
        )
        return 0
    for one in made:
        verified = (
            Text("모든 부분을 다시 열어 확인했습니다", "every part was opened again and is good")
            if one.verified == "opened"
            else Text("바이트만 확인했습니다(여는 열쇠가 여기 없음)", "only the bytes were compared (the identity is not here)")
        )
        print(
            Text("백업됨: {p} ({n}MB). {v}.", "Backed up: {p} ({n} MB); {v}.").fill(
                p=one.backup.path, n=f"{one.backup.bytes / 2**20:.1f}", v=verified
            )
        )
    print(
        Text(
            "마스터 키(keys/master)와 비밀 값은 백업에 없습니다. 따로 보관하십시오.",
            "The master key (keys/master) and secrets are not in the backup; keep them apart.",
        )
    )
    return 0


def _told(one: folder.Backup) -> dict[str, object]:
    return {"name": one.name, "kind": one.kind, "path": str(one.path), "made_at": one.made_at.isoformat(), "bytes": one.bytes}


def _list(options: argparse.Namespace) -> int:
    found = folder.backups(_place(options))
    if options.json:
        print(json.dumps([_told(one) for one in found], ensure_ascii=False))
    for one in () if options.json else found:
        print(f"{one.name}  {one.kind:<5}  {one.bytes / 2**20:10.1f} MB")
    if not found and not options.json:
        _say(Text("백업이 없습니다.", "There are no backups."))
    return 0


def _check(options: argparse.Namespace) -> int:
    """Verify one backup, or the newest of each kind."""
    if options.name:
        path = Path(options.name)
        chosen = [folder.read(path if path.is_dir() else _place(options) / options.name)]
    else:
        every = folder.backups(_place(options))
        chosen = [next(b for b in every if b.kind == kind) for kind in sorted({b.kind for b in every})]
        if not chosen:
            raise NotFound.named(folder.WHAT, _place(options))
    for one in chosen:
        how = write.verify(one, settings.HOME, identity=options.identity)
        word = (
            Text("열어 확인함", "opened, good")
            if how == "opened"
            else Text("바이트 확인함", "bytes good; not opened, the identity is not here")
        )
        print(json.dumps(_told(one) | {"verified": how}, ensure_ascii=False) if options.json else f"{one.name}: {word}")
    return 0


def _prune(options: argparse.Namespace) -> int:
    gone = backup.prune(_place(options))
    print(json.dumps({"gone": gone}) if options.json else str(Text("지운 백업 {n}개", "{n} backups deleted").fill(n=len(gone))))
    return 0


def _ship(options: argparse.Namespace) -> int:
    done = archive.ship()
    print(json.dumps({"shipped": done}) if options.json else str(Text("보관한 것 {n}개", "{n} pieces stored").fill(n=done)))
    return 0


def integrity(argv: list[str]) -> int:
    """Look through the house now: 0 nothing wrong, 1 findings, which are named."""
    words = argparse.ArgumentParser(prog="numaru integrity")
    words.add_argument("--json", action="store_true")
    options = words.parse_args(argv)
    run = backup.carry_out_check(ACTOR)
    names = backup.check_names()
    if options.json:
        print(json.dumps({"state": run.state, "found": run.found, "checks": run.checks}, ensure_ascii=False))
        return 1 if run.found else 0
    for check in run.checks:
        text, unit = names[check["key"]]
        print(f"{text}: {check['looked']:,} {unit}, {Text('이상 {n}건', '{n} findings').fill(n=check['found'])}")
        for finding in check["findings"]:
            print(
                "  "
                + Text(f"{finding['message_ko']} {finding['remedy_ko']}", f"{finding['message_en']} {finding['remedy_en']}").pick(
                    _language()
                )
            )
    return 1 if run.found else 0


def _language() -> str:
    from numaru.values.text import language

    return language()
