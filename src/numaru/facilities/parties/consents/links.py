"""Links by which somebody stops a kind of message without signing in. The token is sealed: it tells nothing, and cannot be made up.

It is bound to person, purpose and medium and has no end: a link in an old message still stops what it names.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from numaru.facilities.parties.rules.consents import MEDIA, PURPOSES

AT = "/my/stop/{token}/"
ABOUT = [b"numaru.parties.stop.1"]
PURPOSE_CODES, MEDIUM_CODES = dict(enumerate(PURPOSES)), dict(enumerate(("", *MEDIA)))
PURPOSE_OF, MEDIUM_OF = {v: k for k, v in PURPOSE_CODES.items()}, {v: k for k, v in MEDIUM_CODES.items()}


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link stops, and for whom."""

    party: int
    purpose: str
    medium: str


@functools.lru_cache(maxsize=4)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(b"numaru.parties.stop" + secret.encode()).digest())


def token_for(party: int, purpose: str, medium: str = "") -> str:
    """35 letters that fit a text message. The same for the same three."""
    plain = party.to_bytes(8, "big") + bytes((PURPOSE_OF[purpose], MEDIUM_OF[medium]))
    return _letters(_cipher(settings.SECRET_KEY).encrypt(plain, ABOUT))


def _letters(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def stop_link(party: int, purpose: str, medium: str = "") -> str:
    """The address, from the root of the house, at which this person stops this. Needs no sign-in; POST withdraws at once (RFC 8058)."""
    return AT.format(token=token_for(party, purpose, medium))


def read(token: str) -> Stop | None:
    """What a token says; None for one that this house never made. Tokens of an earlier secret are read too (``SECRET_KEY_FALLBACKS``)."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) <= 60 else b""
    except (binascii.Error, ValueError):
        return None
    if _letters(sealed) != token:  # another spelling of the same bytes
        return None
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            plain = _cipher(secret).decrypt(sealed, ABOUT)
        except (InvalidTag, ValueError):
            continue
        if len(plain) == 10 and plain[8] in PURPOSE_CODES and plain[9] in MEDIUM_CODES:
            return Stop(int.from_bytes(plain[:8], "big"), PURPOSE_CODES[plain[8]], MEDIUM_CODES[plain[9]])
    return None
