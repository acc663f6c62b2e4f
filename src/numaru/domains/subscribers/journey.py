"""The journey of one subscriber: one line of time and the picture of sixty days.

What rooms keep as entries comes from the timeline facility: facts of contracts, invoices, messages, tasks. A *strand* is what no entry is kept
for, because it is computed when it is read (use by day) or has a log of its own that must not be copied (openings of sealed values, requests).
A room that knows of one adds it to :data:`strands`; the line shows both together (docs/decisions/timeline.md)::

    subscribers.strands.add("use", Strand(Text("이용", "Use"), 30, None, used))
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from numaru.domains.subscribers.ports import SubscriberStory
from numaru.domains.subscribers.reads import SubscriberCard, subject_keys
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.messaging import api as messaging
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline.api import Happening
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import Conflict
from numaru.kernel.registers import Register
from numaru.kernel.retention import api as retention
from numaru.ui import formats
from numaru.ui.lanes import Lane, Lanes, Mark, Shape
from numaru.values.period import Period, start_of_day
from numaru.values.text import LANGUAGES, Text

DAYS = 60  # of the picture, and how far back use stands in the timeline; before that it stands on the bills
MOST = 500  # lines in the picture
FIELDS = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}

type Read = Callable[[SubscriberCard, datetime | None, int], list[Happening]]


@dataclass(frozen=True, slots=True)
class Strand:
    """One kind of happening that is computed when it is read. ``read(subscriber, before, limit)`` gives those strictly before a moment (None:
    all), latest first, at most ``limit``. ``shape`` is that of its marks in the picture; None draws none. ``permission``: who lacks it sees no
    strand at all."""

    label: Text
    order: int
    shape: Shape | None
    read: Read
    permission: str | None = None


strands: Register[Strand] = Register("subscribers.strands")


def offered(actor: Actor, service: str) -> list[tuple[str, Strand]]:
    """The strands that this reader may see, in the order of the page."""
    found = [(key, s) for key, s in strands if s.permission is None or actor.may(s.permission, service)]
    return sorted(found, key=lambda pair: (pair[1].order, pair[0]))


def things(card: SubscriberCard, service: str) -> list[timeline.Thing]:
    """What the line of a subscriber of ``service`` is of: the subscription, the person in what belongs to no service, and the messages of this one to the
    person. What else happened to the person in the service belongs to one of their subscriptions, maybe another."""
    return [
        timeline.thing("subscribers.subscriber", card.number),
        timeline.person(card.party_id, service=""),
        timeline.person(card.party_id, service=service, kinds=[messaging.MESSAGE_KIND]),
    ]


def computed(card: SubscriberCard, chosen: Collection[tuple[str, Strand]]) -> list[timeline.Computed]:
    """The strands of one subscriber, for the line."""

    def read(strand: Strand) -> Callable[[datetime | None, int], list[Happening]]:
        return lambda before, limit: strand.read(card, before, limit)

    return [timeline.Computed(key, s.label, s.order, read(s)) for key, s in chosen]


def picture(card: SubscriberCard, actor: Actor) -> tuple[Lanes, bool]:
    """The last sixty days of the service's clock: use by day, and a lane for each group and strand that has a shape. False beside it when the use could
    not be read because a file is gone: then the bars are left out, never guessed."""
    service = service_of(card)
    days = _days(service.zone)
    since = clock.now() - timedelta(days=DAYS + 1)
    kinds = {kind: timeline.kinds[kind].group for kind in timeline.offered(actor, service.slug)}
    drawn = [(g.order, key, g.label, g.shape) for key, g in timeline.groups if g.shape is not None and key in kinds.values()]
    shaped = {key for _, key, _, _ in drawn}
    told = timeline.stretch(
        actor,
        things(card, service.slug),
        service=service.slug,
        since=since,
        size=MOST,
        only=[k for k, group in kinds.items() if group in shaped],
    )
    found: dict[str, list[Happening]] = {}
    for happening in told.happened:
        found.setdefault(happening.kind, []).append(happening)
    for key, strand in offered(actor, service.slug):
        if strand.shape is not None:
            drawn.append((strand.order, key, strand.label, strand.shape))
            found[key] = [h for h in strand.read(card, None, MOST) if h.at >= since]
    lanes = []
    for _, key, label, shape in sorted(drawn, key=lambda one: (one[0], one[1])):
        marks = [
            Mark(formats.local(h.at, service.zone).date(), h.short or h.what, h.tone if h.tone in ("bad", "warn") else "")
            for h in found.get(key, [])
        ]
        lanes.append(Lane(label, shape, [m for m in marks if m.day in days]))
    whole = True
    try:
        counts = {use.day: use.records for use in _use(card, service)}
    except Conflict:
        counts, whole = {}, False
    return Lanes(days, counts, Text("하루 이용", "Use a day"), ("건", "record", "records"), lanes), whole


def service_of(card: SubscriberCard) -> catalogue.ServiceCard:
    return next(s for s in catalogue.services() if s.id == card.service_id)


def _days(zone: str) -> Period:
    today = clock.today(zone)
    return Period(today - timedelta(days=DAYS - 1), today + timedelta(days=1))


def _use(card: SubscriberCard, service: catalogue.ServiceCard) -> list[metering.DayUse]:
    return metering.daily_use(service.slug, subject_keys([card.id])[card.id], _days(service.zone))


# ── the strands that this room knows of itself ───────────────────────────────────────────────────────────────────────


def used(card: SubscriberCard, before: datetime | None, limit: int) -> list[Happening]:
    """A line for each day of use of the last sixty, at the time of its last record: how many records, how much by meter."""
    service = service_of(card)
    if before is not None and before < clock.now() - timedelta(days=DAYS + 1):
        return []
    try:
        days = [use for use in _use(card, service) if before is None or use.last < before]
    except Conflict:  # a usage file is gone: the picture above says so, everything else is told
        return []
    meters = ports.get(SubscriberStory).meters(service.id) if days else {}  # type: ignore[type-abstract]

    def said(meter: str, quantity: Decimal) -> Text:
        name, unit = meters.get(meter, (Text(meter, meter), Text("", "")))
        ko, en = (formats.qty(quantity, lang) for lang in LANGUAGES)
        return Text(f"{name.ko} {ko}{unit.ko}", f"{name.en} {en} {unit.en}".rstrip())

    out = []
    for use in reversed(days[-limit:]):
        parts = [said(meter, quantity) for meter, quantity in use.quantities]
        why = Text(" · ".join(p.ko for p in parts), " · ".join(p.en for p in parts))
        what = Text("이용 {n}건", "{n} record of use" if use.records == 1 else "{n} records of use").fill(n=f"{use.records:,}")
        out.append(Happening(use.last, "use", "player-play", what, why))
    return out


def seen(card: SubscriberCard, before: datetime | None, limit: int) -> list[Happening]:
    """Who opened a sealed value: by role and coded purpose, as the person may know it; a refusal is a line too."""
    out = []
    for s in audit.seen_by_others(card.party_id, limit, before):
        field = FIELDS.get(s.kind, Text(s.kind, s.kind))
        said = Text("{k} 열람", "{k} opened") if s.outcome == "opened" else Text("{k} 열람 거절", "Opening refused: {k}")
        why = Text("{r} · {w}", "{r} · {w}").fill(r=s.role, w=parties.PURPOSES.get(s.code, Text("사유 없음", "no purpose")))
        tone = "" if s.outcome == "opened" else "warn"
        out.append(Happening(s.at, "seen", "eye", said.fill(k=field), why, tone=tone))
    return out


def asked(card: SubscriberCard, before: datetime | None, limit: int) -> list[Happening]:
    """What the person asked about their own data, how it was answered, and their destruction."""
    out: list[Happening] = []
    for row in retention.visible().filter(person=card.party_id).order_by("-id")[:MOST]:
        kind, url = retention.KINDS[row.kind], reverse("subject:one", args=[row.number])
        at = start_of_day(row.received_on, settings.TIME_ZONE)
        late = row.state in ("received", "verified") and row.due_on < clock.today()
        out.append(
            Happening(
                at, "asked", "shield-lock", Text("{k} 요구를 받았습니다", "Request received: {k}").fill(k=kind),
                Text("{n}, {d}까지", "{n}, due {d}").fill(n=row.number, d=row.due_on), url=url, tone="bad" if late else "", short=Text("{k} 요구", "{k}").fill(k=kind),
            )
        )  # fmt: skip
        if row.answered_at:
            said = Text("{k} 요구에 답했습니다", "Request answered: {k}").fill(k=kind)
            why = retention.OUTCOMES.get(row.outcome_code, Text(row.number, row.number))
            out.append(Happening(row.answered_at, "asked", "mail", said, why, url=url))
    older = [h for h in out if before is None or h.at < before]
    return sorted(older, key=lambda h: h.at, reverse=True)[:limit]


strands.add("use", Strand(Text("이용", "Use"), 30, None, used))
strands.add("seen", Strand(Text("개인정보 열람", "Personal data"), 40, "circle", seen, audit.ACCESS_VIEW))
strands.add("asked", Strand(Text("요구", "Requests"), 50, "triangle", asked, retention.REQUEST_HANDLE))
