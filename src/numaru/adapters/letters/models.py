"""Letters on paper: postal addresses, letters that wait to be printed, batches that were."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, text
from numaru.kernel.vault.text import SealedTextField


class PostalAddress(models.Model):
    """Where letters reach a person. ``doubtful``: one came back from there; nothing goes there until it is written anew."""

    declared: ClassVar[dict[str, Holds]] = plain("id doubtful set_at") | pseudonymous("party mark") | text("content")

    party = models.BigIntegerField(unique=True)
    content = SealedTextField()  # the lines that stand in the window
    mark = models.CharField(max_length=64, db_index=True)  # keyed hash of them
    doubtful = models.BooleanField(default=False)
    set_at = models.DateTimeField(db_index=True)


class LetterBatch(models.Model):
    """Letters that are printed together: one PDF, and what shows that it is whole."""

    declared: ClassVar[dict[str, Holds]] = plain("id made_at count pages digest sent_at") | pseudonymous("made_name")

    made_at = models.DateTimeField()
    made_name = models.CharField(max_length=80)
    count = models.IntegerField()
    pages = models.IntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the PDF
    sent_at = models.DateTimeField(null=True)

    @property
    def number(self) -> str:
        return f"LB-{self.pk:06d}"


class Letter(models.Model):
    """One letter, under the key of its message."""

    declared: ClassVar[dict[str, Holds]] = (
        plain("id key language batch state page at sent_at returned_at why") | pseudonymous("mark") | text("content")
    )

    key = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=2)
    content = SealedTextField()  # JSON: to, subject, text
    mark = models.CharField(max_length=64)  # of the address it went to
    batch = models.ForeignKey(LetterBatch, models.PROTECT, null=True, related_name="letters")
    page = models.IntegerField(default=0)  # its first page within the PDF
    state = models.CharField(max_length=8, default="waiting")  # waiting | printed | sent | returned
    why = models.CharField(max_length=12, blank=True, default="")
    at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["id"], name="letters_waiting", condition=models.Q(state="waiting"))]

    @property
    def number(self) -> str:
        return f"L-{self.pk:07d}"
