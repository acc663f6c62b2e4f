"""Sessions of the portal: a table and a cookie of their own, an idle and an absolute end, found by the hash of the key.

As for staff, times are the machine's, not the house's pinned clock, and who reads the table cannot sign in with it. A staff session opens
nothing here, and a portal session nothing of the console: neither table knows the other's keys.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from numaru.facilities.parties.accounts import policies
from numaru.facilities.parties.models import PortalAccount, PortalInvitation, PortalSession
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.staff import sessions as of_staff
from numaru.kernel.staff.devices import device
from numaru.kernel.staff.sessions import TOUCH_EVERY, key_hash, machine_now


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever is signed in: the account and the person that they are. ``key`` is that of their cookie; ``until`` when their session ends if it
    is not used again."""

    account: int
    person: int
    handle: str
    language: str
    session: int
    key: str
    until: datetime

    @property
    def actor(self) -> Actor:
        """A subscriber as the one who acts: their own things alone."""
        return Actor("portal", self.account, self.handle, (), self.person)

    @property
    def left(self) -> int:
        """Seconds until the session ends if it is not used again."""
        return max(0, int((self.until - machine_now()).total_seconds()))


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its owner sees it."""

    id: int
    device: str
    started_at: datetime
    seen_at: datetime
    here: bool


def ends(started: datetime, now: datetime) -> datetime:
    """When a session that is used now will end: after the idle time, at the latest after the absolute one."""
    idle, absolute = timedelta(minutes=policies.now(policies.SESSION_IDLE)), timedelta(hours=policies.now(policies.SESSION_HOURS))
    return min(now + idle, started + absolute)


def begin(account: int, agent: str = "") -> str:
    """Sign a browser in and return the key of its cookie: 256 random bits. ``agent`` is the browser's own word for itself. Of the sign-in the
    account keeps the day alone."""
    key, now = secrets.token_urlsafe(32), machine_now()
    PortalAccount.objects.filter(pk=account).update(last_on=clock.today())
    PortalSession.objects.create(
        account_id=account, key_hash=key_hash(key), started_at=now, seen_at=now, expires_at=ends(now, now), device=device(agent)[:40]
    )
    return key


def reader(key: str) -> Reader | None:
    """Whose session this key opens; None for an invented, ended or old one, and for an account that has ended. One query, and a second one at
    most once a minute that notes the use."""
    if not 20 <= len(key) <= 100:
        return None
    now = machine_now()
    row = (
        PortalSession.objects.filter(key_hash=key_hash(key), expires_at__gt=now, account__state="active").select_related("account").first()
    )
    if row is None:
        return None
    if now - row.seen_at > TOUCH_EVERY:
        row.expires_at = ends(row.started_at, now)
        PortalSession.objects.filter(pk=row.pk).update(seen_at=now, expires_at=row.expires_at)
    return Reader(row.account_id, row.account.party_id, row.account.handle, row.account.language, row.pk, key, row.expires_at)


def end(key: str) -> None:
    """Sign this browser out."""
    PortalSession.objects.filter(key_hash=key_hash(key)).delete()


def end_all(account: int, keep: str = "") -> int:
    """End every session of an account but that of the key ``keep``; returns how many."""
    rows = PortalSession.objects.filter(account=account)
    return (rows.exclude(key_hash=key_hash(keep)) if keep else rows).delete()[0]


def own(reader: Reader) -> list[OwnSession]:
    """The sessions of an account that are not over, the one in use first. One query."""
    rows = PortalSession.objects.filter(account=reader.account, expires_at__gt=machine_now()).order_by("-seen_at")
    found = [OwnSession(r.pk, r.device, r.started_at, r.seen_at, r.pk == reader.session) for r in rows]
    return sorted(found, key=lambda s: not s.here)


def end_everything() -> int:
    """After a restore: nobody is signed in, and no invitation from before the backup opens an account."""
    PortalInvitation.objects.filter(used_at__isnull=True).delete()
    return PortalSession.objects.all().delete()[0]


def forget() -> int:
    """Drop sessions that are over and invitations a week after their end; returns how many rows."""
    now = machine_now()
    old = PortalInvitation.objects.filter(expires_at__lt=now - timedelta(days=7)).delete()[0]
    return old + PortalSession.objects.filter(expires_at__lte=now).delete()[0]


of_staff.elsewhere.add("portal", end_everything)
