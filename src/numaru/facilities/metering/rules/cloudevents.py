"""Reading one CloudEvents 1.0 event as usage. Pure: a parsed JSON object comes in, a reading or a fault goes out.

``id`` and ``source`` are the identity, ``type`` the meter, ``subject`` the subscriber's number or external id, ``time`` the moment with
its offset, ``data`` holds ``quantity`` and, when the event carries its price, ``amount`` and ``currency``. Numbers come as texts or whole
numbers: a JSON number with a point has already lost its exact value when it is read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from numaru.facilities.metering.rules.payload import fixed
from numaru.values.text import Text

_METER = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Reading(NamedTuple):
    """One well-formed event; the subscriber is not known yet. ``at`` is aware UTC, figures as :func:`payload.fixed` writes them."""

    source: str
    event_id: str
    ref: str
    meter: str
    at: datetime
    quantity: str
    amount: str | None
    currency: str | None


class Fault(NamedTuple):
    """Why an event was refused."""

    code: str
    field: str
    value: str | None
    message: Text
    remedy: Text


def _fault(code: str, field: str, value: object, ko: str, en: str, remedy_ko: str, remedy_en: str) -> Fault:
    return Fault(code, field, None if value is None else str(value)[:200], Text(ko, en), Text(remedy_ko, remedy_en))


def _word(raw: dict[str, object], field: str) -> str | Fault:
    value = raw.get(field)
    if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
        return _fault(
            "usage.attribute", field, value, f"{field}은(는) 1–200자의 문자열이어야 합니다.", f"{field} must be a text of 1 to 200 characters.",
            f"{field}을(를) 채우십시오.", f"Fill in {field}.",
        )  # fmt: skip
    return value


def _figure(data: dict[str, object], field: str, digits: int) -> str | Fault:
    value = data[field]
    if isinstance(value, float):
        return _fault(
            "usage.float", f"data.{field}", value, "소수점이 있는 JSON 숫자는 정확하지 않아 받지 않습니다.", "A JSON number with a point is not exact and is not taken.",
            "따옴표로 감싸십시오. 예: \"12.50\"", "Put it in quotation marks, for example \"12.50\".",
        )  # fmt: skip
    found = fixed(value, digits) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        return _fault(
            "usage.figure", f"data.{field}", value, f"정수 {digits - 6}자리, 소수 6자리까지의 숫자여야 합니다.", f"It must be a number of up to {digits - 6} digits and 6 decimal places.",
            "예: \"12.50\"", "For example \"12.50\".",
        )  # fmt: skip
    return found


def read(raw: object) -> Reading | Fault:
    """The reading of one event, or the first thing that is wrong with it."""
    if not isinstance(raw, dict):
        return _fault(
            "usage.not_an_event",
            "",
            None,
            "CloudEvents 객체가 아닙니다.",
            "Not a CloudEvents object.",
            "JSON 객체로 보내십시오.",
            "Send a JSON object.",
        )
    if raw.get("specversion") != "1.0":
        return _fault(
            "usage.specversion",
            "specversion",
            raw.get("specversion"),
            'specversion은 "1.0"이어야 합니다.',
            'specversion must be "1.0".',
            '"1.0"으로 적으십시오.',
            'Write "1.0".',
        )
    words: list[str] = []
    for field in ("source", "id", "subject"):
        word = _word(raw, field)
        if isinstance(word, Fault):
            return word
        words.append(word)
    meter = raw.get("type")
    if not isinstance(meter, str) or not _METER.fullmatch(meter):
        return _fault(
            "usage.meter", "type", meter, "type은 미터 이름(소문자, 숫자, . _ -)이어야 합니다.", "type must be the name of a meter (small letters, digits, . _ -).",
            "요금제에 적은 미터 이름을 쓰십시오.", "Use the name that the offer gives to the meter.",
        )  # fmt: skip
    time = raw.get("time")
    at: datetime | None = None
    if isinstance(time, str) and _TIME.fullmatch(time):
        try:
            at = datetime.fromisoformat(time.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            at = None
    if at is None or at.year < 1970:
        return _fault(
            "usage.time", "time", time, "time은 시간대가 있는 RFC 3339 시각이어야 합니다.", "time must be RFC 3339 with an offset.",
            "예: 2026-11-22T09:30:00+09:00", "For example 2026-11-22T09:30:00+09:00.",
        )  # fmt: skip
    data = raw.get("data")
    if not isinstance(data, dict) or "quantity" not in data:
        return _fault(
            "usage.data",
            "data.quantity",
            None,
            "data에 quantity가 없습니다.",
            "data has no quantity.",
            '{"quantity": "1"}처럼 보내십시오.',
            'Send {"quantity": "1"}.',
        )
    quantity = _figure(data, "quantity", 19)
    if isinstance(quantity, Fault):
        return quantity
    amount = currency = None
    if data.get("amount") is not None:
        found = _figure(data, "amount", 18)
        if isinstance(found, Fault):
            return found
        amount = found
        currency = data.get("currency")
        if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
            return _fault(
                "usage.currency", "data.currency", currency, "금액에는 ISO 4217 통화가 있어야 합니다.", "An amount needs its ISO 4217 currency.",
                "예: \"KRW\"", "For example \"KRW\".",
            )  # fmt: skip
    return Reading(words[0], words[1], words[2], meter, at, quantity, amount, currency)
