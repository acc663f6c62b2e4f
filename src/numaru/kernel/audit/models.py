"""Tables of the audit chain, of what is noticed in the access log, and of its reviews."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class Seal(models.Model):
    """One sealed row: its gap-free position, where it stands (``source``: r audit record, o opening, d destruction) and its hashes."""

    declared: ClassVar[dict[str, Holds]] = plain("position source row payload hash")

    position = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=1)
    row = models.BigIntegerField()
    payload = models.BinaryField()  # sha256 of what a retention rule may destroy
    hash = models.BinaryField()  # sha256 of position, identity, what stays, and payload

    class Meta:
        db_table = "audit_seal"
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "row"], name="audit_sealed_once")]


class Block(models.Model):
    """A link of the chain: the positions it covers and a hash over the block before it and every seal in order."""

    declared: ClassVar[dict[str, Holds]] = plain("number chain form first last at marks previous hash")

    number = models.BigIntegerField(primary_key=True)
    chain = models.CharField(max_length=32)  # random, made with the first block: two databases never have the same
    form = models.SmallIntegerField()  # version of the canonical form of the rows
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)
    marks = models.JSONField()  # source → id up to which every row is sealed: what appears below it was inserted
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_block"


class Destruction(models.Model):
    """Payloads older than ``before`` were destroyed by rule. Sealed itself, so that a blank payload without such a row stands out."""

    declared: ClassVar[dict[str, Holds]] = plain("id source before upto count rule at")

    source = models.CharField(max_length=1)
    before = models.DateTimeField()
    upto = models.BigIntegerField()  # ids beyond it are not covered
    count = models.BigIntegerField()
    rule = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "audit_destruction"


class Verification(models.Model):
    """A check of the chain and what it found; ``findings`` names at most fifty."""

    declared: ClassVar[dict[str, Holds]] = plain("id at since full blocks records destroyed problems findings unsealed oldest seconds")

    at = models.DateTimeField()
    since = models.DateTimeField(null=True)
    full = models.BooleanField()
    blocks = models.BigIntegerField()
    records = models.BigIntegerField()
    destroyed = models.BigIntegerField()
    problems = models.BigIntegerField()
    findings = models.JSONField(default=list)
    unsealed = models.BigIntegerField()
    oldest = models.FloatField()  # seconds that the oldest unsealed row has waited
    seconds = models.FloatField()

    class Meta:
        db_table = "audit_verification"
        indexes: ClassVar = [models.Index(fields=["full", "-id"], name="audit_verification_last")]


class Watch(models.Model):
    """Up to which position of the chain the openings have been looked at for anomalies. One row."""

    declared: ClassVar[dict[str, Holds]] = plain("id upto")

    id = models.SmallIntegerField(primary_key=True, default=1)  # no sequence: the one row names itself
    upto = models.BigIntegerField(default=0)

    class Meta:
        db_table = "audit_watch"


class AccessFinding(models.Model):
    """Something in the access log that asks for an explanation, with what it rests on. States: new → explained | confirmed."""

    declared: ClassVar[dict[str, Holds]] = plain("id key rule severity state evidence first_at last_at at note decided_at") | pseudonymous(
        "actor staff decided_by decided_name"
    )

    key = models.CharField(max_length=160, unique=True)  # rule, actor, day: the same thing is found once
    rule = models.CharField(max_length=40)
    severity = models.CharField(max_length=8)  # notice | warning | severe
    state = models.CharField(max_length=10, default="new")
    actor = models.CharField(max_length=100)
    staff = models.BigIntegerField(null=True)
    evidence = models.JSONField(default=dict)  # count, limit, minutes or days, ids of openings (at most 200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True, default="")
    decided_by = models.BigIntegerField(null=True)
    decided_name = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_finding"
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="audit_finding_new", condition=models.Q(state="new")),
            models.Index(fields=["staff", "-id"], name="audit_finding_staff"),
        ]

    @property
    def number(self) -> str:
        return f"F-{self.pk:07d}"


class OpeningHold(models.Model):
    """A member of staff may not open personal values until it is lifted. At most one stands at a time."""

    declared: ClassVar[dict[str, Holds]] = plain("id finding since lifted_at note") | pseudonymous("staff lifted_by")

    staff = models.BigIntegerField()
    finding = models.ForeignKey(AccessFinding, models.PROTECT, related_name="holds")
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        db_table = "audit_hold"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff"], name="audit_hold_once", condition=models.Q(lifted_at__isnull=True))
        ]


class StaffTie(models.Model):
    """Blind tokens of a member of staff and of the relatives they have told of; nothing readable is kept."""

    declared: ClassVar[dict[str, Holds]] = plain("count at") | pseudonymous("staff tokens")

    staff = models.BigIntegerField(primary_key=True)
    tokens = ArrayField(models.BigIntegerField(), default=list)
    count = models.IntegerField()  # values that were given
    at = models.DateTimeField()

    class Meta:
        db_table = "audit_tie"


class SearchMiss(models.Model):
    """Somebody searched for a phone number and nobody has it. The number itself is not kept."""

    declared: ClassVar[dict[str, Holds]] = plain("id at") | pseudonymous("staff")

    staff = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "audit_searchmiss"


class AccessReview(models.Model):
    """The monthly review of the access log: its figures when it was made, and who signed it."""

    declared: ClassVar[dict[str, Holds]] = plain("id month figures made_at state note signed_at") | pseudonymous("signed_by signed_name")

    month = models.DateField(unique=True)  # its first day
    figures = models.JSONField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="open")  # open | signed
    note = models.CharField(max_length=400, blank=True, default="")
    signed_by = models.BigIntegerField(null=True)
    signed_name = models.CharField(max_length=80, blank=True, default="")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_review"
