"""The stories of the demo company as the page of faces tells them: their figures, read from the house as they stand, and the ways to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
from django.urls import reverse
from django.utils.http import urlencode

from numaru.config import demo_stories as planted
from numaru.config import demo_world as plan
from numaru.domains.billing import api as billing
from numaru.domains.billing.reads import charges_of, facts_of, late_usage, parked, run
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.metering import api as metering
from numaru.kernel import clock, duck
from numaru.ui import formats
from numaru.ui.formats import count
from numaru.values.period import Period
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Way:
    """A click: as whom, what is seen there, where."""

    face: str
    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Told:
    """A story: its name, what happened, its figures, the ways to it."""

    key: str
    name: Text
    happened: Text
    figures: tuple[tuple[Text, str], ...]
    ways: tuple[Way, ...]


def _month(period: Period) -> Text:
    return Text(formats.month(period.start, "ko"), formats.month(period.start, "en"))


def found(q: str, served: str = "") -> int:
    """How many subscribers the list shows for a search."""
    return len(subscribers.numbers_of(None, 1_000, q=q, served=served))


def people(face: str, q: str, label: Text, served: str = "") -> Way:
    asked = {"q": q} | ({"served": served} if served else {})
    return Way(face, label, f"{reverse('subscribers:list')}?{urlencode(asked)}")


def _one(face: str, service: str, name: str, label: Text) -> tuple[Way, ...]:
    card = subscribers.of_references(service, [name]).get(name)
    return (Way(face, label, reverse("subscribers:subscriber", args=[card.number])),) if card else ()


def _run(service: str, month: Period, label: Text) -> tuple[Way, ...]:
    number = billing.find_run(service, month.label)
    return (Way("billing", label, reverse("billing:run", args=[number])),) if number else ()


def tell(day: date) -> list[Told]:
    """The seven stories of a demo that was loaded on ``day``, in the order of docs/demo.md."""
    calendar = plan.Calendar(day)
    stories = (price_rise, cdn_fault, coupon_ring, guardian, partner_dispute, card_wave, viral_title)
    return [story(calendar) for story in stories]


def price_rise(calendar: plan.Calendar) -> Told:
    first = calendar.billed[3]
    names = [f"{planted.RISE}{n:02d}" for n in range(1, 25)]
    known = billing.contracts_named("moonlight", names)
    back = sum(any(fact.kind == "price_agreed" for fact in facts) for facts in facts_of(known.values()).values())
    return Told(
        "price-rise", Text("후회한 인상", "A price rise with regret"),
        Text("{m}부터 스탠다드를 12,900원에서 13,900원으로 올렸습니다. 오른 값으로 들어온 사람들이 몇 주 만에 떠났고, 일부에게는 옛값을 돌려주었습니다.",
             "From {m} on Standard cost ₩13,900 instead of ₩12,900. Those who came at the dearer price left within weeks; some were given the old price back.").fill(m=_month(first)),
        ((Text("오른 값의 첫 가입", "First at the dearer price"), count(found(planted.RISE))), (Text("해지", "Ended"), count(found(planted.RISE, "ended"))),
         (Text("옛값으로 합의", "Old price agreed"), count(back))),
        (people("clerk", planted.RISE, Text("그 사람들", "The people")), people("clerk", planted.RISE, Text("떠난 사람들", "Those who left"), "ended"),
         *_one("clerk", "moonlight", f"{planted.RISE}{planted.LEFT_FIRST + planted.LEFT_NEXT + 1:02d}", Text("옛값을 돌려받은 사람", "One who got the old price back"))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """The evening of the fault in the region, and the evening before."""

    failed: int
    people: int
    plays: int
    plays_before: int


def fault(calendar: plan.Calendar) -> Fault:
    """Counted from the records of use, by their source."""
    day, source = planted.fault_day(calendar), planted.player(planted.FAULT_REGION)
    before = day - timedelta(days=1)
    files = metering.files("moonlight", Period(before, day + timedelta(days=1)), clock.now())
    with duck.connection() as con:
        seen: Any = metering.usage_frame(con, files).filter(nw.col("source") == source)
        rows = (
            seen.group_by("day", "meter").agg(nw.len().alias("n"), nw.col("subject").n_unique().alias("people")).collect().rows(named=True)
        )
    of = {(row["day"], row["meter"]): (int(row["n"]), int(row["people"])) for row in rows}
    failed, plays, usual = (of.get(key, (0, 0)) for key in ((day, planted.FAILED), (day, planted.PLAY), (before, planted.PLAY)))
    return Fault(failed[0], failed[1], plays[0], usual[0])


def cdn_fault(calendar: plan.Calendar) -> Told:
    day, counted = planted.fault_day(calendar), fault(calendar)
    return Told(
        "cdn-fault", Text("부산의 저녁, 재생 장애", "An evening without playback in Busan"),
        Text("{d} 20시부터 23시까지 부산에서 달빛극장이 재생되지 않았습니다. 사람들은 거듭 눌렀고, 실패가 쏟아졌습니다. 운영 화면이 생기기 전에는 이용 기록과 청구 실행에서 보입니다.",
             "On {d} from 20:00 to 23:00 Moonlight Cinema did not play in Busan; people pressed again and again. Until operations have a room it shows in the records of use and on the bill run.").fill(d=Text(formats.day(day, "ko"), formats.day(day, "en"))),
        ((Text("재생 실패", "Failed plays"), count(counted.failed)), (Text("겪은 가입자", "People affected"), count(counted.people)),
         (Text("그날 저녁 재생 (전날)", "Plays that evening (the day before)"), f"{count(counted.plays)} ({count(counted.plays_before)})")),
        (people("clerk", planted.CDN, Text("겪은 사람 열둘", "Twelve who met it")),
         *_one("clerk", "moonlight", f"{planted.CDN}{planted.FAULTY:02d}", Text("한 사람의 그날", "One person's day")), *_run("moonlight", calendar.billed[-1], Text("그 달의 이용 기록", "The month's records of use")),
         Way("privacy", Text("안내하려고 올린 일괄 열람 결재", "The bulk opening asked for to tell them"), reverse("approvals:list"))),
    )  # fmt: skip


def coupon_ring(calendar: plan.Calendar) -> Told:
    phones = planted.RING_PHONES.rstrip("-")
    return Told(
        "coupon-ring", Text("쿠폰 돌려쓰기", "A coupon ring"),
        Text("하루에 {n}명이 이야기숲 패스를 990원에 가입했습니다. 전화번호가 나란히 이어지고, 거의 보지 않았고, 할인 달이 끝나자 모두 해지했습니다.",
             "In one day {n} people took the Talewood Pass at ₩990. Their phone numbers follow each other, they read next to nothing, and all ended with the discounted month.").fill(n=planted.RING_SIZE),
        ((Text("같은 날 가입", "Signed up that day"), count(found(planted.RING))), (Text("같은 번호대", "In that block of numbers"), count(found(phones))),
         (Text("해지", "Ended"), count(found(planted.RING, "ended")))),
        (people("clerk", planted.RING, Text("그 사람들", "The people")), people("clerk", phones, Text("전화 {p}로 찾기", "Search by phone {p}").fill(p=phones)),
         Way("privacy", Text("밤에 이들을 열어 본 기록", "Their numbers were opened at night"), reverse("audit:findings"))),
    )  # fmt: skip


def guardian(calendar: plan.Calendar) -> Told:
    names = [f"{planted.GUARD}{n:02d}" for n in range(1, planted.GUARDIANS + 1)]
    cards = subscribers.of_references("moonlight", [*names, *(f"{name}-CHILD" for name in names)])
    plans = billing.Plans().plans([card.id for card in cards.values()])
    bills = [plans[cards[name].id].last_invoice for name in names if name in cards and cards[name].id in plans]
    return Told(
        "guardian", Text("보호자의 가입", "A guardian signs up"),
        Text("보호자 {n}명이 자녀의 구독을 자기 계정에 더했습니다. 한 계정이 두 계약을 내고 청구서 한 장에 함께 나옵니다. 법정대리인 동의는 그 화면이 생길 때 기록됩니다.",
             "{n} guardians added a child's subscription to their own account: one account pays for two contracts, on one invoice. Consent is recorded when its room exists.").fill(n=planted.GUARDIANS),
        ((Text("보호자", "Guardians"), count(len(names))), (Text("자녀 구독", "Children's subscriptions"), count(len([name for name in cards if name.endswith("-CHILD")])))),
        (people("clerk", planted.GUARD, Text("보호자와 자녀", "Guardians and children")),
         *(Way("billing", Text("두 계약이 든 청구서", "The invoice with both"), reverse("billing:invoice", args=[bill])) for bill in bills[:1] if bill)),
    )  # fmt: skip


def partner_dispute(calendar: plan.Calendar) -> Told:
    month = planted.partner_month(calendar)
    number = billing.find_run("bookfloor", month.label)
    late = late_usage(run(number, None)) if number else 0
    without = parked(run(number, None)).get("missing_price", (0, ""))[0] if number else 0
    return Told(
        "partner-dispute", Text("제휴사와 다른 숫자", "A partner counts otherwise"),
        Text("제휴사 PART-01은 {m} 독서를 {all}건으로 셉니다. 우리 청구에는 {n}건뿐입니다. {late}건은 확정 뒤에 왔습니다. PART-04는 값이 없어 달마다 보류됩니다.",
             "The partner PART-01 counts {all} reads in {m}; our bill run holds {n}, for {late} came after it was posted. PART-04 was never given a price and is parked each month.").fill(
            m=_month(month), all=planted.PARTNER_READS + planted.PARTNER_LATE, n=planted.PARTNER_READS, late=planted.PARTNER_LATE),
        ((Text("확정 뒤에 온 기록", "Came after the bill"), count(late)), (Text("값이 없어 보류", "Parked without a price"), count(without))),
        (people("billing", planted.PART, Text("제휴 계약", "Partner contracts")), *_run("bookfloor", month, Text("두 숫자가 갈리는 청구 실행", "The run where the counts part"))),
    )  # fmt: skip


def card_wave(calendar: plan.Calendar) -> Told:
    names = [f"{planted.CARD}{n:02d}" for n in range(1, planted.RESUMED + planted.SUSPENDED + planted.ENDED + 1)]
    cards = subscribers.of_references("moonlight", names)
    states = [summary.state for summary in billing.Plans().plans([card.id for card in cards.values()]).values()]
    return Told(
        "card-wave", Text("한 주에 몰린 정지", "A week of suspensions"),
        Text("{m} 둘째 주에 달빛극장 계약이 한꺼번에 정지되었습니다. 대부분 나흘 안에 풀렸고, 남은 것은 청구가 보류되었습니다. 카드 만료가 원인이지만 결제 화면이 생겨야 카드로 보입니다.",
             "In the second week of {m} contracts were suspended one after the other. Most were resumed within four days; the bills of the rest are parked. Expired cards are behind it, which shows once payments have a room.").fill(m=_month(calendar.billed[-1])),
        ((Text("정지된 적 있음", "Suspended at some time"), count(len(cards))), (Text("지금 이용 중", "Running again"), count(states.count("active"))),
         (Text("아직 정지", "Still suspended"), count(states.count("suspended"))), (Text("해지", "Ended"), count(states.count("ended")))),
        (people("clerk", planted.CARD, Text("그 사람들", "The people")), *_one("clerk", "moonlight", f"{planted.CARD}{planted.RESUMED + 1:02d}", Text("아직 정지된 사람", "One still suspended")),
         *_run("moonlight", calendar.billed[-1], Text("보류된 계정", "The accounts that were parked"))),
    )  # fmt: skip


def viral_title(calendar: plan.Calendar) -> Told:
    month = calendar.billed[-2]
    number = billing.find_run("talewood", month.label)
    rows = [row for row in charges_of(run(number, None)) if row.key == "episodes"] if number else []
    change = next((row.change for row in rows), None) or "–"
    reads = title_reads(calendar)
    title = planted.TALEWOOD.titles[plan.VIRAL]
    return Told(
        "viral-title", Text("입소문 난 작품", "A title that spreads"),
        Text("{m} 중순 두 주 동안 ‘{t}’ 입소문이 퍼졌습니다. 회차 대여가 세 배로 늘었고 대부분이 이 작품이었습니다. 작품 목록이 생기기 전에는 작품 이름이 이용 기록의 번호 안에만 있습니다.",
             "For two weeks in the middle of {m} ‘{t}’ spread: three times the episodes, most of them of this title. Until titles have a catalogue they stand in the ids of the records alone.").fill(m=_month(month), t=title),
        ((Text("그 달 회차 매출 변화", "Episodes against the month before"), change), (Text("두 주의 회차", "Episodes in the two weeks"), count(reads[1])),
         (Text("그 가운데 이 작품", "Of this title"), count(reads[0]))),
        _run("talewood", month, Text("전월과 견준 청구 실행", "The run against the month before")),
    )  # fmt: skip


def title_reads(calendar: plan.Calendar) -> tuple[int, int]:
    """Episodes of the title that spread, and of all titles, in its two weeks; from the ids of the records of use."""
    month = calendar.billed[-2]
    days = [day for n in range(month.days) if plan.viral(calendar, day := month.start + timedelta(days=n))]
    files = metering.files("talewood", Period(days[0], days[-1] + timedelta(days=1)), clock.now())
    with duck.connection() as con:
        seen: Any = metering.usage_frame(con, files).filter(nw.col("meter") == "episode")
        hit = nw.col("event_id").str.starts_with(f"episode-{plan.VIRAL:02d}-").cast(nw.Int64).sum().alias("hit")
        row = seen.select(hit, nw.len().alias("n")).collect().rows(named=True)[0]
    return int(row["hit"] or 0), int(row["n"])
