"""Portal accounts of people (docs/decisions/portal-accounts.md). Others reach this as ``parties.api.accounts``."""

from numaru.facilities.parties.accounts.codes import plain
from numaru.facilities.parties.accounts.entering import Tried, again, by_password, identifier, invited
from numaru.facilities.parties.accounts.invitations import (
    HOW,
    AccountCard,
    Invitation,
    accept,
    card,
    end_account,
    good_password,
    invite,
    invited_actor,
    open_account,
)
from numaru.facilities.parties.accounts.own import end_session, set_password, speak
from numaru.facilities.parties.accounts.sessions import OwnSession, Reader, begin, end, forget, own, reader

__all__ = [
    "HOW",
    "AccountCard",
    "Invitation",
    "OwnSession",
    "Reader",
    "Tried",
    "accept",
    "again",
    "begin",
    "by_password",
    "card",
    "end",
    "end_account",
    "end_session",
    "forget",
    "good_password",
    "identifier",
    "invite",
    "invited",
    "invited_actor",
    "open_account",
    "own",
    "plain",
    "reader",
    "set_password",
    "speak",
]
