"""What a log, a table or a page may be told of a message or an exception: nothing that looks like a person's.

Code never says anything personal. This is the second net: :func:`scrub` takes out what looks like a number of a person, a phone, an e-mail,
a card, a token or a query string, and what a database quotes of a row; of an exception that is none of our refusals words in Hangul go
too, for code speaks English and people's names do not. A name in Latin letters cannot be told from other words: what is kept for long
(:func:`kind_of`) has no words of such an exception at all.
"""

from __future__ import annotations

import re
import traceback

from numaru.kernel.errors import Refused

LONGEST = 8_000  # characters of one message or story

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b([a-z][a-z0-9+]*://)[^/\s@:]+:[^/\s@]+@", re.I), r"\1…@"),  # a name and password in an address
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.I), r"\1 …"),
    (re.compile(r"\bnm[a-z]_[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[1-8]\d{6}(?!\d)"), "[resident number]"),
    (re.compile(r"(?<!\d)(?:\d{4}[- ]){3}\d{4}(?!\d)"), "[card]"),
    (re.compile(r"(?<![\d-])(?:\+?82[-. ]?\(?0?\)?|0)1[016789][-. )]?\d{3,4}[-. ]?\d{4}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![\d-])(?:\+?82[-. ]?|0)(?:2|[3-6]\d|70)[-. )]\d{3,4}[-. ]\d{4}(?!\d)"), "[phone]"),
    (re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+"), r"\1?…"),  # a query string
    (re.compile(r"\n\s*(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LINE \d+):.*(?:\n(?!Traceback|\S).*)*"), ""),
    (re.compile(r"(Key|Failing row contains) ?\([^\n]*"), r"\1 …"),
)
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+")
_QUOTED = re.compile(r": \"[^\"]*\"|'[^']*'$")


def scrub(text: str) -> str:
    """``text`` without what looks personal or secret, at most `LONGEST` characters. Ids and figures of ours stay."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def words_of(error: BaseException) -> str:
    """Class and first line of an exception. Of a database's, without the value that it quotes: a value may be somebody's."""
    name = type(error).__name__
    line = str(error).strip().partition("\n")[0]
    module = type(error).__module__
    if module.startswith(("psycopg", "django.db")):
        line = _QUOTED.sub(": …", line)
    if not isinstance(error, Refused):
        line = _HANGUL.sub("…", line)
    return scrub(f"{name}: {line}" if line else name)


def story(error: BaseException) -> str:
    """The traceback with only the first line of what each exception says, causes first."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{frames}{words_of(current)}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return scrub("\n-- which came of --\n".join(parts))


def kind_of(error: BaseException) -> str:
    """What is kept of an exception in a table: of a refusal its class, code and scrubbed words; of anything else its class, the code of a
    database and the place in our code. One line, at most 400 characters."""
    name = type(error).__name__
    if isinstance(error, Refused):
        finding = error.findings[0]
        said = finding.message.en.partition("\n")[0]
        given = str(finding.value) if finding.value is not None else ""
        return _HANGUL.sub("…", scrub(f"{name} {finding.code}: {said.replace(given, '…') if given else said}"))[:400]
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "numaru/" in f.filename]
    place = f" at numaru/{frames[-1].filename.rpartition('numaru/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{name}{f' {state}' if state else ''}{place}"[:400]
