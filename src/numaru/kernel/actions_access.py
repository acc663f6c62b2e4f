"""Giving people and programs access: accounts, grants, keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from numaru.kernel import clock
from numaru.kernel.access import ROLES, hash_token, new_token, permission
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.models import ApiClient, Staff, StaffGrant
from numaru.values.text import Text

STAFF_ADD = permission("kernel.staff.add", Text("직원 계정 만들기", "Make staff accounts"))
CLIENT_ADD = permission("kernel.client.add", Text("API 키 만들기", "Make API keys"))


@dataclass(frozen=True, slots=True)
class NewStaff:
    """The account, and the password that is shown this once."""

    staff: Staff
    password: str


@dataclass(frozen=True, slots=True)
class NewClient:
    """The client, and the token that is shown this once."""

    client: ApiClient
    token: str


def _known(roles: Sequence[str]) -> None:
    strange = sorted(set(roles) - set(ROLES))
    if strange or not roles:
        raise Invalid.because(
            "access.role",
            Text("모르는 역할입니다: {r}", "Unknown role: {r}").fill(r=", ".join(strange) or "–"),
            Text("{all} 가운데 고르십시오.", "Choose of {all}.").fill(all=", ".join(ROLES)),
            field="roles",
        )


@action(STAFF_ADD)
def add_staff(
    act: Act, *, login: str, name: str, roles: Sequence[str], scope: str = "", language: str = "ko", password: str = ""
) -> NewStaff:
    """Make an account with its grants; ``scope`` is a service slug or empty for all. Without ``password`` one of 20 characters is made.

    Refuses a login that is taken and an unknown role.
    """
    _known(roles)
    login = login.strip().lower()
    if not login or Staff.objects.filter(login=login).exists():
        raise Conflict.because(
            "access.login",
            Text("로그인 이름 ‘{l}’은(는) 쓸 수 없습니다.", "The login “{l}” can't be used.").fill(l=login),
            Text("다른 이름을 쓰십시오.", "Choose another."),
            field="login",
        )
    secret = password or secrets.token_urlsafe(15)
    staff = Staff(login=login, name=name.strip() or login, language=language, created_at=clock.now())
    staff.set_password(secret)
    staff.save()
    StaffGrant.objects.bulk_create(StaffGrant(staff=staff, role=role, service=scope, granted_at=clock.now()) for role in roles)
    act.record("kernel.staff", str(staff.pk), after={"roles": list(roles), "scope": scope})
    return NewStaff(staff, secret)


@action(CLIENT_ADD)
def make_client(act: Act, *, name: str, roles: Sequence[str], scope: str = "") -> NewClient:
    """Make a key for a program; ``scope`` is a service slug or empty for all. Refuses a name that is taken and an unknown role."""
    _known(roles)
    if not name.strip() or ApiClient.objects.filter(name=name.strip()).exists():
        raise Conflict.because(
            "access.client",
            Text("API 클라이언트 이름 ‘{n}’은(는) 쓸 수 없습니다.", "The client name “{n}” can't be used.").fill(n=name),
            Text("다른 이름을 쓰십시오.", "Choose another."),
            field="name",
        )
    token = new_token()
    client = ApiClient.objects.create(
        name=name.strip(), token_hash=hash_token(token), roles=list(roles), service=scope, created_at=clock.now()
    )
    act.record("kernel.client", str(client.pk), after={"roles": list(roles), "scope": scope})
    return NewClient(client, token)
