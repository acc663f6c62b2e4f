"""What carriers report later. Taken once however often it is told, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Sum

from numaru.facilities.messaging import law, moving
from numaru.facilities.messaging.events import MessagesReported
from numaru.facilities.messaging.models import MessageBatch, MessageEvent
from numaru.facilities.messaging.moving import Row, Told
from numaru.facilities.messaging.outbox import message_of
from numaru.facilities.messaging.permissions import REPORTS_TAKE
from numaru.facilities.messaging.ports import Report
from numaru.facilities.messaging.rules import states
from numaru.facilities.messaging.rules.channels import KIND, MEDIA
from numaru.facilities.messaging.rules.gate import ADVERTISING
from numaru.facilities.messaging.rules.suppressing import soft_is_enough
from numaru.facilities.messaging.suppressing import Hit, suppress
from numaru.facilities.parties.api import consents
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Refused
from numaru.values.money import Money
from numaru.values.text import Text

KINDS = ("delivered", "failed", "bounced", "complained", "auto_replied", "unsubscribed", "returned")
GONE = {"bounced", "returned"}  # reports that say something of the address
ENOUGH = "bounced"  # what is counted for addresses that bounce again and again
WITHDRAWN = Text("받은 사람이 메시지를 거부함", "The receiver refused a message")


def take_reports(carrier: str, reports: Sequence[Report]) -> int:
    """Take what a carrier reports; returns how many said something new. A part of the caller's transaction, or one of its own."""
    return int(take.do(Actor.system(carrier), carrier=carrier, reports=list(reports))) if reports else 0


@action(REPORTS_TAKE)
def take(act: Act, *, carrier: str, reports: Sequence[Report]) -> int:
    """See :func:`take_reports`. A report of a message that there is not, or is gone, says nothing."""
    now = clock.now()
    places = _places(carrier, reports)
    rows = {r.id: r for r in moving.read("id = ANY(%(ids)s)", {"ids": sorted({m for m, _ in places.values()})}, "ORDER BY id FOR UPDATE")}
    chains = {
        pk: (list(chain), state)
        for pk, chain, state in MessageBatch.objects.filter(pk__in={r.batch for r in rows.values()}).values_list("pk", "chain", "state")
    }
    fresh: list[tuple[Report, Row, int]] = []
    told: list[Told] = []
    seen = set(MessageEvent.objects.filter(message__in=rows, mark__isnull=False).values_list("message", "mark"))
    for n, report in enumerate(reports):
        place = places.get(n)
        if place is None or place[0] not in rows or report.state not in KINDS:
            continue
        row, step = rows[place[0]], place[1]
        mark = f"{carrier}:{step}:{report.state}:{report.code}"[:200]
        if (row.id, mark) in seen:
            continue
        seen.add((row.id, mark))
        channel = chains[row.batch][0][step] if step < len(chains[row.batch][0]) else row.channel
        told.append(
            Told(row.id, report.state, min(report.at, now) if report.at else now, step, channel, report.code, carrier, report.provider_id,
                 cost=_extra(row.id, step, report.cost), mark=mark)
        )  # fmt: skip
        fresh.append((report, row, step))
    standing = law.standing(now)
    for report, row, step in fresh:
        if step == row.step:
            _apply(row, report, chains[row.batch], standing, now)
    moving.save([rows[pk] for pk in sorted({row.id for _, row, _ in fresh})], told, now)
    _reopen({row.batch for _, row, _ in fresh if row.state == "queued"})
    _hits(fresh, chains, standing, now)
    _withdraw(act, fresh, chains)
    act.record("messaging.report", carrier, after={"told": len(reports), "new": len(fresh)})
    if fresh:
        act.event(MessagesReported(carrier, sorted({row.id for _, row, _ in fresh})))
    return len(fresh)


def _places(carrier: str, reports: Sequence[Report]) -> dict[int, tuple[int, int]]:
    """The message and the step that each report belongs to: by our key, else by the carrier's own id."""
    out: dict[int, tuple[int, int]] = {}
    by_id: dict[str, list[int]] = {}
    for n, report in enumerate(reports):
        if report.key:
            message, step = message_of(report.key), report.key.rpartition(".")[2]
            if message is not None and step.isascii() and step.isdigit() and len(step) < 4:
                out[n] = (message, int(step))
        elif report.provider_id:
            by_id.setdefault(report.provider_id[:120], []).append(n)
    if by_id:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, step, provider_id FROM messaging_message WHERE carrier = %s AND provider_id = ANY(%s)", [carrier, list(by_id)]
            )
            found = cursor.fetchall()
            missing = [p for p in by_id if p not in {f[2] for f in found}]
            if missing:  # of an earlier step
                cursor.execute(
                    "SELECT message_id, step, provider_id FROM messaging_messageevent WHERE carrier = %s AND kind = 'accepted' AND provider_id = ANY(%s)",
                    [carrier, missing],
                )
                found += cursor.fetchall()
        for message, step, provider_id in found:
            for n in by_id[provider_id]:
                out[n] = (int(message), int(step))
    return out


def _extra(message: int, step: int, cost: Money | None) -> Money | None:
    """What a reported cost adds to what was known of this step: a carrier may tell the price when it takes a message and again at the end."""
    if cost is None:
        return None
    rows = MessageEvent.objects.filter(message=message, step=step, currency=cost.currency)
    known = int(rows.aggregate(sum=Sum("minor"))["sum"] or 0)
    return Money(cost.minor - known, cost.currency) if cost.minor != known else None


def _apply(row: Row, report: Report, chain: tuple[list[str], str], standing: law.Standing, now: datetime) -> None:
    then = states.reported(row.state, report.state)
    if then == row.state:
        return
    row.state = then
    if then in ("failed", "bounced"):
        row.code = "refused_for_good"
        if states.falls_back(then, row.step, len(chain[0])) and chain[1] != "stopped":
            row.state, row.step, row.tries, row.code, row.sent_at = "queued", row.step + 1, 0, "next", None
            row.due_at = now + timedelta(minutes=standing.fallback_minutes)


def _reopen(batches: set[int]) -> None:
    """A batch that was done has something to send again."""
    if not batches:
        return
    from numaru.facilities.messaging.jobs import defer

    MessageBatch.objects.filter(pk__in=batches, state="done").update(state="running", ended_at=None)
    for number in MessageBatch.objects.filter(pk__in=batches, state="running").order_by("pk").values_list("number", flat=True):
        defer(number)


def _hits(
    fresh: Sequence[tuple[Report, Row, int]], chains: dict[int, tuple[list[str], str]], standing: law.Standing, now: datetime
) -> None:
    """Addresses that are given up: gone at once, others after so many returns within the days of the policy, complaints at once."""
    hits: list[Hit] = []
    times, days = standing.soft
    for report, row, step in fresh:
        chain = chains[row.batch][0]
        channel = chain[step] if step < len(chain) else row.channel
        kind, party = KIND.get(channel, channel), row.receiver or row.party
        if report.state == "complained":
            hits.append(Hit(party, kind, channel, "complaint", report.code, row.id))
        elif report.state == "bounced" and report.permanent:
            hits.append(Hit(party, kind, channel, "hard", report.code, row.id))
        elif report.state == "bounced" and soft_is_enough(_softly(party, channel, now - timedelta(days=days)), times):
            hits.append(Hit(party, kind, channel, "soft", report.code, row.id))
    if hits:
        suppress(hits, now)


def _softly(party: int, channel: str, since: datetime) -> int:
    """Messages to a person that came back by this channel since a moment."""
    events = MessageEvent.objects.filter(message__party=party, kind=ENOUGH, channel=channel, at__gte=since)
    return events.values("message").distinct().count()


def _withdraw(act: Act, fresh: Sequence[tuple[Report, Row, int]], chains: dict[int, tuple[list[str], str]]) -> None:
    """A complaint or a wish to unsubscribe takes the consent to advertising by that medium back. What is refused already stays as it is."""
    for report, row, step in fresh:
        if report.state not in ("complained", "unsubscribed"):
            continue
        chain = chains[row.batch][0]
        medium = MEDIA[chain[step] if step < len(chain) else row.channel]
        if consents.standing([row.party])[row.party].of(ADVERTISING, medium).state == "no":
            continue
        try:
            consents.say.do(
                Actor.system("messaging"), party=row.party, purpose=ADVERTISING, kind="withdrawn", medium=medium, channel="message",
                evidence=f"M-{row.id:010d}", by="self", reason=str(WITHDRAWN),
            )  # fmt: skip
        except Refused:  # the ledger knows better: a person who is gone
            act.record("messaging.report", f"M-{row.id:010d}", after={"withdrawal": "refused"})
