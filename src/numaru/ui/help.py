"""Which page of the manual belongs to a place. A room says so beside its places; the "help" of the top bar reads it.

Keys are ``room.place`` as in :data:`numaru.ui.shell.rooms`, or the name of a view when one screen has a chapter of its own::

    help.places.add("billing.runs", Chapter("billing", "billing-a-month"))
    help.places.add("billing:cancel-run", Chapter("billing", "pause-resume-cancel"))

A page is a file of ``docs/manual``; an anchor is the English heading in small letters with hyphens, the same in every language.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from numaru.kernel.registers import Register


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the manual, and where on it."""

    page: str
    anchor: str = ""

    @property
    def url(self) -> str:
        return reverse("help:page", args=[self.page]) + (f"#{PREFIX}{self.anchor}" if self.anchor else "")


places: Register[Chapter] = Register("ui.help")
PREFIX = "m-"  # of the ids of the manual's headings, so that a chapter in the drawer meets no id of the page behind it


def chapter(view: str, room: str, place: str) -> Chapter | None:
    """The chapter for a screen: of its view, of its place, of its room; None when nobody named one."""
    for key in (view, f"{room}.{place}", room):
        found = places.get(key) if key else None
        if found is not None:
            return found
    return None
