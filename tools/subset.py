"""A part of Tabler's style sheet: the rules whose every class is one that we use. By hand it would drift, so it is computed.

A selector stays when each of its classes stands in :data:`CLASSES` (a selector without classes, the reset of elements, stays); custom
properties stay when something that stays, or a style sheet of ours, asks for them; key frames when an animation names them. The order is
that of the original and nothing is rewritten, so the same release always gives the same bytes.

A class of Tabler that a page begins to use is added here, and the sheet is made again: ``python tools/vendor.py tabler``.
"""

from __future__ import annotations

import re

CLASSES = frozenset(
    """
    active btn btn-close btn-danger btn-ghost btn-icon btn-link btn-primary btn-sm disabled form-check form-check-input form-check-label
    form-control form-label form-select icon input-group is-invalid show table visually-hidden visually-hidden-focusable was-validated
    """.split()  # noqa: SIM905
)
NAMED = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
ASKED = re.compile(r"var\(\s*(--[\w-]+)")


def blocks(text: str) -> list[tuple[str, str | None]]:
    """The statements of a style sheet in order: (head, body), with a body of None for one that ends in a semicolon."""
    out: list[tuple[str, str | None]] = []
    at = 0
    while True:
        stop = _find(text, at, "{;")
        if stop < 0:
            return out
        head = text[at:stop].strip()
        if text[stop] == ";":
            out.append((head, None))
            at = stop + 1
            continue
        end = _close(text, stop + 1)
        out.append((head, text[stop + 1 : end]))
        at = end + 1


def _find(text: str, at: int, wanted: str) -> int:
    """The place of the first of ``wanted`` outside strings and parentheses; -1 when there is none."""
    quote, depth = "", 0
    while at < len(text):
        c = text[at]
        if quote:
            if c == "\\":
                at += 1
            elif c == quote:
                quote = ""
        elif c in "\"'":
            quote = c
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif depth <= 0 and c in wanted:
            return at
        at += 1
    return -1


def _close(text: str, at: int) -> int:
    """The place of the brace that closes the block which began before ``at``."""
    depth = 1
    while True:
        at = _find(text, at, "{}")
        depth += 1 if text[at] == "{" else -1
        if not depth:
            return at
        at += 1


def split(text: str, by: str) -> list[str]:
    """``text`` at each ``by`` outside strings and parentheses."""
    out, at = [], 0
    while (stop := _find(text, at, by)) >= 0:
        out.append(text[at:stop])
        at = stop + 1
    return [*out, text[at:]]


def _kept(text: str) -> str:
    """The rules whose classes are ours, with all their declarations."""
    out = []
    for head, body in blocks(text):
        if body is None:
            out.append(f"{head};")
        elif head.startswith(("@media", "@supports", "@layer")):
            inner = _kept(body)
            if inner:
                out.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            out.append(f"{head}{{{body}}}")
        else:
            selectors = [s for s in split(head, ",") if set(NAMED.findall(s)) <= CLASSES]
            if selectors and body:
                out.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(out)


def _declared(text: str, wanted: set[str], animations: set[str]) -> str:
    """Without the custom properties that nobody asks for and the key frames that nobody names."""
    out = []
    for head, body in blocks(text):
        if body is None:
            out.append(f"{head};")
        elif head.startswith(("@media", "@supports", "@layer")):
            inner = _declared(body, wanted, animations)
            if inner:
                out.append(f"{head}{{{inner}}}")
        elif head.startswith("@keyframes"):
            if head.split()[1] in animations:
                out.append(f"{head}{{{body}}}")
        elif head.startswith("@property"):
            if head.split()[1] in wanted:
                out.append(f"{head}{{{body}}}")
        elif head.startswith("@"):
            out.append(f"{head}{{{body}}}")
        else:
            kept = [d for d in split(body, ";") if d.strip() and (not d.lstrip().startswith("--") or d.split(":")[0].strip() in wanted)]
            if kept:
                out.append(f"{head}{{{';'.join(kept)}}}")
    return "".join(out)


def subset(sheet: str, ours: str) -> str:
    """``sheet`` reduced to what we use; ``ours`` are our own style sheets, which may ask for its custom properties."""
    notice = "".join(re.findall(r"/\*!.*?\*/", sheet, re.S)[:1])
    kept = _kept(re.sub(r"/\*.*?\*/|@charset [^;]+;", "", sheet, flags=re.S))
    while True:  # a property that stays may ask for another
        wanted = set(ASKED.findall(kept)) | set(ASKED.findall(ours))
        animations = set(re.findall(r"[\w-]+", " ".join(re.findall(r"animation(?:-name)?:([^;}]+)", kept))))
        smaller = _declared(kept, wanted, animations)
        if smaller == kept:
            return f'@charset "UTF-8";{notice}\n{kept}\n'
        kept = smaller
