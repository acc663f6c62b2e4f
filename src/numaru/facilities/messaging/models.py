"""Tables of messaging: templates with immutable versions, batches, messages with what happened to them, suppressed addresses, the outbox.

Nothing that was sent stands here in the clear: a message is its template version, its sealed facts, and the SHA-256 of what left.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce

from numaru.kernel.declare import Holds, masked, plain, pseudonymous, text
from numaru.kernel.vault.text import SealedTextField


class MessageTemplate(models.Model):
    """What the house says on one occasion. Its texts are those of its versions; ``chain`` is the order of channels unless a batch says otherwise."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id key purpose name_ko name_en chain any_hour shipped created_at retired_at"
    ) | pseudonymous("created_by created_name")

    key = models.CharField(max_length=60, unique=True)
    purpose = models.CharField(max_length=12)  # service | advertising; never changes
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    chain = ArrayField(models.CharField(max_length=10))
    any_hour = models.BooleanField(default=True)  # a service message that may come at night
    shipped = models.BooleanField(default=False)  # a room registered it
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    created_name = models.CharField(max_length=80)
    retired_at = models.DateTimeField(null=True)


class TemplateVersion(models.Model):
    """One version of a template. Once published its texts never change; the database refuses it too."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id template number state variables wordings approvals made_at published_at note"
    ) | pseudonymous("made_by made_name published_by published_name")

    template = models.ForeignKey(MessageTemplate, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=10, default="draft")  # draft | published | retired
    variables = models.JSONField(default=list)  # [{key, kind, required, most}]
    wordings = models.JSONField(default=dict)  # channel → language → {subject, text, markdown, html, code}
    approvals = models.JSONField(default=dict)  # language → {state, at}: what the provider of Alimtalk decided
    note = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    made_name = models.CharField(max_length=80)
    published_at = models.DateTimeField(null=True)
    published_by = models.BigIntegerField(null=True)
    published_name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="messaging_version_once"),
            models.UniqueConstraint(fields=["template"], name="messaging_version_draft", condition=models.Q(state="draft")),
            models.UniqueConstraint(fields=["template"], name="messaging_version_live", condition=models.Q(state="published")),
        ]


class MessageBatch(models.Model):
    """One sending: to whom, what, by which channels, from when. A room's single message is a batch of one."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id number kind state title version purpose chain audience about_kind about_key service origin once send_at expires_at rate counted counted_at queued_at"
            " total started_at ended_at approval created_at trouble"
        )
        | pseudonymous("people created_by created_name started_by started_name")
        | text("facts")
    )

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=8, default="post")  # notice (made on screen) | post (by a room) | one (to one person)
    state = models.CharField(max_length=10, default="draft")
    title = models.CharField(max_length=120)
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=12)
    chain = ArrayField(models.CharField(max_length=10))
    audience = models.JSONField(default=dict)  # {key, parameters}: empty where people are named
    people = ArrayField(models.BigIntegerField(), default=list)  # named ones, until they are queued
    facts = SealedTextField()  # values that are the same for everybody, JSON
    about_kind = models.CharField(max_length=60, blank=True, default="")
    about_key = models.CharField(max_length=80, blank=True, default="")
    service = models.CharField(max_length=80, blank=True, default="")
    origin = models.CharField(max_length=120, blank=True, default="")
    once = models.CharField(max_length=160, null=True, unique=True)
    send_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    rate = models.IntegerField(default=0)  # messages a second; 0: as fast as the channel may
    counted = models.JSONField(default=dict)  # the dry form
    counted_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)  # when every person was queued
    total = models.BigIntegerField(default=0)
    trouble = models.CharField(max_length=40, blank=True, default="")  # why it does not go on by itself
    approval = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    created_name = models.CharField(max_length=80)
    started_at = models.DateTimeField(null=True)
    started_by = models.BigIntegerField(null=True)
    started_name = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "-id"], name="messaging_batch_kind"),
            models.Index(fields=["send_at"], name="messaging_batch_live", condition=models.Q(state__in=["approved", "running"])),
            models.Index(fields=["about_kind", "about_key"], name="messaging_batch_about"),
        ]


class Ruling(models.Model):
    """A verdict as messages point at it: the rule, the version of the policy behind it, its value and its basis at the time."""

    declared: ClassVar[dict[str, Holds]] = plain("id code policy version value basis mark first_at")

    code = models.CharField(max_length=30)
    policy = models.CharField(max_length=60, blank=True, default="")
    version = models.BigIntegerField(default=0)  # 0: the value that the house ships with
    value = models.JSONField(null=True)
    basis = models.CharField(max_length=400, blank=True, default="")
    mark = models.CharField(max_length=64, unique=True)  # of all the above
    first_at = models.DateTimeField()


def message_id(number: str) -> int | None:
    """The id behind the shown number of a message (:attr:`Message.number`); None for anything else."""
    digits = number.removeprefix("M-")
    return int(digits) if digits != number and digits.isascii() and digits.isdigit() and len(digits) < 19 else None


class Message(models.Model):
    """One message to one person: where it stands in its chain and what the gate said last. ``state`` is a cache of its events."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id batch purpose step channel language state due_at tries code ruling overrides carrier provider_id sent_at at digest enclosure opened_at"
        )
        | pseudonymous("party receiver")
        | text("facts")
    )

    batch = models.ForeignKey(MessageBatch, models.PROTECT, related_name="messages", db_index=False)
    party = models.BigIntegerField()
    receiver = models.BigIntegerField(null=True)  # who got it, where that is somebody else: a guardian
    purpose = models.CharField(max_length=12)
    step = models.SmallIntegerField(default=0)  # place in the chain
    channel = models.CharField(max_length=10, blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    state = models.CharField(max_length=10, default="queued")
    due_at = models.DateTimeField()  # when it is looked at next
    tries = models.SmallIntegerField(default=0)  # of this step
    code = models.CharField(max_length=30, blank=True, default="")  # of the last verdict or refusal
    ruling = models.ForeignKey(Ruling, models.PROTECT, null=True, related_name="+", db_index=False)
    overrides = ArrayField(models.CharField(max_length=30), default=list)
    facts = SealedTextField()
    enclosure = models.CharField(max_length=120, blank=True, default="")  # kind:key of a document that goes with it
    carrier = models.CharField(max_length=20, blank=True, default="")
    provider_id = models.CharField(max_length=120, blank=True, default="")
    digest = models.BinaryField(default=b"")
    sent_at = models.DateTimeField(null=True)  # when the last step was handed over
    opened_at = models.DateTimeField(null=True)  # in the portal, by the receiver
    at = models.DateTimeField()  # of the last change

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["batch", "due_at", "id"], name="messaging_due", condition=models.Q(state__in=["queued", "waiting"])),
            models.Index(fields=["batch", "state", "id"], name="messaging_of_batch"),
            models.Index(fields=["party", "-id"], name="messaging_of_party"),
            models.Index(
                Coalesce("receiver", "party"),
                models.F("sent_at").desc(),
                name="messaging_inbox",
                condition=models.Q(channel__in=["inapp", "push"], state__in=["accepted", "delivered"]),
            ),
            models.Index(fields=["carrier", "provider_id"], name="messaging_provider", condition=~models.Q(provider_id="")),
            models.Index(
                fields=["party", "sent_at"], name="messaging_caps", condition=models.Q(purpose="advertising", sent_at__isnull=False)
            ),
        ]

    @property
    def number(self) -> str:
        """The shown number."""
        return f"M-{self.pk:010d}"

    @property
    def key(self) -> str:
        """The idempotency key of its present step: the same over every try."""
        return f"M-{self.pk:010d}.{self.step}"


class MessageEvent(models.Model):
    """What happened to a message; never changed. ``mark`` makes a carrier's report that comes twice one event."""

    declared: ClassVar[dict[str, Holds]] = plain("id message at kind step channel code carrier provider_id ruling minor currency mark")

    message = models.ForeignKey(Message, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    step = models.SmallIntegerField(default=0)
    channel = models.CharField(max_length=10, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    carrier = models.CharField(max_length=20, blank=True, default="")
    provider_id = models.CharField(max_length=120, blank=True, default="")
    ruling = models.ForeignKey(Ruling, models.PROTECT, null=True, related_name="+", db_index=False)
    minor = models.BigIntegerField(null=True)  # what it cost
    currency = models.CharField(max_length=3, blank=True, default="")
    mark = models.CharField(max_length=200, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "mark"], name="messaging_event_once", condition=models.Q(mark__isnull=False))
        ]


class BatchTally(models.Model):
    """How many messages of a batch stand where: moved with them, in the same transactions."""

    declared: ClassVar[dict[str, Holds]] = plain("id batch channel state code count")

    batch = models.ForeignKey(MessageBatch, models.CASCADE, related_name="tallies", db_index=False)
    channel = models.CharField(max_length=10, blank=True, default="")
    state = models.CharField(max_length=10)
    code = models.CharField(max_length=30, blank=True, default="")
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "state", "channel", "code"], name="messaging_tally_once")]


class BatchCost(models.Model):
    """What a batch came to by channel and currency, as carriers reported it."""

    declared: ClassVar[dict[str, Holds]] = plain("id batch channel currency minor")

    batch = models.ForeignKey(MessageBatch, models.CASCADE, related_name="costs", db_index=False)
    channel = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "channel", "currency"], name="messaging_cost_once")]


class Suppression(models.Model):
    """An address to which nothing is sent: by its blind token, never by itself. Lifted by a person, never deleted before its time."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id kind channel reason code count first_at at token_version lifted_at lifted_reason message")
        | masked("shown")
        | pseudonymous("party token lifted_by lifted_name")
    )

    kind = models.CharField(max_length=8)  # email | phone | push | letter: what the address is
    token = models.BigIntegerField()
    token_version = models.SmallIntegerField()
    party = models.BigIntegerField(db_index=True)
    shown = models.CharField(max_length=80, blank=True, default="")  # masked
    channel = models.CharField(max_length=10)
    reason = models.CharField(max_length=10)  # hard | soft | complaint | hand
    code = models.CharField(max_length=60, blank=True, default="")
    count = models.IntegerField(default=1)
    message = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)
    lifted_name = models.CharField(max_length=80, blank=True, default="")
    lifted_reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "token"], name="messaging_suppressed_once", condition=models.Q(lifted_at__isnull=True))
        ]


class HeldMessage(models.Model):
    """A message that the house's own outbox took instead of an outside carrier: kept sealed, so that it can be looked at."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id key channel language message service test at size") | masked("shown") | text("content") | pseudonymous("party")
    )

    key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    shown = models.CharField(max_length=80)  # the address, masked
    content = SealedTextField()  # JSON of the whole message; attachments by name, type, size and hash
    message = models.BigIntegerField(null=True)
    party = models.BigIntegerField(null=True, db_index=True)
    service = models.CharField(max_length=80, blank=True, default="")  # slug; empty: the house
    test = models.BooleanField(default=False)
    size = models.IntegerField(default=0)
    at = models.DateTimeField()


class ChannelPace(models.Model):
    """When a channel may send next: shared by every worker, so that together they keep to the rate."""

    declared: ClassVar[dict[str, Holds]] = plain("id channel next_at")

    channel = models.CharField(max_length=10, unique=True)
    next_at = models.DateTimeField()


class ReportCursor(models.Model):
    """Where pulling the reports of a carrier goes on."""

    declared: ClassVar[dict[str, Holds]] = plain("id carrier cursor at")

    carrier = models.CharField(max_length=20, unique=True)
    cursor = models.CharField(max_length=400, blank=True, default="")
    at = models.DateTimeField()
