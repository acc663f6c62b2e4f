"""The payload of a usage event: its exact figures and the digest by which two payloads are told apart. Pure.

The digest must be the same whether the event came over the API or in a file; ``DIGEST_SQL`` is the same rule for the set engine.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import md5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")

# Columns subject, meter, at (naive UTC timestamp), quantity, amount, currency.
DIGEST_SQL = "left(md5(concat(subject, '|', meter, '|', epoch_us(\"at\"), '|', quantity, '|', coalesce(CAST(amount AS VARCHAR), ''), '|', coalesce(currency, ''))), 16)"


def fixed(number: str | int, digits: int, places: int = 6) -> str | None:
    """``number`` with exactly ``places`` places, or None when it is no plain decimal, too large for ``digits`` in all, or needs rounding.

    >>> fixed("12.5", 19), fixed(-3, 18), fixed("0.0000001", 18), fixed("1e3", 18), fixed("-0", 18)
    ('12.500000', '-3.000000', None, None, '0.000000')
    """
    found = _NUMBER.fullmatch(str(number))
    if not found:
        return None
    sign, whole, part = found[1], found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    if len(part) > places or len(whole) > digits - places:
        return None
    if whole == "0" and not part:
        return "0." + "0" * places
    return f"{'-' if sign == '-' else ''}{whole}.{part.ljust(places, '0')}"


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 of an aware instant."""
    gap = at - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


def digest(subject: int, meter: str, at: datetime, quantity: str, amount: str | None, currency: str | None) -> str:
    """16 hex digits of the payload; ``quantity`` and ``amount`` as :func:`fixed` writes them, ``at`` aware."""
    text = f"{subject}|{meter}|{microseconds(at)}|{quantity}|{amount or ''}|{currency or ''}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:16]
