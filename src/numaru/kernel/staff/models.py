"""Sessions, gates, links, reviews: what access needs beside the accounts themselves (those are :mod:`numaru.kernel.models`)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from numaru.kernel.declare import Holds, plain, pseudonymous
from numaru.kernel.models import StaffGrant


class StaffSession(models.Model):
    """One browser that is signed in or on its way. The key of the cookie is kept as a hash; no address, of the browser only its family."""

    declared: ClassVar[dict[str, Holds]] = plain("id key_hash data started_at seen_at expires_at how device renew") | pseudonymous("staff")

    id = models.BigAutoField(primary_key=True)
    key_hash = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    data = models.TextField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # to the minute
    expires_at = models.DateTimeField(db_index=True)
    how = models.CharField(max_length=40, blank=True, default="")  # password, totp, webauthn … joined by +; or face
    device = models.CharField(max_length=40, blank=True, default="")
    renew = models.BooleanField(default=False)  # grants changed: the next request gets a new key


class SignInGate(models.Model):
    """How often something was tried in vain: an account, an address, a second factor. ``key`` is a keyed hash; of an address with the day in it."""

    declared: ClassVar[dict[str, Holds]] = plain("key tries since closed_until")

    key = models.CharField(max_length=80, primary_key=True)
    tries = models.IntegerField(default=0)
    since = models.DateTimeField()
    closed_until = models.DateTimeField(null=True)


class SignInAttempt(models.Model):
    """Somebody tried to come in. The address is a hash whose key changes every day: it tells that two tries of one day came from one place."""

    declared: ClassVar[dict[str, Holds]] = plain("id at how outcome address") | pseudonymous("staff")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="attempts")
    how = models.CharField(max_length=12)  # password | code | passkey | token | link | face
    outcome = models.CharField(max_length=8)  # ok | wrong | blocked
    address = models.CharField(max_length=16)


class PasswordTicket(models.Model):
    """A link that sets a password, once. Only the hash of its secret is kept."""

    declared: ClassVar[dict[str, Holds]] = plain("id secret_hash made_at expires_at used_at") | pseudonymous("staff")

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tickets")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AccessReview(models.Model):
    """A periodic look at who may do what: every grant that held when it was opened is kept or ended, one by one."""

    declared: ClassVar[dict[str, Holds]] = plain("id number opened_at due_on closed_at") | pseudonymous("opened_name closed_name")

    number = models.CharField(max_length=20, unique=True)
    opened_at = models.DateTimeField()
    opened_name = models.CharField(max_length=80)
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_name = models.CharField(max_length=80, blank=True, default="")


class ReviewedGrant(models.Model):
    """One grant in a review: when it was last used, and what was decided by whom."""

    declared: ClassVar[dict[str, Holds]] = plain("id review last_used_at decision decided_at") | pseudonymous(
        "grant decided_by decided_name"
    )

    review = models.ForeignKey(AccessReview, models.CASCADE, related_name="items")
    grant = models.ForeignKey(StaffGrant, models.CASCADE, related_name="reviews")
    last_used_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, blank=True, default="")  # kept | ended
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "grant"], name="staff_reviewed_once")]


class Face(models.Model):
    """An account that anybody at the machine of a demo may put on: made with the demo company, without a password, and never given to a person."""

    declared: ClassVar[dict[str, Holds]] = plain("key") | pseudonymous("staff")

    staff = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="as_face")
    key = models.SlugField(max_length=40, unique=True)
