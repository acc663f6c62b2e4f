"""``./numaru check [--all]``: the gate. Every step runs even after one has failed, so that one sees everything at once.

check        format, lint, types, layers, migrations, tests but those marked slow or kill
check --all  every test, and those marked pg15 once more on PostgreSQL 15, the oldest version that the house's SQL may need

The tests run in two lanes side by side, each on a server of its own: those that look at screens or build an image, and the others. What the
second lane prints is shown when it is done.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from numaru.config.commands import test
from numaru.config.home import ROOT
from numaru.config.words import say
from numaru.values.text import Text

OLDEST = Path("/usr/lib/postgresql/15/bin")  # Debian's PostgreSQL 15
SKIPPED = -1


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``run`` gets the environment and returns an exit status, `SKIPPED` when it cannot run here and need not."""

    name: str
    run: Callable[[dict[str, str]], int]


def _tool(name: str, *words: str) -> Step:
    """A program of the environment, called in the project's root."""
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
    return Step(name, lambda environment: subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


def _module(name: str, *words: str) -> Step:
    command = [sys.executable, "-P", "-m", *words]
    return Step(name, lambda environment: subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


def _on_oldest(environment: dict[str, str]) -> int:
    """The tests marked pg15 on Debian's PostgreSQL 15; not installed is a failure in CI and a skip elsewhere."""
    if not (OLDEST / "postgres").exists():
        say(Text("PostgreSQL 15가 없습니다: {place}", "There is no PostgreSQL 15 in {place}").fill(place=OLDEST), error=True)
        return 1 if in_ci() else SKIPPED
    with test.surroundings(bin_folder=OLDEST) as older:
        return test.run(older, ["-q", "-m", "pg15"])


def _lanes(marks: str = "") -> Callable[[dict[str, str]], int]:
    """The tests that ``marks`` lets through, in two lanes; the worse status of both. A lane without a test is good."""
    looking = "(browser or container)"

    def run(environment: dict[str, str]) -> int:
        words = ["-q", "-rfE", "--durations=12"]
        with tempfile.TemporaryFile("w+") as said, test.surroundings() as apart:
            lane = subprocess.Popen(
                test.pytest_command(*words, "-m", _both(looking, marks)), cwd=ROOT, env=apart, stdout=said, stderr=subprocess.STDOUT
            )
            first = test.run(environment, [*words, "-m", _both(f"not {looking}", marks)])
            second = lane.wait()
            said.seek(0)
            print(said.read(), flush=True)
        return max(0 if status == test.NOTHING_RAN else status for status in (first, second))

    return run


def _both(one: str, other: str) -> str:
    return f"{one} and ({other})" if other else one


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def steps(everything: bool) -> list[Step]:
    """The gate's steps in order: the quick ones first."""
    quick = [
        _tool("format", "ruff", "format", "--check", "."),
        _tool("lint", "ruff", "check", "."),
        _tool("types", "mypy"),
        _tool("layers", "lint-imports", "--no-logo"),
        _module("migrations", "django", "makemigrations", "--check", "--dry-run"),
    ]
    if not everything:
        return [*quick, Step("tests", _lanes("not slow and not kill"))]
    return [
        *quick,
        Step("tests", _lanes()),
        Step("tests on PostgreSQL 15", _on_oldest),
    ]


def main(argv: list[str]) -> int:
    """Run the gate; 0 only when every step is good."""
    words = argparse.ArgumentParser(prog="./numaru check")
    words.add_argument("--all", action="store_true")
    chosen = words.parse_args(argv)
    began = time.monotonic()
    told: list[tuple[str, int, float]] = []
    with test.surroundings() as environment:
        for step in steps(chosen.all):
            say(Text("── {name}", "── {name}").fill(name=step.name))
            at = time.monotonic()
            status = step.run(environment)
            told.append((step.name, status, time.monotonic() - at))
            print(f"   {_word(status)} {step.name} {told[-1][2]:.1f} s", flush=True)
    print()
    for name, status, seconds in told:
        print(f"   {_word(status):<8} {seconds:7.1f} s  {name}")
    bad = sum(1 for _, status, _ in told if status not in (0, SKIPPED))
    print(f"check: {'FAILED, ' + str(bad) + ' of ' if bad else 'good, '}{len(told)} steps, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if bad else 0


def _word(status: int) -> str:
    return "good" if status == 0 else "skipped" if status == SKIPPED else "FAILED"
