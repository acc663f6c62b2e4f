"""The demo company, loaded by the house's own actions: services opened, offers published, people enrolled, facts recorded, usage stored,
months billed — each at the time at which it would have been done, so that every month is billed as it was known then.

The load is a list of steps that depends on the day and the size alone. How many are done stands in one row (kind "demo.load" of the work in
progress), and a step is committed together with that count: a load that is killed goes on with the step it was in and ends the same. A bill
run takes care of itself and is simply carried on. The row says "done" only when every step is; a home that has it is a demo installation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction

from numaru.config import demo_stories as stories
from numaru.config import demo_world as plan
from numaru.config.stage import agreeing, cast, morning, working
from numaru.config.words import Stop, say
from numaru.domains.billing import api as billing
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.facilities.parties.api import Person
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import Work
from numaru.values.period import Period
from numaru.values.text import Text

KIND, KEY = "demo.load", "company"
MARK = "demo.json"  # the file of `up` in the home; where it is, the home is a demo installation
LOCK = 0x4E4D_DE30
SUBSCRIBERS = 2_000
ENTITY = "nuri-media"
HOUSE = Actor.system("demo")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the load. ``alone``: a bill run, which commits by itself and may be carried on."""

    name: Text
    run: Callable[[], None]
    alone: bool = False


def is_demo() -> bool:
    """Whether this home is a demo installation. Asks the file system only."""
    return (settings.HOME / MARK).exists()


def banner() -> Text | None:
    """The line over every page of a demo installation."""
    if not is_demo():
        return None
    return Text("시연 회사입니다. 사람과 금액은 모두 지어낸 것입니다.", "This is a demo company: people and amounts are invented.")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the load is: steps done, of how many (0: not begun), whether it is over, and as which day it is loaded."""

    step: int
    total: int
    done: bool
    day: date | None = None


def standing() -> Standing:
    """How far the load of this home is. One query."""
    work = Work.objects.filter(kind=KIND, key=KEY).first()
    return Standing(work.done, work.total, work.state == "done", date.fromisoformat(work.note["day"])) if work else Standing(0, 0, False)


def stays_demo(home: Path) -> None:
    """A database with a demo company keeps being one: a home that was filled from a backup gets its mark back."""
    if Work.objects.filter(kind=KIND, key=KEY).exists() and not (home / MARK).exists():
        (home / MARK).write_text(json.dumps({"wanted": standing().done is False}))


def load(subscribers_wanted: int = SUBSCRIBERS) -> None:
    """Load the demo company into this installation, or go on with a load that was cut off; a finished one is left as it is.

    The first call decides the day and the size, of which the people of the stories are a part. Raises Stop for an installation that has services of its own. Does nothing while another
    process is loading.
    """
    with _alone() as mine:
        if not mine:
            return
        work = _work(subscribers_wanted)
        if work.state == "done":
            return
        world = World(plan.Calendar(date.fromisoformat(work.note["day"])), int(work.note["subscribers"]))
        steps = list(world.steps())
        for number, step in enumerate(steps):
            if number < work.done:
                continue
            if step.alone:
                step.run()
                _advance(work, number + 1, len(steps))
            else:
                with transaction.atomic():
                    step.run()
                    _advance(work, number + 1, len(steps))
            say(Text("[{n}/{all}] {what}", "[{n}/{all}] {what}").fill(n=number + 1, all=len(steps), what=step.name))
        Work.objects.filter(pk=work.pk).update(state="done", finished_at=clock.now())


@contextmanager
def _alone() -> Iterator[bool]:
    """One load at a time: a session lock of the database, free again when the process is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _work(subscribers_wanted: int) -> Work:
    found = Work.objects.filter(kind=KIND, key=KEY).first()
    if found is not None:
        return found
    if catalogue.services():
        raise Stop(
            Text("이 설치에는 이미 서비스가 있어 시연 회사를 싣지 않습니다.", "This installation has services of its own; no demo company is loaded into it."),
            Text("다른 폴더(NUMARU_HOME)에서 시작하세요.", "Start one in a home of its own (NUMARU_HOME)."),
        )  # fmt: skip
    now = clock.now()
    return Work.objects.create(
        kind=KIND, key=KEY, state="running", actor=f"{HOUSE.kind}:{HOUSE.name}", asked_at=now, started_at=now, heartbeat_at=now,
        note={"day": clock.today("Asia/Seoul").isoformat(), "subscribers": subscribers_wanted},
    )  # fmt: skip


def _advance(work: Work, done: int, total: int) -> None:
    work.done, work.total, work.heartbeat_at = done, total, clock.now()
    work.save(update_fields=["done", "total", "heartbeat_at"])


class World:
    """The steps that make the planned company real."""

    def __init__(self, calendar: plan.Calendar, size: int) -> None:
        self.calendar = calendar
        self.size = size
        self.latest = clock.now()
        self._versions: dict[str, dict[str, list[int]]] = {}

    @cached_property
    def lives(self) -> dict[str, list[plan.Life]]:
        """The planned subscribers by service, in the order of sign-up."""
        found: dict[str, list[plan.Life]] = {studio.slug: [] for studio in plan.STUDIOS}
        everybody = [*plan.lives(self.calendar, self.size - stories.PEOPLE), *stories.cast(self.calendar)]
        for life in sorted(everybody, key=lambda life: (life.started, life.reference)):
            found[life.studio.slug].append(life)
        return found

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let it be ``moment``, yet never later than the load began."""
        with clock.pinned(min(moment, self.latest)):
            yield

    def steps(self) -> Iterator[Step]:
        """All steps in the order of time."""
        yield Step(Text("사람들", "People"), self.hire)
        yield Step(Text("서비스와 요금제", "Services and offers"), self.open)
        months = {month.end: month for month in self.calendar.billed}
        for stretch in self.calendar.stretches():
            if stretch.start == self.calendar.billed[2].start:
                yield Step(Text("값이 오른 요금제 판", "A dearer version of an offer"), lambda day=stretch.start: self.raise_price(day))  # type: ignore[misc]
            if stretch.start in months:
                yield from self._bills(months[stretch.start])
            if stretch.start == stories.partner_month(self.calendar).end:
                yield Step(Text("제휴사가 늦게 보낸 기록", "A partner's late records"), self.hear_late)
            name = Text("{d}까지의 가입과 이용", "Sign-ups and use until {d}").fill(d=stretch.end - timedelta(days=1))
            yield Step(name, lambda stretch=stretch: self.live(stretch))  # type: ignore[misc]
        if self.calendar.day in months:
            yield from self._bills(months[self.calendar.day])
        yield Step(Text("동의", "Consents"), self.agree)
        yield Step(Text("할 일과 일정", "Tasks and windows"), lambda: working.prepare(self.calendar, self.at))
        yield Step(Text("오늘 아침", "This morning"), lambda: morning.prepare(self.calendar, self.at))

    def _bills(self, month: Period) -> Iterator[Step]:
        """A month's bills; the last month's of the last service are left to the billing clerk."""
        for studio in plan.STUDIOS[:-1] if month == self.calendar.billed[-1] else plan.STUDIOS:
            name = Text("{s} {p} 청구", "Bills of {s} for {p}").fill(s=Text(studio.name_ko, studio.name_en), p=month.label)
            yield Step(name, lambda studio=studio: self.bill(studio, month), alone=True)  # type: ignore[misc]

    def hire(self) -> None:
        """The people who work here, since before the last billed month."""
        with self.at(plan.moment(self.calendar.billed[-1].start, 9) - timedelta(days=1)):
            cast.hire()

    def hear_late(self) -> None:
        """What a partner sends of a month whose bill is out already."""
        with self.at(plan.moment(stories.partner_month(self.calendar).end, 10) + timedelta(days=4)):
            metering.ingest.do(
                HOUSE,
                service=stories.BOOKFLOOR.slug,
                events=self._table(stories.BOOKFLOOR, stories.partner_late(self.calendar)),
                origin="partner late",
            )

    def open(self) -> None:
        """The issuer, the services and their offers, a day before the first subscriber."""
        with self.at(plan.moment(self.calendar.opened, 10) - timedelta(days=1)):
            catalogue.describe_entity.do(
                HOUSE, slug=ENTITY, name_ko="누리미디어", name_en="Nuri Media", registration="000-00-00000",
                address_ko="서울특별시 마루구 누리길 1 (지어낸 주소)", address_en="1 Nuri-gil, Maru-gu, Seoul (invented)", contact="help@example.kr",
            )  # fmt: skip
            for studio in plan.STUDIOS:
                catalogue.open_service.do(
                    HOUSE,
                    slug=studio.slug,
                    name_ko=studio.name_ko,
                    name_en=studio.name_en,
                    zone="Asia/Seoul",
                    currency="KRW",
                    entity=ENTITY,
                )
                for offer in studio.plans:
                    self._publish(studio, offer, self.calendar.opened)

    def _publish(self, studio: plan.Studio, offer: plan.Plan, valid_from: date) -> None:
        billing.publish_offer.do(
            HOUSE, service=studio.slug, slug=offer.slug, name_ko=offer.name_ko, name_en=offer.name_en, valid_from=valid_from, charges=offer.charges
        )  # fmt: skip

    @property
    def dearer_from(self) -> date:
        """From when newcomers pay more for the video service's standard plan."""
        return self.calendar.billed[3].start

    def raise_price(self, day: date) -> None:
        """The second version of a plan, published a month before it is sold. Who has the first one keeps it."""
        with self.at(plan.moment(day, 8)):
            self._publish(plan.STUDIOS[0], plan.DEARER, self.dearer_from)
        self._versions.clear()

    def _version(self, studio: plan.Studio, slug: str, day: date) -> int:
        """The version that is sold on a day."""
        if studio.slug not in self._versions:
            self._versions[studio.slug] = catalogue.versions(studio.slug)
        sold = self._versions[studio.slug]
        dearer = studio is plan.STUDIOS[0] and slug == plan.DEARER.slug and day >= self.dearer_from
        return sold[slug][1 if dearer else 0]

    def live(self, stretch: Period) -> None:
        """What a stretch of days brings: facts as they become known, then on its last evening the sign-ups and the use."""
        evening = plan.moment(stretch.end, 0) - timedelta(hours=1)
        for studio in plan.STUDIOS:
            self._facts(studio, stretch)
            with self.at(evening):
                self._sign_ups(studio, stretch)
            if stretch.start >= self.calendar.billed[0].start:
                with self.at(evening + timedelta(minutes=30)):
                    self._use(studio, stretch)

    def _facts(self, studio: plan.Studio, stretch: Period) -> None:
        due = [
            (turn.recorded, life.reference, turn)
            for life in self.lives[studio.slug]
            for turn in life.turns
            if stretch.start <= turn.recorded.date() < stretch.end
        ]
        known = billing.contracts_named(studio.slug, {reference for _, reference, _ in due})
        for recorded, reference, turn in sorted(due, key=lambda d: (d[0], d[1], d[2].effective)):
            with self.at(recorded):
                billing.record_fact.do(
                    HOUSE, contract=known[reference], kind=turn.kind, effective_at=plan.moment(turn.effective, 0),
                    version=self._version(studio, turn.plan, turn.effective) if turn.plan else None,
                    charge_key="monthly" if turn.price is not None else "", price=turn.price,
                )  # fmt: skip

    def _sign_ups(self, studio: plan.Studio, stretch: Period) -> None:
        new = [life for life in self.lives[studio.slug] if stretch.start <= life.started < stretch.end]
        if not new:
            return
        known: dict[str, int] = {}
        for service in {life.also[0] for life in new if life.also}:
            cards = subscribers.of_references(service, {life.also[1] for life in new if life.also and life.also[0] == service})
            known |= {reference: card.party_id for reference, card in cards.items()}
        references = [life.reference for life in new]
        rows = pa.table(
            {
                "row": pa.array(range(1, len(new) + 1), pa.int64()), "external_id": references, "reference": references,
                "version_id": pa.array([self._version(studio, life.plan, life.started) for life in new], pa.int64()),
                "started_on": pa.array([life.started for life in new]), "ended_on": pa.nulls(len(new), pa.date32()),
                "digest": ["demo"] * len(new), "party_id": pa.array([known[life.also[1]] if life.also else None for life in new], pa.int64()),
                "price:monthly": pa.array([life.agreed for life in new], pa.decimal128(18, 6)),
            }
        )  # fmt: skip
        people = [life.who or Person() for life in new]
        billing.enrol.do(HOUSE, service=studio.slug, rows=rows, source="demo", people=people)

    def _use(self, studio: plan.Studio, stretch: Period) -> None:
        events = list(plan.used(self.lives[studio.slug], self.calendar, stretch))
        if studio is stories.MOONLIGHT:
            events += stories.plays(self.lives[studio.slug], self.calendar, stretch)
        if studio is stories.BOOKFLOOR:
            events += stories.partner_reads(self.calendar, stretch)
        if events:
            metering.ingest.do(HOUSE, service=studio.slug, events=self._table(studio, events), origin=f"demo {stretch.start}")

    def _table(self, studio: plan.Studio, events: Iterable[plan.Use]) -> pa.Table:
        """The events as metering takes them."""
        some = list(events)
        cards = subscribers.of_references(studio.slug, {use.reference for use in some})
        keys = subscribers.subject_keys({card.id for card in cards.values()})
        subject = {reference: keys[card.id] for reference, card in cards.items()}
        return pa.table(
            {
                "row": pa.array(range(1, len(some) + 1), pa.int64()), "source": [use.source or f"{studio.slug}-app" for use in some],
                "event_id": [use.event_id for use in some], "subject": pa.array([subject[use.reference] for use in some], pa.int64()),
                "meter": [use.meter for use in some],
                "at": pa.array([use.at.astimezone(UTC).replace(tzinfo=None) for use in some], pa.timestamp("us")),
                "quantity": pa.array([use.quantity for use in some], pa.decimal128(19, 6)),
                "amount": pa.array([use.amount for use in some], pa.decimal128(18, 6)),
                "currency": pa.array([None if use.amount is None else "KRW" for use in some], pa.string()),
            }
        )  # fmt: skip

    def agree(self) -> None:
        """What everybody who had signed up weeks ago said to the documents of consent."""
        before = self.calendar.day - timedelta(days=agreeing.SINCE)
        people: set[int] = set()
        for studio in plan.STUDIOS:
            known = {life.reference for life in self.lives[studio.slug] if life.started < before}
            people |= {card.party_id for card in subscribers.of_references(studio.slug, known).values()}
        agreeing.prepare(self.calendar, self.at, sorted(people))

    def bill(self, studio: plan.Studio, month: Period) -> None:
        """Bill a month on the first day after it; a run that was cut off is carried on, a finished one is left."""
        with self.at(plan.moment(month.end, 0, 30)):
            number = billing.find_run(studio.slug, month.label)
            if number is None:
                number = billing.start_run.do(HOUSE, service=studio.slug, period=month.label, queue=False).number
            elif billing.run_card(number).state in ("paused", "stopped", "failed"):
                billing.resume_run.do(HOUSE, number=number, queue=False)
            card = billing.run_card(number)
            if card.state != "posted" and billing.carry_out(number).state != "posted":
                raise Stop(Text("시연 청구 {n}이 끝나지 않았습니다.", "The demo bill run {n} did not finish.").fill(n=number))
