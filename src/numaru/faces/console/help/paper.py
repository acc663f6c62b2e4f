"""A Markdown file as a piece of a page: headings with anchors, tables and code that scroll by themselves, links that stay in the house.

Raw HTML in a file is shown as text. Nothing that comes out needs a style attribute or a script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from numaru.ui.help import PREFIX
from numaru.values.text import Text

_md = MarkdownIt("commonmark", {"html": False}).enable("table")
SCROLLS = Text("옆으로 넘겨 보는 표", "Table, scrolls sideways")
CODE = Text("명령 또는 글", "Command or text")

type Follow = Callable[[str], str | None]  # an address in the file → where it leads here; None when it leads nowhere


@dataclass(slots=True)
class Section:
    """What stands under one heading. ``anchor`` is empty for what comes before the first one."""

    title: str
    anchor: str
    level: int
    text: str = ""


@dataclass(slots=True)
class Paper:
    """A file that was read: its title, its sections in order, and its body without the title."""

    title: str
    html: str
    sections: list[Section] = field(default_factory=list)

    @property
    def contents(self) -> list[Section]:
        """The headings of the second level, for a list beside the text."""
        return [s for s in self.sections if s.level == 2]


def slug(heading: str) -> str:
    """A heading as an address: small letters and figures of any language with hyphens.

    >>> slug("Retention (/privacy/retention/)"), slug("Why this amount?"), slug("보류 계정")
    ('retention-privacyretention', 'why-this-amount', '보류-계정')
    """
    words = re.sub(r"[^\w\s-]", "", unicodedata.normalize("NFC", heading).lower())
    return re.sub(r"[\s_]+", "-", words.strip())


def headings(source: str) -> list[str]:
    """The slugs of every heading after the first, unique within the file."""
    tokens = _md.parse(source)
    return [anchor for anchor, _, _ in _numbered(tokens)][1:]


def _numbered(tokens: list[Token]) -> list[tuple[str, Token, str]]:
    seen: dict[str, int] = {}
    out = []
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = _plain(tokens[at + 1])
        anchor = slug(title)
        seen[anchor] = seen.get(anchor, 0) + 1
        out.append((anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}", token, title))
    return out


def _plain(token: Token) -> str:
    """The words of an inline or a code block, without marks."""
    if token.children is None:
        return token.content
    return "".join(" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children)


def read(source: str, follow: Follow, anchors: list[str] | None = None) -> Paper:
    """Read a file. ``anchors`` are the slugs to give to its headings after the title (those of another language); else its own."""
    tokens = _md.parse(source)
    numbered = _numbered(tokens)
    title = numbered[0][2] if numbered else ""
    own = [anchor for anchor, _, _ in numbered[1:]]
    given = anchors if anchors is not None and len(anchors) == len(own) else own
    for (_, token, _), anchor in zip(numbered[1:], given, strict=True):
        token.attrSet("id", PREFIX + anchor)
    if numbered and tokens[0] is numbered[0][1]:
        tokens = tokens[3:]
    sections = [Section("", "", 1)]
    names = iter(given)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            sections.append(Section(_plain(tokens[at + 1]), next(names, ""), int(token.tag[1])))
        elif token.type in ("inline", "fence", "code_block") and not (at and tokens[at - 1].type == "heading_open"):
            sections[-1].text += _plain(token) + " "
        if token.children:
            token.children = _linked(token.children, follow)
    return Paper(title, str(_md.renderer.render(tokens, _md.options, {})), sections)


def _linked(children: list[Token], follow: Follow) -> list[Token]:
    """Links rewritten; one that leads nowhere becomes its words."""
    out: list[Token] = []
    dead = False
    for token in children:
        if token.type == "link_open":
            href = str(token.attrGet("href") or "")
            to = href if re.match(r"https?://", href) else follow(href)
            dead = to is None
            if to is not None:
                token.attrSet("href", to)
                if to.startswith("http"):
                    token.attrSet("rel", "noreferrer")
        if not (dead and token.type in ("link_open", "link_close")):
            out.append(token)
        if token.type == "link_close":
            dead = False
    return out


def _region(label: Text) -> str:
    return f'tabindex="0" role="group" aria-label="{escape(str(label))}"'


def _table_open(self: Any, tokens: Any, idx: int, options: Any, env: Any) -> str:
    return f'<div class="sideways" {_region(SCROLLS)}><table class="table paper">\n'


def _table_close(self: Any, tokens: Any, idx: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _cell(self: Any, tokens: list[Token], idx: int, options: Any, env: Any) -> str:
    token = tokens[idx]
    side = str(token.attrs.pop("style", ""))
    cls = "wrap num" if "right" in side else "wrap mid" if "center" in side else "wrap"
    return f'<th scope="col" class="{cls}">' if token.tag == "th" else f'<td class="{cls}">'


def _code(self: Any, tokens: list[Token], idx: int, options: Any, env: Any) -> str:
    return f'<pre class="code" {_region(CODE)}><code>{escape(tokens[idx].content)}</code></pre>\n'


for rule, made in {
    "table_open": _table_open,
    "table_close": _table_close,
    "th_open": _cell,
    "td_open": _cell,
    "fence": _code,
    "code_block": _code,
}.items():
    _md.add_render_rule(rule, made)
