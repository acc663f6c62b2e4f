"""Who stands behind a number: the answer of this room to cases of leak and intrusion. Ids and numbers; nothing is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

from numaru.domains.subscribers.models import Subscriber
from numaru.domains.subscribers.reads import parse_number

PART = 50_000


class Persons:
    """Answers :class:`numaru.kernel.leaks.ports.PersonDirectory`."""

    def persons(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """By shown number, else by the name that the outside uses; an outside name that several services use stands for none of them."""
        by_id = {text: pk for text in numbers if (pk := parse_number(text)) is not None}
        found = dict(Subscriber.objects.filter(pk__in=set(by_id.values())).values_list("pk", "party_id"))
        out = {text: found[pk] for text, pk in by_id.items() if pk in found}
        outside: dict[str, set[int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT external_id, party_id FROM subscribers_subscriber WHERE external_id = ANY(%s)",
                [[t for t in numbers if t not in by_id]],
            )
            for text, party in cursor.fetchall():
                outside.setdefault(text, set()).add(party)
        return out | {text: next(iter(parties)) for text, parties in outside.items() if len(parties) == 1}

    def numbers(self, persons: Sequence[int]) -> Mapping[int, str]:
        """The first number of each."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT party_id, min(id) FROM subscribers_subscriber WHERE party_id = ANY(%s) GROUP BY party_id", [list(persons)]
            )
            return {party: f"S-{pk:07d}" for party, pk in cursor.fetchall()}

    def languages(self, persons: Sequence[int]) -> Mapping[int, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, language FROM parties_party WHERE id = ANY(%s)", [list(persons)])
            return dict(cursor.fetchall())

    def of_service(self, service: str) -> Iterator[Sequence[int]]:
        """Everybody of a service in the order of their ids."""
        after = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT s.id, s.party_id FROM subscribers_subscriber s JOIN catalogue_service v ON v.id = s.service_id"
                    " WHERE s.id > %s AND v.slug = %s ORDER BY s.id LIMIT %s", [after, service, PART],
                )  # fmt: skip
                rows = cursor.fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield sorted({party for _, party in rows})
