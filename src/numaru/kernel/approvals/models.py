"""What waits for a second person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class ApprovalRequest(models.Model):
    """An action that one person asked for and another must approve before it runs. Holds no personal data: ids and values only."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number action service arguments reason why effects approver state asked_at expires_at decided_at note"
    ) | pseudonymous("asked_by asked_name barred decided_by decided_name")

    number = models.CharField(max_length=20, unique=True)
    action = models.CharField(max_length=200)  # key in the register of actions
    service = models.CharField(max_length=80, blank=True, default="")
    arguments = models.JSONField()
    reason = models.CharField(max_length=400)
    why = models.JSONField()  # ko, en: why a second person is needed
    effects = models.JSONField(default=list)  # of the plan at the time of asking, ko and en
    approver = models.CharField(max_length=80)  # the permission the second person needs
    barred = models.JSONField(default=list)  # staff who may not be the second person
    state = models.CharField(max_length=10, default="pending")  # pending | approved | refused | withdrawn | expired
    asked_by = models.BigIntegerField(db_index=True)
    asked_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_name = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="approvals_open", condition=models.Q(state="pending")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="approvals_two_people",
                condition=models.Q(decided_by__isnull=True) | ~models.Q(state="approved") | ~models.Q(decided_by=models.F("asked_by")),
            )
        ]
