"""The code of an invitation: twelve letters that can be read out and typed on a telephone, 60 random bits, kept as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 12
ALIKE = str.maketrans("ILO", "110")


def new_code() -> str:
    """A code as people see it: ``7KQM-2XWP-R4TD``."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return "-".join(drawn[i : i + 4] for i in range(0, LENGTH, 4))


def plain(typed: str) -> str:
    """What was typed without dashes and spaces, small letters as capitals, I and L read as 1, O as 0.

    >>> plain(" 7kqm-2xwp r4td"), plain("ilo")
    ('7KQM2XWPR4TD', '110')
    """
    return "".join(c for c in typed.upper().translate(ALIKE) if c in LETTERS)


def code_hash(typed: str) -> str:
    """The keyed hash of a code, however it was typed: who reads the table can try no codes without the house's secret."""
    secret = hashlib.sha256(b"numaru.parties.invitation" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(secret, plain(typed).encode(), hashlib.sha256).hexdigest()
