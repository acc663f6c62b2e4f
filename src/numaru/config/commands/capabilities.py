"""``./numaru capabilities [--bite] [--room ROOM]``: what the product must be able to do, and which tests show that it does.

The list stands beside the project in ``../shared/capabilities.toml``; a test shows an entry by ``@pytest.mark.capability("ID")``. With
``--bite`` the tests are run twice: as they are, where one that fails or does not run shows nothing, and with every action of the entry's
room refused, where one that still passes shows nothing either. A role's day passes through an entry when ``docs/days/`` names its id.
"""

from __future__ import annotations

import argparse
import ast
import re
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from pathlib import Path

from numaru.config.commands import test
from numaru.config.home import ROOT
from numaru.config.words import say
from numaru.values.text import Text

LIST = ROOT.parent / "shared" / "capabilities.toml"
FACES = {"console", "portal", "widget", "rest", "voice"}


def shown_by(tests: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Capability id → the tests that carry its marker, as ``tests/file.py::name`` or ``…::Class::name``."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(tests.rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        _collect(tree, f"{file.relative_to(tests.parent).as_posix()}", [], found)
    return dict(found)


def _collect(node: ast.AST, path: str, outer: list[str], found: dict[str, list[str]]) -> None:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        ids = outer + [
            str(decorator.args[0].value)
            for decorator in child.decorator_list
            if isinstance(decorator, ast.Call)
            and ast.unparse(decorator.func).endswith("mark.capability")
            and decorator.args
            and isinstance(decorator.args[0], ast.Constant)
        ]
        name = f"{path}::{child.name}"
        if isinstance(child, ast.ClassDef):
            _collect(child, name, ids, found)
        elif child.name.startswith("test"):
            for one in ids:
                found[one].append(name)


def passed(names: list[str], refusing: str = "") -> set[str]:
    """Those of the tests that were run now and were good in every one of their parameters; with the actions of room ``refusing`` refused."""
    with tempfile.TemporaryDirectory() as folder, test.surroundings() as environment:
        report = Path(folder) / "report.xml"
        extra = {"NUMARU_REFUSE": refusing} if refusing else {}
        test.run(environment | extra, ["-q", f"--junitxml={report}", *names])
        if not report.exists():
            return set()
        good: Counter[str] = Counter()
        bad: set[str] = set()
        for case in ET.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname', '')}.{re.sub(r'\[.*', '', case.get('name', ''))}"
            if any(child.tag in ("failure", "error", "skipped") for child in case):
                bad.add(name)
            else:
                good[name] += 1
        fine = set(good) - bad
    return {name for name in names if name.replace("/", ".").replace(".py::", ".").replace("::", ".") in fine}


def toothless(entries: list[dict[str, str]], tests: dict[str, list[str]]) -> set[str]:
    """The tests that pass although every action of the room they speak for refuses. One run a room.

    A face has no actions: for its entries the package that the test mirrors is refused (tests/facilities/indicators/… → indicators)."""
    names: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for name in tests.get(entry["id"], []):
            names[Path(name.split("::")[0]).parent.name if entry["room"] in FACES else entry["room"]].add(name)
    return {name for room in sorted(names) for name in passed(sorted(names[room]), refusing=room)}


def in_days(days: Path = ROOT / "docs" / "days") -> set[str]:
    """Ids of the capabilities that a described day of a role passes through."""
    return {one for file in sorted(days.glob("*.md")) for one in re.findall(r"\b[A-Z]{3}-[0-9][0-9.]*\b", file.read_text(encoding="utf-8"))}


def main(argv: list[str]) -> int:
    """Print the list by room; 1 when a test names an unknown entry or, with --bite, one that claims to show an entry is not good."""
    words = argparse.ArgumentParser(prog="./numaru capabilities")
    words.add_argument("--bite", action="store_true")
    words.add_argument("--room")
    chosen = words.parse_args(argv)
    if not LIST.exists():
        say(Text("기능 목록이 없습니다: {file}", "The list of capabilities is not here: {file}").fill(file=LIST), error=True)
        return 1
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["capability"]
    tests = shown_by()
    every = sorted({name for names in tests.values() for name in names})
    fine = passed(every) if chosen.bite and every else set(every)
    soft = toothless([e for e in entries if not chosen.room or e["room"] == chosen.room], tests) if chosen.bite and every else set()
    days = in_days()
    shown = 0
    counted = 0
    for entry in entries:
        if chosen.room and entry["room"] != chosen.room:
            continue
        names = tests.get(entry["id"], [])
        is_shown = any(name in fine - soft for name in names)
        counted += 1
        shown += is_shown
        print(
            f"{'●' if is_shown else '○'} {entry['id']:<9} {entry['room']:<12} {entry['ko']}  {len(names) or ''}{' day' if entry['id'] in days else ''}"
        )
        for name in names:
            print(f"      {'NOT GOOD ' if name not in fine else 'STILL PASSES WITH THE ROOM REFUSED ' if name in soft else ''}{name}")
    unknown = sorted(set(tests) - {entry["id"] for entry in entries})
    for one in unknown:
        say(
            Text("목록에 없는 기능: {one} ({names})", "Not in the list: {one} ({names})").fill(one=one, names=", ".join(tests[one])),
            error=True,
        )
    say(
        Text(
            '{n}개 중 {m}개를 보였습니다. 표시: @pytest.mark.capability("ID")',
            '{m} of {n} are shown. The marker: @pytest.mark.capability("ID")',
        ).fill(n=counted, m=shown)
    )
    return 1 if unknown or (chosen.bite and (fine != set(every) or soft)) else 0
