"""What the rooms measure is what their own reads say, for each day, on Naru Video; measuring again replaces."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.indicators import api as boards
from numaru.facilities.indicators import jobs
from numaru.facilities.indicators.models import IndicatorDay
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid
from tests.domains.billing import world
from tests.domains.billing.world import CLERK, HOUSE, SLUG, TOTALS, World

ALL = Actor("staff", 9, "한누리", (("administrator", None), ("privacy_officer", None)))


def measured(since: str = "2026-01-01", until: str = "2026-11-03") -> int:
    return boards.measure_days.do(HOUSE, since=since, until=until)


def value(key: str, day: str, service: str = SLUG) -> Decimal | None:
    row = IndicatorDay.objects.filter(indicator=key, day=day, service=service).first()
    return row.number if row else None


def test_served_subscribers_of_each_day_are_those_whose_contracts_run(naru: World) -> None:
    measured()
    for day in (
        date(2026, 7, 31),
        date(2026, 8, 1),
        date(2026, 8, 14),
        date(2026, 8, 15),
        date(2026, 8, 24),
        date(2026, 8, 25),
        date(2026, 11, 1),
    ):
        rows = Subscriber.objects.filter(served_from__lte=day).exclude(served_to__lte=day)
        assert value("subscribers.1-active", day.isoformat()) == rows.count(), day
    assert value("subscribers.1-active", "2026-08-24") == 6  # all but 한겨울, who ended with July
    assert value("subscribers.2-new", "2026-08-01") == 5 and value("subscribers.2-new", "2026-08-15") == 1
    assert value("subscribers.2-new", "2026-08-16") == 0  # a day on which nobody came is a nought, not unknown
    assert value("subscribers.3-ended", "2026-07-31") == 1  # the last day, not the day after
    assert value("subscribers.3-ended", "2026-08-24") == 1 and value("subscribers.3-ended", "2026-08-25") == 0
    churn = IndicatorDay.objects.get(indicator="subscribers.4-leaving", day="2026-08-24")
    assert (churn.number, churn.base) == (30, 6)


def test_what_was_billed_stands_on_the_day_of_the_invoices(naru: World) -> None:
    measured()
    assert value("billing.1-billed", "2026-09-01") == TOTALS["2026-08"] and value("billing.1-billed", "2026-10-01") == TOTALS["2026-09"]
    assert value("billing.2-invoices", "2026-09-01") == 4
    average = IndicatorDay.objects.get(indicator="billing.3-average", day="2026-09-01")
    assert (average.number, average.base, average.currency) == (TOTALS["2026-08"], 4, "KRW")
    assert value("billing.4-parked", "2026-08-31") is None and value("billing.4-parked", "2026-09-01") == 1
    assert IndicatorDay.objects.filter(indicator="billing.5-usage", service=SLUG).exists()


def test_measuring_again_replaces_and_late_facts_are_in(naru: World) -> None:
    measured()
    before = IndicatorDay.objects.count()
    naru.fact("noeul", "ended", "2026-10-20")
    assert value("subscribers.3-ended", "2026-10-19") == 0
    measured("2026-10-01")
    assert IndicatorDay.objects.count() == before and value("subscribers.3-ended", "2026-10-19") == 1
    assert value("subscribers.1-active", "2026-10-20") == value("subscribers.1-active", "2026-10-19") - 1  # type: ignore[operator]


def test_a_cancelled_run_is_billed_no_more(naru: World) -> None:
    from numaru.domains.billing import api as billing

    measured()
    billing.cancel_run.do(HOUSE, number="R2026-09", reason="시험")
    measured("2026-09-15")
    assert value("billing.1-billed", "2026-10-01") == 0 and value("billing.1-billed", "2026-09-01") == TOTALS["2026-08"]


@pytest.mark.parametrize(
    ("since", "until"), [("2026-11-02", "2026-11-02"), ("2026-11-01", "2026-11-09"), ("2020-01-01", "2026-11-01"), ("x", "2026-11-01")]
)
def test_days_that_cannot_be_measured_are_refused(naru: World, since: str, until: str) -> None:
    with pytest.raises(Invalid) as refused:
        boards.measure_days.do(HOUSE, since=since, until=until)
    assert refused.value.findings[0].field == "since" and not IndicatorDay.objects.exists()


def test_the_job_measures_what_is_new_as_far_as_boards_look(naru: World) -> None:
    jobs.today(0)
    assert value("billing.1-billed", "2026-09-01") == TOTALS["2026-08"]  # long before yesterday
    assert value("subscribers.1-active", "2026-11-02") == value("subscribers.1-active", "2026-11-01")


def test_a_reader_sees_the_services_they_have(naru: World) -> None:
    measured()
    with world.on("2026-11-02"):
        mine = Actor("staff", 7, "청구", (("billing_clerk", SLUG),))
        other = Actor("staff", 8, "청구", (("billing_clerk", "another"),))
        billed = boards.show(mine, ["billing.1-billed"], "13w").figures[0]
        assert billed.value == TOTALS["2026-08"] + TOTALS["2026-09"] and billed.currency == "KRW"
        assert boards.show(other, ["billing.1-billed"], "13w").figures[0].value is None
        assert boards.show(mine, ["house.1-opened", "billing.1-billed"], "13w").hidden == 1


def test_a_target_is_kept_with_its_reason_and_shown_where_one_stands(naru: World) -> None:
    measured()
    with pytest.raises(Invalid):
        boards.set_target.do(CLERK, indicator="billing.1-billed", month="2026-10", value="1", currency="KRW", reason="지난 달")
    for bad in ("0", "-3", "많이", "1e400", "0.0000001"):
        with pytest.raises(Invalid):
            boards.set_target.do(CLERK, indicator="billing.1-billed", month="2026-11", value=bad, currency="KRW", reason="시험")
    boards.set_target.do(CLERK, indicator="billing.1-billed", month="2026-11", value="30,000원", currency="KRW", reason="가을 목표")
    boards.set_target.do(CLERK, indicator="subscribers.1-active", month="2026-11", value="4", reason="유지")
    billed, active = boards.show(ALL, ["billing.1-billed", "subscribers.1-active"], "28d").figures
    assert billed.target == 30_000 and billed.attainment is not None and not billed.attainment.met  # nothing was billed in November yet
    assert active.attainment is not None and active.attainment.met and active.attainment.share >= 1
    boards.set_target.do(CLERK, indicator="subscribers.1-active", month="2026-11", value="", reason="거둠")
    assert boards.show(ALL, ["subscribers.1-active"], "28d").figures[0].target is None


def test_the_days_before_are_as_many_and_a_change_says_its_side(naru: World) -> None:
    measured()
    figure = boards.show(ALL, ["subscribers.3-ended"], "13w").figures[0]
    assert sum(p.period.days for p in figure.points) == sum(p.period.days for p in figure.points_then) == 91
    assert figure.points[0].period.start - figure.points_then[0].period.start == timedelta(days=91)
