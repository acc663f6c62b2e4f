"""How an account comes to be: a clerk who knows whom they speak to makes an invitation; the person opens it, says who they are, sets a password.

The same way leads back in when a password was forgotten.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery

from numaru.facilities.parties.accounts import policies
from numaru.facilities.parties.accounts.codes import LETTERS, code_hash, new_code
from numaru.facilities.parties.accounts.sessions import end_all
from numaru.facilities.parties.actions.opening import scope_of
from numaru.facilities.parties.models import Party, PortalAccount, PortalInvitation
from numaru.facilities.parties.permissions import PORTAL_MANAGE, PORTAL_USE
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.values.text import LANGUAGES, Text

HOW: dict[str, Text] = {
    "call": Text("통화로 본인 확인", "Verified on the telephone"),
    "visit": Text("신분증 확인", "Identity document seen"),
    "letter": Text("등록된 주소로 보냄", "Sent to the registered address"),
}
PERSON = Text("사람", "person")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The code, shown this once, and until when it holds."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountCard:
    """Where a person's way into the portal stands, as a clerk sees it. ``state``: none | active | ended."""

    state: str
    created_at: datetime | None
    last_on: Any
    invited_until: datetime | None
    reachable: bool  # a telephone number or an e-mail address is on file: without one nobody can sign in


def card(party: int) -> AccountCard:
    """One query."""
    waiting = PortalInvitation.objects.filter(party=OuterRef("pk"), used_at__isnull=True, expires_at__gt=clock.now()).order_by("-id")
    row = (
        Party.objects.filter(pk=party)
        .annotate(invited=Subquery(waiting.values("expires_at")[:1]), reachable=~Q(phone_masked="", email_masked=""))
        .values("portal__state", "portal__created_at", "portal__last_on", "invited", "reachable")
        .first()
    )
    if row is None:
        return AccountCard("none", None, None, None, False)
    return AccountCard(row["portal__state"] or "none", row["portal__created_at"], row["portal__last_on"], row["invited"], row["reachable"])


def _person(party: int) -> Party:
    row = Party.objects.select_for_update().filter(pk=party).first()
    if row is None:
        raise NotFound.named(PERSON, party)
    return row


@action(PORTAL_MANAGE, service=scope_of)
def invite(act: Act, *, party: int, how: str, service: str | None = None) -> Invitation:
    """Make an invitation for a person and return its code, which is shown this once. Earlier ones that were not used end. Refuses a person of
    whom neither a telephone number nor an e-mail address is on file: they could not sign in."""
    if how not in HOW:
        raise Invalid.because(
            "portal.how", Text("본인을 어떻게 확인했는지 고르십시오.", "Choose how you know who it is."),
            Text("목록에서 고르십시오.", "Choose one of the list."), field="how",
        )  # fmt: skip
    row = _person(party)
    if not row.phone_masked and not row.email_masked:
        raise Conflict.because(
            "portal.unreachable", Text("전화번호도 전자우편도 없어 로그인할 수 없는 사람입니다.", "Neither a telephone number nor an e-mail address is on file to sign in with."),
            Text("연락처를 먼저 적으십시오.", "Record one first."),
        )  # fmt: skip
    PortalInvitation.objects.filter(party=row, used_at__isnull=True).delete()
    code, now = new_code(), clock.now()
    until = now + timedelta(hours=policies.now(policies.INVITATION_HOURS))
    PortalInvitation.objects.create(
        party=row, code_hash=code_hash(code), how=how, made_at=now, made_by=act.actor.staff_id, expires_at=until
    )
    act.record("parties.portal", str(party), after={"invited": how, "until": until.isoformat(timespec="minutes")})
    known = PortalAccount.objects.filter(party=row, state="active").exists()
    act.effect(
        Text("쓰면 비밀번호를 새로 정하고, 로그인된 기기가 모두 끊깁니다.", "Using it sets a new password and signs every device out.")
        if known
        else Text("쓰면 포털 계정이 생깁니다.", "Using it makes the portal account.")
    )
    return Invitation(code, until)


def good_password(password: str, *known: str) -> None:
    """Raises Invalid for a password that is short, on the lists of common ones, or one of the ``known`` words of the same form."""
    least = policies.now(policies.PASSWORD_LENGTH)
    wrong = len(password) < least or any(len(word) > 3 and word.lower() in password.lower() for word in known)
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        wrong = True
    if wrong or len(password) > 200:
        raise Invalid.because(
            "portal.password", Text("이 비밀번호는 쓸 수 없습니다.", "This password cannot be used."),
            Text("{n}자 이상으로, 흔한 낱말과 전화번호·이메일은 빼고 정하십시오.", "Take {n} characters or more, no common word, not your number or e-mail.").fill(n=least),
            field="password",
        )  # fmt: skip


@action(PORTAL_USE)
def accept(act: Act, *, invitation: int, password: str, language: str = "ko") -> int:
    """Make the account of whoever was found right by :func:`~numaru.facilities.parties.accounts.entering.invited`, or give it a new password;
    returns its id. Every session of an account that was there ends. The actor is that person. Refuses an invitation that is used or over."""
    used = PortalInvitation.objects.filter(
        pk=invitation, party=act.actor.person, used_at__isnull=True, expires_at__gt=clock.now()
    ).update(used_at=clock.now())  # fmt: skip
    if not used:
        raise Conflict.because(
            "portal.invitation", Text("이 초대는 더 쓸 수 없습니다.", "This invitation can no longer be used."),
            Text("고객센터에 새 초대를 부탁하십시오.", "Ask the operator for a new one."),
        )  # fmt: skip
    good_password(password)
    party = _person(act.actor.person or 0)
    return _make(act, party, make_password(password), language, "invitation")


def _make(act: Act, party: Party, password: str, language: str, by: str) -> int:
    row = PortalAccount.objects.filter(party=party).first()
    if row is None:
        row = PortalAccount(party=party, handle="".join(secrets.choice(LETTERS) for _ in range(12)), created_at=clock.now())
        row.language = language if language in LANGUAGES else party.language
    row.password, row.state, row.ended_at = password, "active", None
    row.save()
    end_all(row.pk)
    act.record("parties.portal", str(party.pk), after={"account": "active", "by": by})
    return row.pk


def invited_actor(invitation: int) -> Actor:
    """The person of an invitation as the one who acts, before they have an account."""
    party = PortalInvitation.objects.values_list("party", flat=True).get(pk=invitation)
    return Actor("portal", None, "invitation", (), party)


@action(PORTAL_MANAGE)
def open_account(act: Act, *, party: int) -> int:
    """An account without a password, made by the house itself (a demo, a test) and by nobody else; returns its id."""
    if act.actor.kind != "system":
        raise NotAllowed.for_permission(PORTAL_MANAGE)
    row = _person(party)
    found = PortalAccount.objects.filter(party=row, state="active").values_list("pk", flat=True).first()
    if found is not None:
        act.record("parties.portal", str(party), after={"account": "active"})
        return found
    return _make(act, row, make_password(None), row.language, "house")


@action(PORTAL_MANAGE, reason=True, service=scope_of)
def end_account(act: Act, *, party: int, service: str | None = None) -> int:
    """End a person's account: its password is gone, every session and open invitation ends; returns how many sessions. A new invitation opens
    it again. Refuses where there is none."""
    row = PortalAccount.objects.select_for_update().filter(party=party, state="active").first()
    if row is None:
        raise Conflict.because(
            "portal.none",
            Text("쓰고 있는 포털 계정이 없습니다.", "There is no portal account in use."),
            Text("먼저 초대하십시오.", "Invite first."),
        )
    PortalInvitation.objects.filter(party=party, used_at__isnull=True).delete()
    row.password, row.state, row.ended_at = "", "ended", clock.now()
    row.save(update_fields=["password", "state", "ended_at"])
    ended = end_all(row.pk)
    act.record("parties.portal", str(party), before={"account": "active"}, after={"account": "ended", "sessions": ended})
    act.effect(Text("로그인된 기기 {n}대가 끊깁니다.", "{n} devices are signed out.").fill(n=ended))
    return ended
