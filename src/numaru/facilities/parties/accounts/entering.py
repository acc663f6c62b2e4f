"""Proving who one is at the portal: every try passes the gates first, is remembered, and says the same for every cause of a wrong one.

Gates stand before the identifier in one place, before it from everywhere, and before an address (kernel/staff/throttle.py). An e-mail address
or a telephone number is looked up by its blind token: nothing is opened. An unknown one costs the same hash. Where one number belongs to several
accounts (a family's telephone) each password is tried in turn, at most `SHARED`: that such a number is shared can be told from the time.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from numaru.facilities.parties.accounts import policies
from numaru.facilities.parties.accounts.codes import code_hash
from numaru.facilities.parties.actions.people import spoken
from numaru.facilities.parties.models import Party, PortalAccount, PortalInvitation
from numaru.kernel import clock
from numaru.kernel.staff import policies as gates
from numaru.kernel.staff import throttle
from numaru.kernel.vault import api as vault
from numaru.values import masked

SHARED = 3
NAME = throttle.Kind("portal-name", gates.NAME_FREE, gates.NAME_LOCK)
PLACE = throttle.Kind("portal-place", gates.ACCOUNT_FREE, gates.ACCOUNT_LOCK, single=True)
ADDRESS = throttle.Kind("portal-address", policies.ADDRESS_FREE, policies.ADDRESS_LOCK)
AGAIN = throttle.Kind("portal-again", gates.ACCOUNT_FREE, gates.ACCOUNT_LOCK, single=True)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: the account when it was right, else None; ``wait`` are seconds when a gate was shut."""

    account: int | None = None
    wait: int = 0


def identifier(typed: str) -> tuple[str, str] | None:
    """What was typed as (kind, normal form): an e-mail address, or a telephone number of 8 to 15 digits; None for anything else.

    >>> identifier(" Haneul@Naru.kr "), identifier("+82 10-1234-2201"), identifier("김하늘")
    (('email', 'haneul@naru.kr'), ('phone', '01012342201'), None)
    """
    typed = typed.strip()
    if "@" in typed:
        return ("email", typed.lower()) if len(typed) <= 200 else None
    digits = masked.phone_digits(typed)
    return ("phone", digits) if 8 <= len(digits) <= 15 else None


def _near(address: str) -> str:
    return f"{clock.today()}:{throttle.network(address)}"


def by_password(address: str, typed: str, password: str) -> Tried:
    """Look at an e-mail address or telephone number and a password, tried from ``address``."""
    named = identifier(typed)
    what = ":".join(named) if named else "nobody"
    tries = [(ADDRESS, _near(address), ""), (PLACE, what, throttle.network(address)), (NAME, what, "")]
    wait = max(throttle.take(*gate) for gate in tries)
    if wait:
        throttle.note("portal", "blocked", address)
        return Tried(wait=wait)
    found = _matching(named, password)
    if found is None:
        throttle.note("portal", "wrong", address)
        return Tried()
    for gate in tries:
        throttle.right(*gate)
    throttle.note("portal", "ok", address)
    return Tried(found)


def _matching(named: tuple[str, str] | None, password: str) -> int | None:
    tokens = vault.tokens([named]) if named else []
    rows = (
        PortalAccount.objects.filter(party__tokens__overlap=tokens, state="active").order_by("pk")
        if tokens
        else PortalAccount.objects.none()
    )
    known = list(rows.values_list("pk", "password")[:SHARED])
    if not known:
        make_password(password)  # the work of one look
    return next((pk for pk, kept in known if check_password(password, kept)), None)


def again(address: str, account: int, password: str) -> Tried:
    """Whether whoever is signed in knows the password of their account, before something weighty."""
    wait = throttle.take(AGAIN, account, throttle.network(address))
    if wait:
        return Tried(wait=wait)
    row = PortalAccount.objects.filter(pk=account, state="active").values_list("password", flat=True).first()
    if row is None or not check_password(password, row):
        return Tried()
    throttle.right(AGAIN, account, throttle.network(address))
    return Tried(account)


def invited(address: str, code: str, name: str, contact: str) -> Tried:
    """Whether ``code`` is an invitation that holds and ``name`` and ``contact`` are those of its person; ``account`` is then the number of the
    invitation. Each wrong try is counted on the invitation and ends it at the policy's figure, whatever becomes of the request."""
    wait = throttle.take(ADDRESS, _near(address))
    if wait:
        throttle.note("portal", "blocked", address)
        return Tried(wait=wait)
    most = policies.now(policies.INVITATION_TRIES)
    open_now = PortalInvitation.objects.filter(code_hash=code_hash(code), used_at__isnull=True, expires_at__gt=clock.now(), tries__lt=most)
    if open_now.update(tries=F("tries") + 1):
        row = PortalInvitation.objects.select_related("party").get(code_hash=code_hash(code))
        if _is(row.party, name, contact):
            throttle.right(ADDRESS, _near(address))
            PortalInvitation.objects.filter(pk=row.pk).update(tries=F("tries") - 1)
            throttle.note("portal", "ok", address)
            return Tried(row.pk)
        if row.tries >= most:
            PortalInvitation.objects.filter(pk=row.pk).update(expires_at=clock.now())
    throttle.note("portal", "wrong", address)
    return Tried()


def _is(party: Party, name: str, contact: str) -> bool:
    """Name and contact as the house knows them, compared by blind tokens."""
    named = identifier(contact)
    if named is None or not set(vault.tokens([named])) & set(party.tokens):
        return False
    return not party.name_masked or bool(set(vault.tokens([("name", spoken(name))])) & set(party.tokens))
