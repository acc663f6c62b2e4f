"""The arguments of an action as JSON and back, exactly: decimals, days, instants and money keep their kind."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from numaru.values.money import Money


def pack(value: Any) -> Any:
    """``value`` as JSON. Raises TypeError for what could not be restored: a file, an object of a room, a float."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return {"$": "instant", "v": value.isoformat()}
        case date():
            return {"$": "day", "v": value.isoformat()}
        case Decimal():
            return {"$": "decimal", "v": str(value)}
        case Money():
            return {"$": "money", "v": [value.minor, value.currency]}
        case list() | tuple():
            return [pack(one) for one in value]
        case dict() if all(isinstance(key, str) and key != "$" for key in value):
            return {key: pack(one) for key, one in value.items()}
    raise TypeError(f"an argument of kind {type(value).__name__} cannot wait for approval")


def unpack(value: Any) -> Any:
    """The reverse of :func:`pack`; tuples come back as lists."""
    if isinstance(value, list):
        return [unpack(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("$"):
        case None:
            return {key: unpack(one) for key, one in value.items()}
        case "instant":
            return datetime.fromisoformat(value["v"])
        case "day":
            return date.fromisoformat(value["v"])
        case "decimal":
            return Decimal(value["v"])
        case "money":
            return Money(value["v"][0], value["v"][1])
    raise ValueError("unknown kind of argument")


def fingerprint(effects: list[Any], arguments: Any) -> str:
    """What the second person saw, in 16 hex digits: approving is bound to it."""
    return hashlib.sha256(orjson.dumps([effects, arguments], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
