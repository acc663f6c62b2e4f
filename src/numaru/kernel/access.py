"""Who acts, and what they may do: permissions, the shipped roles, staff grants and API clients. Giving and taking access: kernel/staff."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from numaru.kernel.registers import Register
from numaru.values.text import Text

ROLES: dict[str, Text] = {
    "administrator": Text("관리자", "Administrator"),
    "billing_clerk": Text("청구 담당", "Billing clerk"),
    "subscriber_clerk": Text("가입 담당", "Subscriber clerk"),
    "privacy_officer": Text("개인정보 보호 담당", "Privacy officer"),
    "support_engineer": Text("기술 지원", "Support engineer"),
    "auditor": Text("감사", "Auditor"),
    "basic": Text("기본", "Basic"),  # what everyone who joins has: the own account, and approvals
}


@dataclass(frozen=True, slots=True)
class Permission:
    """``room.noun.verb``, its name for people, and the shipped roles that have it. The table of both is docs/roles.md.

    ``own``: no role has it; a subscriber who is signed in to the portal has it, for what is their own. The action finds whose from the actor.
    """

    name: str
    text: Text
    roles: frozenset[str]
    own: bool = False


permissions: Register[Permission] = Register("permissions")


def permission(name: str, text: Text, *roles: str, administrator: bool = True, own: bool = False) -> str:
    """Declare a permission in a room's permissions.py and return its name. Administrators have it unless ``administrator`` is False: whoever
    runs the house does not for that reason read people's data. ``own`` gives it to subscribers in the portal, and to no role."""
    unknown = set(roles) - set(ROLES)
    if unknown or (own and roles):
        raise ValueError(f"unknown roles: {sorted(unknown)}" if unknown else f"{name}: what is one's own belongs to no role")
    held = frozenset(roles) | ({"administrator"} if administrator and not own else set())
    permissions.add(name, Permission(name, text, held, own))
    return name


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does a thing: a member of staff, an API client, the house itself (a job, a command), or a subscriber in the portal.

    A subscriber (``portal``) has no grants: ``person`` is the party that they are, and the only one whose things they may touch.
    """

    kind: str  # staff | client | system | portal
    id: int | None
    name: str
    grants: tuple[tuple[str, str | None], ...] = field(default=())  # (role, service slug or None for all)
    person: int | None = None

    @classmethod
    def system(cls, name: str) -> Actor:
        """The house: the worker, or a command typed on the machine by whoever may read its files."""
        return cls("system", None, name)

    @property
    def staff_id(self) -> int | None:
        return self.id if self.kind == "staff" else None

    def may(self, name: str, service: str | None = None) -> bool:
        """True when a grant carries the permission for ``service``; without one only grants for all services count.

        Raises KeyError for a permission that no room declared: a typing error must not read as a refusal.
        """
        wanted = permissions[name]
        if self.kind == "system":
            return True
        if self.kind == "portal":
            return wanted.own
        return any(role in wanted.roles and (scope is None or scope == service) for role, scope in self.grants)

    def may_somewhere(self, name: str) -> bool:
        """True when some grant carries the permission for at least one service; lists then narrow by ``services``."""
        return self.kind == "system" or self.may_own(name) or any(role in permissions[name].roles for role, _ in self.grants)

    def may_own(self, name: str) -> bool:
        """True for a subscriber in the portal who has the permission for what is their own."""
        return self.kind == "portal" and permissions[name].own

    def services(self, name: str) -> frozenset[str] | None:
        """The services for which the actor has the permission; None means all of them."""
        if self.kind == "system":
            return None
        scopes = [scope for role, scope in self.grants if role in permissions[name].roles]
        return None if None in scopes else frozenset(s for s in scopes if s)


def staff_actor(staff: int) -> Actor | None:
    """A member of staff as an actor with the grants that hold now; None for one who left or never was."""
    from numaru.kernel.models import Staff

    found = Staff.objects.filter(pk=staff, is_active=True).first()
    return found.actor if found else None


def hash_token(token: str) -> str:
    """SHA-256, without salt or stretching: a token is 256 random bits, so there is nothing to guess and no table to prepare, and one look-up
    by index finds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A bearer token for an API client; shown once, only its hash is kept."""
    return "nmk_" + secrets.token_urlsafe(32)


def shown_prefix(token: str) -> str:
    """The beginning by which people recognise a token: 36 of its 256 bits."""
    return token[:10]


USED_EVERY = timedelta(minutes=1)  # how coarse "last used" is: at most one write in that time, whatever the traffic


def authenticate_client(token: str) -> Actor | None:
    """The API client that holds ``token``, or None. One indexed look-up on the hash, never remembered: a revoked or expired token is dead
    at its next call. During a rotation the previous token lives on until its hour."""
    from django.db.models import Q

    from numaru.kernel import clock
    from numaru.kernel.models import ApiClient

    found, now = hash_token(token), clock.now()
    held = Q(token_hash=found) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now)) | Q(previous_hash=found, previous_until__gt=now)
    client = ApiClient.objects.filter(held, active=True).first()
    if client is None:
        return None
    _used(client.pk, client.last_used_at, now)
    return Actor("client", client.pk, client.name, tuple((role, client.service or None) for role in client.roles))


def _used(client: int, before: datetime | None, now: datetime) -> None:
    """Remember that a client called: coarse, and dropped where another call of the same minute was first."""
    from django.db.models import Q

    from numaru.kernel.models import ApiClient

    if before is None or before < now - USED_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY)
        ApiClient.objects.filter(stale, pk=client).update(last_used_at=now)
