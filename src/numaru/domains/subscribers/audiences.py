"""The people that a notice may be sent to, as this room knows them. Ids only; nobody is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connection

from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.messaging import api as messaging
from numaru.kernel import clock
from numaru.values.text import Text

PAGE = """
SELECT DISTINCT s.party_id FROM subscribers_subscriber s
 WHERE s.party_id > %(after)s AND (%(service)s = '' OR s.service_id = (SELECT v.id FROM catalogue_service v WHERE v.slug = %(service)s)) AND {condition}
 ORDER BY s.party_id LIMIT %(limit)s
"""
ACTIVE = "s.served_from <= %(today)s AND (s.served_to IS NULL OR s.served_to > %(today)s)"
ENDED = "s.served_to <= %(today)s AND s.served_to > %(today)s - 90"


def _page(condition: str) -> Callable[[str, int, int], Sequence[int]]:
    query = PAGE.format(condition=condition)

    def page(service: str, after: int, limit: int) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(query, {"service": service, "after": after, "limit": limit, "today": clock.today()})
            return [party for (party,) in cursor.fetchall()]

    return page


messaging.audiences.add(
    "subscribers.active", messaging.Audience(Text("이용 중인 가입자", "Active subscribers"), SUBSCRIBER_VIEW, _page(ACTIVE))
)
messaging.audiences.add(
    "subscribers.ended",
    messaging.Audience(Text("지난 90일에 끝난 가입자", "Subscribers who ended in the last 90 days"), SUBSCRIBER_VIEW, _page(ENDED)),
)
