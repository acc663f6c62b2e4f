"""People and organisations. What identifies a person is sealed in the vault; the rows here carry the masked forms and blind tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from numaru.kernel.declare import Holds, masked, plain, pseudonymous, text
from numaru.kernel.vault.api import SealedTextField


class Party(models.Model):
    """A person or an organisation. Subscriber, payer and partner are roles of a party, kept by the rooms."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id kind language token_version created_at") | masked("name_masked phone_masked email_masked") | pseudonymous("tokens")
    )

    kind = models.CharField(max_length=12, default="person")  # person | organisation
    name_masked = models.CharField(max_length=80, blank=True, default="")
    phone_masked = models.CharField(max_length=20, blank=True, default="")
    email_masked = models.CharField(max_length=80, blank=True, default="")
    language = models.CharField(max_length=2, default="ko")
    tokens = ArrayField(models.BigIntegerField(), default=list)
    token_version = models.SmallIntegerField(default=0)  # of the blind-index key; 0: no tokens, or from before versions
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["tokens"], name="parties_party_tokens")]


class ContactExport(models.Model):
    """A bulk opening that two people stand behind: whose values, which, why, and the encrypted file that one of them may fetch for a day."""

    declared: ClassVar[dict[str, Holds]] = (
        plain(
            "id number state kinds service code case_ref purpose file_key size asked_at ready_at expires_at fetched_at downloads approval"
        )
        | pseudonymous("persons numbers asked_by asked_name")
        | text("passphrase")
    )

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, default="queued")  # queued | ready | deleted
    persons = ArrayField(models.BigIntegerField())
    numbers = ArrayField(models.CharField(max_length=20))  # shown numbers, beside their persons
    kinds = ArrayField(models.CharField(max_length=20))
    service = models.CharField(max_length=80, blank=True, default="")
    code = models.CharField(max_length=20)
    case_ref = models.CharField(max_length=60, blank=True, default="")
    purpose = models.CharField(max_length=200)
    asked_by = models.BigIntegerField(db_index=True)
    asked_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    approval = models.BigIntegerField(null=True)
    file_key = models.CharField(max_length=200, blank=True, default="")
    size = models.BigIntegerField(default=0)
    passphrase = SealedTextField()  # until it was shown once
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    downloads = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="parties_export_open", condition=models.Q(state="ready"))]


class PortalAccount(models.Model):
    """A person's own way into the portal. ``handle`` is random and says nothing; what they sign in with stands nowhere here but as the blind
    tokens of their party. An ended account keeps its row, without a password."""

    declared: ClassVar[dict[str, Holds]] = plain("id handle password language state created_at last_on ended_at") | pseudonymous("party")

    party = models.OneToOneField(Party, models.PROTECT, related_name="portal")
    handle = models.CharField(max_length=16, unique=True)
    password = models.CharField(max_length=128, blank=True, default="")
    language = models.CharField(max_length=2, default="ko")
    state = models.CharField(max_length=8, default="active")  # active | ended
    created_at = models.DateTimeField()
    last_on = models.DateField(null=True)  # the day of the last sign-in
    ended_at = models.DateTimeField(null=True)


class PortalSession(models.Model):
    """A browser that is signed in to the portal. The cookie's key is kept as a hash; no address, of the browser only its family."""

    declared: ClassVar[dict[str, Holds]] = plain("id key_hash started_at seen_at expires_at device") | pseudonymous("account")

    account = models.ForeignKey(PortalAccount, models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # to the minute
    expires_at = models.DateTimeField(db_index=True)
    device = models.CharField(max_length=40, blank=True, default="")


class PortalInvitation(models.Model):
    """A paper or a few letters read out, with which a person makes their account, once. Only a keyed hash of the code is kept."""

    declared: ClassVar[dict[str, Holds]] = plain("id code_hash how made_at expires_at used_at tries") | pseudonymous("party made_by")

    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    how = models.CharField(max_length=12)  # how the clerk knew who it was: a key of accounts.invitations.HOW
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)


class ConsentDocument(models.Model):
    """A document that people are asked to consent to: terms, privacy, advertising, a transfer to a third party. Its words are its versions'."""

    declared: ClassVar[dict[str, Holds]] = plain("id key purpose required name_ko name_en position created_at retired_at")

    key = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=20)
    required = models.BooleanField(default=False)  # without it there is no service: shown, not switched
    name_ko = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)  # no longer asked for; what was said stays


class ConsentText(models.Model):
    """A version of a document in both languages. A draft until it is published; from then on the database refuses every change."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id document number ko en note_ko note_en material valid_from sha256 published_at drafted_at") | pseudonymous("published_by")
    )  # fmt: skip

    document = models.ForeignKey(ConsentDocument, models.PROTECT, related_name="texts", db_index=False)
    number = models.SmallIntegerField(null=True)  # given when it is published: 1, 2, 3 …
    ko = models.TextField()
    en = models.TextField()
    note_ko = models.CharField(max_length=200, blank=True, default="")  # what changed, in a line
    note_en = models.CharField(max_length=200, blank=True, default="")
    material = models.BooleanField(default=False)  # changed in substance
    valid_from = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="parties_text_number"),
            models.UniqueConstraint(fields=["document"], name="parties_text_draft", condition=models.Q(published_at__isnull=True)),
        ]


class ConsentEvent(models.Model):
    """One line of the ledger of consents: what was shown to whom, or what they said. Never changed; it ends by retention alone. What follows from
    all of them is worked out (``rules/consents.py``)."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id purpose medium kind document text channel locale actor evidence text_hash at recorded_at") | pseudonymous("party actor_ref")
    )  # fmt: skip

    party = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=20)
    medium = models.CharField(max_length=8, blank=True, default="")  # empty: all
    kind = models.CharField(max_length=10)  # shown | yes | no | withdrawn | confirmed
    document = models.ForeignKey(ConsentDocument, models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.ForeignKey(ConsentText, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=8)  # portal | call | paper | api | link | import | message
    locale = models.CharField(max_length=2)
    actor = models.CharField(max_length=8)  # self | guardian | staff | house
    actor_ref = models.BigIntegerField(null=True)  # the guardian's party, or the member of staff who took it down
    evidence = models.CharField(max_length=80, blank=True, default="")  # a session, a call, a paper, a message: its reference
    text_hash = models.CharField(max_length=64, blank=True, default="")  # of the version as it was then
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["party", "purpose", "medium", "at", "id"], name="parties_consent_of"),
            models.Index(fields=["recorded_at", "id"], name="parties_consent_recorded"),
        ]


class ConsentNotice(models.Model):
    """A duty to tell somebody about their consent: the result of what they said, or that it is to be confirmed. Working rows, not the ledger."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id kind purpose event due_at raised_at batch told_at message") | pseudonymous("party")
    )  # fmt: skip

    kind = models.CharField(max_length=8)  # result | confirm
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20)
    event = models.ForeignKey(ConsentEvent, models.CASCADE, related_name="+", db_index=False)  # what was said, or was said last
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    batch = models.CharField(max_length=40)
    told_at = models.DateTimeField(null=True)
    message = models.CharField(max_length=40, blank=True, default="")  # the number of the message that told it

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "kind"], name="parties_notice_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="parties_notice_open", condition=models.Q(told_at__isnull=True)),
            models.Index(fields=["batch", "id"], name="parties_notice_batch"),
        ]


class Guardianship(models.Model):
    """A child and who consents for them. Nothing but the link, how it was checked, and the month from which the child speaks alone; without a
    guardian yet nothing that needs consent may be done."""

    declared: ClassVar[dict[str, Holds]] = plain("id how evidence begun_at until recorded_at ended_at struck_at") | pseudonymous(
        "child guardian"
    )

    child = models.ForeignKey(Party, models.PROTECT, related_name="+")
    guardian = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    how = models.CharField(max_length=12, blank=True, default="")  # a key of consents.children.CHECKS; empty while not checked
    evidence = models.CharField(max_length=80, blank=True, default="")
    begun_at = models.DateTimeField()
    until = models.DateTimeField()  # the first of the month after the birthday, so that it does not tell the day
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    struck_at = models.DateTimeField(null=True)  # it was a mistake: never a child

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["child"], name="parties_guardian_one", condition=models.Q(ended_at__isnull=True)),
        ]


class ContactStop(models.Model):
    """A person who is not to be contacted, since when and why: a mark of the house that stands above every consent."""

    declared: ClassVar[dict[str, Holds]] = plain("id reason since lifted_at") | pseudonymous("party set_by lifted_by")

    party = models.ForeignKey(Party, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=12)  # a key of consents.stops.REASONS
    since = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party"], name="parties_stop_one", condition=models.Q(lifted_at__isnull=True)),
        ]
        indexes: ClassVar = [models.Index(fields=["party", "since"], name="parties_stop_of")]
