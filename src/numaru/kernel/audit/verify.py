"""Checking the chain: every sealed row against its seal, every block against the one before it, the last one against the head outside.

What is found is named: a row that was changed, removed, put in later or moved; a seal that is missing or was added; a block that was
rewritten; a chain that was cut or is another. Rows whose payload a retention rule destroyed are counted, not found. Streams: memory does
not grow with the chain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from numaru.kernel import clock
from numaru.kernel.audit import chain
from numaru.kernel.audit import head as heads
from numaru.kernel.audit.models import Block, Verification
from numaru.kernel.audit.seal import lag, unsealed
from numaru.kernel.audit.sources import SOURCES, Source
from numaru.values.text import Text

STEP = 50_000  # positions looked at by one query
NAMED = 50  # findings that are named; beyond them they are counted
COMPARED = 60  # failing rows of one step that are tried in each other's places

WORDS: dict[str, Text] = {
    "changed": Text("내용이 바뀌었습니다", "was changed"),
    "removed": Text("지워졌습니다", "was removed"),
    "inserted": Text("나중에 끼워 넣었습니다", "was put in later"),
    "reordered": Text("다른 기록의 자리에 있습니다", "stands in the place of another"),
    "unsealed": Text("봉인이 지워졌습니다", "lost its seal"),
    "seal_added": Text("사슬에 없는 봉인입니다", "has a seal that no block holds"),
    "block": Text("블록이 고쳐졌습니다", "block was rewritten"),
    "missing_block": Text("블록이 없습니다", "block is missing"),
    "truncated": Text("사슬이 잘렸습니다. 바깥의 머리가 더 앞서 있습니다", "the chain was cut: the head outside is ahead"),
    "rewritten": Text("사슬이 다시 쓰였습니다. 바깥의 머리와 다릅니다", "the chain was rewritten: the head outside differs"),
    "no_head": Text("바깥의 머리 파일이 없습니다", "the head file outside is gone"),
    "blanked": Text("보존 규칙 없이 내용이 지워졌습니다", "was blanked without a rule"),
}
TABLES = {"r": Text("감사 기록", "audit record"), "o": Text("열람 기록", "opening"), "d": Text("파기 기록", "destruction")}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``source`` and ``row`` name the row, ``position`` its place; 0 or empty where there is none."""

    kind: str
    position: int = 0
    source: str = ""
    row: int = 0
    block: int = 0
    detail: str = ""

    @property
    def text(self) -> Text:
        what = WORDS[self.kind]
        if self.source:
            name = Text("{t} {id}", "{t} {id}").fill(t=TABLES[self.source], id=self.row)
        elif self.position:
            name = Text("자리 {p}", "position {p}").fill(p=self.position)
        else:
            name = Text("블록 {b}", "block {b}").fill(b=self.block)
        return Text("{name}: {what}", "{name}: {what}").fill(name=name, what=what)


@dataclass(slots=True)
class Report:
    """What a check saw. ``good`` is true when nothing is wrong; rows that wait for their seal are a lag, not a fault."""

    at: datetime
    since: datetime | None = None
    blocks: int = 0
    records: int = 0
    destroyed: int = 0
    problems: int = 0
    faults: list[Fault] = field(default_factory=list)
    accepted: int = 0  # times that a person took the chain as it stood
    unsealed: int = 0
    oldest: float = 0.0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.problems == 0

    def add(self, fault: Fault) -> None:
        self.problems += 1
        if len(self.faults) < NAMED:
            self.faults.append(fault)

    def as_dict(self) -> dict[str, Any]:
        return {
            "good": self.good,
            "at": self.at.isoformat(),
            "since": self.since.isoformat() if self.since else None,
            "blocks": self.blocks,
            "records": self.records,
            "destroyed_by_rule": self.destroyed,
            "problems": self.problems,
            "faults": [asdict(f) | {"ko": f.text.ko, "en": f.text.en} for f in self.faults],
            "accepted": self.accepted,
            "unsealed": self.unsealed,
            "oldest_unsealed_seconds": round(self.oldest, 3),
            "seconds": round(self.seconds, 3),
        }


def verify(since: datetime | None = None, told: Callable[[int], None] | None = None) -> Report:
    """Check the blocks closed after ``since`` (all without it), the head and the journal outside, and state the lag. Changes nothing.

    ``told`` hears after each step how many positions were looked at.
    """
    started = time.monotonic()
    report = Report(clock.now(), since)
    first = Block.objects.filter(at__gte=since).order_by("number").values_list("number", flat=True).first() if since else 1
    end = chain.last()
    if end is not None and first is not None:
        before = Block.objects.filter(number=first - 1).first() if first > 1 else None
        rows = Block.objects.filter(number__gte=first, number__lte=end.number).order_by("number").iterator(chunk_size=500)
        _walk(report, before, first, rows, told)
        _outside_the_blocks(report, before.last if before else 0, end)
        _inserted(report, before, end)
    _outside(report, end, full=since is None)
    report.unsealed, report.oldest = lag()
    report.seconds = time.monotonic() - started
    return report


def _walk(report: Report, before: Block | None, number: int, rows: Iterable[Block], told: Callable[[int], None] | None) -> None:
    group: list[Block] = []
    for block in rows:
        while number < block.number:
            report.add(Fault("missing_block", block=number))
            number += 1
            before = None
        number += 1
        first, follows = (1, chain.START) if block.number == 1 else (before.last + 1, bytes(before.hash)) if before else (block.first, None)
        if block.first != first or (follows is not None and bytes(block.previous) != follows):
            report.add(Fault("block", block=block.number, detail="previous"))
        before = block
        group.append(block)
        if block.last - group[0].first >= STEP:
            _step(report, group, told)
            group = []
    if group:
        _step(report, group, told)


def _step(report: Report, group: list[Block], told: Callable[[int], None] | None) -> None:
    low, high = group[0].first, max(b.last for b in group)
    for source in SOURCES.values():
        _rows(report, source, low, high)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.number, t.n, t.seals FROM audit_block b CROSS JOIN LATERAL (SELECT count(*) AS n,"
            " string_agg(s.hash, ''::bytea ORDER BY s.position) AS seals FROM audit_seal s WHERE s.position BETWEEN b.first AND b.last) t"
            " WHERE b.number BETWEEN %s AND %s",
            [group[0].number, group[-1].number],
        )
        found = {number: (n, bytes(seals or b"")) for number, n, seals in cursor.fetchall()}
    for block in group:
        n, seals = found.get(block.number, (0, b""))
        if n != block.last - block.first + 1:
            _holes(report, block)
        made = chain.block_hash(
            block.chain, block.number, block.form, block.first, block.last, block.at, block.marks, bytes(block.previous), seals
        )
        if made != bytes(block.hash):
            report.add(Fault("block", block=block.number))
        report.blocks += 1
        report.records += n
    if told:
        told(report.records)


def _rows(report: Report, source: Source, low: int, high: int) -> None:
    """Compare the rows of one source sealed at [low, high] with their seals."""
    payload = "s.payload" if not source.blank else source.payload_hash("x")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(row), max(row) FROM audit_seal WHERE position BETWEEN %s AND %s AND source = %s", [low, high, source.key]
        )
        least, most = cursor.fetchone()
        if least is None:
            return
        cursor.execute(
            f"SELECT s.position, s.row, x.id IS NULL, {source.row_hash('x', 's.position', 's.payload')} = s.hash, {source.is_blank('x')},"
            f" EXISTS (SELECT 1 FROM audit_destruction d WHERE d.source = s.source AND d.upto >= s.row AND d.before > x.at)"
            f" FROM audit_seal s LEFT JOIN {source.table} x ON x.id = s.row AND x.id BETWEEN %s AND %s"
            f" WHERE s.position BETWEEN %s AND %s AND s.source = %s"
            f" AND (x.id IS NULL OR {payload} <> s.payload OR {source.row_hash('x', 's.position', 's.payload')} <> s.hash) ORDER BY s.position",
            [least, most, low, high, source.key],
        )
        wrong: list[tuple[int, int]] = []
        for position, row, gone, core, blank, ruled in cursor.fetchall():
            if gone:
                report.add(Fault("removed", position, source.key, row))
            elif core and blank and ruled:
                report.destroyed += 1
            elif core and blank:
                report.add(Fault("blanked", position, source.key, row))
            else:
                wrong.append((position, row))
    moved = _moved(source, wrong[:COMPARED])
    for position, row in wrong:
        belongs = moved.get(position)
        report.add(
            Fault("reordered", position, source.key, row, detail=f"belongs at {belongs}")
            if belongs
            else Fault("changed", position, source.key, row)
        )


def _moved(source: Source, wrong: list[tuple[int, int]]) -> dict[int, int]:
    """Failing rows that would be whole at the place of another one: position → the position they belong at."""
    if len(wrong) < 2:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.position, b.position FROM audit_seal a JOIN {source.table} x ON x.id = a.row CROSS JOIN audit_seal b"
            f" WHERE a.source = %s AND b.source = %s AND a.position = ANY(%s) AND b.position = ANY(%s) AND a.position <> b.position"
            f" AND (b.hash = {source.row_hash('x', 'b.position', source.payload_hash('x'), 'b.row')}"  # contents changed places
            f" OR a.hash = {source.row_hash('x', 'b.position', source.payload_hash('x'))})",  # seals changed places
            [source.key, source.key, [p for p, _ in wrong], [p for p, _ in wrong]],
        )
        return dict(cursor.fetchall())


def _holes(report: Report, block: Block) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n FROM generate_series(%s::bigint, %s::bigint) n WHERE NOT EXISTS (SELECT 1 FROM audit_seal WHERE position = n) ORDER BY n LIMIT %s",
            [block.first, block.last, NAMED],
        )
        for (position,) in cursor.fetchall():
            report.add(Fault("unsealed", position, block=block.number))


def _outside_the_blocks(report: Report, low: int, end: Block) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, source, row FROM audit_seal WHERE position > %s OR position < 1 ORDER BY position LIMIT %s", [end.last, NAMED]
        )
        for position, source, row in cursor.fetchall():
            report.add(Fault("seal_added", position, source, row))


def _inserted(report: Report, before: Block | None, end: Block) -> None:
    """Rows below the settled mark without a seal: no action can have brought them."""
    for key, source in SOURCES.items():
        low, mark = (int(before.marks[key]) if before else 0), int(end.marks[key])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT x.id FROM {source.table} x WHERE x.id > %s AND x.id <= %s AND {unsealed(source)} ORDER BY x.id LIMIT %s",
                [low, mark, low, NAMED],
            )
            for (row,) in cursor.fetchall():
                report.add(Fault("inserted", 0, key, row))


def _outside(report: Report, end: Block | None, *, full: bool) -> None:
    """The chain in the database beside what stands outside it: the head, and in a full check every line of the journal."""
    there = heads.read()
    if there is None:
        if end is not None:
            report.add(Fault("no_head", block=end.number))
        return
    if end is None or there.number > end.number:
        report.add(Fault("truncated", block=there.number, detail=f"database ends at {end.number if end else 0}"))
    else:
        same = Block.objects.filter(number=there.number).values_list("chain", "hash").first()
        if same is None or same[0] != there.chain or bytes(same[1]).hex() != there.hash:
            report.add(Fault("rewritten", block=there.number))
    if not full:
        return
    report.accepted = sum("accepted" in line and not line.get("resumed") for line in heads.journal())
    lines: list[dict[str, Any]] = []
    for line in heads.binding():
        lines.append(line)
        if len(lines) >= 1000:
            _journal(report, lines, there)
            lines = []
    _journal(report, lines, there)


def _journal(report: Report, lines: list[dict[str, Any]], there: heads.Head) -> None:
    wanted = {line["number"]: line for line in lines if line.get("number")}
    known = {n: (c, bytes(h).hex()) for n, c, h in Block.objects.filter(number__in=wanted).values_list("number", "chain", "hash")}
    for number, line in sorted(wanted.items()):
        if number > there.number or known.get(number) == (line["chain"], line["hash"]):
            continue
        if number in known:
            report.add(Fault("rewritten", block=number, detail="journal"))
            return  # every later line differs as well


def keep(report: Report) -> Verification:
    """Put a check on record; the screens and the health page show the latest."""
    return Verification.objects.create(
        at=report.at, since=report.since, full=report.since is None, blocks=report.blocks, records=report.records, destroyed=report.destroyed,
        problems=report.problems, findings=[asdict(f) for f in report.faults], unsealed=report.unsealed, oldest=report.oldest, seconds=report.seconds,
    )  # fmt: skip


def last_day() -> Report:
    """A check of what was sealed within a day and a little more."""
    return verify(clock.now() - timedelta(hours=25))
