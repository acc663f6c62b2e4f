"""What was backed up, what was looked through, and from what the house was put back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class BackupRun(models.Model):
    """One backup: where it lies, how large it is, how it was verified. The folder itself is the truth; this is what the screen shows."""

    declared: ClassVar[dict[str, Holds]] = plain("id kind name place state verified bytes failure started_at finished_at") | pseudonymous(
        "actor"
    )

    kind = models.CharField(max_length=10)  # full | keys | base
    name = models.CharField(max_length=80, blank=True, default="")  # of the folder; empty until it is whole
    place = models.CharField(max_length=400)
    state = models.CharField(max_length=10, default="queued")  # queued | running | good | failed
    verified = models.CharField(max_length=10, blank=True, default="")  # opened: every part was decrypted again | read: only its bytes
    bytes = models.BigIntegerField(default=0)
    failure = models.JSONField(default=dict)  # ko, en
    actor = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backup_run"
        indexes: ClassVar = [models.Index(fields=["kind", "state", "-id"], name="backup_run_last")]


class IntegrityRun(models.Model):
    """One look through the house: each check with how much it looked at and what it found."""

    declared: ClassVar[dict[str, Holds]] = plain("id state found checks started_at finished_at") | pseudonymous("actor")

    state = models.CharField(max_length=10, default="queued")  # queued | running | good | bad
    found = models.IntegerField(default=0)
    checks = models.JSONField(default=list)  # key, looked, seconds, findings (message and remedy in ko and en)
    actor = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backup_integrity"


class Restoration(models.Model):
    """The house was put back from a backup: a new epoch, which an administrator takes note of."""

    declared: ClassVar[dict[str, Holds]] = plain("id source made_at to_time missing at acknowledged_at") | pseudonymous("acknowledged_by")

    source = models.CharField(max_length=80)
    made_at = models.DateTimeField()  # up to when the data go
    to_time = models.DateTimeField(null=True)  # the instant asked for, when it was a restore to a point in time
    missing = models.JSONField(default=list)  # pairs ko, en
    at = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=100, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "backup_restoration"
