"""Documents that go with a message. A room offers kinds of documents; a message keeps only which one it was, and the document is made when it is sent.

messaging.enclosures.add("billing.invoice", Enclosure(Text("청구서", "Invoice"), INVOICE_VIEW, offered, made, link))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numaru.facilities.messaging.ports import Attachment
from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.values.text import Text


class Missing(Exception):
    """There is no such document of this person."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A kind of document. ``offered(actor, party)`` names those of a person that the actor may send: (key, name); ``made(party, key, language)`` is the file and
    raises Missing for one that is not theirs; ``link(party, key)`` is where the person finds it in the portal, empty for nowhere."""

    label: Text
    permission: str
    offered: Callable[[Actor, int], Sequence[tuple[str, Text]]]
    made: Callable[[int, str, str], Attachment]
    link: Callable[[int, str], str]


enclosures: Register[Enclosure] = Register("messaging.enclosures")


def attachments(enclosure: str, party: int, language: str) -> list[Attachment]:
    """The files of an enclosure ``kind:key``. Raises Missing."""
    kind, _, key = enclosure.partition(":")
    found = enclosures.get(kind)
    if found is None or not key:
        raise Missing(kind)
    return [found.made(party, key, language)]


def offered(actor: Actor, party: int, service: str | None) -> list[tuple[str, Text, Text]]:
    """Documents of a person that the actor may send: (``kind:key``, kind, name)."""
    return [
        (f"{kind}:{key}", one.label, name)
        for kind, one in enclosures
        if actor.may(one.permission, service)
        for key, name in one.offered(actor, party)
    ]
