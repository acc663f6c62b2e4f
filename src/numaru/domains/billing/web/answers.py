"""What the portal answers about money: this month's bill, why it differs, the plan, when the next bill comes."""

from __future__ import annotations

from numaru.domains.billing import own
from numaru.domains.billing.web import changes, tariff
from numaru.domains.billing.web.explained import both
from numaru.domains.subscribers import api as subscribers
from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui.answers import Answer, Asker, Question, answers
from numaru.values.period import Period
from numaru.values.text import Text

SHOWN = 4  # changes on a card
SEE_BILL = Text("청구서 보기", "See the bill")


def _month(period: Period) -> Text:
    year = clock.today().year
    return both(lambda lang: formats.month(period.start, lang, year=year))


def _latest(asker: Asker) -> own.Bill | None:
    return next(iter(own.bills(asker.person, asker.service, 1)), None)


def _so_far(asker: Asker) -> own.Standing | None:
    return own.standing(asker.subscriber)


def bill(asker: Asker) -> Answer | None:
    """The latest final bill, or what the running month would come to."""
    last = _latest(asker)
    if last is None:
        now = _so_far(asker)
        if now is None or now.total is None:
            return Answer(
                Text("아직 확정한 청구서가 없습니다.", "There is no final bill yet."), page="use", more=Text("이용 보기", "See your use")
            )
        said = Text("아직 확정한 청구서가 없습니다. {m} 지금까지는 {t}입니다.", "There is no final bill yet. {m} comes to {t} so far.")
        return Answer(
            said.fill(m=_month(now.period), t=both(lambda lang: formats.money(now.total, lang))),
            page="use",
            more=Text("이용 보기", "See your use"),
        )
    said = Text("가장 최근 청구서는 {m} 이용분 {t}입니다.", "Your latest bill is {t} for {m}.")
    return Answer(
        said.fill(m=_month(last.period), t=both(lambda lang: formats.money(last.total, lang))),
        ((Text("이용 기간", "Period"), last.period), (Text("내실 금액", "Amount due"), last.total), (Text("납부 기한", "Due"), last.due_on)),
        "invoice", last.number, SEE_BILL,
    )  # fmt: skip


def why(asker: Asker) -> Answer | None:
    """What made the latest bill larger or smaller."""
    last = _latest(asker)
    found = own.comparison(asker.person, asker.service, own.bill(asker.person, asker.service, last.number)) if last else None
    if last is None or found is None:
        return Answer(Text("견줄 지난 청구서가 아직 없습니다.", "There is no earlier bill to compare with yet."))
    parts = changes.said(found)
    if not found.difference:
        said = Text("{f} 요금과 같습니다.", "It is the same as for {f}.").fill(f=_month(found.former.period))
    else:
        grew = found.difference.minor > 0
        size = found.difference if grew else -found.difference
        said = (Text("{f} 요금보다 {d} 늘었습니다. 가장 큰 이유는 {n}입니다.", "It is {d} more than for {f}, mostly because of {n}.") if grew
                else Text("{f} 요금보다 {d} 줄었습니다. 가장 큰 이유는 {n}입니다.", "It is {d} less than for {f}, mostly because of {n}."))  # fmt: skip
        main = next((p for p in parts if p.more is grew), parts[0])
        said = said.fill(f=_month(found.former.period), d=both(lambda lang: formats.money(size, lang)), n=main.name)
    figures = tuple(
        (p.name, Text(formats.money(p.amount, "ko", diff=True), formats.money(p.amount, "en", diff=True))) for p in parts[:SHOWN]
    )
    return Answer(said, figures, "bill", "", Text("항목별로 보기", "See it charge by charge"))


def plan(asker: Asker) -> Answer | None:
    """The plan in force and its dates."""
    found = next((p for p in own.plans(asker.subscriber) if p.plan.state != "ended"), None)
    if found is None:
        return Answer(
            Text("지금 이용 중인 계약이 없습니다.", "You have no contract that runs now."),
            page="use",
            more=Text("지난 계약 보기", "See former contracts"),
        )
    face = subscribers.PLAN[found.plan.state].word
    figures = [(Text("상태", "State"), face), (Text("시작한 날", "Since"), found.plan.since)]
    if found.plan.until:
        figures.append((Text("끝나는 날", "Until"), found.plan.until))
    figures += [(t.name, tariff.costs(t, found.tiers.get(t.charge_id, ()))) for t in found.terms[:SHOWN]]
    said = Text("‘{o}’ 요금제를 쓰고 계십니다.", "You are on the plan “{o}”.").fill(o=found.plan.offer)
    return Answer(said, tuple(figures), "use", "", Text("이용 보기", "See your use"))


def upcoming(asker: Asker) -> Answer | None:
    """When the running month is billed, and what it comes to so far."""
    today = clock.today(asker.zone)
    month = Period.month(f"{today:%Y-%m}")
    said = Text("{m} 이용분은 {d} 이후에 청구서가 확정됩니다.", "{m} is billed on {d} or later.").fill(
        m=_month(month), d=both(lambda lang: formats.plain_day(month.end, lang, year=today.year))
    )
    now, last = _so_far(asker), _latest(asker)
    figures: list[tuple[Text, object]] = []
    if now is not None and now.total is not None:
        figures.append((Text("지금까지", "So far"), now.total))
    if last is not None:
        figures.append((Text("지난 청구서 확정", "Last bill issued"), formats.local(last.issued_at, asker.zone).date()))
        figures.append((Text("그 납부 기한", "It is due"), last.due_on))
    return Answer(said, tuple(figures), "use", "", Text("지금까지 이용 보기", "See your use so far"))


answers.add("bill", Question(1, Text("이번 요금은?", "What is my bill?"), "receipt", bill))
answers.add("why", Question(2, Text("왜 달라졌나요?", "Why did it change?"), "trending-up", why))
answers.add("next", Question(3, Text("다음 청구는 언제?", "When is the next bill?"), "calendar-event", upcoming))
answers.add("plan", Question(4, Text("요금제와 계약은?", "What is my plan?"), "file-description", plan))
