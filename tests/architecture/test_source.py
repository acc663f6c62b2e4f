"""How the source is written: small files with honest names, one clock, no logic where nobody looks for it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import SRC, at, python_files, tree
from tests.conftest import ROOT

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "stuff", "core", "shared"}
MOST_LINES = 600


def test_no_file_has_a_name_that_says_nothing() -> None:
    every = [*python_files(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    wrong = [at(p) for p in every if p.stem in EMPTY_WORDS or p.parent.name in EMPTY_WORDS]
    assert not wrong, wrong


def test_no_file_is_longer_than_one_can_hold_in_mind() -> None:
    every = [*python_files(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    long = {at(p): n for p in every if (n := len(p.read_text(encoding="utf-8").splitlines())) > MOST_LINES}
    assert not long, long


def test_every_module_says_what_it_promises() -> None:
    wrong = [at(p) for p in python_files() if p.name not in ("__init__.py", "apps.py") and tree(p).body and not ast.get_docstring(tree(p))]
    assert not wrong, wrong


def test_there_is_one_clock() -> None:
    """Only the kernel's clock asks what time it is; stop-watches (time.monotonic) and ages of files (time.time) are not business time."""
    wrong: list[str] = []
    for path in python_files():
        if path == SRC / "kernel" / "clock.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if re.search(r"(^|\.)(datetime|date|dt)\.(now|utcnow|today)$|(^|\.)timezone\.(now|localdate|localtime)$", name):
                    wrong.append(f"{at(path, node.lineno)} {name}")
    assert not wrong, "\n".join(wrong)


def test_no_signals_and_no_logic_in_save() -> None:
    wrong: list[str] = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("django.db.models.signals", "django.dispatch")):
                wrong.append(f"{at(path, node.lineno)} {node.module}")
            if isinstance(node, ast.ClassDef) and any(ast.unparse(b).endswith("models.Model") for b in node.bases):
                for member in node.body:
                    if isinstance(member, ast.FunctionDef) and member.name in ("save", "delete", "clean", "full_clean"):
                        wrong.append(f"{at(path, member.lineno)} {node.name}.{member.name}")
    assert not wrong, "\n".join(wrong)


def test_the_product_speaks_of_the_product_alone() -> None:
    """No path of the machine it was written on, no address of a registry."""
    pattern = re.compile(r"/work/|/root/|pypi\.org|files\.pythonhosted|registry\.npmjs", re.I)
    wrong: list[str] = []
    for path in _committed_texts():
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                wrong.append(f"{at(path, number)} {line.strip()[:100]}")
    assert not wrong, "\n".join(wrong)


def _committed_texts() -> list[Path]:
    kinds = {".py", ".md", ".toml", ".html", ".css", ".js", ".typ", ".sh", ".lock", ".txt", ".cfg", ""}
    left_out = {
        ".git",
        ".venv",
        "node_modules",
        "vendor",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".numaru",
    }
    return sorted(
        p
        for p in ROOT.rglob("*")
        if p.is_file() and p.suffix in kinds and not left_out & set(p.relative_to(ROOT).parts) and p.stat().st_size < 2_000_000
    )


# ── text order ───────────────────────────────────────────────────────────────────────────────────────────────────────

_ORDER = re.compile(r"\border\s+by\s+(?P<keys>.+?)(?=\)|\blimit\b|\boffset\b|\bfor\b|\brows\b|;|$)", re.I | re.S)
_TEXT_COLUMNS = {
    "name",
    "number",
    "code",
    "slug",
    "login",
    "title",
    "label",
    "path",
    "key",
    "reference",
    "external_id",
    "charge_key",
    "series",
}


def raw_orders(path: Path) -> list[tuple[int, str]]:
    """ORDER BY keys in the SQL texts of a file that sort a text without naming a collation (by the column's name: best effort)."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree(path)):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "?" for v in node.values)
        if not re.search(r"\bselect\b", text, re.I):
            continue
        for match in _ORDER.finditer(text):
            for key in re.split(r",(?![^(]*\))", match["keys"]):
                column = re.sub(r"\s+(asc|desc|nulls\s+\w+)\b", "", key.strip(), flags=re.I)
                if column.split(".")[-1].strip('" ').lower() in _TEXT_COLUMNS and "collate" not in key.lower():
                    found.append((node.lineno, key.strip()))
    return found


def speaks_to_duckdb_alone(path: Path) -> bool:
    """DuckDB sorts texts by their bytes whatever the surroundings: only PostgreSQL needs to be told."""
    text = path.read_text(encoding="utf-8")
    return "duck" in text and not re.search(r"from django\.db import .*\b(connection|connections)\b", text)


def test_sql_that_sorts_a_text_names_its_collation() -> None:
    files = [p for p in python_files() if not speaks_to_duckdb_alone(p)]
    wrong = [f"{at(p, line)} ORDER BY {key}" for p in files for line, key in raw_orders(p)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("SELECT a FROM t ORDER BY name", ["name"]),
        ('SELECT a FROM t ORDER BY name COLLATE "C"', []),
        ("SELECT a FROM t ORDER BY id, t.slug DESC LIMIT 3", ["t.slug DESC"]),
        ("SELECT row_number() OVER (PARTITION BY x ORDER BY account_id) FROM t ORDER BY ordinal", []),
        ("SELECT string_agg(code, ',' ORDER BY code) FROM t", ["code"]),
    ],
)
def test_the_search_for_orders_finds_them(tmp_path: Path, sql: str, bad: list[str]) -> None:
    path = tmp_path / "m.py"
    path.write_text(f"Q = {sql!r}\n")
    assert [key for _, key in raw_orders(path)] == bad
