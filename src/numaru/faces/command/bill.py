"""``./numaru bill …``: bill runs from the terminal. The same actions as the console; the work is done in this process."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.domains.billing import api as billing
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Refused
from numaru.values.money import Money
from numaru.values.text import Text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numaru bill", description=str(Text("청구를 실행하고 다룹니다.", "Start and handle bill runs.")))
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help=str(Text("한 달을 청구합니다", "bill a month")))
    run.add_argument("--service", required=True)
    run.add_argument("--period", required=True, metavar="YYYY-MM")
    run.add_argument("--as-of", type=_instant, metavar="YYYY-MM-DD[THH:MM]", help=str(Text("이 시각인 것처럼", "as if it were this time")))
    run.add_argument("--plan", action="store_true", help=str(Text("무엇이 달라질지만 봅니다", "only show what would change")))
    for name, text in (("show", Text("실행을 봅니다", "show a run")), ("resume", Text("이어서 합니다", "go on with a run"))):
        verbs.add_parser(name, help=str(text)).add_argument("number")
    for name, text in (("pause", Text("멈춥니다", "pause a run")), ("stop", Text("중지합니다", "stop a run"))):
        verbs.add_parser(name, help=str(text)).add_argument("number")
    cancel = verbs.add_parser("cancel", help=str(Text("실행을 거둡니다", "take a run back")))
    cancel.add_argument("number")
    cancel.add_argument("--reason", required=True)
    parked = verbs.add_parser(
        "parked", help=str(Text("보류 계정을 보거나 따로 청구합니다", "show parked accounts, or bill them on their own"))
    )
    parked.add_argument("number")
    parked.add_argument("--account", metavar="A-0000001", help=str(Text("이 계정을 청구합니다", "bill this account")))
    listing = verbs.add_parser("list", help=str(Text("실행 목록", "list runs")))
    listing.add_argument("--service")
    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true")
    return parser


def main(argv: list[str]) -> int:
    """Run one verb and return the exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    options = _parser().parse_args(argv)
    actor = Actor.system("command")
    try:
        return VERBS[options.verb](options, actor)
    except Refused as refused:
        if options.json:
            print(json.dumps({"refused": [f.as_dict() for f in refused.findings]}, ensure_ascii=False))
        for finding in refused.findings:
            print(f"{finding.message} {finding.remedy}", file=sys.stderr)
        return 1


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def _run(options: argparse.Namespace, actor: Actor) -> int:
    if options.as_of:
        with clock.pinned(options.as_of):
            return _bill(options, actor)
    return _bill(options, actor)


def _bill(options: argparse.Namespace, actor: Actor) -> int:
    if options.plan:
        plan = billing.start_run.plan(actor, service=options.service, period=options.period, queue=False)
        for effect in plan.effects:
            print(effect)
        return 0
    found = billing.find_run(options.service, options.period)
    if found is None:
        found = billing.start_run.do(actor, service=options.service, period=options.period, queue=False).number
    elif billing.run_card(found).state != "posted":
        billing.resume_run.do(actor, number=found, queue=False)
    return _carry(found, options.json)


def _resume(options: argparse.Namespace, actor: Actor) -> int:
    billing.resume_run.do(actor, number=options.number, queue=False)
    return _carry(options.number, options.json)


def _carry(number: str, as_json: bool) -> int:
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(number, done), daemon=True)
    if not as_json and sys.stderr.isatty():
        watcher.start()
    try:
        billing.carry_out(number)
        while billing.run_card(number).state in ("queued", "running"):  # another process has it; should it die, we go on
            time.sleep(0.5)
            billing.carry_out(number)
    finally:
        done.set()
        if watcher.is_alive():
            watcher.join()
    return _report(number, as_json)


def _watch(number: str, done: threading.Event) -> None:
    from django.db import connection

    while not done.wait(0.5):
        card = billing.run_card(number)
        print(f"\r{card.stage_text} {card.done:,} / {card.total:,}   ", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    connection.close()


def _report(number: str, as_json: bool) -> int:
    card = billing.run_card(number)
    if as_json:
        print(json.dumps(card.as_dict(), ensure_ascii=False))
    else:
        totals = ", ".join(str(Money(minor, currency)) for currency, minor in sorted(card.totals.items())) or "0"
        print(
            Text(
                "{n} {s}: 계정 {a}, 청구서 {i}건, 합계 {t}, 보류 {p}, 0원 {z}, {sec}초",
                "{n} {s}: {a} accounts, {i} invoices, total {t}, {p} parked, {z} zero accounts, {sec} s",
            ).fill(
                n=card.number,
                s=card.state_text,
                a=f"{card.accounts:,}",
                i=f"{card.invoices:,}",
                t=totals,
                p=card.parked,
                z=card.zero,
                sec=card.seconds,
            )
        )
        if card.failure:
            print(card.failure, file=sys.stderr)
    return 0 if card.state == "posted" else 1


def _show(options: argparse.Namespace, actor: Actor) -> int:
    return min(_report(options.number, options.json), 0)


def _halt(options: argparse.Namespace, actor: Actor) -> int:
    billing.halt_run.do(actor, number=options.number, how=options.verb)
    return _report(options.number, options.json) and 0


def _cancel(options: argparse.Namespace, actor: Actor) -> int:
    billing.cancel_run.do(actor, number=options.number, reason=options.reason)
    _report(options.number, options.json)
    return 0


def _list(options: argparse.Namespace, actor: Actor) -> int:
    cards = billing.run_cards(options.service)
    if options.json:
        print(json.dumps([c.as_dict() for c in cards], ensure_ascii=False))
    else:
        for card in cards:
            _report(card.number, False)
    return 0


def _parked(options: argparse.Namespace, actor: Actor) -> int:
    if options.account:
        number = billing.bill_parked.do(actor, run=options.number, account=options.account)
        print(
            json.dumps({"invoice": number or None})
            if options.json
            else number or str(Text("청구할 금액이 없어 보류만 풀었습니다.", "Nothing to bill; it is released."))
        )
        return 0
    rows = billing.parked_rows(options.number)
    if options.json:
        print(json.dumps([r.as_dict() for r in rows], ensure_ascii=False))
    else:
        for row in rows:
            print(f"{row.account}  {row.what}  {row.cure}  {row.invoice}")
    return 0


VERBS: dict[str, Callable[[argparse.Namespace, Actor], int]] = {
    "run": _run, "show": _show, "resume": _resume, "pause": _halt, "stop": _halt, "cancel": _cancel, "list": _list, "parked": _parked,
}  # fmt: skip
