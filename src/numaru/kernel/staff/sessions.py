"""Sessions in our own table: found by the hash of the cookie's key, ended by staff, with an idle and an absolute end.

Times here are the machine's, not the house's pinned clock: replaying a past day must neither revive nor end a session. Who reads the table
cannot sign in with it. A session that was ended while a request ran is not written anew: the request is refused instead.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction

from numaru.kernel.registers import Register

if TYPE_CHECKING:
    from numaru.kernel.staff.factors import Standing

# Sessions that are not staff's: key → function that ends every one of them and returns how many. Walked when a database was put back.
elsewhere: Register[Callable[[], int]] = Register("sessions elsewhere")
STARTED = "_started"
DEVICE = "_device"
METHODS = "account_authentication_methods"  # where allauth notes how somebody proved who they are
FACE = "face"  # how somebody came in who put on a face of a demo; nothing was proved
UNKNOWN_FOR = timedelta(hours=1)  # life of a session without a person: the way through the door
TOUCH_EVERY = timedelta(minutes=1)


def machine_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def key_hash(key: str) -> str:
    """The cookie's key is 160 random bits: a plain hash suffices."""
    return hashlib.sha256(key.encode()).hexdigest()


def ends(started: datetime, now: datetime) -> datetime:
    """When a session that is used now will end: after the idle time, at the latest after the absolute one."""
    from numaru.kernel.staff import policies

    idle = timedelta(minutes=int(policies.now(policies.SESSION_IDLE)))
    return min(now + idle, started + timedelta(hours=int(policies.now(policies.SESSION_ABSOLUTE))))


class SessionStore(SessionBase):
    """Django's session interface over :class:`StaffSession`."""

    renewal = False  # the grants of this person changed: the key should be changed
    seen_at: datetime | None = None
    started_at: datetime | None = None
    expires_at: datetime | None = None
    standing: Standing | None = None  # what the policies of today ask of this person

    def load(self) -> dict[str, Any]:
        from numaru.kernel.staff import factors
        from numaru.kernel.staff.models import StaffSession

        rows = StaffSession.objects.filter(key_hash=key_hash(self.session_key or ""), expires_at__gt=machine_now())
        row = rows.annotate(**factors.asked_along()).first()
        if row is None:
            self._session_key = None
            return {}
        self.renewal, self.seen_at, self.started_at, self.expires_at = row.renew, row.seen_at, row.started_at, row.expires_at
        self.standing = factors.standing(row)
        return dict(self.decode(row.data))

    def exists(self, session_key: str) -> bool:
        from numaru.kernel.staff.models import StaffSession

        return StaffSession.objects.filter(key_hash=key_hash(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError when the session has been ended meanwhile."""
        from numaru.kernel.staff.models import StaffSession

        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = machine_now()
        staff = data.get("_auth_user_id")
        if staff:
            data.setdefault(STARTED, now.timestamp())
        else:
            data.pop(STARTED, None)
        started = datetime.fromtimestamp(data[STARTED], UTC) if staff else now
        row = {
            "staff_id": int(staff) if staff else None,
            "data": self.encode(data),
            "seen_at": now,
            "expires_at": ends(started, now) if staff else now + UNKNOWN_FOR,
            "how": "+".join(dict.fromkeys(str(m.get("type") or m.get("method")) for m in data.get(METHODS, [])))[:40],
            "device": str(data.get(DEVICE, ""))[:40],
        }
        hashed = key_hash(self.session_key)
        if must_create:
            try:
                with transaction.atomic():
                    StaffSession.objects.create(key_hash=hashed, started_at=started, **row)
            except IntegrityError:
                raise CreateError from None
        elif not StaffSession.objects.filter(key_hash=hashed).update(**row):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        from numaru.kernel.staff.models import StaffSession

        key = session_key or self.session_key
        if key:
            StaffSession.objects.filter(key_hash=key_hash(key)).delete()

    def touch(self) -> None:
        """Note that the session is used, at most once a minute, and give it a new key when its person's grants have changed."""
        from numaru.kernel.staff.models import StaffSession

        self._get_session()  # type: ignore[attr-defined]
        now = machine_now()
        if self.renewal:
            self.renewal = False
            self.cycle_key()
        elif self.session_key and self.seen_at and self.started_at and now - self.seen_at > TOUCH_EVERY:
            self.expires_at = ends(self.started_at, now)
            StaffSession.objects.filter(key_hash=key_hash(self.session_key)).update(seen_at=now, expires_at=self.expires_at)

    @property
    def left(self) -> int | None:
        """Seconds until the session ends if it is not used again; None for one that is new in this request. Asks nothing."""
        return max(0, int((self.expires_at - machine_now()).total_seconds())) if self.expires_at else None

    @classmethod
    def clear_expired(cls) -> None:
        from numaru.kernel.staff.models import StaffSession

        StaffSession.objects.filter(expires_at__lte=machine_now()).delete()


def end_all(staff: int, except_key: str | None = None) -> int:
    """End every session of a person, but for the one of ``except_key``; returns how many. Open event streams close when this commits."""
    from numaru.kernel import live
    from numaru.kernel.staff.models import StaffSession

    rows = StaffSession.objects.filter(staff=staff)
    if except_key:
        rows = rows.exclude(key_hash=key_hash(except_key))
    ended, _ = rows.delete()
    transaction.on_commit(lambda: live.announce(live.ACCESS, staff))
    return ended


def renew_all(staff: int) -> None:
    """Give every session of a person a new key at its next request, because what they may do has changed."""
    from numaru.kernel.staff.models import StaffSession

    StaffSession.objects.filter(staff=staff).update(renew=True)


def end_everything() -> int:
    """End every session of everybody and every link that sets a password; returns how many sessions. For a database that was put back: what
    was ended or used after the backup must not live again."""
    from numaru.kernel.staff.models import PasswordTicket, StaffSession

    PasswordTicket.objects.filter(used_at__isnull=True).delete()
    return StaffSession.objects.all().delete()[0] + sum(end() for _, end in elsewhere)
