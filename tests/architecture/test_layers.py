"""The layers are law: contracts that import-linter keeps, doors that rooms are entered by, and a proof that the contracts can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import SRC, at, imports, python_files, rooms
from tests.conftest import ROOT

# the modules of a room that others may import: its functions, what it tells, how it refuses, what it asks, what it lets people do
DOORS = {"api", "events", "errors", "ports", "permissions"}
FACES_MAY_ALSO = {"web"}


def _contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-logo", "--no-cache", "--config", str(folder / "pyproject.toml")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    told = _contracts(ROOT)
    assert told.returncode == 0, told.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("values/money.py", "import numaru.kernel.clock", "the house, top to bottom"),
        ("facilities/metering/api.py", "import numaru.facilities.parties", "the facilities, top to bottom"),
        ("domains/subscribers/api.py", "import numaru.domains.billing", "the rooms, top to bottom"),
        ("domains/billing/rules/__init__.py", "import django", "rules are pure"),
        ("loft/__init__.py", "", "the house, top to bottom"),  # a package that is not placed
        ("domains/cellar/__init__.py", "", "the rooms, top to bottom"),
    ],
)
def test_a_breach_fails(tmp_path: Path, file: str, line: str, contract: str) -> None:
    """Each contract bites: a copy of the source with one wrong line is refused."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("static", "__pycache__", "templates", "paper"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "numaru" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    told = _contracts(tmp_path)
    assert told.returncode != 0
    assert contract in told.stdout + told.stderr or Path(file).parts[-2] in told.stdout + told.stderr


def test_a_room_is_entered_by_its_doors() -> None:
    """Outside a room only its doors are imported; the faces also its web, config everything (it does the wiring)."""
    wrong: list[str] = []
    homes = {".".join(room.relative_to(SRC.parent).parts): room for room in rooms()}
    for path in python_files():
        if path.is_relative_to(SRC / "config"):
            continue
        allowed = DOORS | FACES_MAY_ALSO if path.is_relative_to(SRC / "faces") else DOORS
        for name, line in imports(path):
            for home, room in homes.items():
                if name.startswith(home + ".") and not path.is_relative_to(room):
                    door = name.removeprefix(home + ".").split(".")[0]
                    if door not in allowed:
                        wrong.append(f"{at(path, line)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_an_api_hands_out_no_model() -> None:
    for room in rooms():
        door = room / "api.py"
        if door.exists():
            wrong = [name for name, _ in imports(door) if ".models." in name or name.endswith(".models")]
            assert not wrong, f"{at(door)}: {wrong}"


def test_every_package_is_named_in_a_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layered = {c["containers"][0]: c for c in contracts if c["type"] == "layers"}
    assert set(layered) == {"numaru", "numaru.domains", "numaru.facilities"}
    assert all(c["exhaustive"] for c in layered.values())
