"""Tables of retention: runs of the nightly walk, the log of what was destroyed, holds, and what people asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, vault


class RetentionRun(models.Model):
    """One class walked as of one day. Its chunks are committed one by one, so a kill loses none; ``digest`` chains them."""

    declared: ClassVar[dict[str, Holds]] = plain("id klass as_of state due destroyed held after digest started_at finished_at failure") | (
        pseudonymous("actor")
    )

    klass = models.CharField(max_length=60)
    as_of = models.DateField()
    state = models.CharField(max_length=10, default="running")  # running | done | failed
    due = models.BigIntegerField(default=0)
    destroyed = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    after = models.JSONField(null=True)  # the last ref that was destroyed
    digest = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")
    actor = models.CharField(max_length=100)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["klass", "-id"], name="retention_run_last")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["klass"], name="retention_run_alone", condition=models.Q(state="running"))]


class RetentionTally(models.Model):
    """What stood before one class when it was last counted: by the nightly walk, or because somebody asked. Shown with its time."""

    declared: ClassVar[dict[str, Holds]] = plain("id klass due soon held counted_at")

    klass = models.CharField(max_length=60, unique=True)
    due = models.BigIntegerField()
    soon = models.BigIntegerField()
    held = models.BigIntegerField()
    counted_at = models.DateTimeField()


class Destruction(models.Model):
    """Something that was destroyed: append-only, and written once more outside the database. Holds numbers, no values of anybody."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number mark kind basis request approval at gone kept sealed_until traces_until replayed hash"
    ) | pseudonymous("person asked_by approved_by")

    number = models.CharField(max_length=20, unique=True)
    mark = models.UUIDField(unique=True)  # random: names it outside the house
    kind = models.CharField(max_length=10)  # request: one person · period: a chunk of the nightly walk
    person = models.BigIntegerField(null=True, db_index=True)
    basis = models.CharField(max_length=400)
    request = models.CharField(max_length=20, blank=True, default="")
    approval = models.CharField(max_length=20, blank=True, default="")
    asked_by = models.CharField(max_length=100)
    approved_by = models.CharField(max_length=100, blank=True, default="")
    at = models.DateTimeField()
    gone = models.JSONField()  # [{"class", "refs": [...], "rows": n}]
    kept = models.JSONField(default=list)  # [{"class", "until": "YYYY-MM-DD"}]
    sealed_until = models.DateField(null=True)  # until when a backup may hold the keys; null: nobody has set it
    traces_until = models.DateField(null=True)  # until when a backup may hold masked forms and tokens
    replayed = models.BooleanField(default=False)  # written by a replay after a restore
    hash = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="retention_destruction_kind")]


class Destroyed(models.Model):
    """One ref of a class that was destroyed, so that it is not looked at again unless something newer came."""

    declared: ClassVar[dict[str, Holds]] = plain("id klass day destruction") | pseudonymous("ref")

    klass = models.CharField(max_length=60)
    ref = models.BigIntegerField()
    day = models.DateField()
    destruction = models.ForeignKey(Destruction, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["klass", "ref"], name="retention_destroyed_ref")]


class Hold(models.Model):
    """An order to keep: a person, a class, or a person's part of a class is not destroyed before ``until``."""

    declared: ClassVar[dict[str, Holds]] = plain("id number klass reason reference since until lifted_at lift_reason") | pseudonymous(
        "person placed_by lifted_by"
    )

    number = models.CharField(max_length=20, unique=True)
    person = models.BigIntegerField(null=True, db_index=True)
    klass = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=400)
    reference = models.CharField(max_length=80, blank=True, default="")  # of the order: court, authority, dispute
    since = models.DateField()
    until = models.DateField()
    placed_by = models.CharField(max_length=100)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=100, blank=True, default="")
    lift_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="retention_hold_of_something", condition=models.Q(person__isnull=False) | ~models.Q(klass=""))
        ]


class SubjectRequest(models.Model):
    """What a person asked about their own data, with its clock. What they said beyond that stays outside: kinds and codes only."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id number kind channel received_on due_on state identity verified_at answered_at outcome outcome_code destruction "
            "package_state package_key package_sha256 package_at package_until delivered_at"
        )
        | pseudonymous("person subject taken_by verified_by answered_by ordered_by delivered_to")
        | vault("package_box")
    )

    number = models.CharField(max_length=20, unique=True)
    person = models.BigIntegerField(db_index=True)
    subject = models.CharField(max_length=20)  # the shown number by which the person was found: S-0001234
    kind = models.CharField(max_length=12)  # access | portability | correction | deletion | suspension
    channel = models.CharField(max_length=12)  # phone | letter | visit | e-mail | other
    received_on = models.DateField()
    due_on = models.DateField(db_index=True)
    state = models.CharField(max_length=10, default="received")  # received | verified | answered | refused | withdrawn
    taken_by = models.CharField(max_length=100)
    identity = models.CharField(max_length=20, blank=True, default="")  # how it was checked that it is them
    verified_at = models.DateTimeField(null=True)
    verified_by = models.CharField(max_length=100, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=100, blank=True, default="")
    outcome = models.CharField(max_length=400, blank=True, default="")
    outcome_code = models.CharField(max_length=20, blank=True, default="")
    destruction = models.CharField(max_length=20, blank=True, default="")
    package_state = models.CharField(max_length=10, blank=True, default="")  # "" | queued | ready | delivered | deleted | failed
    package_key = models.CharField(max_length=120, blank=True, default="")
    package_box = models.BinaryField(default=bytes)  # the key of the file, sealed
    package_sha256 = models.CharField(max_length=64, blank=True, default="")
    package_at = models.DateTimeField(null=True)
    package_until = models.DateTimeField(null=True)
    ordered_by = models.BigIntegerField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivered_to = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="retention_request_open", condition=models.Q(state__in=("received", "verified")))
        ]
