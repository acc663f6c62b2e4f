"""``./numaru keys status|rotate|rewrap|reindex|retire``: the keys of the house. What a verb stopped in the middle it finishes when run again."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time

from numaru.kernel.access import Actor
from numaru.kernel.errors import Refused
from numaru.kernel.jobs import Progress, Stopped
from numaru.kernel.models import Work
from numaru.kernel.vault import api as vault
from numaru.values.text import Text

ACTOR = Actor.system("command")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numaru keys", description=str(Text("암호 키를 보고 바꿉니다.", "Show and rotate the keys.")))
    verbs = parser.add_subparsers(dest="verb", required=True)
    shown = verbs.add_parser("status", help=str(Text("키와 남은 일을 보여 줍니다", "show the keys and what is left to do")))
    shown.add_argument("--json", action="store_true")
    turned = verbs.add_parser(
        "rotate", help=str(Text("새 마스터 키를 쓰고 모두 다시 감쌉니다", "put a new master key in force and re-wrap under it"))
    )
    turned.add_argument("--reason", default="")
    verbs.add_parser("rewrap", help=str(Text("지금의 마스터 키로 모두 다시 감쌉니다", "re-wrap everything under the master key in force")))
    again = verbs.add_parser(
        "reindex", help=str(Text("검색 토큰을 지금의 색인 키로 다시 만듭니다", "renew search tokens under the key in force"))
    )
    again.add_argument(
        "--new-key", action="store_true", help=str(Text("먼저 새 색인 키를 씁니다", "put a new blind-index key in force first"))
    )
    again.add_argument("--reason", default="")
    gone = verbs.add_parser(
        "retire", help=str(Text("더 쓰이지 않는 옛 마스터 키를 지웁니다", "forget former master keys that wrap nothing"))
    )
    gone.add_argument("--backups-gone", action="store_true", help=str(Text("옛 백업이 남아 있지 않습니다", "no older backup is kept")))
    gone.add_argument("--reason", default="")
    return parser


class _Teller(threading.Thread):
    """Writes the progress of one work to the terminal twice a second."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(daemon=True)
        self.kind, self.key, self.ending = kind, key, threading.Event()

    def run(self) -> None:
        from django.db import connection

        while not self.ending.wait(0.5):
            row = Work.objects.filter(kind=self.kind, key=self.key).values_list("done", "total").first()
            if row and row[1]:
                print(f"\r{row[0]:,} / {row[1]:,}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        connection.close()

    def __enter__(self) -> None:
        if sys.stderr.isatty():
            self.start()

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        if self.is_alive():
            self.join()


def main(argv: list[str]) -> int:
    """Run one verb. Returns 0, or 1 when it was refused or stopped."""
    options = _parser().parse_args(argv)
    try:
        if options.verb == "status":
            return _status(options.json)
        if options.verb == "rotate":
            vault.rotate_master.do(ACTOR, reason=options.reason)
        if options.verb in ("rotate", "rewrap"):
            return _rewrap()
        if options.verb == "retire":
            for name in vault.retire_masters.do(ACTOR, reason=options.reason, backups_gone=options.backups_gone):
                print(Text("지운 마스터 키: {m}", "Forgotten master key: {m}").fill(m=name))
            return 0
        if options.new_key:
            vault.begin_reindex.do(ACTOR, reason=options.reason)
        return _reindex()
    except Refused as refused:
        for finding in refused.findings:
            print(finding.message, finding.remedy, sep="\n", file=sys.stderr)
        return 1
    except Stopped:
        print(Text("멈췄습니다. 다시 실행하면 이어서 합니다.", "Stopped. Run it again to go on."), file=sys.stderr)
        return 1


def _rewrap() -> int:
    master = vault.master_id()
    began = time.monotonic()
    with _Teller(vault.REWRAP, master):
        count = vault.rewrap(Progress(vault.REWRAP, master, "system:command"))
    vault.note_rewrapped.do(ACTOR, master=master, count=count)
    spent = time.monotonic() - began
    print(
        Text("마스터 키 {m} 아래로 {n}개를 다시 감쌌습니다({s}초).", "{n} keys re-wrapped under the master {m} in {s} s.").fill(
            m=master, n=f"{count:,}", s=f"{spent:.1f}"
        )
    )
    for name in vault.status().idle:
        print(
            Text("옛 키 {m}은(는) 이제 쓰이지 않습니다. 그때의 백업이 남아 있는 동안은 두십시오.",
                 "The former key {m} wraps nothing now. Keep it as long as a backup of its day is kept.").fill(m=name)
        )  # fmt: skip
    return 0


def _reindex() -> int:
    version = vault.asking()[0].version
    with _Teller(vault.REINDEX, f"v{version}"):
        count = vault.reindex(Progress(vault.REINDEX, f"v{version}", "system:command"))
    vault.finish_reindex.do(ACTOR)
    print(
        Text("색인 키 {v}판으로 {n}명의 토큰을 다시 만들었습니다.", "Tokens of {n} people renewed under version {v} of the key.").fill(
            v=version, n=f"{count:,}"
        )
    )
    return 0


def _status(as_json: bool) -> int:
    found = vault.status()
    if as_json:
        print(json.dumps({
            "master": found.master, "known": found.known, "wrapped": found.wrapped, "house": found.house, "behind": found.behind,
            "unknown": found.unknown, "idle": found.idle,
        }))  # fmt: skip
        return 1 if found.unknown else 0
    print(Text("마스터 키: {m}", "Master key: {m}").fill(m=found.master))
    for name, count in found.wrapped.items():
        left = "" if name == found.master else str(Text(" (다시 감쌀 것)", " (to be re-wrapped)"))
        print(Text("  {m}: 키 {n}개{x}", "  {m}: {n} keys{x}").fill(m=name, n=f"{count:,}", x=left))
    for purpose, versions in found.house.items():
        print(Text("집의 키 {p}: {v}판", "House key {p}: version {v}").fill(p=purpose, v=", ".join(map(str, versions))))
    for key, count in found.behind.items():
        print(Text("{i}: 옛 토큰을 가진 행 {n}개", "{i}: {n} rows with tokens of another version").fill(i=key, n=f"{count:,}"))
    for name in found.unknown:
        print(
            Text(
                "여기에 없는 마스터 키: {m}. 백업에서 되살리십시오.", "A master key that is not here: {m}. Restore it from a backup."
            ).fill(m=name),
            file=sys.stderr,
        )
    return 1 if found.unknown else 0
