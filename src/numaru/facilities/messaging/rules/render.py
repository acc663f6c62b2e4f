"""Texts with variables. ``{name}`` is replaced, nothing is executed, and what is put in is never read again.

A variable is ``{`` + small letters, digits, ``_`` + ``}``. Values are plain text. Into HTML they are escaped; into a subject they lose their line breaks.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

VARIABLE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
ALMOST = re.compile(r"\{\s*[^{}\n]{0,40}\}")  # what somebody took for a variable
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KINDS = ("text", "money", "date", "link")
LINK = re.compile(r"https://[a-zA-Z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?")


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a text takes. ``most``: how long it is reckoned, and may be."""

    key: str
    kind: str = "text"
    required: bool = True
    most: int = 40


@dataclass(frozen=True, slots=True)
class Wording:
    """What one channel says in one language. ``html`` is finished HTML with variables; ``code`` is the provider's template."""

    subject: str = ""
    text: str = ""
    html: str = ""
    markdown: str = ""  # what the HTML of an e-mail was made from
    code: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str = ""


def used(*texts: str) -> list[str]:
    """The variables in the order in which they first stand.

    >>> used("{name}님, {amount}", "{name}")
    ['name', 'amount']
    """
    return list(dict.fromkeys(key for text in texts for key in VARIABLE.findall(text)))


def almost(*texts: str) -> list[str]:
    """What looks like a variable and is none.

    >>> almost("{name} {이름} { amount }")
    ['{이름}', '{ amount }']
    """
    return list(dict.fromkeys(m for text in texts for m in ALMOST.findall(text) if not VARIABLE.fullmatch(m)))


def plain(value: str) -> str:
    """A value without what no text may carry: control characters other than a line break, and marks that turn the reading direction."""
    made = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in made if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in TURNING))


def line(value: str) -> str:
    """A value on one line."""
    return " ".join(plain(value).split())


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables replaced in one pass: a value that holds ``{…}`` stays as it is. A missing value is empty.

    >>> filled("{a} {b}", {"a": "{b}", "b": "<i>"})
    '{b} <i>'
    """
    return VARIABLE.sub(lambda m: plain(values.get(m[1], "")), text)


def filled_subject(text: str, values: Mapping[str, str]) -> str:
    return line(VARIABLE.sub(lambda m: line(values.get(m[1], "")), text))


def filled_html(text: str, values: Mapping[str, str]) -> str:
    """HTML with its variables escaped for text and for attributes; line breaks of a value become ``<br>``.

    >>> filled_html('<a href="{link}">{name}</a>', {"link": 'https://x.kr/?a=1&b="', "name": "<b>노을</b>"})
    '<a href="https://x.kr/?a=1&amp;b=&quot;">&lt;b&gt;노을&lt;/b&gt;</a>'
    """
    return VARIABLE.sub(lambda m: html.escape(plain(values.get(m[1], "")), quote=True).replace("\n", "<br>"), text)


def rendered(wording: Wording, values: Mapping[str, str]) -> Rendered:
    """The finished subject, text and HTML."""
    return Rendered(
        filled_subject(wording.subject, values), filled(wording.text, values), filled_html(wording.html, values) if wording.html else ""
    )


def missing(variables: Iterable[Variable], values: Mapping[str, str]) -> list[str]:
    """Required variables that have no value."""
    return [v.key for v in variables if v.required and not values.get(v.key, "").strip()]


def sample(variable: Variable) -> str:
    """The longest value that a variable is reckoned to have: full Hangul syllables for text, figures and addresses in ASCII."""
    if variable.kind == "text":
        return "가" * variable.most
    return ("https://" + "x" * variable.most)[: max(variable.most, 12)] if variable.kind == "link" else "0" * variable.most


def samples(variables: Sequence[Variable]) -> dict[str, str]:
    return {v.key: sample(v) for v in variables}


def digest(channel: str, language: str, made: Rendered, attachments: Sequence[bytes] = ()) -> bytes:
    """SHA-256 of what was sent: parts with their lengths, so that no two messages come to the same bytes."""
    found = hashlib.sha256()
    for part in (channel, language, made.subject, made.text, made.html):
        given = part.encode()
        found.update(len(given).to_bytes(8, "big") + given)
    for content in attachments:
        found.update(hashlib.sha256(content).digest())
    return found.digest()
