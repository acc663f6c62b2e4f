"""Finding in the manual: every word must stand in the section or in its titles; titles weigh more than text.

Korean needs no analyser on a few hundred short sections: a word is looked for as it is, and once more without its last syllable or two,
because particles and endings stand there (``청구서를`` finds ``청구서``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

from numaru.faces.console.help.manual import Entry, shelf
from numaru.ui.help import PREFIX

MOST = 20
AROUND = 60  # characters of text before the first word that was found
_HANGUL = re.compile(r"^[가-힣]{3,}$")


@dataclass(frozen=True, slots=True)
class Place:
    """A section as it is searched."""

    entry: Entry
    title: str
    anchor: str
    text: str
    page: str
    head: str
    body: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that was found; ``said`` is a line of it with the words marked."""

    page: str
    title: str
    url: str
    said: SafeString
    lang: str


def fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


@cache
def index(root: Path, lang: str) -> tuple[Place, ...]:
    """Every section of the manual, folded. Built once per process and language."""
    out = []
    for entry in shelf(root, lang).entries:
        for section in entry.paper.sections:
            if section.title or section.text.strip():
                text = re.sub(r"\s+", " ", section.text).strip()
                head = fold(section.title)
                out.append(Place(entry, section.title, section.anchor, text, fold(f"{entry.title} {entry.said}"), head, fold(text)))
    return tuple(out)


def shapes(word: str) -> Iterator[tuple[str, float]]:
    """A word and what may be left of it without a particle, with its weight.

    >>> list(shapes("청구서를"))
    [('청구서를', 1.0), ('청구서', 0.6), ('청구', 0.4)]
    >>> list(shapes("bill")), list(shapes("청구"))
    ([('bill', 1.0)], [('청구', 1.0)])
    """
    yield word, 1.0
    if _HANGUL.match(word):
        for cut, weight in ((1, 0.6), (2, 0.4)):
            if len(word) - cut >= 2:
                yield word[:-cut], weight


def _weight(place: Place, word: str) -> tuple[float, str]:
    """How well a word fits a section, and the shape that did; (0, "") when it does not."""
    for shape, weight in shapes(word):
        found = 0.0
        if shape in place.page:
            found += 6.0 if place.anchor else 9.0
        if shape in place.head:
            found += 5.0
        found += min(place.body.count(shape), 4)
        if found:
            return found * weight, shape
    return 0.0, ""


def find(root: Path, lang: str, q: str) -> list[Hit]:
    """The best sections for ``q``, best first."""
    words = fold(q).split()[:8]
    found: list[tuple[float, int, Place, list[str]]] = []
    for n, place in enumerate(index(root, lang)):
        weights = [_weight(place, word) for word in words]
        if words and all(weight for weight, _ in weights):
            found.append((-sum(weight for weight, _ in weights), n, place, [shape for _, shape in weights]))
    return [_hit(place, marked) for _, _, place, marked in sorted(found, key=lambda one: one[:2])[:MOST]]


def _hit(place: Place, words: list[str]) -> Hit:
    url = place.entry.url + (f"#{PREFIX}{place.anchor}" if place.anchor else "")
    return Hit(place.entry.title, place.title, url, _line(place, words), place.entry.lang)


def _line(place: Place, words: list[str]) -> SafeString:
    """A piece of the text around the first word, every word marked."""
    firsts = [at for word in words if (at := place.body.find(word)) >= 0]
    start = max(0, min(firsts, default=0) - AROUND)
    if start:
        start = place.text.find(" ", start) + 1 or start
    piece = place.text[start : start + 3 * AROUND]
    out, at, folded = [], 0, fold(piece)
    if len(folded) != len(piece):
        folded = piece.lower()
    for mark in re.finditer("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), folded):
        out += [escape(piece[at : mark.start()]), f"<mark>{escape(piece[mark.start() : mark.end()])}</mark>"]
        at = mark.end()
    out.append(escape(piece[at:]))
    return mark_safe(("… " if start else "") + "".join(out) + (" …" if start + 3 * AROUND < len(place.text) else ""))
