"""Tables of the kernel."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.declare import Holds, plain, pseudonymous


class StaffAccounts(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(login=(username or "").strip().lower())


class Staff(AbstractBaseUser):
    """A member of staff who may sign in. Person data of staff stands in parties, never here."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id password last_login language is_active created_at left_at password_given factor_by"
    ) | pseudonymous("login name")

    login = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=2, default="ko")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    password_given = models.BooleanField(default=False)  # chosen by somebody else: must be changed before anything
    factor_by = models.DateTimeField(null=True)  # by when a second factor must exist; empty when none is missing

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffAccounts()

    @property
    def actor(self) -> Actor:
        """This person as an actor, with the grants that hold now. One query, remembered for the request's object."""
        found: Actor | None = getattr(self, "_actor", None)
        if found is None:
            rows = tuple((g.role, g.service or None) for g in self.grants.filter(holding()).order_by("id"))
            found = self._actor = Actor("staff", self.pk, self.name, rows)
        return found


def holding() -> models.Q:
    """The grants that hold now: not ended, and not past their last moment."""
    return models.Q(ended_at__isnull=True) & (models.Q(until__isnull=True) | models.Q(until__gt=clock.now()))


class StaffGrant(models.Model):
    """A role given to a member of staff, for one service or (empty) for all. Ended, never deleted: the rows are the history."""

    declared: ClassVar[dict[str, Holds]] = plain("id role service granted_at reason approval until ended_at ended_reason") | pseudonymous(
        "staff granted_by granted_name ended_by ended_name"
    )

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=40)
    service = models.SlugField(blank=True, default="")
    granted_at = models.DateTimeField()
    granted_by = models.BigIntegerField(null=True)  # empty: the house itself
    granted_name = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=400, blank=True, default="")
    approval = models.BigIntegerField(null=True)  # the request that a second person approved
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    ended_name = models.CharField(max_length=80, blank=True, default="")
    ended_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff", "role", "service"], name="kernel_grant_once", condition=models.Q(ended_at__isnull=True)
            )
        ]


class ApiClient(models.Model):
    """A program that calls the API. Only the hashes of its tokens are kept: the present one, and during a rotation the one before."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id name token_hash prefix expires_at previous_hash previous_until roles service active created_at last_used_at ended_at"
    ) | pseudonymous("owner")

    name = models.CharField(max_length=80, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16, blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    previous_hash = models.CharField(max_length=64, unique=True, null=True)
    previous_until = models.DateTimeField(null=True)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    service = models.SlugField(blank=True, default="")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)  # to the minute
    owner = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="clients")
    ended_at = models.DateTimeField(null=True)


class IdempotentCall(models.Model):
    """The answer to an unsafe API call, kept 30 days per client and route (MODEL §6)."""

    declared: ClassVar[dict[str, Holds]] = plain("id client route key body_hash status answer at")

    client = models.ForeignKey(ApiClient, models.CASCADE)
    route = models.CharField(max_length=80)
    key = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.SmallIntegerField()
    answer = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "route", "key"], name="kernel_idempotent_once")]


class AuditRecord(models.Model):
    """Who did what to which thing, why, and the values before and after. Written in the action's transaction, without a lock; the
    sealer gives it a position in the chain later. Holds no personal data."""

    declared: ClassVar[dict[str, Holds]] = plain("id at actor_kind action object key reason before after cause approval") | pseudonymous(
        "actor_id actor_name"
    )

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    object = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    reason = models.CharField(max_length=400, blank=True, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    cause = models.BigIntegerField(null=True)
    approval = models.BigIntegerField(null=True)  # the request that a second person approved

    class Meta:
        indexes: ClassVar = [models.Index(fields=["object", "key", "-id"], name="kernel_audit_object")]


class OutboxEvent(models.Model):
    """An event waiting for, or done with, its handlers. ``id`` is its identity; the order of one aggregate is the order of ids."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id name version aggregate payload occurred_at recorded_at cause dispatched_at attempts next_try_at parked_at error"
    ) | pseudonymous("actor")

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    version = models.SmallIntegerField()
    aggregate = models.CharField(max_length=120)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    cause = models.BigIntegerField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="kernel_outbox_open", condition=models.Q(dispatched_at__isnull=True)),
            models.Index(fields=["aggregate", "id"], name="kernel_outbox_aggregate"),
        ]


class HandlerRun(models.Model):
    """A handler has taken an event. The row is written in the handler's own transaction."""

    declared: ClassVar[dict[str, Holds]] = plain("id event handler at")

    event = models.ForeignKey(OutboxEvent, models.CASCADE, db_index=False)
    handler = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "handler"], name="kernel_handler_once")]


class Policy(models.Model):
    """A figure with a legal or contractual basis, versioned. The value valid at a time is the newest whose ``valid_from`` is not after it."""

    declared: ClassVar[dict[str, Holds]] = plain("id key scope value basis source valid_from recorded_at approval note") | pseudonymous(
        "set_by set_name approved_by"
    )

    key = models.CharField(max_length=80)
    scope = models.CharField(max_length=80, default="operator")
    value = models.JSONField()
    basis = models.CharField(max_length=400)
    source = models.CharField(max_length=400, blank=True, default="")
    valid_from = models.DateField()
    recorded_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True, default="")  # the second person
    set_by = models.BigIntegerField(null=True)
    set_name = models.CharField(max_length=80, blank=True, default="")
    approval = models.BigIntegerField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")  # why it begins on a day that was past

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "scope", "-valid_from", "-id"], name="kernel_policy_find")]


class Series(models.Model):
    """A gap-free series of document numbers taken one by one under a row lock."""

    declared: ClassVar[dict[str, Holds]] = plain("name last")

    name = models.CharField(max_length=60, primary_key=True)
    last = models.BigIntegerField(default=0)


class NumberRange(models.Model):
    """A block of a series taken at once by a bulk verb. Two blocks of one series never overlap: the database says so."""

    declared: ClassVar[dict[str, Holds]] = plain("id series taken owner")

    series = models.CharField(max_length=60)
    taken = BigIntegerRangeField()
    owner = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="kernel_range_apart",
                expressions=[("series", RangeOperators.EQUAL), ("taken", RangeOperators.OVERLAPS)],
            )
        ]


class Work(models.Model):
    """Long work as an object with an address: where it stands, how fast, what was found, and what a person asked of it."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id kind key state stage done total note result control asked_at started_at heartbeat_at finished_at"
    ) | pseudonymous("actor staff")

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default="queued")
    stage = models.CharField(max_length=40, blank=True, default="")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    note = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    control = models.CharField(max_length=10, blank=True, default="")  # pause | stop, asked by a person
    actor = models.CharField(max_length=100)
    staff = models.BigIntegerField(null=True)  # whose it is; empty for work of the house itself
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="kernel_work_once")]
