"""What a request asks for, in words: the name of the act, and its arguments under the names that people use."""

from __future__ import annotations

from typing import Any

from numaru.kernel.access import permissions
from numaru.kernel.actions import actions
from numaru.kernel.approvals.arguments import unpack
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.ui import asking, formats
from numaru.values.money import Money
from numaru.values.text import Text

NAMES: dict[str, Text] = {
    "number": Text("번호", "Number"), "service": Text("서비스", "Service"), "key": Text("항목", "Item"), "value": Text("값", "Value"),
    "scope": Text("적용 범위", "Scope"), "valid_from": Text("적용 시작", "Valid from"), "basis": Text("근거", "Basis"),
    "source": Text("출처", "Source"), "login": Text("아이디", "Log-in name"), "staff": Text("직원", "Staff"), "role": Text("역할", "Role"),
    "roles": Text("역할", "Roles"), "case": Text("사고", "Case"), "party": Text("당사자", "Party"), "numbers": Text("가입번호", "Subscriber numbers"),
    "fields": Text("개인정보 항목", "Kinds of data"), "purpose": Text("목적", "Purpose"), "case_ref": Text("관련 건", "Linked case"),
    "period": Text("기간", "Period"), "kind": Text("종류", "Kind"), "version": Text("판", "Version"), "name": Text("이름", "Name"),
    "amount": Text("금액", "Amount"), "currency": Text("통화", "Currency"), "day": Text("날짜", "Day"), "until": Text("끝", "Until"),
}  # fmt: skip
SHOWN = 5  # of a long list


def title(row: ApprovalRequest) -> Text:
    """The name that the room gave to the act; else that of the permission which it needs; else its key."""
    subject = asking.subjects.get(row.action)
    if subject is not None:
        return subject.name
    called = actions.get(row.action)
    return permissions[called.permission].text if called is not None else Text(row.action, row.action)


def address(row: ApprovalRequest) -> str:
    """The page of what the request is about; empty when its room names none."""
    subject = asking.subjects.get(row.action)
    return subject.url(**unpack(row.arguments)) if subject is not None and subject.url is not None else ""


def arguments(row: ApprovalRequest) -> list[tuple[Text, str]]:
    """Each argument that holds something, named and written. Nothing personal waits here, so nothing is masked."""
    subject = asking.subjects.get(row.action)
    names = NAMES | dict(subject.words if subject is not None else ())
    found = unpack(row.arguments)
    return [(names.get(key, Text(key, key)), written(value)) for key, value in found.items() if value not in (None, "", [], {})]


def written(value: Any) -> str:
    """One value in the language of the page; a long list by its length and its first entries."""
    match value:
        case bool():
            return str(Text("예", "yes") if value else Text("아니요", "no"))
        case Money():
            return formats.money(value)
        case int():
            return str(value)  # an id as often as a count: no grouping
        case list():
            shown = ", ".join(written(one) for one in value[:SHOWN])
            more = Text(" 외 {n}건", " and {n} more").fill(n=f"{len(value) - SHOWN:,}")
            return f"{shown}{more}" if len(value) > SHOWN else shown
        case dict():
            return ", ".join(f"{key} {written(one)}" for key, one in value.items())
    return formats.word(value)
