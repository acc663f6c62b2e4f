"""Accounts of staff: joining, passwords, the language of an account."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from numaru.kernel import clock
from numaru.kernel.access import ROLES, hash_token
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.staff import factors, policies, throttle
from numaru.kernel.staff.events import StaffJoined
from numaru.kernel.staff.models import Face, PasswordTicket
from numaru.kernel.staff.permissions import ACCOUNT_USE, GRANT_APPROVE, PASSWORD_ISSUE, PERSON_ADD
from numaru.kernel.staff.sessions import end_all
from numaru.values.text import LANGUAGES, Text

WHAT = Text("직원", "member of staff")
BASIC = "basic"


@dataclass(frozen=True, slots=True)
class NewStaff:
    """The account, and the password that is shown this once."""

    staff: Staff
    password: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A link's secret, shown this once, and until when it holds."""

    secret: str
    expires_at: datetime


def known(roles: Sequence[str]) -> None:
    """Raises Invalid for a role that the house does not have, and for none at all."""
    strange = sorted(set(roles) - set(ROLES))
    if strange or not roles:
        raise Invalid.because(
            "access.role",
            Text("모르는 역할입니다: {r}", "Unknown role: {r}").fill(r=", ".join(strange) or "–"),
            Text("{all} 가운데 고르십시오.", "Choose of {all}.").fill(all=", ".join(ROLES)),
            field="roles",
        )


def somebody(staff: int) -> Staff:
    """The account, locked. Raises NotFound."""
    found = Staff.objects.select_for_update().filter(pk=staff).first()
    if found is None:
        raise NotFound.named(WHAT, staff)
    return found


def good_password(password: str, staff: Staff | None = None) -> None:
    """Raises Invalid for a password that is too short."""
    try:
        validate_password(password, staff)
    except ValidationError:
        raise Invalid.because(
            "access.password", Text("비밀번호가 너무 짧습니다.", "The password is too short."),
            Text("12자 이상으로 정하십시오. 낱말 몇 개를 이어 쓰면 외우기 쉽습니다.", "Take 12 characters or more; a few words are easy to remember."),
            field="password",
        ) from None  # fmt: skip


@action(PERSON_ADD)
def add_staff(
    act: Act, *, login: str, name: str, roles: Sequence[str] = (BASIC,), scope: str = "", language: str = "ko", password: str = "",
    given: bool = False,
) -> NewStaff:  # fmt: skip
    """Make an account with its grants; ``scope`` is a service slug or empty for all. Without ``password`` one of 20 characters is made.

    Staff make accounts with the basic role alone and whoever joins must change the password at the first sign-in; further roles are asked for
    (:func:`numaru.kernel.staff.grants.grant`). The house itself may begin with any role; ``given`` then says that the password is to be changed.
    Refuses a login that is taken and an unknown role.
    """
    known(roles)
    if act.actor.kind != "system" and list(roles) != [BASIC]:
        raise NotAllowed.because(
            "access.joiner", Text("새 계정은 기본 역할로만 만듭니다.", "A new account has the basic role alone."),
            Text("만든 뒤 역할을 올리십시오.", "Ask for further roles afterwards."), field="roles",
        )  # fmt: skip
    login = login.strip().lower()
    if not login or len(login) > 80 or any(c.isspace() for c in login) or Staff.objects.filter(login=login).exists():
        raise Conflict.because(
            "access.login",
            Text("로그인 이름 ‘{l}’은(는) 쓸 수 없습니다.", "The login “{l}” can't be used.").fill(l=login),
            Text("다른 이름을 쓰십시오.", "Choose another."),
            field="login",
        )
    secret = password or secrets.token_urlsafe(15)
    staff = Staff(login=login, name=name.strip()[:80] or login, language=language, created_at=clock.now())
    staff.password_given = given or act.actor.kind != "system"
    staff.set_password(secret)
    staff.save()
    StaffGrant.objects.bulk_create(
        StaffGrant(
            staff=staff, role=role, service=scope, granted_at=clock.now(), granted_by=act.actor.staff_id, granted_name=act.actor.name[:80],
            reason=act.reason,
        )
        for role in roles
    )  # fmt: skip
    factors.refresh(staff)
    act.record("kernel.staff", str(staff.pk), after={"roles": list(roles), "scope": scope})
    act.event(StaffJoined(staff.pk))
    return NewStaff(staff, secret)


@action(PASSWORD_ISSUE, reason=True)
def issue_link(act: Act, *, staff: int) -> Ticket:
    """A link with which the person sets a new password, once, within the hours of the policy. Earlier links die. The present password holds
    until it is used, and so do the second factors."""
    person = somebody(staff)
    if not person.is_active:
        raise _left(person)
    no_face(person)
    PasswordTicket.objects.filter(staff=person, used_at__isnull=True).delete()
    secret = secrets.token_urlsafe(32)
    now = clock.now()
    until = now + timedelta(hours=int(policies.now(policies.TICKET_HOURS)))
    PasswordTicket.objects.create(staff=person, secret_hash=hash_token(secret), made_at=now, expires_at=until)
    act.record("kernel.staff", str(staff), after={"password_link": True})
    return Ticket(secret, until)


def no_face(person: Staff) -> None:
    """Raises Conflict where a face of a demo would become an account that somebody signs in to."""
    if Face.objects.filter(staff=person).exists():
        raise Conflict.because(
            "access.face", Text("시연용 얼굴에는 비밀번호를 두지 않습니다.", "A face of the demo has no password."),
            Text("비밀번호로 로그인할 계정은 새로 만드십시오.", "Make an account for somebody who signs in with one."), value=person.login,
        )  # fmt: skip


def _left(person: Staff) -> Exception:
    return Conflict.because(
        "access.left", Text("차단된 계정입니다.", "This account has been cut off."),
        Text("돌아온 사람에게는 새 계정을 만드십시오.", "Make a new account for somebody who comes back."), value=person.login,
    )  # fmt: skip


def ticket_holder(secret: str) -> Staff | None:
    """Whose password the link may set; None for one that is unknown, used or too old, or whose person has left."""
    found = (
        PasswordTicket.objects.filter(secret_hash=hash_token(secret), used_at__isnull=True, expires_at__gt=clock.now(), staff__is_active=True)
        .select_related("staff").first()
    )  # fmt: skip
    return found.staff if found else None


@action(ACCOUNT_USE)
def set_password(act: Act, *, password: str, secret: str = "", keep: str | None = None) -> None:
    """Set one's own password, by a link (``secret``) or signed in. Every session of the person ends but that of the key ``keep``. Refuses a
    short one and a dead link."""
    if act.actor.staff_id is None:
        raise NotAllowed.for_permission(ACCOUNT_USE)
    person = somebody(act.actor.staff_id)
    no_face(person)
    good_password(password, person)
    if secret:
        used = PasswordTicket.objects.filter(
            staff=person, secret_hash=hash_token(secret), used_at__isnull=True, expires_at__gt=clock.now()
        ).update(used_at=clock.now())
        if not used:
            raise Conflict.because(
                "access.link", Text("이 링크는 더 쓸 수 없습니다.", "This link can no longer be used."),
                Text("관리자에게 새 링크를 요청하십시오.", "Ask an administrator for a new one."),
            )  # fmt: skip
    person.set_password(password)
    person.password_given = False
    person.save(update_fields=["password", "password_given"])
    end_all(person.pk, keep)
    act.record("kernel.staff", str(person.pk), after={"password": "link" if secret else "own"})


@action(PASSWORD_ISSUE, reason=True)
def unlock(act: Act, *, staff: int) -> int:
    """Open the gates that wrong tries have shut for this person; returns how many were shut."""
    person = somebody(staff)
    count = throttle.open_gates(person.pk, person.login)
    act.record("kernel.staff", str(staff), after={"unlocked": count})
    return count


def _of_factors(*, staff: int | None = None, **_: object) -> Second | None:
    found = Staff.objects.filter(pk=staff, is_active=True).exists() if staff else False
    if not found:
        return None
    why = Text("2단계 인증을 지우면 그 계정에 들어가기 쉬워집니다.", "Without its second factor an account is easier to enter.")
    return Second(why, GRANT_APPROVE, frozenset({int(staff or 0)}), alone=True)


@action(PASSWORD_ISSUE, reason=True, second=_of_factors)
def reset_factors(act: Act, *, staff: int) -> int:
    """Remove every second factor of a person who has lost them; they must enrol at the next sign-in. Their sessions end."""
    person = somebody(staff)
    removed = factors.remove_all(person)
    end_all(person.pk)
    act.effect(
        Text("{n}의 2단계 인증 {c}개를 지우고 모든 세션을 끊습니다.", "{c} second factors of {n} are removed and every session ends.").fill(
            n=person.name, c=removed
        )
    )
    act.record("kernel.staff", str(staff), after={"factors": 0, "removed": removed})
    return removed


@action(ACCOUNT_USE)
def note_factor(act: Act, *, kind: str, change: str) -> None:
    """Record that one's own second factor was added, removed or renewed; the deadline for having one follows."""
    if act.actor.staff_id is None:
        raise NotAllowed.for_permission(ACCOUNT_USE)
    person = somebody(act.actor.staff_id)
    factors.refresh(person)
    act.record("kernel.staff", str(person.pk), after={"factor": kind, "change": change})


@action(ACCOUNT_USE)
def end_session(act: Act, *, session: int = 0, keep: str | None = None) -> int:
    """End one of one's own sessions, or with 0 every one but that of the key ``keep``; returns how many ended."""
    from numaru.kernel.staff.models import StaffSession

    if act.actor.staff_id is None:
        raise NotAllowed.for_permission(ACCOUNT_USE)
    if session:
        ended = StaffSession.objects.filter(pk=session, staff=act.actor.staff_id).delete()[0]
        if not ended:
            raise NotFound.named(Text("세션", "session"), session)
    else:
        ended = end_all(act.actor.staff_id, keep)
    act.record("kernel.staff", str(act.actor.staff_id), after={"sessions_ended": ended})
    return ended


@action(PASSWORD_ISSUE, reason=True)
def end_sessions_of(act: Act, *, staff: int) -> int:
    """End every session of somebody; returns how many. They may sign in again."""
    person = somebody(staff)
    ended = end_all(person.pk)
    act.record("kernel.staff", str(staff), after={"sessions_ended": ended})
    return ended


@action(ACCOUNT_USE)
def speak(act: Act, *, language: str) -> None:
    """Keep the language of one's own account, the same on every machine. Unknown ones are refused."""
    if language not in LANGUAGES or act.actor.staff_id is None:
        raise Invalid.because(
            "access.language", Text("없는 언어입니다.", "There is no such language."), Text("한국어나 영어를 고르십시오.", "Choose Korean or English."), field="language",
        )  # fmt: skip
    Staff.objects.filter(pk=act.actor.staff_id).update(language=language)
    act.record("kernel.staff", str(act.actor.staff_id), after={"language": language})
