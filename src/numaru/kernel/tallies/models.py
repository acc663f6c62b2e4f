"""What was last counted, with its time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain


class Tally(models.Model):
    """The figures of one name and scope (the slug of a service, or empty for the house), as they were when they were counted."""

    declared: ClassVar[dict[str, Holds]] = plain("id name scope figures counted_at")

    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=80, blank=True, default="")
    figures = models.JSONField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "scope"], name="tallies_once")]
