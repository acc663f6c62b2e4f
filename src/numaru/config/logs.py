"""Logs: one line an event, JSON for machines or text for a terminal, with the request or job it belongs to and nothing personal.

``NUMARU_LOG_FORMAT`` is json, text or auto (text when standard error is a terminal, else json). A line of JSON has time, level, logger
and message; request, route, actor, job and cause where there are such; and of a request method, status, ms and bytes. Nothing else that
a library attaches to a record is written: a queue attaches the arguments of its jobs.

Code never logs anything personal. :func:`scrub` is the second net: it takes out what looks like a number of a person, a phone, an e-mail,
a card, a token or a query string, and what a database quotes of a row.
"""

from __future__ import annotations

import logging
import logging.config
import os
import re
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from numaru.kernel import context

ACCESS = "numaru.access"
SAID = ("method", "status", "ms", "bytes")  # what a record may carry besides; anything else attached to it is dropped
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


def _context() -> dict[str, object]:
    """What the line belongs to, empty values left out."""
    from numaru.kernel.actions import cause  # here: the settings are read before there are actions

    found = context.current.get()
    told: dict[str, object] = {}
    if found is not None:
        told = {"request": found.id, "route": found.route, "actor": found.actor, "job": found.job}
    told["cause"] = cause.get()
    return {key: value for key, value in told.items() if value not in ("", None)}


class Lines(JsonFormatter):
    """A record as one line of JSON."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["message"] = scrub(record.getMessage())
        log_data["process"] = record.process
        log_data |= _context()
        for name in SAID:
            if name in record.__dict__:
                log_data[name] = record.__dict__[name]
        if record.exc_info and record.exc_info[1] is not None:
            log_data["error"] = words_of(record.exc_info[1])
            log_data["story"] = story(record.exc_info[1])


class Plain(logging.Formatter):
    """A record as a person at a terminal reads it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record.message = scrub(record.getMessage())
        record.asctime = self.formatTime(record)
        line = self.formatMessage(record)
        told = _context()
        if told:
            line += " [" + " ".join(f"{key}={value}" for key, value in told.items()) + "]"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + story(record.exc_info[1])
        return line


def shape() -> str:
    """json or text."""
    wanted = os.environ.get("NUMARU_LOG_FORMAT", "auto").lower()
    if wanted in ("json", "text"):
        return wanted
    return "text" if sys.stderr is not None and sys.stderr.isatty() else "json"


def config() -> dict[str, Any]:
    """The LOGGING setting. ``NUMARU_LOG`` is the least level (WARNING); requests are told at INFO unless ``NUMARU_ACCESS_LOG`` is 0."""
    formatter: dict[str, Callable[[], logging.Formatter]] = {"()": Lines if shape() == "json" else Plain}
    level = os.environ.get("NUMARU_LOG", "WARNING").upper()
    quiet = os.environ.get("NUMARU_ACCESS_LOG", "1") in ("0", "no", "off")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["err"], "level": level},
        "loggers": {
            ACCESS: {"level": "WARNING" if quiet else "DEBUG" if level == "DEBUG" else "INFO"},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},  # the line of the request says 4xx already, and without its address
            "procrastinate": {"level": "WARNING"},  # below it tells the arguments of jobs
            "uvicorn": {"level": "WARNING"},
        },
    }


def set_up() -> None:
    """For a process that has not set up Django yet."""
    logging.config.dictConfig(config())
