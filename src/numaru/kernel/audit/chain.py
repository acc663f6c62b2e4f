"""The hash of a block, and the last one. Pure but for :func:`last`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from numaru.kernel.audit.head import Head, instant
from numaru.kernel.audit.models import Block

START = bytes(32)  # what the first block follows


def block_hash(
    chain: str, number: int, form: int, first: int, last: int, at: datetime, marks: dict[str, Any], previous: bytes, seals: bytes
) -> bytes:
    """SHA-256 over a header (JSON, sorted) and SHA-256 of the seals' hashes one after the other."""
    header = json.dumps(
        {"chain": chain, "number": number, "form": form, "first": first, "last": last, "at": instant(at), "marks": marks, "previous": previous.hex()},
        sort_keys=True,
    )  # fmt: skip
    return hashlib.sha256(header.encode() + hashlib.sha256(seals).digest()).digest()


def last() -> Block | None:
    return Block.objects.order_by("-number").first()


def head_of(block: Block) -> Head:
    return Head(block.chain, block.number, block.last, bytes(block.hash).hex(), instant(block.at))


def head() -> Head | None:
    """The head of the chain as the database has it; None before the first block."""
    block = last()
    return head_of(block) if block else None


def noted(con: Any) -> dict[str, Any] | None:
    """The same on a given connection of psycopg: the head in the snapshot of a backup, which its sealed contents keep."""
    row = con.execute("SELECT chain, number, last, hash, at FROM audit_block ORDER BY last DESC LIMIT 1").fetchone()
    return asdict(Head(row[0], row[1], row[2], bytes(row[3]).hex(), instant(row[4]))) if row else None
