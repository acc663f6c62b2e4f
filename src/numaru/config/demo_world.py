"""The demo company as a plan: who signs up, what becomes of them, what they use. Pure and seeded: the same day and size give the same plan.

Nuri Media (누리미디어) runs three services that begin their days in Seoul and bill in won, tax included:

| slug | service | what it shows |
|---|---|---|
| moonlight | 달빛극장, video | plans in advance, rentals by the piece, plan changes, pauses, differences |
| talewood | 이야기숲, webtoon | episodes at the price of the event, a pass in advance, readers who pay nothing |
| bookfloor | 책마루, e-book | plans in arrears, graduated saves, a one-off fee, agreed prices, contracts that park |

Sign-ups are spread over the twelve months before the six that are billed, the six, and the running month. Names are invented; phone numbers
begin with 010-0, which nobody is given; addresses end in example.kr.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from numaru.domains.billing.api import ChargeSpec, TierSpec
from numaru.facilities.parties.api import Person
from numaru.values.period import Period

ZONE = ZoneInfo("Asia/Seoul")
BILLED = 6  # months that are billed
EARLIER = 12  # months of sign-ups before them
D = Decimal

# ── what is sold ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Plan:
    """An offer: its names, its charges, and the share of the service's new subscribers who take it."""

    slug: str
    name_ko: str
    name_en: str
    share: float
    charges: tuple[ChargeSpec, ...]


@dataclass(frozen=True, slots=True)
class Studio:
    """A service: its share of all subscribers and its plans. ``mark`` begins the external ids of its subscribers."""

    slug: str
    name_ko: str
    name_en: str
    mark: str
    share: float
    plans: tuple[Plan, ...]
    titles: tuple[str, ...]


def _monthly(price: int | None, timing: str = "advance") -> ChargeSpec:
    return ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", None if price is None else D(price), timing=timing)


def _rentals(price: int) -> ChargeSpec:
    return ChargeSpec("rentals", "개별 대여", "Rentals", "per_unit", D(price), meter="rental", unit_ko="편", unit_en="titles")


EPISODES = ChargeSpec("episodes", "회차 대여", "Episodes", "event_priced", meter="episode", unit_ko="회", unit_en="episodes")
OWNED = ChargeSpec("owned", "소장본", "Books to keep", "event_priced", meter="purchase", unit_ko="권", unit_en="books")
SAVES = ChargeSpec(
    "saves", "문장 저장", "Saved passages", "graduated", meter="save", unit_ko="회", unit_en="saves",
    tiers=(TierSpec(D(10), D(0)), TierSpec(D(30), D(300)), TierSpec(None, D(200))),
)  # fmt: skip
DEVICE = ChargeSpec("device", "전용 단말 배송", "Reader delivery", "one_off", D(3000))
LOANS = ChargeSpec("loans", "단권 대여", "Single loans", "per_unit", D(2900), meter="loan", unit_ko="권", unit_en="books")

STUDIOS: tuple[Studio, ...] = (
    Studio(
        "moonlight", "달빛극장", "Moonlight Cinema", "ML", 0.45,
        (
            Plan("basic", "베이직", "Basic", 0.38, (_monthly(7900), _rentals(1500))),
            Plan("standard", "스탠다드", "Standard", 0.40, (_monthly(12900), _rentals(1500))),
            Plan("premium", "프리미엄", "Premium", 0.20, (_monthly(16900), _rentals(1200))),
            Plan("staff", "임직원 이용권", "Staff pass", 0.02, (_monthly(0, "arrears"),)),
        ),
        ("달그림자", "남쪽 역", "오후의 규칙", "파도 수업", "등대지기", "봄밤 극장", "낮은 지붕", "마지막 정류장"),
    ),
    Studio(
        "talewood", "이야기숲", "Talewood", "TW", 0.35,
        (
            Plan("reader", "자유열람", "Reader", 0.62, (EPISODES,)),
            Plan("pass", "이야기숲 패스", "Talewood Pass", 0.38, (_monthly(5900), EPISODES)),
        ),
        ("여우비 상점", "검은 우물", "회귀한 서기관", "반달 기사단", "골목의 용", "열두 번째 약속", "안개 여관", "별을 세는 법"),
    ),
    Studio(
        "bookfloor", "책마루", "Bookfloor", "BF", 0.20,
        (
            Plan("library", "서재 구독", "Library", 0.52, (_monthly(9900, "arrears"), SAVES, OWNED)),
            Plan("library-reader", "서재 구독과 단말", "Library with reader", 0.16, (_monthly(12900, "arrears"), DEVICE, SAVES, OWNED)),
            Plan("single", "단권", "Single books", 0.24, (LOANS, SAVES)),
            Plan("partner", "제휴 계약", "Partner contract", 0.08, (_monthly(None, "arrears"),)),
        ),
        ("겨울 산책", "숲의 문장", "작은 천문대", "오래된 식탁", "느린 우체국", "물의 사전"),
    ),
)  # fmt: skip
DEARER = Plan("standard", "스탠다드", "Standard", 0.0, (_monthly(13900), _rentals(1500)))  # version 2, for those who come later

# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a demo that is loaded on ``day``. Everything in it happened before that day began."""

    day: date

    @property
    def running(self) -> date:
        """The first day of the running month."""
        return self.day.replace(day=1)

    @property
    def billed(self) -> tuple[Period, ...]:
        """The months that are billed, in order; the last one is the last full month before the day."""
        return _months_before(self.running)

    @property
    def opened(self) -> date:
        """The day on which the first subscriber could sign up."""
        first = self.billed[0].start
        months = first.year * 12 + first.month - 1 - EARLIER
        return date(months // 12, months % 12 + 1, 1)

    def stretches(self) -> Iterator[Period]:
        """The time from the opening to the day (exclusive) in the pieces in which it is loaded: months first, half months where bills are made."""
        start = self.opened
        while start < self.day:
            after = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
            if start >= self.billed[0].start:
                after = start.replace(day=16) if start.day == 1 else after
            yield Period(start, min(after, self.day))
            start = after


@cache
def _months_before(day: date) -> tuple[Period, ...]:
    months: list[Period] = []
    span = Period.month(f"{day:%Y-%m}")
    for _ in range(BILLED):
        span = span.previous_month()
        months.append(span)
    return tuple(reversed(months))


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time of Seoul."""
    return datetime.combine(day, time(hour, minute), ZONE)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

SURNAMES = (
    ("김", 21), ("이", 15), ("박", 8), ("최", 5), ("정", 5), ("강", 2), ("조", 2), ("윤", 2), ("장", 2), ("임", 2), ("한", 2), ("오", 2), ("서", 2), ("신", 2),
    ("권", 2), ("황", 1), ("안", 1), ("송", 1), ("류", 1), ("홍", 1), ("전", 1), ("고", 1), ("문", 1), ("양", 1), ("손", 1), ("배", 1), ("백", 1), ("허", 1),
    ("남궁", 1), ("선우", 1),
)  # fmt: skip
FIRST = (("하", "ha"), ("서", "seo"), ("도", "do"), ("지", "ji"), ("민", "min"), ("예", "ye"), ("시", "si"), ("유", "yu"), ("은", "eun"), ("나", "na"),
         ("수", "su"), ("다", "da"), ("채", "chae"), ("건", "geon"), ("태", "tae"), ("아", "a"))  # fmt: skip
SECOND = (("늘", "neul"), ("윤", "yun"), ("현", "hyeon"), ("우", "u"), ("린", "rin"), ("온", "on"), ("진", "jin"), ("호", "ho"), ("솔", "sol"), ("연", "yeon"),
          ("율", "yul"), ("원", "won"), ("슬", "seul"), ("람", "ram"), ("빈", "bin"), ("준", "jun"))  # fmt: skip


def person(number: int, random: Random) -> Person:
    """The invented person with this number; no two share a phone number or an address."""
    surname = random.choices([s for s, _ in SURNAMES], [w for _, w in SURNAMES])[0]
    (first, a), (second, b) = random.choice(FIRST), random.choice(SECOND)
    digits = f"{(number * 7_654_321 + 1_234_567) % 10**7:07d}"
    return Person(surname + first + second, f"010-0{digits[:3]}-{digits[3:]}", f"{a}{b}{number:04d}@example.kr")


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that will be recorded of a contract: known at ``recorded``, true from the beginning of the day ``effective`` on."""

    recorded: datetime
    kind: str
    effective: date
    plan: str = ""
    price: Decimal | None = None


@dataclass(slots=True)
class Life:
    """One subscriber with one contract. ``also`` names the subscription of another service whose person this is."""

    studio: Studio
    reference: str
    number: int
    plan: str
    started: date
    who: Person | None
    also: tuple[str, str] | None = None
    agreed: Decimal | None = None
    rate: float = 1.0  # how much is used, against others of the plan
    turns: list[Turn] = field(default_factory=list)

    def using(self, day: date) -> bool:
        """Whether the contract runs on a day, as planned."""
        on = day >= self.started
        for turn in self.turns:
            if turn.effective <= day:
                on = {"paused": False, "suspended": False, "resumed": True, "ended": False}.get(turn.kind, on)
                if turn.kind == "ended":
                    return False
        return on

    def plan_on(self, day: date) -> str:
        """The plan in force on a day."""
        plan = self.plan
        for turn in self.turns:
            if turn.kind == "changed_to" and turn.effective <= day:
                plan = turn.plan
        return plan


def lives(calendar: Calendar, subscribers: int) -> list[Life]:
    """Every subscriber in the order of sign-up, with what becomes of each before the day."""
    random = Random(f"누리미디어 {calendar.day} {subscribers}")
    out: list[Life] = []
    span = (calendar.day - calendar.opened).days
    left = subscribers
    for studio in STUDIOS:
        count = left if studio is STUDIOS[-1] else round(subscribers * studio.share)
        left -= count
        days = sorted(int(span * random.random() ** 0.8) for _ in range(count))  # more of them lately
        for number, offset in enumerate(days, 1):
            plan = random.choices([p.slug for p in studio.plans], [p.share for p in studio.plans])[0]
            out.append(Life(studio, f"{studio.mark}-{number:05d}", number, plan, calendar.opened + timedelta(days=offset), None))
    out.sort(key=lambda life: (life.started, life.reference))
    _people(out, random)
    for life in out:
        _fate(life, calendar, Random(f"{calendar.day} {life.reference}"))
    _odd_ones(out, calendar)
    return out


def _people(all_lives: list[Life], random: Random) -> None:
    """Give each life a person; one in eight of the webtoon and e-book subscribers has been a video subscriber for a week or more."""
    viewers: list[Life] = []
    taken: set[str] = set()
    for number, life in enumerate(all_lives, 1):
        if life.studio is STUDIOS[0]:
            viewers.append(life)
        elif random.random() < 0.125:
            known = [v for v in viewers[-400:] if v.reference not in taken and v.started + timedelta(days=35) < life.started]
            if known:
                first = random.choice(known)
                taken.add(first.reference)
                life.also = (first.studio.slug, first.reference)
                continue
        life.who = person(number, random)


CHANGES: Mapping[str, tuple[str, ...]] = {
    "basic": ("standard", "standard", "premium"), "standard": ("premium", "premium", "basic"), "premium": ("standard",),
    "reader": ("pass",), "pass": ("reader",), "library": ("library-reader",), "single": ("library",),
}  # fmt: skip
CHEAPER: Mapping[str, tuple[str, ...]] = {"standard": ("basic",), "premium": ("standard",), "pass": ("reader",)}  # from the next month on


def _fate(life: Life, calendar: Calendar, random: Random) -> None:
    """What becomes of a contract month by month: it ends with the month (2 %), is paused for a while, changes its plan, gets a price of its own."""
    if life.plan == "partner":
        life.agreed = D(random.choice((6000, 7000, 8000)))
        return
    if life.plan in ("standard", "premium") and random.random() < 0.03:
        life.agreed = D(random.choice((9900, 10900)))
    month = (life.started.replace(day=1) + timedelta(days=32)).replace(day=1)
    quiet = month
    while month < calendar.day:
        after = (month + timedelta(days=32)).replace(day=1)
        day = month + timedelta(days=random.randrange((after - month).days))
        at = moment(day, random.randrange(9, 22), random.randrange(60))
        draw = random.random()
        if quiet <= day < calendar.day:
            plan = life.plan_on(after)
            if draw < 0.020:
                life.turns.append(Turn(at, "ended", after))
                return
            if draw < 0.032 and plan != "staff":
                begin = day + timedelta(days=1)
                end = begin + timedelta(days=random.randrange(6, 24))
                life.turns += [Turn(at, "paused", begin), Turn(at + timedelta(minutes=1), "resumed", end)]
                quiet = end
            elif draw < 0.047 and plan in CHANGES:
                wanted = random.choice(CHANGES[plan])
                begin = after if wanted in CHEAPER.get(plan, ()) else day + timedelta(days=1)
                life.turns.append(Turn(at, "changed_to", begin, wanted))
                quiet = begin + timedelta(days=1)
            elif draw < 0.051 and plan in ("standard", "premium"):
                life.turns.append(Turn(at, "price_agreed", after, price=D(9900)))
                quiet = after
        month = after


def _odd_ones(all_lives: list[Life], calendar: Calendar) -> None:
    """The few that a clerk has to look at: partners without a price (parked), and ends that give more back than is due (parked)."""
    partners = [life for life in all_lives if life.plan == "partner"]
    for life in partners[: max(1, len(partners) // 10)]:
        life.agreed = None
    month = calendar.billed[-1]
    whole = [
        x for x in all_lives
        if x.plan in ("standard", "premium") and not x.turns and x.started < calendar.billed[-2].start
    ]  # fmt: skip
    for n, life in enumerate(whole[: max(1, len(all_lives) // 400)]):
        day = month.start + timedelta(days=3 + n)
        life.turns.append(Turn(moment(day, 11, 20), "ended", day + timedelta(days=1)))


# ── what they use ────────────────────────────────────────────────────────────────────────────────────────────────────

# weights of the hours of a day: a morning ride, a lunch, an evening; and of the days of a week, Monday first
HOURS = (3, 2, 1, 1, 1, 1, 2, 4, 6, 4, 3, 4, 6, 5, 3, 3, 4, 5, 7, 9, 12, 14, 12, 7)
WEEKDAYS = (9, 9, 9, 10, 13, 17, 15)
_HOURS = tuple(accumulate(HOURS))

# meter → events a week of one contract, by plan
RATES: Mapping[str, Mapping[str, float]] = {
    "basic": {"rental": 0.35}, "standard": {"rental": 0.45}, "premium": {"rental": 0.6}, "staff": {}, "reader": {"episode": 2.2},
    "pass": {"episode": 5.0}, "library": {"save": 3.2, "purchase": 0.12}, "library-reader": {"save": 4.5, "purchase": 0.2},
    "single": {"loan": 0.55, "save": 1.1}, "partner": {},
}  # fmt: skip
EPISODE_PRICES = (0, 0, 200, 300, 300, 500)
PASS_PRICES = (0, 100, 100, 200)
BOOK_PRICES = (7900, 9900, 12500, 15800)
FREE_READERS = 5  # every n-th reader reads what is free only: their accounts come to nothing
VIRAL = 0  # the title of talewood that everybody reads for two weeks
VIRAL_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class Use:
    """One event; ``at`` is local."""

    reference: str
    event_id: str
    meter: str
    at: datetime
    quantity: Decimal
    amount: Decimal | None
    source: str = ""  # other than the app of its service


def viral(calendar: Calendar, day: date) -> bool:
    """The two weeks in the last but one billed month in which a webtoon spreads."""
    start = calendar.billed[-2].start + timedelta(days=9)
    return start <= day < start + timedelta(days=14)


def used(some: list[Life], calendar: Calendar, stretch: Period) -> Iterator[Use]:
    """The use of these subscribers in a stretch, subscriber by subscriber."""
    days = [stretch.start + timedelta(days=n) for n in range(stretch.days)]
    for life in some:
        random = Random(f"{calendar.day} {life.reference} {stretch.start}")
        running = [day for day in days if life.using(day)]
        if not running:
            rates = RATES[life.plan_on(days[0])]
            if life.started < days[0] and life.turns[-1].kind == "resumed" and rates and random.random() < 0.3:
                yield from _events(life, random, days[:1], {next(iter(rates)): 9.0}, calendar)  # what was downloaded before a pause
            continue
        yield from _events(life, random, running, RATES[life.plan_on(running[0])], calendar)


def _events(life: Life, random: Random, days: list[date], rates: Mapping[str, float], calendar: Calendar) -> Iterator[Use]:
    spread = life.studio.slug == "talewood"
    weights = [WEEKDAYS[day.weekday()] * (VIRAL_FACTOR if spread and viral(calendar, day) else 1.0) for day in days]
    shares = list(accumulate(weights))
    number = 0
    for meter, rate in rates.items():
        for _ in range(_poisson(random, life.rate * rate * shares[-1] / sum(WEEKDAYS))):
            number += 1
            day = days[bisect(shares, random.random() * shares[-1])]
            hour = bisect(_HOURS, random.randrange(_HOURS[-1]))
            at = moment(day, hour) + timedelta(seconds=random.randrange(3600))
            titles = life.studio.titles
            title = VIRAL if spread and viral(calendar, day) and random.random() < 0.6 else int(len(titles) * random.random() ** 2)
            quantity = D(1 + random.randrange(4)) if meter == "save" else D(1)
            yield Use(
                life.reference,
                f"{meter}-{title:02d}-{life.reference}-{day:%y%m%d}-{number}",
                meter,
                at,
                quantity,
                _amount(life, day, meter, random),
            )


def _amount(life: Life, day: date, meter: str, random: Random) -> Decimal | None:
    if meter == "purchase":
        return D(random.choice(BOOK_PRICES))
    if meter != "episode":
        return None
    if life.plan_on(day) == "pass":
        return D(random.choice(PASS_PRICES))
    return D(0) if life.number % FREE_READERS == 0 else D(random.choice(EPISODE_PRICES))


def _poisson(random: Random, mean: float) -> int:
    """How many of something rare happen, ``mean`` on average."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
