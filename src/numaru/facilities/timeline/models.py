"""Tables of the line of time: entries, and the further objects that an entry concerns.

An entry says which kind of thing happened, when, to whom or to what, by ids and values alone; words are made when it is read. It is unique by
``source``, the record it was made from, so that a handler that runs twice adds nothing.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous


class Entry(models.Model):
    """One thing that happened. ``party`` is who it happened to; the object is what it happened to and is named as audit names it. ``service``
    is a slug, empty for what belongs to none. ``data`` holds ids and values for the renderer of the kind, nothing that names a person."""

    declared: ClassVar[dict[str, Holds]] = plain("id at recorded_at kind object_kind object_key service data actor_kind event source") | pseudonymous(
        "party actor_id"
    )  # fmt: skip

    at = models.DateTimeField()  # when it happened; may lie ahead
    recorded_at = models.DateTimeField()  # from when the house knew
    kind = models.CharField(max_length=40, db_collation="C")
    party = models.BigIntegerField(null=True)
    object_kind = models.CharField(max_length=60, default="", db_collation="C")
    object_key = models.CharField(max_length=80, default="", db_collation="C")
    service = models.CharField(max_length=80, default="", db_collation="C")
    data = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10, default="")
    actor_id = models.BigIntegerField(null=True)
    event = models.BigIntegerField(null=True)  # the outbox event whose handler wrote it; empty after a rebuild
    source = models.CharField(max_length=160, unique=True, db_collation="C")

    class Meta:
        indexes: ClassVar = [
            # The kind stands before the time: a page of one rare kind among a million others is still one descent (docs/decisions/timeline.md).
            models.Index(fields=["party", "kind", "-at", "-id"], name="timeline_of_party", condition=models.Q(party__isnull=False)),
            models.Index(fields=["object_kind", "object_key", "kind", "-at", "-id"], name="timeline_of_object", condition=~models.Q(object_key="")),
            models.Index(fields=["at"], name="timeline_by_time"),
        ]  # fmt: skip


class Mention(models.Model):
    """A further object that an entry concerns. Kind and time are those of the entry, so that the key alone gives a page in order."""

    declared: ClassVar[dict[str, Holds]] = plain("pk object_kind object_key kind at entry")

    pk = models.CompositePrimaryKey("object_kind", "object_key", "kind", "at", "entry_id")
    object_kind = models.CharField(max_length=60, db_collation="C")
    object_key = models.CharField(max_length=80, db_collation="C")
    kind = models.CharField(max_length=40, db_collation="C")
    at = models.DateTimeField()
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="mentions", db_constraint=False)


class Reach(models.Model):
    """How far a feed that is read in passes has come: the position of the audit chain up to which its records are in."""

    declared: ClassVar[dict[str, Holds]] = plain("id feed upto")

    feed = models.CharField(max_length=60, unique=True)
    upto = models.BigIntegerField(default=0)
