"""API clients: made, given a new secret while the old one lives on for a while, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from numaru.kernel import clock
from numaru.kernel.access import hash_token, new_token, shown_prefix
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.models import ApiClient
from numaru.kernel.staff import policies
from numaru.kernel.staff.people import known
from numaru.kernel.staff.permissions import CLIENT_ADD, CLIENT_CHANGE, GRANT_APPROVE
from numaru.values.text import Text

WHAT = Text("API 키", "API key")


@dataclass(frozen=True, slots=True)
class NewClient:
    """The client, and the token that is shown this once."""

    client: ApiClient
    token: str


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=int(policies.now(policies.CLIENT_DAYS)))


def _second(*, name: str | None = None, **_: object) -> Second | None:
    if not name:
        return None
    return Second(Text("프로그램에 역할을 주는 일입니다.", "It gives roles to a program."), GRANT_APPROVE, alone=True)


@action(CLIENT_ADD, second=_second)
def make_client(act: Act, *, name: str, roles: Sequence[str], scope: str = "") -> NewClient:
    """Make a key for a program; ``scope`` is a service slug or empty for all. It belongs to whoever makes it and dies when they leave.

    Needs a second person like a grant does. When it was approved the token of the result is seen by nobody: the owner takes one by
    :func:`rotate`. Refuses a name that is taken and an unknown role.
    """
    known(roles)
    if not name.strip() or ApiClient.objects.filter(name=name.strip()).exists():
        raise Conflict.because(
            "access.client",
            Text("API 클라이언트 이름 ‘{n}’은(는) 쓸 수 없습니다.", "The client name “{n}” can't be used.").fill(n=name),
            Text("다른 이름을 쓰십시오.", "Choose another."),
            field="name",
        )
    token, now = new_token(), clock.now()
    client = ApiClient.objects.create(
        name=name.strip(), token_hash=hash_token(token), prefix=shown_prefix(token), expires_at=_expiry(now), roles=list(roles), service=scope,
        created_at=now, owner_id=act.actor.staff_id,
    )  # fmt: skip
    act.effect(Text("API 키 ‘{n}’을 만듭니다: {r}", "The API key “{n}” is made: {r}").fill(n=client.name, r=", ".join(roles)))
    act.record("kernel.client", str(client.pk), after={"roles": list(roles), "scope": scope})
    return NewClient(client, token)


def _live(client: int) -> ApiClient:
    found = ApiClient.objects.select_for_update().filter(pk=client, active=True).first()
    if found is None:
        raise NotFound.named(WHAT, client)
    return found


@action(CLIENT_CHANGE, reason=True)
def rotate(act: Act, *, client: int, at_once: bool = False) -> NewClient:
    """Give a client a new secret, shown this once. The one before lives on for the hours of the policy, or with ``at_once`` dies now; a third
    never lives. Refuses a client that was revoked."""
    row = _live(client)
    token, now = new_token(), clock.now()
    overlap = timedelta(hours=int(policies.now(policies.CLIENT_OVERLAP)))
    keep = not at_once and overlap > timedelta()
    row.previous_hash = row.token_hash if keep else None
    row.previous_until = min(now + overlap, row.expires_at or now + overlap) if keep else None
    row.token_hash, row.prefix, row.expires_at = hash_token(token), shown_prefix(token), _expiry(now)
    row.save(update_fields=["previous_hash", "previous_until", "token_hash", "prefix", "expires_at"])
    act.record("kernel.client", str(client), after={"rotated": True, "at_once": at_once})
    return NewClient(row, token)


@action(CLIENT_CHANGE, reason=True)
def revoke(act: Act, *, client: int) -> None:
    """Revoke a client: both secrets are dead at their next call. It stays in the list."""
    row = _live(client)
    row.active, row.ended_at, row.previous_hash, row.previous_until = False, clock.now(), None, None
    row.save(update_fields=["active", "ended_at", "previous_hash", "previous_until"])
    act.record("kernel.client", str(client), before={"active": True}, after={"active": False})
