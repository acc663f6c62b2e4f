"""Gates against guessing: an account from one place, an account from everywhere, an address and a second factor each count what was tried in
vain, in the database, so that every process counts the same. A try is counted before it is looked at and given back when it was right: a hundred at once are a hundred tries.

Some tries are free; then each makes the next wait twice as long; then the gate is shut for a time. What was typed is counted whether such an
account exists or not, so that a shut gate tells nothing.

Whoever knows a name but not its password shuts it where they stand, long before they shut it everywhere. A browser that has signed in to an
account has a gate of its own there: what strangers try does not count against it.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from numaru.kernel import clock
from numaru.kernel.errors import Refused
from numaru.kernel.policies import Shipped
from numaru.kernel.staff import policies
from numaru.kernel.staff.models import SignInAttempt, SignInGate
from numaru.values.text import Text

FORGET = timedelta(hours=1)  # a gate on which nobody knocked for so long begins anew
CODE_LIFE = timedelta(seconds=120)  # longer than a code of the authenticator is valid


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of gate and its two figures. ``single``: it belongs to one account in one place, so that a right try opens it and forgets."""

    name: str
    free: Shipped
    lock: Shipped
    single: bool = False


ACCOUNT = Kind("account", policies.NAME_FREE, policies.NAME_LOCK)
PLACE = Kind("place", policies.ACCOUNT_FREE, policies.ACCOUNT_LOCK, single=True)
KNOWN = Kind("known", policies.ACCOUNT_FREE, policies.ACCOUNT_LOCK, single=True)
CODE = Kind("code", policies.ACCOUNT_FREE, policies.ACCOUNT_LOCK, single=True)
ADDRESS = Kind("address", policies.ADDRESS_FREE, policies.ADDRESS_LOCK)
TOKEN = Kind("token", policies.ADDRESS_FREE, policies.ADDRESS_LOCK)


def _hashed(*parts: object) -> str:
    secret = hashlib.sha256(b"numaru.staff.throttle" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(secret, "\x00".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()


def network(address: str) -> str:
    """The part of an address that one person holds: an IPv4 address, the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def address_mark(address: str) -> str:
    """What is kept of an address: 16 hex digits of a hash whose key holds the day."""
    return _hashed("address", clock.today(), network(address))[:16]


def key(kind: Kind, what: object, where: str = "") -> str:
    """The key of a gate. Gates of one account in several places begin alike, so that they can be opened together."""
    begin = f"{kind.name}:{_hashed(kind.name, what)[:40]}"
    return f"{begin}:{_hashed(kind.name, what, where)[:24]}" if where else begin


def take(kind: Kind, what: object, where: str = "") -> int:
    """Count one try. Returns 0 when it may go on, else the seconds to wait; a try at a shut gate is not counted."""
    now = clock.now()
    with transaction.atomic():
        name = key(kind, what, where)
        SignInGate.objects.bulk_create([SignInGate(key=name, since=now)], ignore_conflicts=True)
        gate = SignInGate.objects.select_for_update().get(key=name)
        if gate.closed_until and gate.closed_until > now:
            return math.ceil((gate.closed_until - now).total_seconds())
        if gate.since < now - FORGET:
            gate.tries = 0
        gate.tries += 1
        gate.since = now
        gate.closed_until = _closed(kind, gate.tries)
        gate.save(update_fields=["tries", "since", "closed_until"])
    return 0


def _closed(kind: Kind, tries: int) -> datetime | None:
    free, lock = int(policies.now(kind.free)), int(policies.now(kind.lock))
    longest = 60 * int(policies.now(policies.LOCK_MINUTES))
    if tries >= lock:
        return clock.now() + timedelta(seconds=longest)
    if tries <= free:
        return None
    return clock.now() + timedelta(seconds=min(2 ** min(tries - free, 30), longest))  # a wait is never longer than a lock


def right(kind: Kind, what: object, where: str = "") -> None:
    """The try was right: the gate of an account in one place opens and forgets; a shared one (an address, an account from everywhere) only
    gets its try back, so that one who comes in does not clear the way for others who guess."""
    if kind.single:
        SignInGate.objects.filter(key=key(kind, what, where)).delete()
        return
    with transaction.atomic():
        gate = SignInGate.objects.select_for_update().filter(key=key(kind, what)).first()
        if gate is not None:
            gate.tries = max(gate.tries - 1, 0)
            gate.closed_until = None if gate.tries < int(policies.now(kind.lock)) else gate.closed_until
            gate.save(update_fields=["tries", "closed_until"])


def wait(kind: Kind, what: object) -> int:
    """The seconds for which a gate is shut; 0 when it is open."""
    found = SignInGate.objects.filter(key=key(kind, what), closed_until__gt=clock.now()).values_list("closed_until", flat=True).first()
    return math.ceil((found - clock.now()).total_seconds()) if found else 0


def once(staff: int, code: str) -> bool:
    """Whether this code of this person comes for the first time; remembered for longer than a code lives, for all processes."""
    name, now = f"used:{_hashed('used', staff, code)[:40]}", clock.now()
    with transaction.atomic():
        fresh = SignInGate(key=name, since=now, tries=0)
        SignInGate.objects.bulk_create([fresh], ignore_conflicts=True)
        gate = SignInGate.objects.select_for_update().get(key=name)
        if gate.closed_until and gate.closed_until > now:
            return False
        gate.closed_until = now + CODE_LIFE
        gate.save(update_fields=["closed_until"])
    return True


def locked(logins: dict[int, str]) -> set[int]:
    """Of the staff given as id → login, those whose gate is shut by a lock or a wait now."""
    begins = {key(kind, login): pk for pk, login in logins.items() for kind in (ACCOUNT, PLACE, KNOWN)} | {
        key(CODE, pk): pk for pk in logins
    }
    shut = SignInGate.objects.filter(closed_until__gt=clock.now()).exclude(key__startswith="used:").values_list("key", flat=True)
    return {begins[begin] for one in shut if (begin := one.rpartition(":")[0] if one.count(":") == 2 else one) in begins}


def note(how: str, outcome: str, address: str, staff: int | None = None) -> None:
    """Remember that somebody tried to come in."""
    SignInAttempt.objects.create(at=clock.now(), staff_id=staff, how=how, outcome=outcome, address=address_mark(address))


class TooMany(Refused):
    """Too many tries in vain from one place."""

    status = 429


def token_refused(address: str) -> None:
    """A caller of the API came with a token that is not one: count it. Raises TooMany when its address has had its tries. A right
    token never comes here: nothing that is guessed opens by waiting, and a good client is not slowed by a bad neighbour."""
    seconds = take(TOKEN, f"{clock.today()}:{network(address)}")
    note("token", "blocked" if seconds else "wrong", address)
    if seconds:
        raise TooMany.because(
            "access.too_many", Text("틀린 토큰이 너무 많이 왔습니다.", "Too many wrong tokens came from this address."),
            Text("{n}초 뒤에 다시 하십시오.", "Try again in {n} seconds.").fill(n=seconds),
        )  # fmt: skip


def forget() -> int:
    """Drop gates on which nobody knocked for a day; returns how many. What was tried is destroyed by retention alone (staff.attempts)."""
    now = clock.now()
    return SignInGate.objects.filter(since__lt=now - timedelta(days=1)).delete()[0]


def open_gates(staff: int, login: str) -> int:
    """Open what wrong tries have shut for one person; returns how many gates were shut."""
    mine = SignInGate.objects.filter(
        Q(key__in=[key(ACCOUNT, login), key(CODE, staff)])
        | Q(key__startswith=key(PLACE, login) + ":")
        | Q(key__startswith=key(KNOWN, login) + ":")
    )
    shut = mine.filter(closed_until__gt=clock.now()).count()
    mine.delete()
    return shut
