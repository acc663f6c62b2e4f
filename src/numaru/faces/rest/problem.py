"""Errors of the API: problem+json with the finding's code and both languages (MODEL §6)."""

from __future__ import annotations

import json

import orjson
from starlette.responses import Response

from numaru.values.finding import Finding

TYPE = "application/problem+json"


def body(status: int, findings: list[Finding]) -> dict[str, object]:
    """The problem of a refused call; the first finding speaks for it, ``findings`` has them all."""
    first = findings[0]
    return {
        "type": "about:blank",
        "title": first.message.en,
        "status": status,
        "code": first.code,
        "message_ko": first.message.ko,
        "message_en": first.message.en,
        "field": first.field,
        "remedy": first.remedy.en,
        "remedy_ko": first.remedy.ko,
        "remedy_en": first.remedy.en,
        "findings": [finding.as_dict() for finding in findings],
    }


def encoded(status: int, findings: list[Finding]) -> bytes:
    """The document as bytes. Half a surrogate pair, which a sender may have written into a value that is repeated, is shown as "?"."""
    found = body(status, findings)
    try:
        return orjson.dumps(found)
    except TypeError:
        return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def problem(status: int, findings: list[Finding], **headers: str) -> Response:
    return Response(encoded(status, findings), status, headers, TYPE)
