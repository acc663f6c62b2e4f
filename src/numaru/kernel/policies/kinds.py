"""Kinds of policy values: how one is typed by a person, checked, kept as JSON and read back. The kind follows from the shipped value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from numaru.values.money import Money
from numaru.values.text import Text

WRONG = Text("값을 읽지 못했습니다.", "The value could not be read.")


class Unreadable(ValueError):
    """What was typed is no value of the kind; ``text`` says how to write it right."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Kind:
    """``parse`` reads what a person typed (raises :class:`Unreadable`), ``typed`` writes a value so that it can be typed again, ``holds``
    says whether a value is of the kind. ``lines``: it is typed in several lines."""

    key: str
    hint: Text
    parse: Callable[[str], Any]
    typed: Callable[[Any], str]
    holds: Callable[[Any], bool]
    lines: bool = False


def _int(text: str) -> int:
    try:
        return int(text.replace(",", "").strip())
    except ValueError:
        raise Unreadable(INT) from None


def _decimal(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        raise Unreadable(DECIMAL) from None
    if not found.is_finite():
        raise Unreadable(DECIMAL)
    return found


def _bool(text: str) -> bool:
    word = text.strip().lower()
    if word in ("예", "yes", "true", "1", "on"):
        return True
    if word in ("아니요", "아니오", "no", "false", "0", "off"):
        return False
    raise Unreadable(BOOL)


def _text(text: str) -> str:
    if not text.strip():
        raise Unreadable(TEXT)
    return text.strip()


def _time(text: str) -> str:
    try:
        return f"{time.fromisoformat(text.strip()):%H:%M}"
    except ValueError:
        raise Unreadable(TIME) from None


def _list(text: str) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(set(found)) != len(found):
        raise Unreadable(LIST)
    return found


def _money(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        currency, _, amount = line.partition(" ")
        try:
            minor = Money.parse(amount.replace(",", "").strip(), currency).minor
        except ValueError:
            raise Unreadable(MONEY) from None
        if currency in found or minor < 0:
            raise Unreadable(MONEY)
        found[currency] = minor
    if not found:
        raise Unreadable(MONEY)
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Unreadable(JSON) from None


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency)).partition(" ")[0]


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_money(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(len(k) == 3 and k.isascii() and k.isupper() and _is_int(v) for k, v in value.items())
    )


INT = Text("정수로 적으십시오. 예: 14", "Write a whole number, like 14.")
DECIMAL = Text("숫자로 적으십시오. 예: 0.15", "Write a number, like 0.15.")
BOOL = Text("‘예’ 또는 ‘아니요’로 적으십시오.", "Write yes or no.")
TEXT = Text("빈 값은 둘 수 없습니다.", "It can't be empty.")
TIME = Text("24시간제로 적으십시오. 예: 21:00", "Write a time of day, like 21:00.")
LIST = Text("한 줄에 하나씩, 겹치지 않게 적으십시오.", "One a line, none twice.")
MONEY = Text("한 줄에 통화와 금액을 적으십시오. 예: KRW 1000000", "A currency and an amount a line, like KRW 1000000.")
JSON = Text("JSON으로 적으십시오.", "Write JSON.")

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("int", INT, _int, str, _is_int),
        Kind("decimal", DECIMAL, _decimal, lambda v: f"{v:f}", lambda v: isinstance(v, Decimal)),
        Kind("bool", BOOL, _bool, lambda v: str(Text("예", "yes") if v else Text("아니요", "no")), lambda v: isinstance(v, bool)),
        Kind("text", TEXT, _text, str, lambda v: isinstance(v, str) and bool(v.strip())),
        Kind("time", TIME, _time, str, lambda v: isinstance(v, str) and _holds_time(v)),
        Kind("list", LIST, _list, "\n".join, lambda v: isinstance(v, list) and all(isinstance(one, str) for one in v), lines=True),
        Kind("money", MONEY, _money, lambda v: "\n".join(f"{c} {_amount(m, c)}" for c, m in v.items()), _is_money, lines=True),
        Kind("json", JSON, _json, lambda v: json.dumps(v, ensure_ascii=False, indent=1), lambda v: isinstance(v, (dict, list)), lines=True),
    )
}


def _holds_time(value: str) -> bool:
    try:
        return _time(value) == value
    except Unreadable:
        return False


def kind_of(value: Any) -> str:
    """The kind that a shipped value is of. Raises ValueError for one that no kind holds: a float, None, an object."""
    order = ("bool", "int", "decimal", "text", "money", "list", "json")
    for key in order:
        if KINDS[key].holds(value):
            return key
    raise ValueError(f"a policy can't hold {value!r}")


def pack(kind: str, value: Any) -> Any:
    """``value`` as JSON keeps it: a decimal as its digits."""
    return str(value) if kind == "decimal" else value


def unpack(kind: str, stored: Any) -> Any:
    """A stored value as a rule receives it."""
    return Decimal(str(stored)) if kind == "decimal" else stored
