"""Tables of indicators: measured days, targets, and boards that people put together. Figures only, nothing about a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class IndicatorDay(models.Model):
    """What an indicator measured on one day of one service. A cache: measuring the day again replaces the row."""

    declared: ClassVar[dict[str, Holds]] = plain("id indicator service day number base currency taken_at")

    indicator = models.CharField(max_length=60)
    service = models.CharField(max_length=80, blank=True, default="")  # slug; empty: the whole house
    day = models.DateField()
    number = models.DecimalField(max_digits=24, decimal_places=6)
    base = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    taken_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["indicator", "day", "service", "currency"], name="indicators_day_once"),
        ]


class IndicatorTarget(models.Model):
    """What an indicator should come to in one calendar month. Never edited: the latest row of a month holds."""

    declared: ClassVar[dict[str, Holds]] = plain("id indicator service month value currency reason set_at") | pseudonymous(
        "set_by set_name"
    )

    indicator = models.CharField(max_length=60)
    service = models.CharField(max_length=80, blank=True, default="")
    month = models.DateField()  # its first day
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True)  # None: the target was taken back
    currency = models.CharField(max_length=3, blank=True, default="")
    reason = models.CharField(max_length=400)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)
    set_name = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["indicator", "month", "-id"], name="indicators_target_last")]


class Board(models.Model):
    """A board that somebody put together. The boards of the rooms are declared and have no row."""

    declared: ClassVar[dict[str, Holds]] = plain("id number name indicators shared created_at changed_at gone_at") | pseudonymous(
        "owner owner_name"
    )

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    indicators = models.JSONField(default=list)  # keys in their order
    shared = models.BooleanField(default=False)
    owner = models.BigIntegerField(db_index=True)
    owner_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
