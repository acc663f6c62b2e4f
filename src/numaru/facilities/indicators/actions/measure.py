"""Measuring: days are asked of the rooms and kept; the same days again replace what stood."""

from __future__ import annotations

from django.db.models import Max

from numaru.facilities.indicators.models import IndicatorDay
from numaru.facilities.indicators.permissions import DAYS_MEASURE
from numaru.facilities.indicators.ports import indicators
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
from numaru.values.period import Period
from numaru.values.text import Text

LONGEST = 800  # days that one call measures


@action(DAYS_MEASURE)
def measure_days(act: Act, *, since: str, until: str, only: tuple[str, ...] = ()) -> int:
    """Measure the days from ``since`` (in) to ``until`` (out, both YYYY-MM-DD) of all indicators, or of those named; returns the rows kept.

    One question a room and indicator, whatever the number of days. Refuses a stretch that is empty, longer than 800 days, or ends after
    tomorrow. One audit record for all.
    """
    from datetime import date, timedelta

    try:
        period = Period(date.fromisoformat(since), date.fromisoformat(until))
    except ValueError:
        period = None
    if period is None or not 0 < period.days <= LONGEST or period.end > clock.today() + timedelta(days=1):
        raise Invalid.because(
            "indicators.days",
            Text("{s}부터 {u}까지는 잴 수 없는 날입니다.", "{s} to {u} is not a stretch of days that can be measured.").fill(
                s=since, u=until
            ),
            Text("오늘까지의 날을 800일 안에서 적으십시오.", "Name days up to today, 800 at most."),
            field="since",
        )
    kept, at = 0, clock.now()
    for key, indicator in indicators:
        if only and key not in only:
            continue
        rows = [
            IndicatorDay(indicator=key, service=m.service, day=m.day, number=m.number, base=m.base, currency=m.currency, taken_at=at)
            for m in indicator.measure(period)
            if m.day in period
        ]
        IndicatorDay.objects.filter(indicator=key, day__gte=period.start, day__lt=period.end).delete()
        IndicatorDay.objects.bulk_create(rows, batch_size=5000)
        kept += len(rows)
    act.record("indicators.days", f"{period.start}/{period.end}", after={"rows": kept, "only": list(only)})
    act.effect(Text("{n}개 값을 다시 잽니다.", "{n} values are measured again.").fill(n=kept))
    return kept


def unmeasured() -> list[str]:
    """Indicators of which no day was ever measured."""
    known = set(IndicatorDay.objects.values_list("indicator", flat=True).distinct())
    return [key for key, _ in indicators if key not in known]


def last_taken() -> object:
    """When something was last measured; None before."""
    return IndicatorDay.objects.aggregate(at=Max("taken_at"))["at"]
