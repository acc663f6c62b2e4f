"""What a person's history of consents says at an instant, as it was known at another.

An answer (yes, no, withdrawn) holds from its instant on until the next one about the same topic: a purpose, a medium ("" is all of them) and,
where each text is asked for by itself, a document. A narrower medium wins over "", but a refusal of all that came later wins over an older yes.
What follows from time is worked out, never written down: a yes that was not confirmed in time, or whose text has changed in substance since.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ANSWERS = ("yes", "no", "withdrawn")
GIVEN = ("yes", "confirmed")  # what a child can't say alone
ALONE = ("self", "staff")  # the person's own will, also where staff took it down

type Topic = tuple[str, str, int | None]  # purpose, medium, document where each is asked for by itself
type Place = tuple[datetime, int]  # when, and the number of the event: two at one instant come in the order of their numbers


@dataclass(frozen=True, slots=True)
class Purpose:
    """What may be consented to. ``each``: every document is asked for by itself; ``media``: may differ by medium; ``confirmed``: to be confirmed
    again and again; ``rests_on``: holds only while another purpose does."""

    key: str
    each: bool = False
    media: bool = False
    confirmed: bool = False
    rests_on: str = ""


PURPOSES: dict[str, Purpose] = {
    p.key: p
    for p in (
        Purpose("service", each=True),
        Purpose("advertising", media=True, confirmed=True),
        Purpose("advertising_night", media=True, confirmed=True, rests_on="advertising"),
        Purpose("third_party", each=True),
    )
}
MEDIA = ("email", "text", "kakao", "push", "inapp", "letter", "call")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger. ``text`` is the number of the version that it was about, of ``document``."""

    id: int
    purpose: str
    medium: str
    kind: str  # shown | yes | no | withdrawn | confirmed
    at: datetime
    recorded_at: datetime
    actor: str = "self"  # self | guardian | staff | house
    document: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Childhood:
    """From when until when somebody is a child whose guardian consents for them, and when the house learned it. Half-open. ``struck_at``: when it
    turned out to be a mistake."""

    begun: datetime
    until: datetime
    recorded_at: datetime
    struck_at: datetime | None = None

    def holds(self, at: datetime, known: datetime | None) -> bool:
        if self.struck_at is not None and (known is None or self.struck_at <= known):
            return False
        return self.begun <= at < self.until and (known is None or self.recorded_at <= known)


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a document."""

    document: int
    number: int
    valid_from: datetime
    published_at: datetime
    material: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The policies that hold: months after which a yes is confirmed again, days of grace, the purposes whose consent lapses with a change of
    substance, and the zone whose days count."""

    confirm_months: int = 24
    grace_days: int = 0
    material_lapses: frozenset[str] = frozenset()
    zone: str = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest answer about one topic."""

    kind: str
    at: datetime
    id: int
    document: int | None = None
    version: int | None = None

    @property
    def place(self) -> Place:
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Standing:
    """``state``: yes | no | none | lapsed. ``since`` is when it came to be so; ``version`` the text's version number; ``confirm_by`` when a yes
    lapses unless it is confirmed; ``event`` the line of the ledger that decides; ``why`` of a lapse: confirm | text."""

    state: str = "none"
    since: datetime | None = None
    version: int | None = None
    confirm_by: datetime | None = None
    event: int | None = None
    why: str = ""

    @property
    def yes(self) -> bool:
        return self.state == "yes"


NONE = Standing()


@dataclass(slots=True)
class Said:
    """The latest answers and confirmations of one person: all that the rules need of a history."""

    answers: dict[Topic, Answer] = field(default_factory=dict)
    confirmations: dict[Topic, Answer] = field(default_factory=dict)


def topic(purpose: str, medium: str, document: int | None) -> Topic:
    """What an event is about: the document counts only where each is asked for by itself."""
    return purpose, medium, document if PURPOSES[purpose].each else None


def counts(event: Event, childhoods: Iterable[Childhood], known: datetime | None = None) -> bool:
    """Whether an event counts: what a child gave alone does not; what a child refused does."""
    if event.actor not in ALONE or event.kind not in GIVEN:
        return True
    return not any(c.holds(event.at, known) for c in childhoods)


def said(events: Iterable[Event], at: datetime, known: datetime | None = None, childhoods: Sequence[Childhood] = ()) -> Said:
    """The latest answers at ``at`` from what was on record at ``known`` (None: all that is on record). Both instants are included.

    >>> from datetime import UTC
    >>> day = [datetime(2026, 1, d, tzinfo=UTC) for d in range(1, 5)]
    >>> two = [Event(1, "advertising", "", "yes", day[0], day[0]), Event(2, "advertising", "", "withdrawn", day[1], day[3])]
    >>> [said(two, day[2], known).answers["advertising", "", None].kind for known in (day[2], day[3])]
    ['yes', 'withdrawn']
    """
    found = Said()
    for e in events:
        if e.kind == "shown" or e.at > at or (known is not None and e.recorded_at > known) or not counts(e, childhoods, known):
            continue
        into = found.confirmations if e.kind == "confirmed" else found.answers
        key = topic(e.purpose, e.medium, e.document)
        if key not in into or into[key].place < (e.at, e.id):
            into[key] = Answer(e.kind, e.at, e.id, e.document, e.version)
    return found


def standing(
    found: Said, purpose: str, medium: str, document: int | None, versions: Mapping[int, Sequence[Version]], terms: Terms, at: datetime, known: datetime | None = None
) -> Standing:  # fmt: skip
    """Where one topic stands. ``versions`` are the published ones by document. Raises KeyError for a purpose that there is not."""
    rule = PURPOSES[purpose]
    own = _of(found, rule, medium, document, versions, terms, at, known)
    if rule.rests_on and own.state != "no":
        below = standing(found, rule.rests_on, medium, None, versions, terms, at, known)
        if not below.yes and own.state != "none":
            return Standing("no" if below.state in ("no", "none") else below.state, below.since, own.version, None, below.event, below.why)
    return own


def whole(
    found: Said, purpose: str, versions: Mapping[int, Sequence[Version]], terms: Terms, at: datetime, known: datetime | None = None
) -> Standing:
    """Where a purpose stands for all its documents together: a no wins over a lapse, a lapse over a yes; of several alike the latest."""
    if not PURPOSES[purpose].each:
        return standing(found, purpose, "", None, versions, terms, at, known)
    every = [_of(found, PURPOSES[purpose], "", key[2], versions, terms, at, known) for key in found.answers if key[0] == purpose]
    for state in ("no", "lapsed", "yes"):
        alike = [one for one in every if one.state == state]
        if alike:
            return max(alike, key=lambda one: (one.since or at, one.event or 0))
    return NONE


def _of(
    found: Said, rule: Purpose, medium: str, document: int | None, versions: Mapping[int, Sequence[Version]], terms: Terms, at: datetime, known: datetime | None
) -> Standing:  # fmt: skip
    here, all_over = topic(rule.key, medium, document), topic(rule.key, "", document)
    narrow, wide = found.answers.get(here), found.answers.get(all_over)
    answer = narrow or wide
    if narrow is not None and wide is not None and wide.place > narrow.place and (wide.kind != "yes" or narrow.kind == "yes"):
        answer = wide  # a later refusal of all, or a later yes to all that renews the narrower one
    if answer is None:
        return NONE
    if answer.kind != "yes":
        return Standing("no", answer.at, answer.version, None, answer.id)
    later = [c for key in {here, all_over} if (c := found.confirmations.get(key)) is not None and c.place > answer.place]
    last = max(later, key=lambda c: c.place, default=answer)
    version, of = (last.version, last.document) if last.version is not None else (answer.version, answer.document)
    by = overdue = None
    if rule.confirmed:
        by = add_months(last.at, terms.confirm_months, terms.zone)
        overdue = by + timedelta(days=terms.grace_days)
    changed = _changed(rule, of, version, versions, terms, at, known)
    ends = min((end for end in (overdue, changed) if end is not None and end <= at), default=None)
    if ends is not None:
        return Standing("lapsed", ends, version, by, last.id, "text" if ends == changed else "confirm")
    return Standing("yes", answer.at, version, by, last.id)


def _changed(
    rule: Purpose, document: int | None, version: int | None, versions: Mapping[int, Sequence[Version]], terms: Terms, at: datetime, known: datetime | None
) -> datetime | None:  # fmt: skip
    """When the text that was consented to was first followed by one that differs in substance."""
    if rule.key not in terms.material_lapses or document is None or version is None:
        return None
    newer = [
        v.valid_from for v in versions.get(document, ())
        if v.number > version and v.material and v.valid_from <= at and (known is None or v.published_at <= known)
    ]  # fmt: skip
    return min(newer, default=None)


def add_months(at: datetime, months: int, zone: str) -> datetime:
    """The same wall-clock time ``months`` later on the clock of ``zone``; a day that the month has not is its last.

    >>> from datetime import UTC
    >>> add_months(datetime(2024, 2, 29, 3, tzinfo=UTC), 24, "Asia/Seoul").isoformat()
    '2026-02-28T12:00:00+09:00'
    """
    local = at.astimezone(ZoneInfo(zone))
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, calendar.monthrange(year, month + 1)[1]))
