"""Browsers that subscribed to pushes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, text
from numaru.kernel.vault.text import SealedTextField


class PushDevice(models.Model):
    """One browser of a person. Its address and keys are sealed; ``mark`` finds the same address again without opening it."""

    declared: ClassVar[dict[str, Holds]] = plain("id device version made_at used_at") | pseudonymous("party mark") | text("content")

    party = models.BigIntegerField(db_index=True)
    mark = models.CharField(max_length=64, unique=True)  # keyed hash of the address
    content = SealedTextField()  # JSON: endpoint, p256dh, auth
    version = models.IntegerField()  # of the house's key that the browser was told
    device = models.CharField(max_length=40, blank=True, default="")  # kind of browser and system, as sessions show it
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(db_index=True)  # when it was subscribed last or took a push
