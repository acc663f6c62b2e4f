"""Who pushes (RFC 8292): a token signed with the house's key, for one push service and a few hours.

The key is derived from the house's mark keys, which lie wrapped in the backup. A subscription is bound to the key it was made with; after a rotation it
is signed by the former one until that is dropped, and the browser subscribes anew at the reader's next visit.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from numaru.adapters.push.sealing import b64, point
from numaru.kernel.vault import ring

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
HOURS = 12  # at most 24 by the RFC


def signers() -> dict[int, ec.EllipticCurvePrivateKey]:
    """The signing keys by version, the one in force first."""
    return {k.version: _key(ring.derived(k.key, b"web push")) for k in ring.house("mark")}


def _key(seed: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, ec.SECP256R1())


def current() -> tuple[int, str]:
    """The version in force, and its public key as browsers take it."""
    version, key = next(iter(signers().items()))
    return version, b64(point(key.public_key()))


def authorization(endpoint: str, key: ec.EllipticCurvePrivateKey, contact: str, now: datetime) -> str:
    """The Authorization header for a push to ``endpoint``."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + timedelta(hours=HOURS)).timestamp()), "sub": contact}
    head = ".".join(b64(json.dumps(one, separators=(",", ":")).encode()) for one in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(head.encode(), ec.ECDSA(SHA256())))
    return f"vapid t={head}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={b64(point(key.public_key()))}"
