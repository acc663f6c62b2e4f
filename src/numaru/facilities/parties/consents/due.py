"""What is due about consents: who is to confirm theirs, who is to be told what became of what they said. Found set by set, each duty once.

A duty is a row (``ConsentNotice``); its batch is told by a set event, rooms above send the messages and say so by :func:`told`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from numaru.facilities.parties.consents import documents, policies
from numaru.facilities.parties.consents.saying import Statement, say_many
from numaru.facilities.parties.consents.standings import Standings, standing
from numaru.facilities.parties.events import ConfirmationsDue, ResultsDue
from numaru.facilities.parties.models import ConsentNotice
from numaru.facilities.parties.permissions import CONSENT_RECORD
from numaru.facilities.parties.rules.consents import PURPOSES, add_months
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.policies import value
from numaru.values.text import Text

CHUNK = 10_000
HOUSE = "consents"
CONFIRMED = [key for key, purpose in PURPOSES.items() if purpose.confirmed]

# Of the people of one stretch: whose last yes or confirmation of a purpose is so old that it is to be confirmed, and who was not asked since.
OLD = """
SELECT party_id, purpose, min(id) FROM (
    SELECT DISTINCT ON (e.party_id, e.purpose, e.medium) e.party_id, e.purpose, e.kind, e.id, e.at
      FROM parties_consentevent e
     WHERE e.purpose = ANY(%(purposes)s) AND e.kind <> 'shown' AND e.party_id > %(after)s AND e.party_id <= %(last)s
     ORDER BY e.party_id, e.purpose, e.medium, e.at DESC, e.id DESC) latest
 WHERE kind IN ('yes', 'confirmed') AND at <= %(cut)s AND NOT EXISTS (
       SELECT 1 FROM parties_consentnotice n
        WHERE n.party_id = latest.party_id AND n.purpose = latest.purpose AND n.kind = 'confirm' AND n.raised_at >= latest.at)
 GROUP BY party_id, purpose ORDER BY party_id, purpose COLLATE "C"
"""
STRETCH = "SELECT max(id) FROM (SELECT id FROM parties_party WHERE id > %(after)s ORDER BY id LIMIT %(limit)s) p"


@dataclass(frozen=True, slots=True)
class Notice:
    """One duty, for the room that sends: whom to tell what, by when, and the facts that its text needs."""

    id: int
    kind: str
    party: int
    purpose: str
    said: str  # yes | no | withdrawn | confirmed
    medium: str
    at: datetime
    due_at: datetime


@action(CONSENT_RECORD, reason=True)
def raise_confirmations(act: Act, *, upto: datetime, after: int = 0, limit: int = CHUNK) -> tuple[int, int]:
    """Note the duty to have consents confirmed that lapse before ``upto``, for one chunk of people above ``after``. Returns how many
    duties were new and the last person looked at (0: nobody is left). One set event a chunk that found some."""
    at = clock.now()
    months = policies.terms(clock.today()).confirm_months
    with connection.cursor() as cursor:
        cursor.execute(STRETCH, {"after": after, "limit": limit})
        last = cursor.fetchone()[0] or 0
        cut = add_months(upto, -months, settings.TIME_ZONE) + timedelta(days=3)  # wide enough for months of any length; the rules decide
        cursor.execute(OLD, {"purposes": CONFIRMED, "cut": cut, "after": after, "last": last})
        found = cursor.fetchall()
    stands = standing(sorted({party for party, _, _ in found}), at)
    rows, batch = [], f"confirm-{at:%Y%m%d%H%M%S}-{after}"
    for party, purpose, event in found:
        due = _due(stands[party], purpose)
        if due is not None and due <= upto:
            rows.append(
                ConsentNotice(kind="confirm", party_id=party, purpose=purpose, event_id=event, due_at=due, raised_at=at, batch=batch)
            )
    ConsentNotice.objects.bulk_create(rows, batch_size=5_000)
    made = len(rows)
    if made:
        act.event(ConfirmationsDue(batch, made))
    act.record("parties.notices", batch, after={"confirm": made})
    return made, int(last)


def _due(where: Standings, purpose: str) -> datetime | None:
    """When the first of the media on which a purpose still stands is to be confirmed; None when it stands on none."""
    media = {medium for of, medium, _ in where.said.answers if of == purpose}
    found = [s.confirm_by for medium in media if (s := where.of(purpose, medium)).yes and s.confirm_by is not None]
    return min(found, default=None)


RESULTS = """
INSERT INTO parties_consentnotice (kind, party_id, purpose, event_id, due_at, raised_at, batch, message)
SELECT 'result', e.party_id, e.purpose, e.id, e.at + %(days)s * interval '1 day', %(now)s, %(batch)s, ''
  FROM (SELECT DISTINCT ON (party_id, purpose) * FROM parties_consentevent
         WHERE recorded_at > %(since)s AND recorded_at <= %(now)s AND purpose = ANY(%(purposes)s) AND kind IN ('yes', 'no', 'withdrawn')
           AND channel <> 'import'
         ORDER BY party_id, purpose, at DESC, id DESC) e
    ON CONFLICT DO NOTHING
"""


@action(CONSENT_RECORD, reason=True)
def raise_results(act: Act) -> int:
    """Note the duty to tell the result of what people said about advertising since the time of the policy; of several answers of a day the last.
    Returns how many are new. What was imported was told by whoever took it."""
    now = clock.now()
    days = int(value(policies.RESULT_DAYS.key, clock.today()))
    batch = f"result-{now:%Y%m%d%H%M%S}"
    with connection.cursor() as cursor:
        cursor.execute(RESULTS, {"days": days, "now": now, "since": now - timedelta(days=days), "batch": batch, "purposes": CONFIRMED})
        made = cursor.rowcount
    if made:
        act.event(ResultsDue(batch, made))
    act.record("parties.notices", batch, after={"result": made})
    return made


def notices(batch: str, after: int = 0, limit: int = CHUNK) -> list[Notice]:
    """The duties of a batch that were not told yet, in the order of their numbers. One query."""
    rows = ConsentNotice.objects.filter(batch=batch, told_at__isnull=True, pk__gt=after).select_related("event").order_by("pk")[:limit]
    return [Notice(r.pk, r.kind, r.party_id, r.purpose, r.event.kind, r.event.medium, r.event.at, r.due_at) for r in rows]


@action(CONSENT_RECORD)
def told(act: Act, *, notices: Sequence[int], messages: dict[int, str] | None = None) -> int:
    """These duties were done: the message reached the person (``messages``: its number by duty). Where the policy keeps the consent of whoever was
    told and says nothing, the confirmation is written to the ledger. Returns how many; a duty that was done already is left alone."""
    now, numbers = clock.now(), messages or {}
    rows = list(ConsentNotice.objects.select_for_update().filter(pk__in=notices, told_at__isnull=True).select_related("event"))
    for row in rows:
        row.told_at, row.message = now, numbers.get(row.pk, "")[:40]
    ConsentNotice.objects.bulk_update(rows, ["told_at", "message"], batch_size=2_000)
    asked = [row for row in rows if row.kind == "confirm"]
    if asked and value(policies.SILENCE_KEEPS.key, clock.today()):
        stands = standing([row.party_id for row in asked], now)
        texts = {text.purpose: text.id for text in reversed(documents.in_force(now))}
        lines = [
            Statement(
                row.party_id, row.purpose, "confirmed", now, medium, texts.get(row.purpose), "message", "ko", "house", None, row.message
            )
            for row in asked
            for medium in sorted({m for p, m, _ in stands[row.party_id].said.answers if p == row.purpose})
            if stands[row.party_id].of(row.purpose, medium).yes
        ]
        if lines:
            say_many.within(act, statements=lines)
    act.record("parties.notices", str(min(notices, default=0)), after={"told": len(rows)})
    return len(rows)


def overdue(at: datetime | None = None) -> int:
    """How many duties should have been told by now and were not."""
    return ConsentNotice.objects.filter(told_at__isnull=True, due_at__lt=at or clock.now()).count()


def nightly() -> tuple[int, int]:
    """Both, to the end; returns how many confirmations and results are new. Killed anywhere it goes on at the next call."""
    actor, why = Actor.system(HOUSE), str(Text("기한이 된 동의", "consents that are due"))
    upto = clock.now() + timedelta(days=int(value(policies.CONFIRM_LEAD.key, clock.today())))
    after = confirmations = 0
    while True:
        made, last = raise_confirmations.do(actor, upto=upto, after=after, reason=why)
        confirmations += made
        if not last:
            break
        after = last
    return confirmations, raise_results.do(actor, reason=why)
