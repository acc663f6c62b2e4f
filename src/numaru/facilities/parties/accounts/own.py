"""What a subscriber does with their own account: password, language, devices. Whose it is comes from the actor."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from numaru.facilities.parties.accounts.invitations import good_password
from numaru.facilities.parties.accounts.sessions import end_all
from numaru.facilities.parties.models import PortalAccount, PortalSession
from numaru.facilities.parties.permissions import PORTAL_USE
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.values.text import LANGUAGES, Text


def _account(act: Act) -> PortalAccount:
    """The actor's account, locked."""
    row = PortalAccount.objects.select_for_update().filter(pk=act.actor.id or 0, party=act.actor.person, state="active").first()
    if act.actor.kind != "portal" or row is None:
        raise NotAllowed.for_permission(PORTAL_USE)
    return row


def _record(act: Act, row: PortalAccount, **after: object) -> None:
    act.record("parties.portal", str(row.party_id), after=after)


@action(PORTAL_USE)
def set_password(act: Act, *, password: str, keep: str = "") -> int:
    """Set a new password; every session ends but that of the key ``keep``. Returns how many ended. The face has asked for the present one."""
    row = _account(act)
    good_password(password)
    row.password = make_password(password)
    row.save(update_fields=["password"])
    ended = end_all(row.pk, keep)
    _record(act, row, password="own", sessions_ended=ended)
    return ended


@action(PORTAL_USE)
def speak(act: Act, *, language: str) -> None:
    """Keep the language of the account. Unknown ones are refused."""
    row = _account(act)
    if language not in LANGUAGES:
        raise Invalid.because(
            "portal.language", Text("없는 언어입니다.", "There is no such language."), Text("한국어나 영어를 고르십시오.", "Choose Korean or English."), field="language",
        )  # fmt: skip
    row.language = language
    row.save(update_fields=["language"])
    _record(act, row, language=language)


@action(PORTAL_USE)
def end_session(act: Act, *, session: int = 0, keep: str = "") -> int:
    """End one of one's own sessions, or with 0 every one but that of the key ``keep``; returns how many. Raises NotFound for another's."""
    row = _account(act)
    if session:
        ended = PortalSession.objects.filter(pk=session, account=row).delete()[0]
        if not ended:
            raise NotFound.named(Text("기기", "device"), session)
    else:
        ended = end_all(row.pk, keep)
    _record(act, row, sessions_ended=ended)
    return ended
