"""``./numaru privacy …``: what is kept and until when, destroying a person by two people, and a person's package, from the terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from numaru.domains.subscribers import api as subscribers
from numaru.kernel import clock
from numaru.kernel.access import Actor, staff_actor
from numaru.kernel.errors import NotAllowed, Refused
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.values.text import Text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="numaru privacy", description=str(Text("개인정보를 보관하고 파기합니다.", "Keep and destroy personal data."))
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    walk = verbs.add_parser("retention", help=str(Text("보유 기간이 끝난 것을 파기합니다", "destroy what is over")))
    walk.add_argument("--dry-run", action="store_true", help=str(Text("세기만 합니다", "only count")))
    walk.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help=str(Text("이 날을 기준으로", "as of this day")))
    walk.add_argument("--class", dest="klass", metavar="KEY", help=str(Text("이 종류만", "this class alone")))
    destroy = verbs.add_parser("destroy", help=str(Text("한 사람의 파기 결재를 올립니다", "ask to destroy a person")))
    destroy.add_argument("subject", metavar="S-0001234")
    destroy.add_argument("--as", dest="login", metavar="NAME", help=str(Text("올리는 직원의 아이디", "log-in name of who asks")))
    destroy.add_argument("--reason", default="")
    destroy.add_argument("--request", default="", metavar="Q-0000012")
    destroy.add_argument("--plan", action="store_true", help=str(Text("무엇이 달라질지만 봅니다", "only show what would change")))
    package = verbs.add_parser(
        "package", help=str(Text("요구에 따른 자료를 한 번 내려받습니다", "make and fetch the package of a request, once"))
    )
    package.add_argument("request", metavar="Q-0000012")
    package.add_argument("--to", required=True, type=Path, metavar="FILE.zip")
    package.add_argument(
        "--as", dest="login", required=True, metavar="NAME", help=str(Text("만드는 직원의 아이디", "log-in name of who makes it"))
    )
    verbs.add_parser("replay", help=str(Text("되살린 뒤 파기를 다시 실행합니다", "destroy again what was destroyed before a restore")))
    for one in verbs.choices.values():
        one.add_argument("--json", action="store_true")
    return parser


def main(argv: list[str]) -> int:
    """Run one verb and return the exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    options = _parser().parse_args(argv)
    try:
        return VERBS[options.verb](options)
    except Refused as refused:
        if options.json:
            print(json.dumps({"refused": [f.as_dict() for f in refused.findings]}, ensure_ascii=False))
        for finding in refused.findings:
            print(f"{finding.message} {finding.remedy}", file=sys.stderr)
        return 1


def _as(login: str | None) -> Actor:
    found = Staff.objects.filter(login=(login or "").strip().lower(), is_active=True).first()
    actor = staff_actor(found.pk) if found else None
    if actor is None:
        raise NotAllowed.because(
            "privacy.as",
            Text("이 일은 이름 있는 직원이 합니다.", "A named member of staff does this."),
            Text("--as 아이디를 붙이십시오.", "Add --as NAME."),
        )
    return actor


def _retention(options: argparse.Namespace) -> int:
    on = options.as_of or clock.today()
    keys = [options.klass] if options.klass else [key for key, _ in retention.classes]
    out, status = [], 0
    for key in keys:
        klass = retention.named(key)
        if options.dry_run:
            found = retention.outlook(klass, on)
            row: dict[str, object] = {"class": key, "due": found.due, "soon": found.soon, "held": found.held}
            said = Text("{k}: 지금 {d}건, 30일 안 {s}건, 보류 {h}건", "{k}: {d} due, {s} within 30 days, {h} held")
            text = said.fill(k=klass.name, d=f"{found.due:,}", s=f"{found.soon:,}", h=f"{found.held:,}")
        else:
            run = retention.execute(key, on, Actor.system("command"))
            row = {
                "class": key,
                "state": run.state if run else "busy",
                "destroyed": run.destroyed if run else 0,
                "held": run.held if run else 0,
            }
            status = max(status, 0 if run and run.state == "done" else 1)
            text = Text("{k}: {s}, 파기 {d}건, 보류 {h}건", "{k}: {s}, {d} destroyed, {h} held").fill(
                k=klass.name, s=row["state"], d=row["destroyed"], h=row["held"]
            )
        out.append(row)
        if not options.json:
            print(text)
    if options.json:
        print(json.dumps({"as_of": on.isoformat(), "dry_run": options.dry_run, "classes": out}))
    return status


def _destroy(options: argparse.Namespace) -> int:
    person = subscribers.subscriber(options.subject, None).party_id
    if options.plan:
        effects = retention.destroy_person.plan(Actor.system("command"), person=person, request=options.request).effects
        for effect in effects:
            print(effect)
        return 0
    number = retention.destroy_person.ask(_as(options.login), reason=options.reason, person=person, request=options.request)
    done = Text(
        "결재를 올렸습니다: {n}. 개인정보 보호 담당이 승인하면 파기합니다.",
        "Asked for approval: {n}. It is done when a privacy officer approves.",
    )
    print(json.dumps({"approval": number}) if options.json else done.fill(n=number))
    return 0


def _package(options: argparse.Namespace) -> int:
    actor = _as(options.login)
    if retention.request(options.request).package_state != "ready":
        retention.order_package.do(actor, number=options.request)
        retention.make(options.request)
    with options.to.open("xb") as file:
        options.to.chmod(0o600)
        file.write(retention.fetch_package.do(actor, number=options.request))
    print(json.dumps({"file": str(options.to)}) if options.json else Text("내려받았습니다: {p}", "Fetched: {p}").fill(p=options.to))
    return 0


def _replay(options: argparse.Namespace) -> int:
    count = retention.replay()
    print(json.dumps({"replayed": count}) if options.json else Text("다시 실행한 파기 {n}건", "{n} destructions done again").fill(n=count))
    return 0


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "retention": _retention,
    "destroy": _destroy,
    "package": _package,
    "replay": _replay,
}
