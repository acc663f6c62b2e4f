"""Faces: the accounts of a demo company that are put on by a click. Whether a house shows them at all is decided above (config/stage).

A face is made as one, by the house alone, and has no password: an account of a person never becomes a face, nor a face an account that
signs in at the door. Its session is of a kind of its own, for which no second factor is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import HttpRequest

from numaru.kernel.actions import Act, action
from numaru.kernel.errors import NotAllowed, NotFound
from numaru.kernel.models import Staff
from numaru.kernel.staff import entering
from numaru.kernel.staff.models import Face
from numaru.kernel.staff.people import NewStaff, add_staff
from numaru.kernel.staff.permissions import ACCOUNT_USE, PERSON_ADD
from numaru.kernel.staff.sessions import FACE, METHODS
from numaru.values.text import Text

WHAT = Text("얼굴", "face")


@action(PERSON_ADD)
def add_face(act: Act, *, key: str, login: str, name: str, roles: Sequence[str], language: str = "ko") -> Staff:
    """Make an account that is a face, found by ``key``. Only the house does; the account has no password and gets none."""
    if act.actor.kind != "system":
        raise NotAllowed.for_permission(PERSON_ADD)
    made: NewStaff = add_staff.within(act, login=login, name=name, roles=roles, language=language)
    made.staff.set_unusable_password()
    made.staff.save(update_fields=["password"])
    Face.objects.create(staff=made.staff, key=key)
    act.record("kernel.staff", str(made.staff.pk), after={"face": key})
    return made.staff


@action(ACCOUNT_USE)
def put_on(act: Act, *, key: str) -> None:
    """Record that somebody put this face on. The one who acts is the face itself."""
    if not Face.objects.filter(staff=act.actor.staff_id, key=key).exists():
        raise NotFound.named(WHAT, key)
    act.record("kernel.staff", str(act.actor.staff_id), after={"session": FACE})


def faces() -> dict[str, Staff]:
    """The faces of this house by key, as long as they may act."""
    rows = Face.objects.filter(staff__is_active=True).select_related("staff")
    return {row.key: row.staff for row in rows}


def enter(request: HttpRequest, key: str) -> Staff:
    """Sign the browser in as a face. Raises NotFound for a key that is none. The caller has made sure that this house shows faces to it."""
    person = faces().get(key)
    if person is None:
        raise NotFound.named(WHAT, key)
    with transaction.atomic():
        entering.as_face(request, person)
        put_on.do(person.actor, key=key)
    return person


def worn(request: HttpRequest) -> bool:
    """Whether this request comes from a session of a face. Asks nothing."""
    session = getattr(request, "session", None)
    return session is not None and any(m.get("method") == FACE for m in session.get(METHODS, []))
