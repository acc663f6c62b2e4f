"""What the subscribers room measures for boards: who is served, who came, who went, who used the service. Days are the service's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.indicators.api import Indicator, Measured, indicators
from numaru.values.period import Period
from numaru.values.text import Text

PEOPLE = ("명", "subscriber", "subscribers")


def _by_day(column: str, period: Period) -> dict[str, dict[date, int]]:
    """service → day → subscribers whose ``column`` is that day of ``period``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT v.slug, s.{column}, count(*) FROM subscribers_subscriber s JOIN catalogue_service v ON v.id = s.service_id"
            f" WHERE s.{column} >= %s AND s.{column} < %s AND s.served_from IS NOT NULL GROUP BY 1, 2",
            [period.start, period.end],
        )
        out: dict[str, dict[date, int]] = {}
        for slug, day, n in cursor.fetchall():
            out.setdefault(slug, {})[day] = n
        return out


def _standing(day: date) -> dict[str, int]:
    """service → subscribers who are served when ``day`` begins; services that ever had one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.slug, count(*) FILTER (WHERE s.served_from < %s AND (s.served_to IS NULL OR s.served_to >= %s))"
            " FROM subscribers_subscriber s JOIN catalogue_service v ON v.id = s.service_id WHERE s.served_from IS NOT NULL GROUP BY 1",
            [day, day],
        )
        return dict(cursor.fetchall())


def active(period: Period) -> Iterator[Measured]:
    """Subscribers served on each day. ``served_to`` is the first day without service, so a day counts those who began by it and did not
    end by it. Days before a service's first subscriber are left out."""
    came, went = _by_day("served_from", period), _by_day("served_to", period)
    for slug, standing in _standing(period.start).items():
        running, seen = standing, standing > 0
        for day in period:
            running += came.get(slug, {}).get(day, 0) - went.get(slug, {}).get(day, 0)
            seen = seen or running > 0
            if seen:
                yield Measured(day, slug, Decimal(running))


def new(period: Period) -> Iterator[Measured]:
    """Subscribers whose service began on the day; a day on which nobody came counts 0 once the service has begun."""
    yield from _flow(_by_day("served_from", period), period)


def ended(period: Period) -> Iterator[Measured]:
    """Subscribers whose last day of service was the day."""
    found = _by_day("served_to", Period(period.start + timedelta(days=1), period.end + timedelta(days=1)))
    yield from _flow({slug: {day - timedelta(days=1): n for day, n in days.items()} for slug, days in found.items()}, period)


def leaving(period: Period) -> Iterator[Measured]:
    """Ended of those who were served on the day, as a share of thirty days: thirty times those who ended over those who were served."""
    gone = {(m.service, m.day): m.number for m in ended(period)}
    for m in active(period):
        left = gone.get((m.service, m.day), Decimal(0))
        if m.number:
            yield Measured(m.day, m.service, left * 30, m.number)


def _flow(found: dict[str, dict[date, int]], period: Period) -> Iterator[Measured]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.slug, min(s.served_from) FROM subscribers_subscriber s JOIN catalogue_service v ON v.id = s.service_id"
            " WHERE s.served_from IS NOT NULL GROUP BY 1"
        )
        begun = dict(cursor.fetchall())
    for slug, first in begun.items():
        for day in period:
            if day >= first:
                yield Measured(day, slug, Decimal(found.get(slug, {}).get(day, 0)))


indicators.add("subscribers.1-active", Indicator(
    "subscribers", Text("이용 중 가입자", "Active subscribers"),
    Text("그날 계약이 하나라도 이어지는 가입자. 일시 정지도 셉니다.", "Subscribers with a contract that runs on the day; paused ones count."),
    "count", "stock", "up", SUBSCRIBER_VIEW, active, PEOPLE))  # fmt: skip
indicators.add("subscribers.2-new", Indicator(
    "subscribers", Text("신규 가입", "New subscribers"), Text("첫 계약이 그날 시작된 가입자.", "Subscribers whose first contract began on the day."),
    "count", "flow", "up", SUBSCRIBER_VIEW, new, PEOPLE))  # fmt: skip
indicators.add("subscribers.3-ended", Indicator(
    "subscribers", Text("해지", "Ended"), Text("그날까지 이용하고 계약이 모두 끝난 가입자.", "Subscribers whose last contract had its last day on the day."),
    "count", "flow", "down", SUBSCRIBER_VIEW, ended, PEOPLE))  # fmt: skip
indicators.add("subscribers.4-leaving", Indicator(
    "subscribers", Text("30일 해지율", "Churn over 30 days"), Text("날마다 이용 중이던 가입자 가운데 그날로 끝난 비율을 30일로 환산한 값. 기간은 합을 합으로 나눕니다.",
    "Of those active on each day, the share whose last day it was, taken to thirty days; a period divides the sums of its days."),
    "share", "ratio", "down", SUBSCRIBER_VIEW, leaving))  # fmt: skip
