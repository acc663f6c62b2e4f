"""Mailboxes that are read, and every mail that came into them, once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, text
from numaru.kernel.vault.text import SealedTextField


class Mailbox(models.Model):
    """How far a mailbox is read, and how it goes. The address is the house's own."""

    declared: ClassVar[dict[str, Holds]] = plain("id name validity last_uid fault faults looked_at good_at")

    name = models.CharField(max_length=200, unique=True)
    validity = models.BigIntegerField(default=0)  # the server's UIDVALIDITY: a new one means that its numbers begin anew
    last_uid = models.BigIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True, default="")  # a kind of fault, never the server's words
    faults = models.IntegerField(default=0)  # looks in a row that failed
    looked_at = models.DateTimeField(null=True)
    good_at = models.DateTimeField(null=True)


class ArrivedMail(models.Model):
    """One mail and what it turned out to be. The mail itself is kept, sealed, where a person must see it: a reply, or one that could not be read."""

    declared: ClassVar[dict[str, Holds]] = plain(
        "id mailbox validity uid print size arrived_at kind code state told_at"
    ) | pseudonymous("key") | text("raw")  # fmt: skip

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT)
    validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    print = models.CharField(max_length=64)  # of the whole mail: the same mail under a new number is known again
    size = models.BigIntegerField()
    arrived_at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=20, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    key = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=8)  # waiting | told | done | kept | broken | twice
    told_at = models.DateTimeField(null=True)
    raw = SealedTextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="mail_arrived_once")]
        indexes: ClassVar = [
            models.Index(fields=["mailbox", "print"], name="mail_arrived_print"),
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="mail_arrived_waiting"),
        ]
