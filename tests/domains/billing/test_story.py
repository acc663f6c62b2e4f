"""What billing tells the subscribers' pages: the plan today, what happened, and the running month as the next run would bill it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import Contract
from numaru.domains.subscribers import journey, reads
from numaru.facilities.metering import api as metering
from numaru.facilities.timeline import api as timeline
from numaru.kernel import outbox
from numaru.values.money import Money
from numaru.values.period import Period
from tests.domains.billing.world import HOUSE, SLUG, D, World, enrolment, on, used

pytestmark = pytest.mark.django_db


def test_the_plan_of_today_and_the_last_bill(naru: World) -> None:
    used(naru)
    naru.bill("2026-08")
    naru.bill("2026-09")
    naru.fact("saebom", "suspended", "2026-10-05")
    naru.fact("noeul", "changed_to", "2026-10-03", version=naru.versions["basic"])
    ids = {who: naru.subscriber(who).pk for who in ("haneul", "noeul", "saebom", "gyeoul", "daon")}
    with on("2026-10-04"):
        plans = billing.Plans().plans(ids.values())
    said = {who: (plans[pk].offer.en, plans[pk].state, plans[pk].since, plans[pk].until, plans[pk].last_total) for who, pk in ids.items()}
    won = {n: Money(n, "KRW") for n in (9_900, 15_000)}
    assert said["haneul"] == ("Basic", "active", date(2026, 8, 15), None, won[9_900])
    assert said["noeul"] == ("Basic", "active", date(2026, 8, 1), None, won[15_000])  # changed yesterday
    assert said["saebom"][:2] == ("Premium", "active")  # suspended from tomorrow
    assert said["gyeoul"] == ("Basic", "ended", date(2026, 1, 1), date(2026, 8, 1), None)
    assert said["daon"][4] is None  # a zero is not a bill
    assert plans[ids["haneul"]].last_invoice.startswith("R2026-09-")
    with on("2026-07-25"):
        assert billing.Plans().plans([ids["haneul"]])[ids["haneul"]].state == "pending"
    assert billing.Plans().plans([]) == {}


def test_the_first_end_is_the_end_people_read(naru: World) -> None:
    naru.fact("haneul", "ended", "2026-10-01")
    naru.fact("haneul", "ended", "2026-09-10")
    with on("2026-10-04"):
        (plan,) = billing.Story().contracts(naru.subscriber("haneul").pk)
    assert (plan.state, plan.until) == ("ended", date(2026, 9, 10))


def test_lists_ask_the_same_number_of_questions_for_one_and_for_seven(naru: World) -> None:
    used(naru)
    naru.bill("2026-08")
    everyone = list(Contract.objects.values_list("subscriber_id", flat=True))
    counts = []
    for some in (everyone[:1], everyone):
        with CaptureQueriesContext(connection) as asked:
            billing.Plans().plans(some)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6
    who = reads.card(naru.subscriber("haneul"))
    _told(who)
    before = len(_asked(lambda: timeline.stretch(HOUSE, journey.things(who, SLUG))))
    with on("2026-07-21"):
        rows = enrolment(*(("haneul", f"more{n}", naru.versions["free"], date(2026, 8, 1), None) for n in range(5)))
        billing.enrol.do(HOUSE, service=naru.slug, rows=rows, source="t")
    assert len(_told(who).happened) == 7  # a bill, and six beginnings
    assert len(_asked(lambda: timeline.stretch(HOUSE, journey.things(who, SLUG)))) == before
    assert len(billing.Story().contracts(who.id)) == 6


def _told(who: reads.SubscriberCard, **asked: Any) -> timeline.Stretch:
    """The line of a subscriber after everything that happened was handed out."""
    while outbox.dispatch_once():
        pass
    return timeline.stretch(HOUSE, journey.things(who, SLUG), **asked)


def _asked(work: object) -> list[object]:
    with CaptureQueriesContext(connection) as asked:
        work()  # type: ignore[operator]
    return list(asked)


def test_what_happened_is_told_newest_first_and_cut(naru: World) -> None:
    naru.bill("2026-08")
    naru.fact("haneul", "paused", "2026-08-20")
    who = reads.card(naru.subscriber("haneul"))
    told = _told(who).happened
    assert [(h.what.en, h.kind) for h in told] == [
        ("Invoice for 2026-08 issued", "bill"), ("The contract was paused", "contract"), ("The contract started", "contract"),
    ]  # fmt: skip
    assert told[0].amount == Money(5_429, "KRW") and told[0].url.startswith("/billing/invoices/R2026-08-")
    page = _told(who, size=2)
    assert len(page.happened) == 2 and page.before is not None and page.before.at == told[1].at
    rest = _told(who, before=page.before, size=2)
    assert [h.what.en for h in rest.happened] == ["The contract started"] and rest.before is None


def test_the_bill_so_far_is_what_the_run_will_bill(naru: World) -> None:
    """Read while the month runs; what was billed in advance a month ago is not counted again."""
    used(naru)
    august = naru.bill("2026-08")
    assert august.state == "posted"
    said = {}
    with on("2026-09-29"):
        for who in ("haneul", "noeul", "minsu", "daon", "onyu", "gyeoul"):
            so_far = billing.Story().bill_so_far(naru.subscriber(who).pk)
            assert so_far is not None and so_far.period_label == "2026-09"
            said[who] = so_far.total.minor
    assert said == {"haneul": 9_900, "noeul": 15_000, "minsu": 1_500, "daon": 0, "onyu": 0, "gyeoul": 0}
    naru.bill("2026-09")
    assert billing.Story().bill_so_far(2**40) is None


def test_usage_that_still_waits_counts_and_none_counts_twice(naru: World) -> None:
    used(naru)
    minsu = naru.subscriber("minsu")
    event = {
        "specversion": "1.0", "type": "rental", "source": "app", "id": "w1", "subject": "minsu", "time": "2026-09-28T12:00:00+09:00",
        "data": {"quantity": "2"},
    }  # fmt: skip
    with on("2026-09-29"):
        accepted = metering.accept.do(HOUSE, service=naru.slug, events=[event])
        assert accepted.accepted == 1
        waiting = billing.Story().bill_so_far(minsu.pk)
        metering.compact.do(HOUSE, service=naru.slug)
        stored = billing.Story().bill_so_far(minsu.pk)
        events = metering.events_of(naru.slug, {minsu.subject_key}, Period.month("2026-09"))
    assert waiting is not None and stored is not None and waiting.total == stored.total == Money(1_500 + 2 * 1_500, "KRW")
    assert [(e.event_id, e.quantity, f"{e.day}") for e in events] == [("e00009", D(1), "2026-09-01"), ("w1", D(2), "2026-09-28")]
    assert metering.events_of(naru.slug, set(), Period.month("2026-09")) == []
