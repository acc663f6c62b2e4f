"""Policies in words: values as they are read, the rooms that they belong to, scopes by their names."""

from __future__ import annotations

from typing import Any

from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.policies import api as policies
from numaru.ui import formats
from numaru.ui.states import State
from numaru.values.money import Money
from numaru.values.text import Text

ROOMS: dict[str, Text] = {
    "access": Text("접근 권한", "Access"), "approvals": Text("결재", "Approvals"), "audit": Text("감사", "Audit"),
    "backup": Text("백업", "Backup"), "backups": Text("백업", "Backup"), "billing": Text("과금", "Billing"),
    "imports": Text("들이기", "Imports"), "leaks": Text("유출·침해 사고", "Leak cases"), "retention": Text("보존과 파기", "Retention"),
    "vault": Text("금고", "Vault"), "parties": Text("당사자", "Parties"), "privacy": Text("개인정보", "Privacy"), "limits": Text("요청 제한", "Limits"),
    "operations": Text("운영", "Operations"), "edge": Text("접속", "Edge"), "health": Text("상태", "Health"),
}  # fmt: skip
STATES: dict[str, State] = {
    "now": State(Text("적용 중", "In force"), "good"),
    "coming": State(Text("예정", "Coming"), "calm", "calendar"),
    "past": State(Text("지난 값", "Past"), "calm", "history"),
    "shadowed": State(Text("대체됨", "Replaced"), "calm", "circle-minus"),
}


def room(prefix: str) -> Text:
    return ROOMS.get(prefix, Text(prefix, prefix))


def shown(one: policies.Shipped, value: Any) -> str:
    """A value in the language of the page, with its unit."""
    match value:
        case bool():
            text = str(Text("예", "yes") if value else Text("아니요", "no"))
        case int():
            text = formats.count(value)
        case dict() if one.kind == "money":
            text = " · ".join(formats.money(Money(minor, currency)) for currency, minor in value.items())
        case list():
            text = ", ".join(map(str, value))
        case dict():
            text = ", ".join(f"{key}: {inner}" for key, inner in value.items())
        case _:
            text = formats.word(value)
    return f"{text} {one.unit}" if one.unit else text


def scope(key: str, names: dict[str, Text]) -> Text:
    """A scope by the name that people use."""
    return names.get(key, policies.scope_name(key))


def scope_names() -> dict[str, Text]:
    """The scopes that a value can be set for: the operator, each service, each legal entity behind one."""
    found = {"operator": policies.scope_name("operator")}
    services = catalogue.services()
    found |= {f"service:{card.slug}": card.name for card in services}
    return found | {f"entity:{pk}": catalogue.entity(pk).name for pk in sorted({card.entity_id for card in services})}
