"""What a person keeps on their desk: views, columns, acts on many rows, files."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, text


class SavedView(models.Model):
    """An address of a list with a name. ``params`` are filters and the order that the list offers, never what was searched for."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id list_key params columns density shared created_at changed_at dropped_at") | pseudonymous("staff") | text("name")
    )

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="views")
    list_key = models.CharField(max_length=60)
    name = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    columns = models.JSONField(default=list)  # keys in their order; empty: as each reader has them
    density = models.CharField(max_length=10, blank=True, default="")
    shared = models.BooleanField(default=False)  # with everyone who may see the list
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["list_key"], name="desk_view_shared", condition=models.Q(shared=True, dropped_at__isnull=True)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "list_key", "name"], name="desk_view_once", condition=models.Q(dropped_at__isnull=True)
            )
        ]


class ListColumns(models.Model):
    """The columns that one person wants of a list, or of a list under one view."""

    declared: ClassVar[dict[str, Holds]] = plain("id list_key view columns") | pseudonymous("staff")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list_key = models.CharField(max_length=60)
    view = models.ForeignKey(SavedView, models.CASCADE, null=True, related_name="+")
    columns = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "list_key", "view"], name="desk_columns_once", nulls_distinct=False)
        ]


class BulkRun(models.Model):
    """An act on many rows: what was chosen, what was asked, how far it is."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number act list_key params data reason state total everything asked_at begun_at finished_at"
    ) | pseudonymous("staff staff_name")

    number = models.CharField(max_length=20, unique=True)
    act = models.CharField(max_length=80)
    list_key = models.CharField(max_length=60)
    params = models.JSONField(default=dict)  # the address under which everything was chosen
    data = models.JSONField(default=dict)
    reason = models.CharField(max_length=400)
    staff = models.BigIntegerField(null=True)
    staff_name = models.CharField(max_length=80)
    state = models.CharField(max_length=10)  # planning | planned | running | done | stopped | dropped
    total = models.IntegerField()
    everything = models.BooleanField(default=False)  # all that matched, not rows picked by hand
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)


class BulkRow(models.Model):
    """One row of a bulk act: what it was, what it is to be, and what came of it."""

    declared: ClassVar[dict[str, Holds]] = plain("id run ordinal outcome before after code why") | pseudonymous("key shown")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows", db_index=False)
    ordinal = models.IntegerField()
    key = models.CharField(max_length=60)  # what names the row in its list
    shown = models.CharField(max_length=60, blank=True, default="")  # the number that people read
    outcome = models.CharField(max_length=8, blank=True, default="")  # empty | will | refused | done | failed
    before = models.JSONField(default=list)  # [Korean, English]
    after = models.JSONField(default=list)
    code = models.CharField(max_length=80, blank=True, default="")
    why = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "ordinal"], name="desk_bulk_row_once")]
        indexes: ClassVar = [models.Index(fields=["run", "outcome", "ordinal"], name="desk_bulk_outcome")]


class Download(models.Model):
    """A long workbook, made in the background for who ordered it."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number list_key name_ko name_en params columns language state file_key rows size ordered_at ready_at expires_at fetched_at"
    ) | pseudonymous("staff")

    number = models.CharField(max_length=20, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="downloads")
    list_key = models.CharField(max_length=60)
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    params = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    language = models.CharField(max_length=2, default="ko")
    state = models.CharField(max_length=10, default="queued")  # queued | ready | failed | deleted
    file_key = models.CharField(max_length=120, blank=True, default="")
    rows = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    ordered_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
