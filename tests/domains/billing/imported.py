"""Running an import in a test the way the command does: a file, a mapping, the card that comes back."""

from __future__ import annotations

import hashlib
from pathlib import Path

from numaru.kernel.access import Actor
from numaru.kernel.imports import api as imports
from numaru.values.finding import Finding

HOUSE = Actor.system("test")


def bring(folder: Path, content: str, mapping: str, *, dry: bool = False, actor: Actor = HOUSE) -> imports.ImportCard:
    """Import ``content`` through ``mapping``. The kind is read from the mapping."""
    path = folder / f"{hashlib.sha256(content.encode()).hexdigest()[:12]}.csv"
    path.write_text(content, encoding="utf-8")
    kind = imports.read_mapping(mapping, "map.toml").kind.key
    card = imports.start.do(
        actor, kind=kind, file_name=path.name, sha256=imports.sha256_of(path), mapping_name="map.toml", mapping_text=mapping, dry=dry
    )
    return imports.execute(card.number, path)


def told(card: imports.ImportCard) -> list[tuple[int | None, str | None, str]]:
    """(row, field, code) of the findings."""
    return [(f.row, f.field, f.code) for f in findings(card)]


def findings(card: imports.ImportCard) -> list[Finding]:
    return imports.first_findings(card.number)


def figures(card: imports.ImportCard) -> tuple[str, int, int, int, int]:
    """(state, rows, accepted, unchanged, refused)."""
    return card.state, card.rows_read, card.accepted, card.unchanged, card.refused
