"""Encrypted content coding (RFC 8188, aes128gcm) and its use for web push (RFC 8291): only the browser that subscribed can read what is pushed.

Written on ``cryptography`` because the usual library does not ship as a wheel; held to the examples of both documents by tests.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD, TAG = 4096, 16
MOST = RECORD - TAG - 1 - 86  # octets that a push service must take (RFC 8030 section 7.2), with head, mark and tag


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Raises ValueError for anything else."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as 65 octets."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public(raw: bytes) -> ec.EllipticCurvePublicKey:
    """Raises ValueError for what is no point of the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def _derived(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return HKDF(SHA256(), size, salt, info).derive(secret)


def _keys(secret: bytes, salt: bytes) -> tuple[AESGCM, int]:
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    return AESGCM(key), int.from_bytes(_derived(secret, salt, b"Content-Encoding: nonce\0", 12), "big")


def coded(plain: bytes, secret: bytes, *, salt: bytes, name: bytes = b"", record: int = RECORD) -> bytes:
    """``plain`` in records of ``record`` octets (RFC 8188)."""
    cipher, first = _keys(secret, salt)
    step = record - TAG - 1
    parts = [plain[at : at + step] for at in range(0, len(plain), step)] or [b""]
    out = salt + record.to_bytes(4, "big") + bytes([len(name)]) + name
    for n, part in enumerate(parts):
        mark = b"\2" if n == len(parts) - 1 else b"\1"
        out += cipher.encrypt((first ^ n).to_bytes(12, "big"), part + mark, None)
    return out


def decoded(body: bytes, secret: bytes) -> bytes:
    """The content again. Raises InvalidTag for another key or a changed body, ValueError for one that is cut."""
    salt, record, named = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    cipher, first = _keys(secret, salt)
    rest, out, last = body[21 + named :], b"", False
    for n, at in enumerate(range(0, len(rest), record)):
        padded = cipher.decrypt((first ^ n).to_bytes(12, "big"), rest[at : at + record], None).rstrip(b"\0")
        if last or padded[-1:] not in (b"\1", b"\2"):
            raise ValueError("a record is out of place")
        out, last = out + padded[:-1], padded[-1:] == b"\2"
    if not last:
        raise ValueError("the last record is missing")
    return out


def _secret(shared: bytes, auth: bytes, browser: bytes, ours: bytes) -> bytes:
    return _derived(shared, auth, b"WebPush: info\0" + browser + ours, 32)


def sealed(plain: bytes, browser: bytes, auth: bytes, *, salt: bytes = b"", key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """``plain`` for one subscription (RFC 8291): its public key and its secret. Raises ValueError for more than :data:`MOST` octets."""
    if len(plain) > MOST:
        raise ValueError("too long for a push")
    key, theirs = key or ec.generate_private_key(ec.SECP256R1()), public(browser)
    ours = point(key.public_key())
    secret = _secret(key.exchange(ec.ECDH(), theirs), auth, browser, ours)
    return coded(plain, secret, salt=salt or os.urandom(16), name=ours)


def opened(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser does with it."""
    ours = body[21 : 21 + body[20]]
    return decoded(body, _secret(key.exchange(ec.ECDH(), public(ours)), auth, point(key.public_key()), ours))
