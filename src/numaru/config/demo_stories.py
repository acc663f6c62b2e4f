"""The seven stories planted in the demo company, as a plan: who is in them and what becomes of each. Pure, and the same on every day but for
the dates. The external ids of a story's people begin with its mark, so that the list of subscribers finds them by it.

| mark | story | in which month |
|---|---|---|
| RISE- | a price rise with regret: newcomers who met the dearer price leave within weeks, some get the old price back | the fourth billed one |
| CDN- | a fault of delivery in one region on one evening, with a surge of retries | the last billed one |
| RING- | a ring with one coupon: twelve sign-ups on one day, phone numbers in a row, no use, gone after the discounted month | the one before |
| GUARD- | a guardian signs a child up: the child's subscription stands on the guardian's account | third and fifth |
| PART- | partners: one without a price, one whose records came after the bill | the one before the last |
| CARD- | a wave of suspensions within a week, most resumed, some not | the last billed one |
| (title) | a webtoon that spreads: ``demo_world.viral`` | the one before the last |
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from numaru.config.demo_world import STUDIOS, Calendar, Life, Turn, Use, moment, person
from numaru.facilities.parties.api import Person
from numaru.values.period import Period

MOONLIGHT, TALEWOOD, BOOKFLOOR = STUDIOS
RISE, CDN, RING, GUARD, PART, CARD = "RISE-", "CDN-", "RING-", "GUARD-", "PART-", "CARD-"
LEFT_FIRST, LEFT_NEXT, GIVEN_BACK, STAYED = 9, 5, 5, 5  # of the price rise
FAULTY = 12  # people of the fault who are known by name; everybody of the region meets it
RING_SIZE, RING_PHONES = 12, "010-0770-"
GUARDIANS = 3
PARTNERS, PARTNER_READS, PARTNER_LATE = 4, 280, 60
RESUMED, SUSPENDED, ENDED = 11, 4, 3  # of the wave
PEOPLE = LEFT_FIRST + LEFT_NEXT + GIVEN_BACK + STAYED + FAULTY + RING_SIZE + 2 * GUARDIANS + PARTNERS + RESUMED + SUSPENDED + ENDED
D = Decimal


def cast(calendar: Calendar) -> list[Life]:
    """The people of the stories, in no order of time."""
    lives = [*_rise(calendar), *_cdn(calendar), *_ring(calendar), *_guardians(calendar), *_partners(calendar), *_wave(calendar)]
    for number, life in enumerate(lives):
        if life.who is None and life.also is None:
            life.who = person(9_000_000 + number, Random(f"{life.reference}"))
    return lives


def _life(mark: str, number: int, studio: int, plan: str, started: date) -> Life:
    return Life(STUDIOS[studio], f"{mark}{number:02d}", number, plan, started, None)


def _rise(calendar: Calendar) -> Iterator[Life]:
    dearer, after, then = calendar.billed[3].start, calendar.billed[4].start, calendar.billed[5].start
    for n in range(LEFT_FIRST + LEFT_NEXT + GIVEN_BACK + STAYED):
        life = _life(RISE, n + 1, 0, "standard", dearer + timedelta(days=n % 12))
        if n < LEFT_FIRST:
            life.turns.append(Turn(moment(dearer + timedelta(days=19 + n), 10, 5 * n), "ended", after))
        elif n < LEFT_FIRST + LEFT_NEXT:
            life.turns.append(Turn(moment(after + timedelta(days=2 + n % 9), 20, n), "ended", then))
        elif n < LEFT_FIRST + LEFT_NEXT + GIVEN_BACK:
            life.turns.append(Turn(moment(after - timedelta(days=3), 15, n), "price_agreed", after, price=D(12900)))
        yield life


def _cdn(calendar: Calendar) -> Iterator[Life]:
    for n in range(FAULTY):
        yield _life(CDN, n + 1, 0, ("basic", "standard", "premium")[n % 3], calendar.billed[0].start + timedelta(days=2 * n))


def _ring(calendar: Calendar) -> Iterator[Life]:
    first = calendar.billed[4].start
    day = first + timedelta(days=(1 - first.weekday()) % 7)  # its first Tuesday
    for n in range(RING_SIZE):
        life = _life(RING, n + 1, 1, "pass", day)
        life.agreed, life.rate = D(990), 0.03
        life.who = Person(f"{'김이박최'[n % 4]}{'가나다'[n // 4]}온", f"{RING_PHONES}{n + 1:04d}", f"ring{n + 1:02d}@example.kr")
        life.turns.append(Turn(moment(calendar.billed[5].start - timedelta(days=2), 23, 10 + n), "ended", calendar.billed[5].start))
        yield life


def _guardians(calendar: Calendar) -> Iterator[Life]:
    for n in range(GUARDIANS):
        guardian = _life(GUARD, n + 1, 0, "standard", calendar.billed[2].start + timedelta(days=3 * n))
        child = _life(GUARD, n + 1, 0, "basic", calendar.billed[4].start + timedelta(days=4 + n))
        child.reference += "-CHILD"
        child.also = (MOONLIGHT.slug, guardian.reference)
        yield from (guardian, child)


def _partners(calendar: Calendar) -> Iterator[Life]:
    for n in range(PARTNERS):
        life = _life(PART, n + 1, 2, "partner", calendar.billed[1].start + timedelta(days=n))
        life.agreed = None if n == PARTNERS - 1 else D(8000)  # the last one was never given a price
        yield life


def _wave(calendar: Calendar) -> Iterator[Life]:
    month = calendar.billed[5].start
    for n in range(RESUMED + SUSPENDED + ENDED):
        life = _life(CARD, n + 1, 0, ("standard", "premium")[n % 2], calendar.billed[0].start + timedelta(days=n))
        begin = month + timedelta(days=8 + n % 5)
        life.turns.append(Turn(moment(begin, 7, n), "suspended", begin + timedelta(days=1)))
        if n < RESUMED:
            life.turns.append(Turn(moment(begin + timedelta(days=3), 12, n), "resumed", begin + timedelta(days=4)))
        elif n >= RESUMED + SUSPENDED:
            life.turns.append(Turn(moment(begin + timedelta(days=6), 18, n), "ended", begin + timedelta(days=7)))
        yield life


# ── what was played, and what was not ────────────────────────────────────────────────────────────────────────────────

PLAY, FAILED = "play", "play_failed"
REGIONS = (("seoul", 44), ("gyeonggi", 26), ("busan", 15), ("daegu", 8), ("gwangju", 7))
FAULT_REGION = "busan"
FROM_HOUR, TO_HOUR = 20, 23
AROUND = 3  # days before and after the fault whose plays are kept


def fault_day(calendar: Calendar) -> date:
    """The evening of the fault: a Friday in the middle of the last billed month."""
    day = calendar.billed[-1].start + timedelta(days=13)
    return day + timedelta(days=(4 - day.weekday()) % 7)


def region(reference: str) -> str:
    """Where somebody watches. The people of the fault all watch in the faulty region."""
    if reference.startswith(CDN):
        return FAULT_REGION
    left = zlib.crc32(reference.encode()) % 100
    for name, share in REGIONS:
        left -= share
        if left < 0:
            return name
    return REGIONS[0][0]


def player(name: str) -> str:
    """The source of the events of a region."""
    return f"moonlight-player/{name}"


def plays(lives: list[Life], calendar: Calendar, stretch: Period) -> Iterator[Use]:
    """The plays and the failed plays of the video service around the fault, as far as they lie in ``stretch``."""
    fault = fault_day(calendar)
    for offset in range(-AROUND, AROUND + 1):
        day = fault + timedelta(days=offset)
        if stretch.start <= day < stretch.end:
            for life in lives:
                if life.using(day):
                    yield from _played(life, day, day == fault and region(life.reference) == FAULT_REGION)


def _played(life: Life, day: date, faulty: bool) -> Iterator[Use]:
    random = Random(f"{life.reference} {day} plays")
    known = life.reference.startswith(CDN)
    source, mark = player(region(life.reference)), f"{life.reference}-{day:%y%m%d}"
    if random.random() < (1.0 if known else 0.55):
        if not faulty:
            yield Use(life.reference, f"play-{mark}", PLAY, _evening(day, random), D(1), None, source)
            if random.random() < 0.015:
                yield Use(life.reference, f"failed-{mark}-0", FAILED, _evening(day, random), D(1), None, source)
            return
        for n in range(6 if known else random.randrange(3, 9)):  # who presses play and sees nothing presses again
            yield Use(life.reference, f"failed-{mark}-{n}", FAILED, _evening(day, random), D(1), None, source)


def _evening(day: date, random: Random) -> datetime:
    return moment(day, FROM_HOUR) + timedelta(seconds=random.randrange((TO_HOUR - FROM_HOUR) * 3600))


# ── what a partner counted ───────────────────────────────────────────────────────────────────────────────────────────

PARTNER_METER = "partner_read"
PARTNER_SOURCE = "partner-feed/maru"


def partner_month(calendar: Calendar) -> Period:
    """The month about which the two counts differ."""
    return calendar.billed[-2]


def partner_reads(calendar: Calendar, stretch: Period) -> Iterator[Use]:
    """What the first partner reported in time."""
    for n in range(PARTNER_READS):
        use = _read(calendar, n, "")
        if stretch.start <= use.at.date() < stretch.end:
            yield use


def partner_late(calendar: Calendar) -> list[Use]:
    """What it reported of the same month when the bill was out."""
    return [_read(calendar, n, "late-") for n in range(PARTNER_LATE)]


def _read(calendar: Calendar, n: int, kind: str) -> Use:
    month = partner_month(calendar)
    at = moment(month.start + timedelta(days=n % month.days), 9 + n % 12, n % 60)
    return Use(f"{PART}01", f"{kind}read-{n:04d}", PARTNER_METER, at, D(1), None, PARTNER_SOURCE)
