"""The shelf: the pages of the manual in the reader's language, and the papers behind it. Read once per process and language.

The order of the manual is that of the table in its README; a page that stands in no table comes last. Headings carry the anchors of the
English page in every language, so a link into a chapter holds in both.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse

from numaru.faces.console.help import paper
from numaru.faces.console.help.paper import Paper
from numaru.ui.help import PREFIX
from numaru.values.text import LANGUAGES, Text

FIRST = "README"
BACKGROUND: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("낱말과 권한", "Words and rights"), ("docs/glossary.md", "docs/roles.md", "docs/policies.md")),
    (Text("약속한 것", "What is promised"), ("docs/accessibility*.md", "docs/security.md", "SECURITY.md", "docs/demo.md")),
    (Text("하루", "Days"), ("docs/days/*.md",)),
    (Text("계산", "Calculations"), ("docs/algorithms/*.md",)),
    (Text("왜 이렇게 정했는가", "Why it was decided so"), ("docs/decisions/*.md",)),
)
_ROW = re.compile(r"^\|\s*\[([^\]]+)\]\(([\w-]+)\.md\)\s*\|\s*(.*?)\s*\|\s*$", re.M)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page on the shelf. ``lang`` is the language it is written in; ``said`` what it is for."""

    name: str
    title: str
    said: str
    paper: Paper
    lang: str

    @property
    def url(self) -> str:
        return reverse("help:page", args=[self.name])


@dataclass(frozen=True, slots=True)
class Background:
    """A paper behind the manual: a decision, the glossary. Written once, in English unless it says otherwise."""

    name: str
    title: str
    path: Path

    @property
    def lang(self) -> str:
        return "ko" if self.path.name.endswith(".ko.md") else "en"

    @property
    def url(self) -> str:
        return reverse("help:background", args=[self.name])


@dataclass(frozen=True)
class Shelf:
    """The manual in one language. Empty when the installation came without its folder."""

    lang: str
    entries: Sequence[Entry]
    preface: Paper | None

    def get(self, name: str) -> Entry | None:
        return next((e for e in self.entries if e.name == name), None)

    def beside(self, name: str) -> tuple[Entry | None, Entry | None]:
        """The pages before and after one."""
        at = next((n for n, e in enumerate(self.entries) if e.name == name), -1)
        before = self.entries[at - 1] if at > 0 else None
        return before, self.entries[at + 1] if 0 <= at < len(self.entries) - 1 else None


@cache
def shelf(root: Path, lang: str) -> Shelf:
    """The manual under ``root`` for a reader of ``lang``; a page that this language lacks comes in the other."""
    folder = root / "docs" / "manual"
    languages = [lang, *(code for code in LANGUAGES if code != lang)]
    table = {code: _table(folder / code / f"{FIRST}.md") for code in languages}
    written = {path.stem for code in languages for path in (folder / code).glob("*.md")} - {FIRST}
    named = [name for name in table[lang] if name in written]
    entries = []
    for name in [*named, *sorted(written - set(named))]:
        code = next(code for code in languages if (folder / code / f"{name}.md").is_file())
        read = _read(root, folder / code / f"{name}.md", anchors=_anchors(folder, name))
        title, said = table[code].get(name, (read.title, ""))
        entries.append(Entry(name, title, said, read, code))
    first = folder / lang / f"{FIRST}.md"
    return Shelf(lang, tuple(entries), _read(root, first, without_table=True) if first.is_file() else None)


def _table(path: Path) -> dict[str, tuple[str, str]]:
    """name → (title, what for) from the table of a README."""
    if not path.is_file():
        return {}
    return {name: (title, said) for title, name, said in _ROW.findall(path.read_text(encoding="utf-8"))}


def _anchors(folder: Path, name: str) -> list[str] | None:
    english = folder / "en" / f"{name}.md"
    return paper.headings(english.read_text(encoding="utf-8")) if english.is_file() else None


def _read(root: Path, path: Path, *, anchors: list[str] | None = None, without_table: bool = False) -> Paper:
    source = path.read_text(encoding="utf-8")
    if without_table:
        source = re.sub(r"^\|.*\n", "", source, flags=re.M)
    return paper.read(source, lambda href: follow(root, path.relative_to(root), href), anchors)


@cache
def background(root: Path) -> dict[str, Background]:
    """Every paper behind the manual, by its name in the address."""
    out = {}
    for _, patterns in BACKGROUND:
        for path in (found for pattern in patterns for found in sorted(root.glob(pattern))):
            name = str(path.relative_to(root).with_suffix("")).removeprefix("docs/").lower()
            first = next((line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")), f"# {path.stem}")
            out[name] = Background(name, first[2:].strip(), path)
    return out


@cache
def groups(root: Path) -> list[tuple[Text, list[Background]]]:
    """The papers in their groups; a group without papers is left out."""
    every = background(root)
    out = []
    for head, patterns in BACKGROUND:
        paths = [found for pattern in patterns for found in sorted(root.glob(pattern))]
        if paths:
            out.append((head, [one for one in every.values() if one.path in paths]))
    return out


@cache
def paper_of(root: Path, one: Background) -> Paper:
    return _read(root, one.path)


def follow(root: Path, source: Path, href: str) -> str | None:
    """Where a link of the file ``source`` (from the root) leads inside the house; None when that is not shown here."""
    target, _, anchor = href.partition("#")
    if not target:
        return f"#{PREFIX}{anchor}" if anchor else None
    path = Path(posixpath.normpath(posixpath.join(source.parent.as_posix(), target)))
    parts = path.parts
    if parts[:2] == ("docs", "manual") and len(parts) == 4 and path.suffix == ".md":
        if path.stem == FIRST:
            return reverse("help:index")
        if not (root / path).is_file():
            return None
        return reverse("help:page", args=[path.stem]) + _shared(root, path, anchor)
    known = next((one for one in background(root).values() if one.path == root / path), None)
    return known.url + (f"#{PREFIX}{anchor}" if anchor else "") if known else None


def _shared(root: Path, path: Path, anchor: str) -> str:
    """The anchor of the English page for the anchor of this one."""
    if not anchor:
        return ""
    own = paper.headings((root / path).read_text(encoding="utf-8"))
    shared = _anchors(root / "docs" / "manual", path.stem) or own
    return f"#{PREFIX}{dict(zip(own, shared, strict=False)).get(anchor, anchor)}"
