"""``./numaru audit …``: check the chain, seal what waits, show the head. Exit status 1 when something is wrong with the chain."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import Refused
from numaru.values.text import Text


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def main(argv: list[str]) -> int:
    """Run one verb and return the exit status: 0 good, 1 the chain is not whole, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="numaru audit", description=str(Text("감사 기록을 점검하고 봉인합니다.", "Check and seal the audit log."))
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help=str(Text("사슬을 점검합니다", "check the chain")))
    verify.add_argument(
        "--since", type=_instant, metavar="YYYY-MM-DD", help=str(Text("이때부터 봉인된 것만", "only what was sealed from then on"))
    )
    verbs.add_parser("seal", help=str(Text("기다리는 기록을 봉인합니다", "seal what waits")))
    verbs.add_parser("head", help=str(Text("사슬의 머리를 보입니다", "show the head")))
    accept = verbs.add_parser(
        "accept", help=str(Text("복원 뒤 지금의 사슬을 이어 받습니다", "go on with the chain as it is after a restore"))
    )
    accept.add_argument("--reason", required=True)
    ties = verbs.add_parser(
        "ties",
        help=str(
            Text(
                "직원 본인과 관계인의 값을 한 줄에 하나씩 받아 토큰만 남깁니다",
                "keep blind tokens of a member of staff and relatives: one value a line",
            )
        ),
    )
    ties.add_argument("--staff", required=True, metavar="LOGIN")
    ties.add_argument("--reason", required=True)
    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    try:
        return {"verify": _verify, "seal": _seal, "head": _head, "accept": _accept, "ties": _ties}[options.verb](options)
    except audit.ChainBroken as broken:
        print(f"{Text('봉인하지 않았습니다', 'Nothing was sealed')}: {broken}", file=sys.stderr)
        print(str(Text("./numaru audit verify를 실행하십시오.", "Run ./numaru audit verify.")), file=sys.stderr)
        return 1


def _verify(options: argparse.Namespace) -> int:
    report = audit.verify(options.since)
    audit.keep(report)
    if options.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
        return 0 if report.good else 1
    print(
        Text("블록 {b}개, 기록 {r}건을 {s}초에 점검했습니다. 보존 규칙으로 지운 내용 {d}건.",
             "Checked {b} blocks and {r} records in {s} s; {d} payloads destroyed by rule.")
        .fill(b=f"{report.blocks:,}", r=f"{report.records:,}", s=f"{report.seconds:.1f}", d=f"{report.destroyed:,}")
    )  # fmt: skip
    print(
        Text("봉인을 기다리는 기록 {n}건, 가장 오래된 것 {s}초.", "{n} records wait for their seal, the oldest for {s} s.").fill(
            n=report.unsealed, s=f"{report.oldest:.1f}"
        )
    )
    if report.accepted:
        print(Text("복원 뒤 이어 받은 적 {n}번.", "Taken over after a restore {n} times.").fill(n=report.accepted))
    for fault in report.faults:
        place = f" ({fault.detail})" if fault.detail else ""
        print(f"  {fault.text}{place}")
    if report.problems > len(report.faults):
        print(Text("  그 밖에 {n}건", "  and {n} more").fill(n=report.problems - len(report.faults)))
    print(
        Text("사슬이 온전합니다.", "The chain is whole.")
        if report.good
        else Text("문제 {n}건을 찾았습니다.", "Found {n} problems.").fill(n=report.problems)
    )
    return 0 if report.good else 1


def _seal(options: argparse.Namespace) -> int:
    n = audit.Sealer().all()
    print(json.dumps({"sealed": n}) if options.json else str(Text("{n}건을 봉인했습니다.", "Sealed {n} records.").fill(n=n)))
    return 0


def _head(options: argparse.Namespace) -> int:
    head = audit.head()
    if head is None:
        print("null" if options.json else str(Text("아직 봉인한 것이 없습니다.", "Nothing is sealed yet.")))
        return 0
    found = {"chain": head.chain, "number": head.number, "last": head.last, "hash": head.hash, "at": head.at}
    print(json.dumps(found) if options.json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0


def _accept(options: argparse.Namespace) -> int:
    audit.accept_chain.do(Actor.system("command"), reason=options.reason)
    print("{}" if options.json else str(Text("이어 받았습니다. 점검 결과에 남습니다.", "Taken over; every check says so.")))
    return 0


def _ties(options: argparse.Namespace) -> int:
    """Values come from standard input, so that they stand in no history of commands."""
    found = audit.staff_named(options.staff)
    values = [line.strip() for line in sys.stdin if line.strip()]
    try:
        n = audit.set_ties.do(Actor.system("command"), staff=found[0] if found else 0, values=values, reason=options.reason)
    except Refused as refused:
        for finding in refused.findings:
            print(f"{finding.message} {finding.remedy}", file=sys.stderr)
        return 1
    print(
        json.dumps({"tokens": n})
        if options.json
        else str(Text("값 {v}개에서 토큰 {n}개를 남겼습니다.", "Kept {n} tokens of {v} values.").fill(v=len(values), n=n))
    )
    return 0
