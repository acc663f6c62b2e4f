"""Naru Video: a small company with a named cast, made by calling the house's own actions, and what its bills must come to.

| who | plan | August 2026 | September | October |
|---|---|---|---|---|
| haneul 김하늘 | basic from 15 August: 9,900 a month in arrears, by days | 9,900 × 17 ÷ 31 = 5,429.03 → 5,429 | 9,900 | 9,900 |
| noeul 이노을 | premium from 1 August: 15,000 in advance, 5,000 once, saves by steps | 15,000 (August) + 15,000 (September) + 5,000 + saves 25 = 10 × 0 + 10 × 300 + 5 × 200 = 4,000 → 39,000 | 15,000 (October) | 15,000 (November) |
| minsu 남궁민수 | à la carte from 1 August: rentals 1,500 each, orders at their own price | 2 × 1,500 + 4,400 + 2,200 = 9,600 | 1,500 | nothing used: idle |
| onyu 박온유 | own: a price that nobody agreed | parked, missing_price | parked | parked |
| daon 최다온 | free: 0 a month | zero | zero | zero |
| saebom 정새봄 | premium from 1 August; the end on 25 August becomes known on 5 September | 15,000 + 15,000 + 5,000 = 35,000 | −15,000 (September taken back): parked, negative_total | parked_before |
| gyeoul 한겨울 | basic, ended on 31 July | idle | idle | idle |

All prices hold 10 % tax. Totals: August 5,429 + 39,000 + 9,600 + 35,000 = 89,029; September 9,900 + 15,000 + 1,500 = 26,400;
October 9,900 + 15,000 = 24,900.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import BillRun, Contract
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor

HOUSE = Actor.system("test")
CLERK = Actor("staff", 7, "청구 담당", (("billing_clerk", None),))
ADMIN = Actor("staff", 1, "관리자", (("administrator", None),))
SEOUL = ZoneInfo("Asia/Seoul")
SLUG = "naru-video"
TOTALS = {"2026-08": 89_029, "2026-09": 26_400, "2026-10": 24_900}
FIRST_DAYS = {"2026-08": date(2026, 9, 1), "2026-09": date(2026, 10, 1), "2026-10": date(2026, 11, 1)}  # on which each month is billed

D = Decimal
PLANS: dict[str, tuple[str, str, list[billing.ChargeSpec]]] = {
    "basic": ("베이직", "Basic", [billing.ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", D(9900))]),
    "premium": (
        "프리미엄", "Premium",
        [
            billing.ChargeSpec("monthly", "월정액", "Monthly fee", "recurring", D(15000), timing="advance"),
            billing.ChargeSpec("join", "가입비", "Joining fee", "one_off", D(5000)),
            billing.ChargeSpec(
                "saves", "저장", "Saves", "graduated", meter="save",
                tiers=(billing.TierSpec(D(10), D(0)), billing.TierSpec(D(20), D(300)), billing.TierSpec(None, D(200))),
            ),
        ],
    ),
    "alacarte": (
        "단품", "À la carte",
        [
            billing.ChargeSpec("rentals", "개별 대여", "Rentals", "per_unit", D(1500), meter="rental"),
            billing.ChargeSpec("orders", "주문", "Orders", "event_priced", meter="order"),
        ],
    ),
    "own": ("개별 계약", "Own price", [billing.ChargeSpec("fee", "이용료", "Fee", "recurring")]),
    "free": ("무료", "Free", [billing.ChargeSpec("fee", "이용료", "Fee", "recurring", D(0))]),
}  # fmt: skip
CAST: list[tuple[str, parties.Person, str, date, date | None]] = [
    ("haneul", parties.Person("김하늘", "010-1234-2201", "haneul@naru.kr"), "basic", date(2026, 8, 15), None),
    ("noeul", parties.Person("이노을", "010-5678-3302"), "premium", date(2026, 8, 1), None),
    ("minsu", parties.Person("남궁민수"), "alacarte", date(2026, 8, 1), None),
    ("onyu", parties.Person("박온유"), "own", date(2026, 8, 1), None),
    ("daon", parties.Person("최다온"), "free", date(2026, 8, 1), None),
    ("saebom", parties.Person("정새봄"), "premium", date(2026, 8, 1), None),
    ("gyeoul", parties.Person("한겨울"), "basic", date(2026, 1, 1), date(2026, 8, 1)),
]


def at(text: str) -> datetime:
    """An instant of Seoul: "2026-08-05" or "2026-08-05T09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@contextmanager
def on(text: str) -> Iterator[None]:
    """Let it be nine in the morning of a day in Seoul, or the given time."""
    with clock.pinned(at(text if "T" in text else text + "T09:00")):
        yield


def enrolment(*rows: tuple[str, str, int, date, date | None], digest: str = "d1", **prices: list[Decimal | None]) -> pa.Table:
    """The table of ``enrol`` from (external id, reference, version, started, ended) and prices by charge key."""
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 5
    table = pa.table(
        {
            "row": pa.array(range(2, len(rows) + 2), pa.int64()), "external_id": pa.array(columns[0], pa.string()),
            "reference": pa.array(columns[1], pa.string()), "version_id": pa.array(columns[2], pa.int64()),
            "started_on": pa.array(columns[3], pa.date32()), "ended_on": pa.array(columns[4], pa.date32()),
            "digest": pa.array([digest] * len(rows), pa.string()),
        }
    )  # fmt: skip
    for key, values in prices.items():
        table = table.append_column(f"price:{key}", pa.array(values, pa.decimal128(18, 6)))
    return table


@dataclass
class World:
    """The company. ``versions`` are offer version ids by plan."""

    slug: str
    versions: dict[str, int]
    _events: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def contract(self, who: str) -> Contract:
        return Contract.objects.get(service__slug=self.slug, reference=who)

    def subscriber(self, who: str) -> Subscriber:
        return Subscriber.objects.get(service__slug=self.slug, external_id=who)

    def fact(self, who: str, kind: str, when: str, **more: object) -> object:
        return billing.record_fact.do(HOUSE, contract=self.contract(who).pk, kind=kind, effective_at=at(when), **more)  # type: ignore[arg-type]

    def use(self, *events: tuple[str, str, str, str, str | None]) -> metering.Ingested:
        """Store events (who, meter, Seoul time, quantity, amount or None)."""
        keys = {who: self.subscriber(who).subject_key for who in {e[0] for e in events}}
        numbers = [next(self._events) for _ in events]
        table = pa.table(
            {
                "row": pa.array(numbers, pa.int64()), "source": ["test"] * len(events), "event_id": [f"e{n:05d}" for n in numbers],
                "subject": pa.array([keys[e[0]] for e in events], pa.int64()), "meter": [e[1] for e in events],
                "at": pa.array([at(e[2]).astimezone(UTC).replace(tzinfo=None) for e in events], pa.timestamp("us")),
                "quantity": pa.array([D(e[3]) for e in events], pa.decimal128(19, 6)),
                "amount": pa.array([None if e[4] is None else D(e[4]) for e in events], pa.decimal128(18, 6)),
                "currency": pa.array([None if e[4] is None else "KRW" for e in events], pa.string()),
            }
        )  # fmt: skip
        return metering.ingest.do(HOUSE, service=self.slug, events=table, origin="test")

    def start(self, period: str) -> BillRun:
        """Start the run of a month on the first day on which it may be billed."""
        with on(f"{FIRST_DAYS[period]}"):
            return billing.start_run.do(CLERK, service=self.slug, period=period, queue=False)

    def carry(self, number: str) -> BillRun:
        period = f"{BillRun.objects.get(number=number).period_from:%Y-%m}"
        with on(f"{FIRST_DAYS[period]}"):
            return billing.carry_out(number)

    def bill(self, period: str) -> BillRun:
        return self.carry(self.start(period).number)


def company(slug: str = SLUG) -> World:
    """Open the service, publish its plans, and enrol the cast on 20 July 2026."""
    with on("2026-07-20"):
        catalogue.open_service.do(HOUSE, slug=slug, name_ko="나루 비디오", name_en="Naru Video", zone="Asia/Seoul", currency="KRW")
        versions = {
            plan: billing.publish_offer.do(
                HOUSE, service=slug, slug=plan, name_ko=ko, name_en=en, valid_from=date(2026, 1, 1), charges=charges
            ).version_id
            for plan, (ko, en, charges) in PLANS.items()
        }
        rows = enrolment(*((who, who, versions[plan], start, end) for who, _, plan, start, end in CAST))
        billing.enrol.do(HOUSE, service=slug, rows=rows, source="test", people=[person for _, person, *_ in CAST])
    return World(slug, versions)


def used(world: World) -> None:
    """What the cast used in August and September; two events can't be billed (a meter without charge, a contract that has ended)."""
    with on("2026-08-31"):
        world.use(
            ("noeul", "save", "2026-08-03T10:00", "18", None), ("noeul", "save", "2026-08-31T23:59", "7", None),
            ("minsu", "rental", "2026-08-01T00:00", "1", None), ("minsu", "rental", "2026-08-20T12:00", "1", None),
            ("minsu", "order", "2026-08-20T12:00", "1", "4400"), ("minsu", "order", "2026-08-21T12:00", "2", "2200"),
            ("saebom", "rental", "2026-08-09T12:00", "1", None), ("gyeoul", "rental", "2026-08-09T12:00", "1", None),
        )  # fmt: skip
    with on("2026-09-20"):
        world.use(("minsu", "rental", "2026-09-01T00:00", "1", None))
