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
