"""The hash of a block, and the last one. Pure but for :func:`last`."""

from __future__ import annotations

import hashlib
import json
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
    """The head of the chain as the database has it; None before the first block. What a backup notes in its manifest."""
    block = last()
    return head_of(block) if block else None
