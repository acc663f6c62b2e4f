"""Proving who one is: every try passes the gates first, is remembered, and says the same for every cause of a wrong one."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from numaru.kernel import clock
from numaru.kernel.models import Staff
from numaru.kernel.staff import throttle


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the person when it was right, else None; ``wait`` are seconds when a gate was shut."""

    person: Staff | None = None
    wait: int = 0


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _near(request: HttpRequest) -> str:
    return f"{clock.today()}:{throttle.network(address(request))}"


def by_password(request: HttpRequest, login: str, password: str) -> Tried:
    """Look at a name and a password. Unknown names cost the same hash, pass the same gates and leave the same rows."""
    from allauth.account.adapter import get_adapter

    login = login.strip().lower()
    wait = max(throttle.take(throttle.ADDRESS, _near(request)), throttle.take(throttle.ACCOUNT, login))
    known = Staff.objects.filter(login=login).values_list("pk", flat=True).first()
    if wait:
        throttle.note("password", "blocked", address(request), known)
        return Tried(wait=wait)
    found = get_adapter().authenticate(request, username=login, password=password)
    if found is None or not found.is_active:
        throttle.note("password", "wrong", address(request), known)
        return Tried()
    throttle.right(throttle.ACCOUNT, login)
    throttle.right(throttle.ADDRESS, _near(request))
    throttle.note("password", "ok", address(request), known)
    return Tried(found)


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


def before_link(request: HttpRequest) -> int:
    """Count a look at a link to set a password; returns the seconds to wait."""
    return throttle.take(throttle.ADDRESS, _near(request))
