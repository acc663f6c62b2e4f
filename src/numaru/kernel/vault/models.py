"""Tables of the vault. Wrapped keys stand in a schema of their own, ``keys``, so that they are backed up apart from what they open."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous, vault


class PersonKey(models.Model):
    """The data key of one person, wrapped by a master key. Deleting the row makes everything sealed with it unreadable."""

    declared: ClassVar[dict[str, Holds]] = plain("master") | pseudonymous("person") | vault("wrapped")

    person = models.BigIntegerField(primary_key=True)
    master = models.CharField(max_length=16)
    wrapped = models.BinaryField()

    class Meta:
        db_table = "person_key"  # in the schema keys, which the search path of the application names


class HouseKey(models.Model):
    """A key of the house itself (blind index, free text, …), wrapped by a master key; ``version`` counts its rotations."""

    declared: ClassVar[dict[str, Holds]] = plain("id purpose version master state at") | vault("wrapped")

    purpose = models.CharField(max_length=20)
    version = models.SmallIntegerField(default=1)
    master = models.CharField(max_length=16)
    wrapped = models.BinaryField()
    state = models.CharField(max_length=10, default="current")  # current | former: still asked in searches while a rotation runs
    at = models.DateTimeField()

    class Meta:
        db_table = "house_key"
        constraints: ClassVar = [models.UniqueConstraint(fields=["purpose", "version"], name="house_key_once")]


class VaultEntry(models.Model):
    """One sealed value of one person. A new value is a new version; a document points to the version it was issued with."""

    declared: ClassVar[dict[str, Holds]] = plain("pk kind version at") | pseudonymous("person") | vault("sealed")

    pk = models.CompositePrimaryKey("person", "kind", "version")
    person = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    version = models.SmallIntegerField(default=1)
    sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "vault_entry"


class VaultOpening(models.Model):
    """Someone opened a sealed value, or tried to, and why. Never edited."""

    declared: ClassVar[dict[str, Holds]] = plain("id kind at client service code purpose case_ref bulk outcome") | pseudonymous(
        "person actor staff"
    )

    person = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=100)
    staff = models.BigIntegerField(null=True)
    client = models.BigIntegerField(null=True)
    service = models.CharField(max_length=80, blank=True, default="")
    code = models.CharField(max_length=20, blank=True, default="")  # of the list of purposes
    purpose = models.CharField(max_length=200)
    case_ref = models.CharField(max_length=60, blank=True, default="")
    bulk = models.CharField(max_length=20, blank=True, default="")  # the number of the bulk opening it was a part of
    outcome = models.CharField(max_length=10, default="opened")  # opened | refused | missing

    class Meta:
        db_table = "vault_opening"
        indexes: ClassVar = [models.Index(fields=["staff", "-at"], name="vault_opening_staff")]
