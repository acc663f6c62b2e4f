"""Targets: what an indicator should come to in a month, with the reason it was set."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from numaru.facilities.indicators.events import TargetSet
from numaru.facilities.indicators.models import IndicatorTarget
from numaru.facilities.indicators.permissions import TARGET_SET
from numaru.facilities.indicators.ports import indicators
from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid, NotAllowed, NotFound
from numaru.values.period import Period
from numaru.values.text import Text

MOST = Decimal(10) ** 17


def read(text: str) -> Decimal | None:
    """A target as people type it: digits with or without grouping, a percentage with its sign; None for an empty one.

    >>> read("1,204"), read("62.4%"), read(" ")
    (Decimal('1204'), Decimal('0.624'), None)
    """
    plain = text.strip().replace(",", "").removesuffix("원").removeprefix("₩").strip()
    if not plain:
        return None
    percent = plain.endswith("%")
    try:
        value = Decimal(plain.removesuffix("%").strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value / 100 if percent else value


@action(TARGET_SET, reason=True)
def set_target(act: Act, *, indicator: str, month: str, value: str, service: str = "", currency: str = "") -> None:
    """Set what ``indicator`` should come to in ``month`` (YYYY-MM), for one service or, with an empty ``service``, for all that there are;
    an empty ``value`` takes the target back. Rows are added, never changed: who set what and why stays.

    Refuses an unknown indicator, one whose figures the actor may not see, a month that has ended, and a value that is no positive number.
    """
    found = indicators.get(indicator)
    if found is None:
        raise NotFound.named(Text("지표", "indicator"), indicator)
    if not act.actor.may(found.permission, service or None):
        raise NotAllowed.for_permission(found.permission)
    try:
        period = Period.month(month)
    except ValueError:
        period = None
    if period is None or period.end <= clock.today():
        raise Invalid.because(
            "indicators.month", Text("‘{m}’에는 목표를 정할 수 없습니다.", "No target can be set for “{m}”.").fill(m=month),
            Text("이번 달이나 뒤의 달을 2026-12처럼 적으십시오.", "Name this month or a later one, like 2026-12."), field="month",
        )  # fmt: skip
    try:
        wanted = read(value)
        good = wanted is None or (0 < wanted < MOST and wanted == wanted.quantize(Decimal("0.000001")))
    except ValueError:
        wanted, good = None, False
    if not good or (wanted is not None and found.unit == "share" and wanted > 1):
        raise Invalid.because(
            "indicators.target", Text("‘{v}’은(는) 목표가 될 수 없습니다.", "“{v}” cannot be a target.").fill(v=value),
            Text("비율은 62.4%처럼, 나머지는 0보다 큰 수로 적으십시오.", "Write a share like 62.4%, anything else as a number above 0."), field="value", value=value,
        )  # fmt: skip
    had = target_of(indicator, period.start, service, currency)
    IndicatorTarget.objects.create(
        indicator=indicator, service=service, month=period.start, value=wanted, currency=currency, reason=act.reason, set_at=clock.now(),
        set_by=act.actor.staff_id, set_name=act.actor.name,
    )  # fmt: skip
    act.record(
        "indicators.indicator",
        indicator,
        before={"target": str(had) if had is not None else ""},
        after={"target": str(wanted or ""), "month": month, "service": service},
    )
    act.event(TargetSet(indicator, service, month, str(wanted or "")))
    act.effect(Text("{i} {m} 목표가 바뀝니다.", "The target of {i} for {m} changes.").fill(i=found.name, m=month))


def target_of(indicator: str, month: date, service: str = "", currency: str = "") -> Decimal | None:
    """The target that holds for one month; None when none was set or it was taken back."""
    row = IndicatorTarget.objects.filter(indicator=indicator, month=month, service=service, currency=currency).order_by("-id").first()
    return row.value if row else None
