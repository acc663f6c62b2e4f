"""docs/roles.md is the table of what the shipped roles may do: it equals what the rooms register, cell by cell."""

from __future__ import annotations

import re

from numaru.kernel.access import ROLES, permissions
from tests.conftest import ROOT

ROLES_MD = ROOT / "docs" / "roles.md"


def written() -> tuple[list[str], dict[str, list[str]]]:
    """The roles in the head of the table, and the cells of each permission's row after its two names."""
    rows = [
        [c.strip() for c in line.strip().strip("|").split("|")]
        for line in ROLES_MD.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    head, cells = rows[0], {r[0].strip("`"): r[1:] for r in rows[2:]}
    return [re.sub(r".*`(.+)`.*", r"\1", c) for c in head[3:]], cells


def test_the_table_names_the_shipped_roles_in_their_order() -> None:
    assert written()[0] == list(ROLES)


def test_every_cell_is_what_the_rooms_registered() -> None:
    _, cells = written()
    wanted = {
        name: [p.text.ko, p.text.en, *("●" if role in p.roles else "" for role in ROLES)]
        for name, p in permissions
        if not name.startswith("test.")
    }
    assert cells == wanted, "write it anew: ./numaru manage roles > docs/roles.md"
