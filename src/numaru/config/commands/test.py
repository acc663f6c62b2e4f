"""``./numaru test [pytest arguments]`` and ``./numaru budget``: pytest on a server that lives as long as the run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from numaru.config.home import ROOT
from numaru.config.words import say
from numaru.kernel.postgres import throwaway
from numaru.values.text import Text

NOTHING_RAN = 5  # pytest's status for "no test was collected"


@contextlib.contextmanager
def surroundings(*, bin_folder: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment of a test run: a fresh server and an empty home, both gone afterwards; DATABASE_URL in force is not touched.

    ``bin_folder`` chooses the server's version. Everything is set before pytest starts: its Django plug-in reads the settings early.
    """
    home = Path(tempfile.mkdtemp(prefix="numaru-home-"))
    before = os.environ.get("NUMARU_PG_BIN")
    if bin_folder is not None:
        os.environ["NUMARU_PG_BIN"] = str(bin_folder)
    try:
        with throwaway() as url:
            yield {
                **{key: value for key, value in os.environ.items() if not key.startswith("NUMARU_")},
                **{
                    key: value
                    for key, value in os.environ.items()
                    if key in ("NUMARU_PG_BIN", "NUMARU_CHROMIUM", "NUMARU_PYTHON", "NUMARU_VENV")
                },
                "DATABASE_URL": url,
                "NUMARU_HOME": str(home),
                "DJANGO_SETTINGS_MODULE": "numaru.config.settings",
                "PYTHONPATH": str(ROOT / "src"),
            }
    finally:
        if bin_folder is not None:
            os.environ.pop("NUMARU_PG_BIN", None)
            if before is not None:
                os.environ["NUMARU_PG_BIN"] = before
        shutil.rmtree(home, ignore_errors=True)


def pytest_command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "pytest", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml"), *words]


def run(environment: dict[str, str], words: list[str]) -> int:
    """One pytest run in the project's root; its exit status."""
    return subprocess.run(pytest_command(*words), cwd=ROOT, env=environment, check=False).returncode


def main(argv: list[str]) -> int:
    """All the tests, or those that the arguments name."""
    with surroundings() as environment:
        return run(environment, argv)


def budget(argv: list[str]) -> int:
    """Count the queries of every screen and write the numbers down; the diff of the JSON files is for a person to judge."""
    with surroundings() as environment:
        status = run(environment | {"NUMARU_WRITE_BUDGETS": "1"}, ["-m", "budget", "-q", *argv])
    if status == NOTHING_RAN:
        say(Text("질의 수를 세는 시험이 없습니다.", "No test counts queries."), error=True)
        return 1
    if status == 0:
        say(Text("바뀐 수는 git diff로 확인하세요.", "See what has changed with git diff."))
    return status
