"""Cases of leak and intrusion: what is due by when, who is affected and by which evidence, what was written, sent and proved."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class LeakCase(models.Model):
    """One case. Its texts are written to be sent and reported, so they stay readable: nothing about a single person belongs in them."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id number kind state known_at happened what how happened_from happened_to fields measures advice contact opened_at closed_at"
    ) | pseudonymous("owner owner_name")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10)  # leak | intrusion | both
    state = models.CharField(max_length=10, default="open")  # open | closed
    known_at = models.DateTimeField()
    happened = models.CharField(max_length=2000)  # in the words of whoever opened the case
    what = models.JSONField(default=list)  # of the notice: {ko, en} of what leaked
    how = models.JSONField(default=list)  # [ko, en]
    happened_from = models.DateTimeField(null=True)
    happened_to = models.DateTimeField(null=True)
    fields = ArrayField(models.CharField(max_length=20), default=list)  # kinds of data of the vault
    measures = models.JSONField(default=list)  # [ko, en]
    advice = models.JSONField(default=list)  # [ko, en]
    contact = models.JSONField(default=list)  # [ko, en]
    owner = models.BigIntegerField(null=True)
    owner_name = models.CharField(max_length=80, blank=True, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="leaks_open")]


class LeakDuty(models.Model):
    """What the law asks for by when. ``missed_at`` stays when it is done late."""

    declared: ClassVar[dict[str, Holds]] = plain("id case key due_at basis state done_at note receipt evidence sha256 warned_at missed_at")

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="duties")
    key = models.CharField(max_length=20)  # notice | report_leak | report_intrusion
    due_at = models.DateTimeField()
    basis = models.CharField(max_length=400)
    state = models.CharField(max_length=10, default="due")  # due | done | late | exempt
    done_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")
    receipt = models.CharField(max_length=80, blank=True, default="")
    evidence = models.CharField(max_length=200, blank=True, default="")  # key of the file store
    sha256 = models.CharField(max_length=64, blank=True, default="")
    warned_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "key"], name="leaks_duty_once")]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="leaks_duty_due", condition=models.Q(state="due"))]


class LeakEntry(models.Model):
    """One line of the timeline of a case. Never edited: the database refuses it."""

    declared: ClassVar[dict[str, Holds]] = plain("id case at kind text why") | pseudonymous("actor_name")

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=80)
    text = models.JSONField()  # [ko, en]
    why = models.CharField(max_length=400, blank=True, default="")


class AffectedSet(models.Model):
    """Who is affected, as the evidence said at one time: frozen, numbered, with a hash of every person and their kinds of data."""

    declared: ClassVar[dict[str, Holds]] = plain("id case version made_at steps people by_kind openings sha256") | pseudonymous("made_by")

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="sets")
    version = models.SmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    steps = models.JSONField()
    people = models.BigIntegerField()
    by_kind = models.JSONField(default=dict)
    openings = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "version"], name="leaks_set_once")]


class AffectedPerson(models.Model):
    """One person of a set: which kinds of their data, and the openings that prove it (none where the set names them without)."""

    declared: ClassVar[dict[str, Holds]] = plain("id set kinds openings") | pseudonymous("person")

    # rows are written with their set and go with it; a check of each of a million would cost more than finding them
    set = models.ForeignKey(AffectedSet, models.CASCADE, related_name="rows", db_index=False, db_constraint=False)
    person = models.BigIntegerField()
    kinds = ArrayField(models.CharField(max_length=20), default=list)
    openings = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["set", "person"], name="leaks_person_once")]
        indexes: ClassVar = [models.Index(fields=["person"], name="leaks_by_person")]


class LeakDraft(models.Model):
    """One version of a text in both languages. Approved by a second person it is frozen with its hash."""

    declared: ClassVar[dict[str, Holds]] = plain("id case kind version ko en state sha256 made_at approval approved_at") | pseudonymous(
        "made_by approved_by"
    )

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="drafts")
    kind = models.CharField(max_length=20)  # notice | report_leak | report_intrusion
    version = models.SmallIntegerField()
    ko = models.TextField()
    en = models.TextField()
    state = models.CharField(max_length=10, default="draft")  # draft | approved
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    approval = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "kind", "version"], name="leaks_draft_once")]


class HandOver(models.Model):
    """What was handed to whoever sends: the approved text and the list by number, sealed by a hash."""

    declared: ClassVar[dict[str, Holds]] = plain("id case number affected draft people file sha256 made_at") | pseudonymous("made_by")

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="handovers")
    number = models.CharField(max_length=24, unique=True)
    affected = models.ForeignKey(AffectedSet, models.PROTECT, related_name="+")
    draft = models.ForeignKey(LeakDraft, models.PROTECT, related_name="+")
    people = models.BigIntegerField()
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)


class SendingProof(models.Model):
    """Proof that a hand-over was sent by one channel, or that a public notice was put up: when, how, by which reference and file."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id case handover channel at until reference evidence sha256 told returned no_contact recorded_at"
    ) | pseudonymous("recorded_by")

    case = models.ForeignKey(LeakCase, models.PROTECT, related_name="proofs")
    handover = models.ForeignKey(HandOver, models.PROTECT, related_name="proofs", null=True)
    channel = models.CharField(max_length=10)  # email | sms | post | phone | app | site
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # of a public notice
    reference = models.CharField(max_length=80, blank=True, default="")
    evidence = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    told = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    no_contact = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)


class SendingResult(models.Model):
    """What became of the notice to one person by one proof."""

    declared: ClassVar[dict[str, Holds]] = plain("id proof result") | pseudonymous("person")

    proof = models.ForeignKey(SendingProof, models.PROTECT, related_name="results", db_index=False)
    person = models.BigIntegerField()
    result = models.CharField(max_length=10)  # told | returned | no_contact

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["proof", "person"], name="leaks_result_once")]
        indexes: ClassVar = [models.Index(fields=["person"], name="leaks_result_person")]
