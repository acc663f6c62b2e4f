"""Addresses to which nothing is sent any more: by their blind token, so that the list names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from numaru.facilities.messaging.models import Suppression
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.vault import api as vault
from numaru.values.text import Text

HOUSE = Actor.system("messaging")
SUPPRESS = Text("발송 억제", "Suppressing an address")


@dataclass(frozen=True, slots=True)
class Hit:
    """An address that is given up: whose it is, what it is, why."""

    party: int
    kind: str  # email | phone | push | letter
    channel: str
    reason: str  # hard | soft | complaint | hand
    code: str
    message: int | None = None


def suppress(hits: Sequence[Hit], at: datetime) -> int:
    """Suppress the present addresses of these people; one that stands is counted once more. Returns how many. A part of the caller's transaction.

    The address is opened to make its token and shown to nobody; the opening is on record.
    """
    wanted = {(h.party, h.kind): h for h in hits if h.kind in ("email", "phone")}
    if not wanted:
        return 0
    who, kinds = sorted({p for p, _ in wanted}), sorted({k for _, k in wanted})
    vault.record_many(HOUSE, who, kinds, vault.Purpose(SUPPRESS.ko, "notice"))
    opened = {one.person: one.values for one in vault.read_many(who, kinds)}
    seen = parties.masked(set(who))
    blind = vault.writing()
    count = 0
    for (party, kind), h in sorted(wanted.items()):
        value = opened.get(party, {}).get(kind, "").strip().lower()
        if not value:
            continue
        person = seen.get(party)
        shown = (person.email if kind == "email" else person.phone) if person else ""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO messaging_suppression AS s (kind, token, token_version, party, shown, channel, reason, code, count, message, first_at, at, lifted_name,"
                " lifted_reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s, %s, '', '')"
                " ON CONFLICT (kind, token) WHERE lifted_at IS NULL DO UPDATE SET count = s.count + 1, at = excluded.at, code = excluded.code,"
                " reason = CASE WHEN s.reason = 'complaint' THEN s.reason ELSE excluded.reason END",
                [kind, blind.token(kind, value), blind.version, party, shown, h.channel, h.reason, h.code[:60], h.message, at, at],
            )
        count += 1
    return count


class Suppressions:
    """Renews the tokens when the blind-index key changes. One whose person's address is another by now, or is gone, is dropped: nobody is sent to it."""

    name = Text("발송 억제 토큰", "Tokens of suppressed addresses")

    def behind(self, version: int) -> int:
        return Suppression.objects.filter(lifted_at__isnull=True).exclude(token_version=version).count()

    def renew(self, index: vault.Blind, after: int, limit: int) -> tuple[int, int]:
        rows = list(
            Suppression.objects.select_for_update()
            .filter(pk__gt=after, lifted_at__isnull=True)
            .exclude(token_version=index.version)
            .order_by("pk")[:limit]
        )
        if not rows:
            return 0, 0
        opened = {one.person: one.values for one in vault.read_many(sorted({r.party for r in rows}), ("email", "phone"))}
        olds = [b for b in vault.asking() if b.version != index.version]
        for row in rows:
            value = opened.get(row.party, {}).get(row.kind, "").strip().lower()
            if value and any(b.version == row.token_version and b.token(row.kind, value) == row.token for b in olds):
                Suppression.objects.filter(kind=row.kind, token=index.token(row.kind, value), lifted_at__isnull=True).exclude(
                    pk=row.pk
                ).delete()
                row.token, row.token_version = index.token(row.kind, value), index.version
                row.save(update_fields=["token", "token_version"])
            else:
                row.lifted_at, row.lifted_name, row.lifted_reason, row.token_version = (
                    row.at,
                    "house",
                    "the address is another by now",
                    index.version,
                )
                row.save(update_fields=["lifted_at", "lifted_name", "lifted_reason", "token_version"])
        return len(rows), rows[-1].pk


vault.indexes.add("messaging.suppression", Suppressions())
