"""What the house decides about allauth: which stages a sign-in has, where it leads, how secrets of second factors are kept."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from numaru.kernel.models import Staff
from numaru.kernel.staff import entering, factors
from numaru.kernel.staff.devices import device
from numaru.kernel.staff.sessions import DEVICE, STARTED
from numaru.values.text import Text


class AccountDoor(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by name; a second factor when there is one; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever signed in a moment ago has just proved who they are."""
        started = context.request.session.get(STARTED)
        if started and time.time() - float(started) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in under a new session key; what the policy asks of this person is looked up anew."""
        super().login(request, user)
        staff = cast("Staff", user)
        factors.refresh(staff)
        request.session[DEVICE] = device(request.headers.get("User-Agent", ""))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Who came in with everything that was asked leaves the browser known: strangers' tries do not shut it out."""
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        entering.know(request, answer, user.pk)
        return answer

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail goes to staff: the house keeps no address of theirs."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say themselves what happened."""


class FactorDoor(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed; the last factor of somebody who must have one stays."""

    @staticmethod
    def _key() -> bytes:
        return HKDF(hashes.SHA256(), 32, None, b"numaru.staff.factors").derive(hashlib.sha256(settings.SECRET_KEY.encode()).digest())

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(self._key()).encrypt(nonce, text.encode(), b"factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValueError for what was sealed by another house (another secret key): such a factor must be reset."""
        raw = base64.b64decode(encrypted_text)
        try:
            return AESGCM(self._key()).decrypt(raw[:12], raw[12:], b"factor").decode()
        except InvalidTag as fault:
            raise ValueError("sealed with another secret key") from fault

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return factors.removable(authenticator.user, authenticator.type)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return str(Text("패스키 {n}", "Passkey {n}").fill(n=factors.of(user.pk).filter(type=type).count() + 1))

    def _get_site_name(self) -> str:
        return "Numaru"
