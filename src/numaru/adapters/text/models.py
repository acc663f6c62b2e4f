"""Which group of the provider each message was put into, noted before anything is sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain


class SentGroup(models.Model):
    """One key and the group it went into. No number, no words: the provider is asked by the group."""

    declared: ClassVar[dict[str, Holds]] = plain("key group noted_at")

    key = models.CharField(max_length=64, primary_key=True)
    group = models.CharField(max_length=64, db_index=True)
    noted_at = models.DateTimeField(db_index=True)
