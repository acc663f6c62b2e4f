"""Subscribers: a party in its role as a user of one service."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


def new_subject_key() -> int:
    """A random positive 63-bit key under which usage is kept; it says nothing about the person."""
    return secrets.randbits(63)


class Subscriber(models.Model):
    """Party × service. ``external_id`` is the name that the outside (an import, an app) uses for it."""

    declared: ClassVar[dict[str, Holds]] = plain("id service state served_from served_to created_at") | pseudonymous(
        "party external_id subject_key"
    )

    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", db_index=False)  # the indexes of Meta serve both
    service = models.ForeignKey("catalogue.Service", models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField(max_length=80)
    subject_key = models.BigIntegerField(unique=True, default=new_subject_key)
    state = models.CharField(max_length=10, default="active")  # pending | active | dormant | withdrawn
    served_from = models.DateField(null=True)  # the hull of the days on which a contract runs; kept by billing through api.serve
    served_to = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "external_id"], name="subscribers_external_once")]
        indexes: ClassVar = [
            models.Index(fields=["service", "-id"], name="subscribers_by_service"),
            models.Index(fields=["external_id"], name="subscribers_external_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["party"], name="subscribers_by_party"),
            models.Index(fields=["served_to"], name="subscribers_ended", condition=models.Q(served_to__isnull=False)),
        ]

    @property
    def number(self) -> str:
        """The shown number: S- and at least seven digits."""
        return f"S-{self.pk:07d}"
