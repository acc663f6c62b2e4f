"""Proving who one is: every try passes the gates first, is remembered, and says the same for every cause of a wrong one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from numaru.kernel import clock
from numaru.kernel.models import Staff
from numaru.kernel.staff import policies, throttle
from numaru.kernel.staff.sessions import FACE

SALT = "numaru.staff.known"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the person when it was right, else None; ``wait`` are seconds when a gate was shut."""

    person: Staff | None = None
    wait: int = 0


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _near(request: HttpRequest) -> str:
    return f"{clock.today()}:{throttle.network(address(request))}"


def _cookie() -> str:
    return "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"


def know(request: HttpRequest, answer: HttpResponse, staff: int) -> None:
    """Let this browser be known as one in which ``staff`` has come in: a signed cookie that says so and opens nothing by itself."""
    days = int(policies.now(policies.KNOWN_DAYS))
    answer.set_cookie(
        _cookie(), signing.dumps([staff, known(request, staff) or get_random_string(24)], salt=SALT), max_age=timedelta(days=days),
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def known(request: HttpRequest, staff: int | None) -> str:
    """The mark of a browser in which ``staff`` has come in before; empty for every other one."""
    try:
        days = int(policies.now(policies.KNOWN_DAYS))
        whose, mark = signing.loads(request.COOKIES.get(_cookie(), ""), salt=SALT, max_age=timedelta(days=days))
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if staff is not None and whose == staff else ""


def by_password(request: HttpRequest, login: str, password: str) -> Tried:
    """Look at a name and a password. Unknown names cost the same hash, pass the same gates and leave the same rows."""
    from allauth.account.adapter import get_adapter

    login = login.strip().lower()
    person = Staff.objects.filter(login=login).values_list("pk", flat=True).first()
    mark = known(request, person)
    gates = _gates(request, login, mark)
    wait = max(throttle.take(*gate) for gate in gates)
    if wait:
        throttle.note("password", "blocked", address(request), person)
        return Tried(wait=wait)
    found = get_adapter().authenticate(request, username=login, password=password)
    if found is None or not found.is_active:
        throttle.note("password", "wrong", address(request), person)
        return Tried()
    for gate in gates:
        throttle.right(*gate)
    throttle.note("password", "ok", address(request), person)
    return Tried(found)


def _gates(request: HttpRequest, login: str, mark: str) -> list[tuple[throttle.Kind, str, str]]:
    """The gates of one try at a password. A known browser has its own in place of those that strangers can shut."""
    if mark:
        return [(throttle.KNOWN, login, mark)]
    near = throttle.network(address(request))
    return [(throttle.ADDRESS, _near(request), ""), (throttle.PLACE, login, near), (throttle.ACCOUNT, login, "")]


def before_code(request: HttpRequest, staff: int) -> int:
    """Count a try at a second factor of a person. Returns the seconds to wait, 0 when it may be looked at."""
    wait = max(throttle.take(throttle.ADDRESS, _near(request)), throttle.take(throttle.CODE, staff))
    if wait:
        throttle.note("code", "blocked", address(request), staff)
    return wait


def after_code(request: HttpRequest, staff: int, right: bool) -> None:
    """Remember what came of a try at a second factor."""
    if right:
        throttle.right(throttle.CODE, staff)
        throttle.right(throttle.ADDRESS, _near(request))
    throttle.note("code", "ok" if right else "wrong", address(request), staff)


def passkey(request: HttpRequest, staff: int | None, right: bool) -> None:
    """Remember a try with a passkey. No gate: there is nothing to guess, and a locked password must not lock its owner's key out."""
    throttle.note("passkey", "ok" if right else "wrong", address(request), staff)


def as_face(request: HttpRequest, person: Staff) -> None:
    """Open a session for a face of a demo: nothing is proved, and the session says so."""
    from allauth.account.adapter import get_adapter
    from allauth.account.internal.flows.login import record_authentication

    get_adapter().login(request, person)
    record_authentication(request, person, FACE)
    throttle.note(FACE, "ok", address(request), person.pk)


def before_link(request: HttpRequest) -> int:
    """Count a look at a link to set a password; returns the seconds to wait."""
    return throttle.take(throttle.ADDRESS, _near(request))
