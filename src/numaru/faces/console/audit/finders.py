"""Places in the chain and access findings, for whoever searches from anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from numaru.faces.console.audit import states
from numaru.faces.console.audit.listing import action_name
from numaru.faces.console.audit.rooms import FINDINGS, RECORDS
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.ui import formats, peek, search
from numaru.ui.search import Asked, Finder, Hit
from numaru.values.text import Text

PLACE = re.compile(r"#\s*(\d{1,15})")


def find_places(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """The audit record that stands at a position of the chain, written #1204."""
    wanted = PLACE.fullmatch(asked.text)
    row = audit.record_at(int(wanted[1])) if wanted else None
    if wanted is None or row is None:
        return []
    said = f"{row.actor_name} · {formats.when(row.at)}"
    return [Hit(action_name(row.action), reverse("audit:record", args=[row.pk]), f"#{int(wanted[1])}", said, None, "history", True)]


def _hit(row: Any, exact: str = "") -> Hit:
    name = audit.rules[row.rule].name
    return Hit(
        name, reverse("audit:finding", args=[row.number]), row.number, "", states.FINDING[row.state], "alert-triangle", row.number == exact
    )


def _keys(numbers: Sequence[str]) -> list[int]:
    return [int(n[2:]) for n in numbers if n.startswith("F-") and n[2:].isascii() and n[2:].isdigit() and len(n) < 18]


def find_findings(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    return [_hit(row, row.number) for row in audit.AccessFinding.objects.filter(pk__in=_keys([asked.number]))]


def finding_lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    return {row.number: _hit(row) for row in audit.AccessFinding.objects.filter(pk__in=_keys(numbers))}


search.finders.add(
    "audit.place",
    Finder(RECORDS, "history", audit.RECORD_VIEW, lambda asked: asked.text.startswith("#"), find_places, None, 75, lambda asked: True, everywhere=True),
)  # fmt: skip
search.finders.add(
    "audit.finding",
    Finder(
        FINDINGS, "alert-triangle", audit.RECORD_VIEW, lambda asked: asked.number.startswith("F-"), find_findings, None, 76, everywhere=True
    ),
)
peek.things.add(
    "audit.finding",
    peek.Thing(
        Text("열람 이상", "Access finding"), "alert-triangle", audit.RECORD_VIEW, "audit:finding", lines=finding_lines, everywhere=True
    ),
)
