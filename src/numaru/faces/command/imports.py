"""``./numaru import …``: bring in a file through a mapping. The same functions as the console; the work is done in this process."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import threading
from pathlib import Path

from numaru.kernel.access import Actor
from numaru.kernel.errors import Refused
from numaru.kernel.imports import api as imports
from numaru.values.finding import Finding
from numaru.values.text import Text

NAMED = 100  # findings that --json lists; all of them are in the findings file
SHOWN = 20  # findings that the terminal shows
WOULD = Text("실제로 들이지 않은 시험 실행입니다. 아무것도 쓰지 않았습니다.", "This was a dry run. Nothing was written.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="numaru import", description=str(Text("파일을 매핑으로 들입니다.", "Import a file through a mapping.")),
    )  # fmt: skip
    parser.add_argument("kind", choices=[key for key, _ in imports.kinds], help=str(Text("무엇을 들이는지", "what it brings")))
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, CSV.gz, XLSX")
    parser.add_argument("--mapping", type=Path, required=True, metavar="MAP.toml")
    parser.add_argument(
        "--dry-run", action="store_true", help=str(Text("쓰지 않고 무엇이 달라질지만 봅니다", "write nothing, only tell what would change"))
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--findings", type=Path, metavar="OUT.csv", help=str(Text("고칠 것을 모두 이 파일에 적습니다", "write all findings into this file"))
    )
    return parser


def main(argv: list[str]) -> int:
    """Import one file. Returns 0 when the import ran, with or without findings, 1 when it was refused as a whole, 2 for wrong usage."""
    options = _parser().parse_args(argv)
    path: Path = options.file
    try:
        mapping = _mapping(options.mapping)
        if not path.is_file():
            raise _no_file(path)
        if options.findings:
            options.findings.touch()  # a place that cannot be written is told before anything is done
        started = imports.start.do(
            Actor.system("command"), kind=options.kind, file_name=path.name, sha256=imports.sha256_of(path),
            mapping_name=options.mapping.name, mapping_text=mapping, dry=options.dry_run,
        )  # fmt: skip
        with _Watcher(started.number, shows=not options.json and sys.stderr.isatty()):
            card = imports.execute(started.number, path.resolve())
    except Refused as refused:
        _tell_refusal(refused.findings, options)
        return 1
    if options.findings:
        _hand_out(card, options.findings)
    findings = imports.first_findings(card.number)
    if options.json:
        print(json.dumps(_as_dict(card, findings), ensure_ascii=False))
    else:
        _tell(card, findings, options)
    return 0 if card.state == "done" else 1


def _mapping(path: Path) -> str:
    if not path.is_file():
        raise _no_file(path)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused.because(
            "mapping.not_utf8", Text("매핑 파일이 UTF-8이 아닙니다: {p}", "The mapping is not UTF-8: {p}").fill(p=path),
            Text("UTF-8로 저장하십시오.", "Save it as UTF-8."),
        ) from None  # fmt: skip


def _no_file(path: Path) -> Refused:
    return Refused.because(
        "import.no_file", Text("파일이 없습니다: {p}", "There is no file {p}.").fill(p=path), Text("경로를 확인하십시오.", "Check the path."),
    )  # fmt: skip


def _hand_out(card: imports.ImportCard, place: Path) -> None:
    """Put all findings at ``place``; without any there is no file."""
    if not card.has_findings_file:
        place.unlink(missing_ok=True)
        return
    with imports.findings_file(card.number) as source, place.open("wb") as target:
        shutil.copyfileobj(source, target)


def _as_dict(card: imports.ImportCard, findings: list[Finding]) -> dict[str, object]:
    return {
        "run": card.number, "kind": card.kind, "service": card.service, "state": card.state, "dry_run": card.dry, "rows": card.rows_read,
        "accepted": card.accepted, "unchanged": card.unchanged, "refused": card.refused, "findings": [f.as_dict() for f in findings[:NAMED]],
        "findings_total": card.findings, "counts": card.counts, **card.result, "seconds": card.seconds,
    }  # fmt: skip


def _tell(card: imports.ImportCard, findings: list[Finding], options: argparse.Namespace) -> None:
    if card.state != "done":
        _tell_refusal(findings, options)
        return
    print(
        Text(
            "{n}: {r}행 가운데 {a}행 들임, {u}행은 그대로, {x}행은 들이지 않음 ({s}초)",
            "{n}: of {r} rows {a} accepted, {u} unchanged, {x} refused ({s} s)",
        ).fill(
            n=card.number, r=f"{card.rows_read:,}", a=f"{card.accepted:,}", u=f"{card.unchanged:,}", x=f"{card.refused:,}", s=card.seconds
        )
    )
    made = imports.said(card.result)
    if made:
        print(", ".join(f"{text} {n:,}" for text, n in made))
    _list(findings, card.findings)
    if card.findings > SHOWN and not options.findings:
        print(Text("모두 보려면 --findings 파일.csv를 붙이십시오.", "Add --findings FILE.csv to get all of them."))
    if card.dry:
        print(WOULD)


def _list(findings: list[Finding], total: int) -> None:
    for finding in findings[:SHOWN]:
        where = [str(Text("{n}행", "row {n}").fill(n=finding.row))] if finding.row is not None else []
        where += [finding.field] if finding.field else []
        place = " · ".join(where)
        print(f"  {place + ': ' if place else ''}{finding.message} {finding.remedy}")
    if total > SHOWN:
        print(Text("  … 모두 {n}건", "  … {n} in all").fill(n=f"{total:,}"))


def _tell_refusal(findings: list[Finding], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"refused": [f.as_dict() for f in findings]}, ensure_ascii=False))
    for finding in findings:
        where = f"{finding.field}: " if finding.field else ""
        print(f"{where}{finding.message} {finding.remedy}", file=sys.stderr)


class _Watcher:
    """A line that says how far the import is, rewritten twice a second, on a terminal only."""

    def __init__(self, number: str, shows: bool) -> None:
        self._number = number
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True) if shows else None

    def __enter__(self) -> None:
        if self._thread:
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        from django.db import connection

        try:
            while not self._over.wait(0.5):
                now = imports.standing(self._number)
                text = imports.STAGES.get(now.stage)
                if text:
                    print(f"\r{text} {now.done:,}   ", end="", file=sys.stderr, flush=True)
        finally:
            print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
            connection.close()
