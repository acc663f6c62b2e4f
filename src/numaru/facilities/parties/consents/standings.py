"""Where people stand: one set-based query over the ledger, answered by the rules. There is no flag that could differ from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from numaru.facilities.parties.consents import policies
from numaru.facilities.parties.models import ConsentText
from numaru.facilities.parties.rules import consents as rules
from numaru.facilities.parties.rules.consents import Answer, Said, Standing, Terms, Version
from numaru.kernel import clock

MOST = 50_000  # people in one query

# the latest answer and the latest confirmation of each topic; what a child gave alone does not count
LATEST = """
SELECT DISTINCT ON (e.party_id, e.purpose, e.medium, 4, e.kind = 'confirmed')
       e.party_id, e.purpose, e.medium, CASE WHEN e.purpose = ANY(%(each)s) THEN e.document_id END, e.kind, e.at, e.id, e.document_id, t.number
  FROM parties_consentevent e
  LEFT JOIN parties_consenttext t ON t.id = e.text_id
 WHERE e.party_id = ANY(%(parties)s) AND e.kind <> 'shown' AND e.at <= %(at)s AND e.recorded_at <= %(known)s
   AND NOT (e.actor IN ('self', 'staff') AND e.kind IN ('yes', 'confirmed') AND EXISTS (
       SELECT 1 FROM parties_guardianship g WHERE g.child_id = e.party_id AND g.begun_at <= e.at AND e.at < g.until AND g.recorded_at <= %(known)s
          AND (g.struck_at IS NULL OR g.struck_at > %(known)s)))
 ORDER BY e.party_id, e.purpose, e.medium, 4, e.kind = 'confirmed', e.at DESC, e.id DESC
"""
EACH = [key for key, purpose in rules.PURPOSES.items() if purpose.each]


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules need besides a history: the published versions, the terms of the day, the instants asked for."""

    versions: Mapping[int, Sequence[Version]]
    terms: Terms
    at: datetime
    known: datetime | None


@dataclass(slots=True)
class Standings:
    """Where one person stands on everything, at one instant."""

    said: Said
    _by: Known = field(repr=False)

    def of(self, purpose: str, medium: str = "", document: int | None = None) -> Standing:
        """On a purpose for a medium ("" is all of them); a narrower medium wins. For purposes asked document by document, on one of them, or
        without one on all together."""
        by = self._by
        if rules.PURPOSES[purpose].each and document is None:
            return rules.whole(self.said, purpose, by.versions, by.terms, by.at, by.known)
        return rules.standing(self.said, purpose, medium, document, by.versions, by.terms, by.at, by.known)


def versions(known: datetime | None = None) -> dict[int, list[Version]]:
    """The published versions of every document in their order. One query."""
    found: dict[int, list[Version]] = {}
    rows = ConsentText.objects.filter(published_at__isnull=False).order_by("document", "number")
    for document, number, valid_from, published_at, material in rows.values_list(
        "document", "number", "valid_from", "published_at", "material"
    ):
        found.setdefault(document, []).append(Version(document, number or 0, valid_from, published_at or valid_from, material))
    return found


def standing(parties: Sequence[int], at: datetime | None = None, known: datetime | None = None) -> dict[int, Standings]:
    """Where each of ``parties`` stands at ``at`` (now), from what was on record at ``known`` (all that is). Everybody asked for is answered. One
    query for the people, one for the versions, and those of the policies; at most 50,000 people."""
    if len(parties) > MOST:
        raise ValueError(f"at most {MOST} people at once")
    at = at or clock.now()
    by = Known(versions(), policies.terms(_day(at)), at, known)
    found = {party: Standings(Said(), by) for party in parties}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, {"parties": list(found), "at": at, "known": known or "infinity", "each": EACH})
        for party, purpose, medium, topic, kind, when, pk, document, number in cursor.fetchall():
            said = found[party].said
            into = said.confirmations if kind == "confirmed" else said.answers
            into[purpose, medium, topic] = Answer(kind, when, pk, document, number)
    return found


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


@dataclass(frozen=True, slots=True)
class Traits:
    """What must be known of a person before they are written to. ``child``: somebody must consent for them; ``guardian`` is who, None while nobody
    was checked. ``zone``: of the person, None where the house does not know it and its own counts."""

    language: str = "ko"
    do_not_contact: bool = False
    stop_reason: str = ""
    stopped_since: datetime | None = None
    child: bool = False
    guardian: int | None = None
    zone: str | None = None


TRAITS = """
SELECT p.id, COALESCE(a.language, p.language), s.reason, s.since, g.id IS NOT NULL, g.guardian_id
  FROM parties_party p
  LEFT JOIN parties_portalaccount a ON a.party_id = p.id AND a.state = 'active'
  LEFT JOIN parties_contactstop s ON s.party_id = p.id AND s.lifted_at IS NULL
  LEFT JOIN parties_guardianship g ON g.child_id = p.id AND g.ended_at IS NULL AND g.begun_at <= %(now)s AND g.until > %(now)s
 WHERE p.id = ANY(%(parties)s)
"""


def traits(parties: Sequence[int]) -> dict[int, Traits]:
    """What holds of each now; a party that there is not is left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(TRAITS, {"parties": list(parties), "now": clock.now()})
        return {
            party: Traits(language, reason is not None, reason or "", since, child, guardian)
            for party, language, reason, since, child, guardian in cursor.fetchall()
        }
