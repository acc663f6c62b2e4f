"""What members of staff are told, and up to where each has looked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class Notice(models.Model):
    """One thing told to one member of staff: a kind and the number of what it is about; the words are made when it is shown. ``settled_at``:
    what it asked for was done, by whomever; such a notice counts as read."""

    declared: ClassVar[dict[str, Holds]] = plain("id kind key about needs at read_at settled_at") | pseudonymous("staff")

    staff = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    about = models.JSONField(default=dict)  # ids and values only
    needs = models.BooleanField(default=False)  # it asks for something
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["staff", "-id"], name="notices_of_staff"),
            models.Index(fields=["staff"], name="notices_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["kind", "key"], name="notices_asking", condition=models.Q(read_at__isnull=True)),
        ]


class LastLook(models.Model):
    """Up to which event a member of staff has seen what changed."""

    declared: ClassVar[dict[str, Holds]] = plain("upto at") | pseudonymous("staff")

    staff = models.BigIntegerField(primary_key=True)
    upto = models.BigIntegerField()
    at = models.DateTimeField()
