"""Tables of metering. The events themselves lie in Parquet files; what stands here is the waiting room, the register of files and the conflicts.

``subject`` is a random key: only the vault links it to a person, so the files are anonymous once that link is gone.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class Compaction(models.Model):
    """One time that events became files: from the waiting room (``origin`` "intake") or from an import (the name of its file)."""

    declared: ClassVar[dict[str, Holds]] = plain("id service_slug origin at accepted duplicates conflicts files")

    service_slug = models.SlugField()
    origin = models.CharField(max_length=200)
    at = models.DateTimeField()
    accepted = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    conflicts = models.BigIntegerField(default=0)
    files = models.IntegerField(default=0)

    class Meta:
        db_table = "metering_compaction"
        indexes: ClassVar = [models.Index(fields=["service_slug", "-id"], name="metering_compaction_last")]


class Delivery(models.Model):
    """One batch that a program sent, with what became of it. Its events wait in Intake until a compaction has them in files."""

    declared: ClassVar[dict[str, Holds]] = plain("id service_slug sender received_at accepted duplicates conflicts refused compaction")

    service_slug = models.SlugField()
    sender = models.CharField(max_length=80)
    received_at = models.DateTimeField()
    accepted = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    conflicts = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    compaction = models.ForeignKey(Compaction, models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "metering_delivery"
        indexes: ClassVar = [
            models.Index(fields=["service_slug", "id"], name="metering_delivery_open", condition=models.Q(compaction__isnull=True)),
            models.Index(fields=["compaction"], name="metering_delivery_compaction"),
        ]


class Intake(models.Model):
    """An accepted event that is durable here. Kept some days after it is in a file, so that a repeat is still told as one."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "pk delivery n service_slug source event_id meter at day quantity amount currency digest"
    ) | pseudonymous("subject")

    pk = models.CompositePrimaryKey("delivery_id", "n")
    delivery = models.ForeignKey(Delivery, models.CASCADE, db_index=False)
    n = models.IntegerField()  # place in the delivery, from 1
    service_slug = models.CharField(max_length=50)
    source = models.CharField(max_length=200)
    event_id = models.CharField(max_length=200)
    subject = models.BigIntegerField()
    meter = models.CharField(max_length=80)
    at = models.DateTimeField()
    day = models.DateField()  # local day of the service's zone
    quantity = models.DecimalField(max_digits=19, decimal_places=6)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, null=True)
    digest = models.CharField(max_length=16)

    class Meta:
        db_table = "metering_intake"
        constraints: ClassVar = [models.UniqueConstraint(fields=["service_slug", "source", "event_id", "day"], name="metering_intake_once")]


class UsageFile(models.Model):
    """A Parquet file of one service and day. It never changes; a file without a row here does not exist."""

    declared: ClassVar[dict[str, Holds]] = plain("id service_slug day path rows sha256 recorded_at compaction")

    service_slug = models.SlugField(db_index=False)
    day = models.DateField()
    path = models.CharField(max_length=200, unique=True)  # relative to NUMARU_HOME
    rows = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    compaction = models.ForeignKey(Compaction, models.PROTECT)

    class Meta:
        db_table = "metering_file"
        indexes: ClassVar = [models.Index(fields=["service_slug", "day"], name="metering_file_day")]


class ConflictFinding(models.Model):
    """An event with a known identity (source, id, day) and another payload. The first one stands; this is what the other one said."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id service_slug source event_id day digest meter at quantity amount currency origin row recorded_at"
    ) | pseudonymous("subject")

    service_slug = models.SlugField(db_index=False)
    source = models.CharField(max_length=200)
    event_id = models.CharField(max_length=200)
    day = models.DateField()
    digest = models.CharField(max_length=16)  # of the payload that was not taken
    subject = models.BigIntegerField()
    meter = models.CharField(max_length=80)
    at = models.DateTimeField()
    quantity = models.DecimalField(max_digits=19, decimal_places=6)
    amount = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, null=True)
    origin = models.CharField(max_length=200)
    row = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "metering_conflict"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service_slug", "source", "event_id", "day", "digest"], name="metering_conflict_once")
        ]
