"""docs/security.md keeps its word: each file and each test that it names exists, and the ASVS list says a state for every item."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|src|docs)/[^`\s]+)`", PAGE)))
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| [\d., ]+ \|", line)]
# How many items of levels 1 and 2 each chapter of version 5.0.0 has; V9, V10 and V17 are answered as a whole.
ITEMS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16}


@pytest.mark.parametrize("named", NAMED)
def test_what_the_page_names_exists(named: str) -> None:
    path, _, test = named.partition("::")
    assert (ROOT / path).exists(), path
    if test:
        tree = ast.parse((ROOT / path).read_text())
        assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, named


def test_every_item_has_a_state_and_what_is_met_has_a_place() -> None:
    assert len(NAMED) > 80
    seen: dict[int, list[str]] = {}
    for items, words, state, place in ROWS:
        assert words and state in ("met", "partly", "not", "n/a"), items
        assert state == "n/a" or place, items
        for item in items.split(", "):
            seen.setdefault(int(item.partition(".")[0]), []).append(item)
    assert all(len(items) == len(set(items)) for items in seen.values())
    assert {chapter: len(items) for chapter, items in seen.items() if chapter in ITEMS} == ITEMS


def test_the_short_page_points_here() -> None:
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text()
