"""Subscribers told: contact data that were corrected."""

from __future__ import annotations

from numaru.domains.subscribers.models import Subscriber
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.ui import since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text


@since.teller("parties.ContactCorrected", permission=SUBSCRIBER_VIEW)
def corrected(reader: Reader, told: list[Told]) -> list[Entry]:
    """How many corrections, in one line; those of the services of the reader alone."""
    seen, parties = reader.services(SUBSCRIBER_VIEW), {one.payload["party"] for one in told}
    if seen is not None:
        ids = [card.id for card in catalogue.services() if card.slug in seen]
        parties = set(Subscriber.objects.filter(party_id__in=parties, service_id__in=ids).values_list("party_id", flat=True))
    mine = [one for one in told if one.payload["party"] in parties]
    if not mine:
        return []
    return [Entry(mine[0].at, "pencil", Text("개인정보 정정 {n}건", "{n} corrections of contact data").fill(n=f"{len(mine):,}"))]
