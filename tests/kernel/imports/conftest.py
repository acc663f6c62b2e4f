"""Two kinds of import that write nothing, so that the machinery is tested without a room above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from numaru.kernel.access import Actor
from numaru.kernel.duck import connection
from numaru.kernel.imports.api import RUN_START, Applied, FieldSpec, Mapping, Stage, kinds, read_mapping
from numaru.kernel.imports.source import Source
from numaru.values.finding import Finding
from numaru.values.text import Text


def _field(name: str, kind: str, required: bool = False, digits: int = 18) -> FieldSpec:
    return FieldSpec(name, kind, Text(name, name), required, digits)


class Counting:
    """Counts the good rows. It remembers nothing between runs, so it can be applied any number of times."""

    def __init__(self, key: str, fields: tuple[FieldSpec, ...]) -> None:
        self.key = key
        self.name = Text(key, key)
        self.fields = fields
        self.sections = frozenset({"offer", "subscribers"})
        self.permission = RUN_START
        self.meanwhile: Callable[[], object] = lambda: None  # what somebody else does while the rows are checked

    def read_mapping(self, mapping: Mapping) -> list[Finding]:
        return []

    def check(self, stage: Stage) -> None:
        self.meanwhile()

    def apply(self, stage: Stage, actor: Actor, dry: bool) -> Applied:
        return Applied(stage.good_rows, 0, {"dry": dry})


CONTRACTS = Counting(
    "test-contracts",
    (
        _field("external_id", "text", True),
        _field("offer", "text"),
        _field("price", "decimal"),
        _field("started", "date", True),
        _field("ended", "date"),
    ),
)
EVENTS = Counting(
    "test-events",
    (
        _field("event_id", "text", True), _field("subject", "text", True), _field("meter", "text", True), _field("at", "instant", True),
        _field("quantity", "decimal", True, 19), _field("amount", "decimal"), _field("currency", "text"),
    ),
)  # fmt: skip
for _kind in (CONTRACTS, EVENTS):
    if _kind.key not in kinds:
        kinds.add(_kind.key, _kind)

HEAD = """
[import]
kind = "test-contracts"
[service]
slug = "s"
zone = "Asia/Seoul"
currency = "KRW"
"""
FIELDS = """
[fields.external_id]
column = "id"
unique = true
[fields.price]
column = "price"
min = "0"
[fields.started]
column = "start"
"""


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """``staged(content, mapping, name)``: the stage after loading a file with these bytes through this mapping."""
    opened = connection()
    con = opened.__enter__()
    count = 0

    def load(content: bytes | Path, mapping: str, name: str = "file.csv") -> Stage:
        nonlocal count
        count += 1
        con.execute("DROP TABLE IF EXISTS good; DROP TABLE IF EXISTS findings")
        path = content if isinstance(content, Path) else tmp_path / f"{count}-{name}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        read = read_mapping(mapping, "test")
        stage = Stage(con, read)
        stage.load(Source(path, read.source))
        return stage

    yield load
    opened.__exit__(None, None, None)


def told(stage: Stage) -> list[tuple[int | None, str | None, str]]:
    """(row, field, code) of the findings."""
    return [(f.row, f.field, f.code) for f in stage.findings()]


def rows(stage: Stage, columns: str) -> list[tuple[object, ...]]:
    return stage.con.execute(f"SELECT {columns} FROM good ORDER BY row").fetchall()
