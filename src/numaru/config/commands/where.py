"""``./numaru where WORD``: the place where a thing is decided, as file:line.

Looks through the "Where is X decided" tables of the packages' README.md files, the glossary and the titles of the decision pages. A test
resolves every symbol of those tables, so what is printed exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from numaru.config.home import ROOT
from numaru.config.words import Stop, say
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: where it stands, its question and the places it names."""

    file: Path
    line: int
    question: str
    places: tuple[str, ...]


def decided(root: Path = ROOT) -> Iterator[Row]:
    """Every row of every "Where is X decided" table. A table begins at a header cell that says so; its last cell names the places in backquotes."""
    for readme in sorted((root / "src" / "numaru").rglob("README.md")):
        inside = False
        for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
            if not line.lstrip().startswith("|"):
                inside = False
                continue
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if re.match(r"(?i)where is .*decided|어디서 정", cells[0]):
                inside = True
            elif inside and not set(cells[0]) <= set("-: "):
                yield Row(readme, number, cells[0], tuple(re.findall(r"`([^`]+)`", cells[-1])))


def resolve(row: Row, place: str, root: Path = ROOT) -> tuple[Path, int] | None:
    """File and line of a place: ``rules/charges.py``, ``rules/charges.py:proration`` or ``rules.charges.proration``, seen from the README's
    package, from the package ``numaru`` or from the root; a name may also be a member (``Server.enter``). None when it does not exist."""
    name = place.split("(")[0].strip()
    file, _, symbol = name.partition(":")
    bases = (row.file.parent, root / "src" / "numaru", root / "src", root)
    if "/" in file or file.endswith((".py", ".md", ".toml", ".html", ".typ", ".sql")):
        found = next((base / file for base in bases if (base / file).exists()), None)
        if found is None:
            return None
        return _in_file(found, symbol.strip()) if symbol else (found, 1)
    parts = file.split(".")
    for base in bases:
        for cut in range(len(parts), 0, -1):
            for module in (base.joinpath(*parts[:cut]).with_suffix(".py"), base.joinpath(*parts[:cut], "__init__.py")):
                if module.exists():
                    rest = ".".join(parts[cut:])
                    seen = _in_file(module, rest) if rest else (module, 1)
                    if seen:
                        return seen
    return None


def _in_file(file: Path, symbol: str) -> tuple[Path, int] | None:
    """The line that defines ``symbol`` (``name`` or ``Class.member``)."""
    lines = file.read_text(encoding="utf-8").splitlines()
    start = 0
    for part in symbol.split("."):
        pattern = re.compile(
            rf"^\s*(?:async def|def|class) {re.escape(part)}\b|^\s*{re.escape(part)}\s*(?::[^=]+)?=|^\s*{re.escape(part)}\s*:"
        )
        at = next((n for n in range(start, len(lines)) if pattern.match(lines[n])), None)
        if at is None:
            return None
        start = at + 1
    return file, start


def pages(root: Path = ROOT) -> Iterator[tuple[Path, int, str]]:
    """Lines of the glossary and titles of the decision pages."""
    glossary = root / "docs" / "glossary.md"
    if glossary.exists():
        for number, line in enumerate(glossary.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("|"):
                yield glossary, number, line
    for page in sorted((root / "docs" / "decisions").glob("*.md")):
        first = (page.read_text(encoding="utf-8").splitlines() or [""])[0]
        yield page, 1, f"{first} {page.stem}"


def main(argv: list[str]) -> int:
    """Print what mentions the word, whatever its case; 1 when nothing does."""
    if not argv:
        raise Stop(Text("찾을 낱말을 적으세요: ./numaru where 낱말", "Name a word: ./numaru where WORD"), status=2)
    word = " ".join(argv).casefold()
    found = 0
    for row in decided():
        if word in f"{row.question} {' '.join(row.places)}".casefold():
            for place in row.places or ("",):
                seen = resolve(row, place) if place else None
                file, line = seen or (row.file, row.line)
                print(f"{file.relative_to(ROOT)}:{line}  {row.question}")
                found += 1
    for file, line, text in pages():
        if word in text.casefold():
            print(f"{file.relative_to(ROOT)}:{line}  {text.strip('# |').strip()}")
            found += 1
    if not found:
        say(
            Text("‘{word}’이(가) 정해진 곳을 찾지 못했습니다.", "Nothing says where “{word}” is decided.").fill(word=" ".join(argv)),
            error=True,
        )
        return 1
    return 0
