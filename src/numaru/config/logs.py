"""Logs: one line an event, JSON for machines or text for a terminal, with the request or job it belongs to and nothing personal.

``NUMARU_LOG_FORMAT`` is json, text or auto (text when standard error is a terminal, else json). A line of JSON has time, level, logger
and message; request, route, actor, job and cause where there are such; and of a request method, status, ms and bytes. Nothing else that
a library attaches to a record is written: a queue attaches the arguments of its jobs.

Code never logs anything personal. :mod:`numaru.kernel.scrubbing` is the second net, for every message and every exception.
"""

from __future__ import annotations

import logging
import logging.config
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from numaru.kernel import context
from numaru.kernel.scrubbing import scrub, story, words_of

ACCESS = "numaru.access"
SAID = ("method", "status", "ms", "bytes")  # what a record may carry besides; anything else attached to it is dropped


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
