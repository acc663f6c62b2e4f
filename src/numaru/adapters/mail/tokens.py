"""The token by which returned mail is known: the key of the message with a proof that we made it.

It stands in the return path, the Message-ID and a header of every mail. Nobody can make one for a message that was not theirs, so nobody can
have somebody else's address suppressed. Letters of base32 alone: a mail server on the way may change capitals and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import uuid
from hashlib import sha256

PROOF = 8  # bytes
MOST = 22  # characters of a key that is no UUID
ALPHABET = "a-z2-7"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,22}\Z")


class Tokens:
    """Makes tokens of keys and keys of tokens, under one secret; those made under ``former`` ones are still known."""

    def __init__(self, secret: bytes, *former: bytes) -> None:
        self._secrets = (secret, *former)

    def of(self, key: str) -> str:
        """The token of ``key``. Raises ValueError for one that fits no return path."""
        try:
            body = b"\x02" + uuid.UUID(key).bytes if len(key) in (32, 36) else b""
        except ValueError:
            body = b""
        if body and len(key) == 36:
            body = b"\x01" + body[1:]
        if not body:
            if not _KEY.match(key):
                raise ValueError("a key has up to 22 letters, digits, dots, dashes or underscores, or is a UUID")
            body = b"\x00" + key.encode()
        return base64.b32encode(body + _proof(self._secrets[0], body)).decode().rstrip("=").lower()

    def key(self, token: str) -> str | None:
        """The key again, or None for what we did not make."""
        text = token.strip().upper()
        try:
            raw = base64.b32decode(text + "=" * (-len(text) % 8))
        except (binascii.Error, ValueError):
            return None
        body, proof = raw[:-PROOF], raw[-PROOF:]
        if len(body) < 2 or not any(hmac.compare_digest(proof, _proof(secret, body)) for secret in self._secrets):
            return None
        if body[0] == 0:
            return body[1:].decode("ascii")
        found = uuid.UUID(bytes=body[1:])
        return str(found) if body[0] == 1 else found.hex


def _proof(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, b"mail " + body, sha256)[:PROOF]
