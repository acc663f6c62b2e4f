"""The text of a document of consent: its hash, and what differs between two versions, line by line."""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from dataclasses import dataclass


def clean(text: str) -> str:
    """A text as it is kept: one form of Unicode, one kind of line end, nothing at the ends of lines."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def text_hash(ko: str, en: str) -> str:
    """SHA-256 over both languages, as hex: the Korean text, a NUL, the English one, each cleaned.

    >>> text_hash("가", "a") == text_hash("가 ", "a\\r\\n"), text_hash("가", "a") == text_hash("가a", "")
    (True, False)
    """
    return hashlib.sha256(f"{clean(ko)}\0{clean(en)}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison. ``kind``: same | added | gone | skipped (``text`` is then how many lines)."""

    kind: str
    text: str


def difference(before: str, after: str, around: int = 2) -> list[Line]:
    """What changed, with ``around`` lines of what stayed; equal texts give nothing.

    >>> [(line.kind, line.text) for line in difference("a\\nb\\nc\\nd", "a\\nB\\nc\\nd", 1)]
    [('same', 'a'), ('gone', 'b'), ('added', 'B'), ('same', 'c'), ('skipped', '1')]
    """
    old, new = clean(before).split("\n"), clean(after).split("\n")
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    ops = matcher.get_opcodes()
    if all(op[0] == "equal" for op in ops):
        return []
    for n, (op, a, b, c, d) in enumerate(ops):
        if op == "equal":
            head = 0 if n == 0 else around
            tail = 0 if n == len(ops) - 1 else around
            if b - a <= head + tail:
                found += (Line("same", line) for line in old[a:b])
                continue
            found += (Line("same", line) for line in old[a : a + head])
            found.append(Line("skipped", str(b - a - head - tail)))
            found += (Line("same", line) for line in old[b - tail : b])
            continue
        found += (Line("gone", line) for line in old[a:b])
        found += (Line("added", line) for line in new[c:d])
    return found
