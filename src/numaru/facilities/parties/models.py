"""People and organisations. What identifies a person is sealed in the vault; the rows here carry the masked forms and blind tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from numaru.kernel.declare import Holds, masked, plain, pseudonymous


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
