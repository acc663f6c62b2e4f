"""What can happen: the registers of kinds and of the groups by which a reader filters them.

A room registers its kinds when it is loaded and says how the lines of one are written::

    timeline.groups.add("bill", Group(Text("청구", "Bills"), 10, "square"))
    timeline.kinds.add("billing.invoice", Kind(Text("청구서", "Invoices"), "bill", "file-invoice", INVOICE_VIEW, invoices))

``invoices(rows, actor)`` gets every entry of the kind on the page at once and answers with a :class:`Line` by the entry's id, so that no line
costs a query of its own. An entry it leaves out is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.ui.lanes import Shape
from numaru.values.money import Money
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as a renderer reads it."""

    id: int
    at: datetime
    recorded_at: datetime
    kind: str
    party: int | None
    object_kind: str
    object_key: str
    service: str
    data: dict[str, Any]
    actor_kind: str
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """What an entry says: in bold, why in small, at the right an amount or the way to the record. ``short`` is for the picture; ``icon``
    stands in for that of the kind."""

    what: Text
    why: Text | None = None
    tone: str = ""  # "" | bad | warn | plum
    amount: Money | None = None
    url: str = ""
    short: Text | None = None
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line ready to be shown, of an entry or of something computed. ``kind`` is the key of its group."""

    at: datetime
    kind: str
    icon: str
    what: Text
    why: Text | None = None
    amount: Money | None = None
    url: str = ""
    tone: str = ""
    short: Text | None = None
    entry: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A filter of the line. ``shape`` is that of its marks in a picture of days; None draws none."""

    label: Text
    order: int
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry. Who lacks ``permission`` sees neither the lines nor, when nothing else is in it, the group. ``says_who``: the line
    ends with the member of staff who did it. ``by_law``: its records are kept by law, so the line stays when a person is destroyed, under numbers
    alone."""

    label: Text
    group: str
    icon: str
    permission: str | None
    render: Callable[[Sequence[Row], Actor], Mapping[int, Line]]
    says_who: bool = False
    by_law: bool = False


kinds: Register[Kind] = Register("timeline.kinds")
groups: Register[Group] = Register("timeline.groups")


def offered(actor: Actor, service: str | None = None) -> dict[str, frozenset[str] | None]:
    """The kinds that this reader may see, each with the services for which (None: all). With ``service`` only what they may there."""
    found: dict[str, frozenset[str] | None] = {}
    for key, kind in kinds:
        if kind.permission is None:
            found[key] = None
        elif service is not None:
            if actor.may(kind.permission, service or None):
                found[key] = None
        elif actor.may_somewhere(kind.permission):
            found[key] = actor.services(kind.permission)
    return found


def group_of(kind: str) -> str:
    return kinds[kind].group
