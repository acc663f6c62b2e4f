"""The source tree as the architecture tests read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

SRC = ROOT / "src" / "numaru"


def python_files(*below: str) -> list[Path]:
    """Every module of the product, migrations left out."""
    start = SRC.joinpath(*below)
    return sorted(p for p in start.rglob("*.py") if "migrations" not in p.parts)


def templates() -> list[Path]:
    return sorted(p for p in SRC.rglob("templates/**/*.*") if p.suffix in (".html", ".txt", ".svg"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def rooms() -> list[Path]:
    """Packages of domains and facilities."""
    return sorted(p.parent for kind in ("domains", "facilities") for p in (SRC / kind).glob("*/__init__.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Full names of the product's modules that a file imports, with the line; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("numaru"):
                    yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("numaru"):
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def at(path: Path, line: int = 0) -> str:
    """``path:line`` from the root, for messages."""
    return f"{path.relative_to(ROOT)}" + (f":{line}" if line else "")
