"""Tables of imports: the run as an object with a number, and its first findings for the screen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class ImportRun(models.Model):
    """One file that was, or is to be, imported. The source file is deleted when the run is over; what stays is its hash."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number kind service_slug file_name file_key sha256 mapping_name mapping_text mapping_sha256 dry state rows_read accepted unchanged "
        "refused findings findings_key counts result created_at started_at finished_at actor_kind"
    ) | pseudonymous("actor_id actor_name")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=40)
    service_slug = models.SlugField()
    file_name = models.CharField(max_length=200)
    file_key = models.CharField(max_length=120, blank=True, default="")  # in the file store; empty for a file read where it lies
    sha256 = models.CharField(max_length=64)
    mapping_name = models.CharField(max_length=200)
    mapping_text = models.TextField()
    mapping_sha256 = models.CharField(max_length=64)
    dry = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="queued")  # queued | running | done | failed | stopped
    rows_read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    findings = models.BigIntegerField(default=0)
    findings_key = models.CharField(max_length=120, blank=True, default="")
    counts = models.JSONField(default=dict)  # findings by code
    result = models.JSONField(default=dict)  # figures of the kind
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-id"], name="imports_run_last")]


class ImportFinding(models.Model):
    """One of the first findings of a run. ``value`` is what stood in somebody else's file, whatever that was: it is emptied after 30 days."""

    declared: ClassVar[dict[str, Holds]] = plain("id run n row field code message_ko message_en remedy_ko remedy_en") | {
        "value": Holds.TEXT
    }

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="first_findings", db_index=False)
    n = models.IntegerField()
    row = models.BigIntegerField(null=True)
    field = models.CharField(max_length=200, blank=True, default="")
    value = models.CharField(max_length=200, blank=True, default="")
    code = models.CharField(max_length=60)
    message_ko = models.TextField()
    message_en = models.TextField()
    remedy_ko = models.TextField()
    remedy_en = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "n"], name="imports_finding_once")]
