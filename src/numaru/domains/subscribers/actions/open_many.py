"""Opening contact data of many subscribers at once: a colleague who guards personal data approves it first."""

from __future__ import annotations

from typing import Any

from numaru.domains.subscribers.models import Subscriber
from numaru.domains.subscribers.reads import parse_number
from numaru.facilities.parties import api as parties
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import NotFound
from numaru.values.text import Text

WHY = Text("여러 사람의 개인정보를 한꺼번에 엽니다.", "Personal data of many people are opened at once.")


def _ids(numbers: Any) -> list[int]:
    return [pk for one in numbers or () if (pk := parse_number(str(one))) is not None] if isinstance(numbers, (list, tuple)) else []


def scope_of(*, numbers: Any = None, **_: Any) -> str | None:
    """The service of all these subscribers; None, a grant for all services, when they belong to several or are unknown."""
    found = set(Subscriber.objects.filter(pk__in=_ids(numbers)).values_list("service__slug", flat=True).distinct()[:2])
    return found.pop() if len(found) == 1 else None


def _second(**_: Any) -> Second:
    return Second(WHY, approver=parties.EXPORT_APPROVE)


@action(parties.CONTACT_EXPORT, reason=True, service=scope_of, second=_second)
def open_many(act: Act, *, numbers: list[str], fields: list[str], code: str, case_ref: str = "") -> str:
    """Queue an encrypted file with ``fields`` of the subscribers ``numbers`` and return its number. The reason is written by the one who
    asks; ``code`` is a purpose of the list. Raises NotFound naming the first number that is none."""
    rows = {row.pk: row for row in Subscriber.objects.filter(pk__in=_ids(numbers))}
    chosen: dict[int, Subscriber] = {}
    for number in numbers:
        pk = parse_number(number)
        if pk is None or pk not in rows:
            raise NotFound.named(Text("가입자", "subscriber"), number[:40])
        chosen[pk] = rows[pk]
    why = parties.Why(code, case_ref)
    return parties.begin_export(
        act, persons=[row.party_id for row in chosen.values()], numbers=[row.number for row in chosen.values()], kinds=fields, why=why,
        service=scope_of(numbers=numbers) or "",
    )  # fmt: skip
