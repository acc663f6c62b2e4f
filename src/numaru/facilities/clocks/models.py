"""Tables of clocks: calendars with their versions, clocks, and the log of each clock. No table holds anything about a person but ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from numaru.kernel.declare import Holds, plain, pseudonymous


class Calendar(models.Model):
    """A business calendar: what it is called. What it says stands in its versions."""

    declared: ClassVar[dict[str, Holds]] = plain("id key name_ko name_en made_at")

    key = models.SlugField(max_length=40, unique=True)
    name_ko = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    made_at = models.DateTimeField()


class CalendarVersion(models.Model):
    """Hours that hold from ``valid_from`` (none: since ever). Never edited: a change is a version. Holidays are data of the version."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id calendar number valid_from zone week holidays holiday_policy country exceptions reason made_at"
    ) | pseudonymous("made_by made_name")

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    valid_from = models.DateTimeField(null=True)
    zone = models.CharField(max_length=60)
    week = models.JSONField()  # seven lists of frames, Monday first: ["09:00–12:00", "13:00–18:00"]
    holidays = models.JSONField(default=dict)  # day → [ko, en]
    holiday_policy = models.CharField(max_length=10, default="begins")
    country = models.CharField(max_length=10, blank=True, default="")  # whose holidays were taken over
    exceptions = models.JSONField(default=dict)  # day → [frames, note]
    reason = models.CharField(max_length=400, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "number"], name="clocks_version_number"),
            models.UniqueConstraint(fields=["calendar", "valid_from"], name="clocks_version_from"),
            models.CheckConstraint(
                name="clocks_first_since_ever", condition=Q(number=1, valid_from__isnull=True) | Q(number__gt=1, valid_from__isnull=False)
            ),
        ]


FAR = datetime(9999, 1, 1, tzinfo=UTC)  # stands for no due time
OPEN = ("running", "paused")
RUNNING = Q(state="running", breached_at__isnull=True)


class Clock(models.Model):
    """A clock on one subject. The log (:class:`ClockEvent`) is what happened; everything below ``started_at`` is a cache of it."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id kind subject_kind service row round calendar target near state enforced started_at ended_at counted_from used due_at stands_at near_at"
        " near_told_at breached_at changed_at"
    ) | pseudonymous("subject owner")

    kind = models.CharField(max_length=60)  # key in the register of kinds
    subject_kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)  # the number by which people know it
    service = models.CharField(max_length=80, blank=True, default="")
    row = models.CharField(max_length=60, blank=True, default="")  # of the policy that named the target
    round = models.IntegerField(default=1)  # a reopened subject has a clock of its own
    owner = models.BigIntegerField(null=True)  # the member of staff whom it concerns; none: whoever may
    enforced = models.BooleanField(default=True)  # began when its policy was enforced: its breach counts
    started_at = models.DateTimeField()
    calendar = models.ForeignKey(Calendar, models.PROTECT, db_index=False)  # clocks_to_lay begins with it
    target = models.IntegerField()  # open seconds
    near = models.IntegerField()  # open seconds after which it is warned of
    state = models.CharField(max_length=10, default="running")  # running | paused | met | missed | cancelled
    counted_from = models.DateTimeField(null=True)  # since when it runs on the calendar; none while it does not
    used = models.IntegerField(default=0)  # open seconds before that
    due_at = models.DateTimeField(null=True)
    stands_at = models.DateTimeField(default=FAR)  # the due time, or far ahead: its place in lists
    near_at = models.DateTimeField(null=True)
    near_told_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], name="clocks_one_open", condition=Q(state__in=OPEN)),
            models.UniqueConstraint(fields=["subject", "kind", "round"], name="clocks_round"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["stands_at", "id"], name="clocks_order", condition=Q(state__in=OPEN)),
            models.Index(fields=["near_at"], name="clocks_near", condition=RUNNING & Q(near_told_at__isnull=True)),
            models.Index(fields=["calendar", "id"], name="clocks_to_lay", condition=Q(state__in=OPEN)),
            models.Index(fields=["breached_at", "id"], name="clocks_breached", condition=Q(breached_at__isnull=False)),
            models.Index(fields=["ended_at", "id"], name="clocks_ended", condition=Q(ended_at__isnull=False)),
        ]


class ClockEvent(models.Model):
    """One line of a clock's log. Lines are added, never changed."""

    declared: ClassVar[dict[str, Holds]] = plain("id clock what at recorded_at calendar target near reason counts cause") | pseudonymous(
        "actor_kind actor actor_name"
    )

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10)  # start | pause | resume | satisfy | breach | cancel | retarget
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True)  # start and retarget
    target = models.IntegerField(null=True)
    near = models.IntegerField(null=True)
    reason = models.CharField(max_length=60, blank=True, default="")  # key of a reason that the kind names
    counts = models.BooleanField(default=True)  # a pause whose reason does not stop the clock is written and changes nothing
    actor_kind = models.CharField(max_length=10)
    actor = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    cause = models.BigIntegerField(null=True)  # the event of another room that it came of

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clock", "id"], name="clocks_log")]
