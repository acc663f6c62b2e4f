"""A way into the portal without a password, for the house itself: the faces of a demo installation and tests. No address of the house leads here."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.domains.subscribers.models import Subscriber
from numaru.domains.subscribers.reads import parse_number
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.errors import NotFound
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class PortalSession:
    """``key`` is the value of the portal's cookie; ``url`` the page that the session opens."""

    key: str
    url: str


def portal_session_for(number: str, *, as_house: Actor, agent: str = "") -> PortalSession:
    """Sign a browser in as the subscriber ``number``, making their account where there is none. ``as_house`` is a system actor: nobody else may.
    Raises NotFound, and NotAllowed for any other actor."""
    pk = parse_number(number)
    party = Subscriber.objects.filter(pk=pk).values_list("party", flat=True).first() if pk is not None else None
    if party is None:
        raise NotFound.named(Text("가입자", "subscriber"), number)
    account = parties.accounts.open_account.do(as_house, party=party)
    return PortalSession(parties.accounts.begin(account, agent), f"/my/{number}/")
