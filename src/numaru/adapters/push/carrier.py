"""Web push (RFC 8030): the number and the title of a message to every browser of its receiver, sealed for it; the message itself is read in the portal.

A push service remembers no keys. ``Topic`` is made of the key, so that a second try replaces the first while it waits, and the notification's tag is the
message's number, so that it replaces it on the screen: to send again does no harm, and a call that was cut is simply tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

from numaru.adapters.carrying import CarrierDown, Outcome, Outgoing, Report
from numaru.adapters.push import devices, vapid
from numaru.adapters.push.sealing import b64, sealed, unb64
from numaru.adapters.push.services import callable_
from numaru.kernel.access import Actor

HOUSE = Actor.system("push")
PATIENCE = (5.0, 10.0)  # seconds to connect, to answer
LABEL = "(광고)"
LONGEST = 600  # characters of the text of advertising, which must carry its sender and its way out
WAIT = 30.0
GONE, LATER = (404, 410), (408, 429)


class PushCarrier:
    name = "push"
    most = 100
    remembers = False

    def __init__(
        self, contact: str, now: Callable[[], datetime], *, ttl: Callable[[], int] = lambda: 24, more: tuple[str, ...] = ()
    ) -> None:
        self._contact, self._now, self._ttl, self._more = contact, now, ttl, more

    def __repr__(self) -> str:
        return "PushCarrier"

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Accepted when one browser's service took it. Raises CarrierDown when none took anything and they ask to wait."""
        keys, wait = vapid.signers(), 0.0
        outcomes: list[Outcome] = []
        for message in messages:
            outcome, asked = self._one(message, keys)
            outcomes.append(outcome)
            wait = max(wait, asked)
        if wait and all(o.state == "refused" and not o.permanent for o in outcomes):
            raise CarrierDown("the push services ask to wait", wait)
        return outcomes

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        return {}

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        return [], cursor

    def check(self) -> str:
        """There is no service of ours to ask."""
        return ""

    def _one(self, message: Outgoing, keys: dict[int, Any]) -> tuple[Outcome, float]:
        subscriptions = json.loads(message.to or "[]")
        gone: list[int] = []
        good: list[int] = []
        codes: list[str] = []
        plain, wait, taken = payload(message), 0.0, ""
        for one in subscriptions:
            code, place, later = self._push(one, plain, message.key, keys)
            codes.append(code)
            wait = max(wait, later)
            if code in ("404", "410", "key", "host"):
                gone.append(int(one["id"]))
            if code.startswith("2"):
                taken = taken or place or "-"
                good.append(int(one["id"]))
        if gone:
            devices.give_up.do(HOUSE, devices=gone, code=codes[-1])
        if taken:
            devices.noted(good)
            return Outcome(message.key, "accepted", provider_id=taken[:120], code="201"), 0.0
        lasting = all(_lasts(code) for code in codes)
        return Outcome(message.key, "refused", code=codes[-1] if codes else "410", permanent=lasting), 0.0 if lasting else wait or WAIT

    def _push(self, one: dict[str, Any], plain: bytes, key: str, keys: dict[int, Any]) -> tuple[str, str, float]:
        """The answer's code, where the service keeps the message, and the seconds it asks to wait."""
        import requests

        signer = keys.get(int(one["version"]))
        if signer is None:
            return "key", "", 0.0  # the key that the browser was told is no more
        if not callable_(one["endpoint"], self._more):
            return "host", "", 0.0
        try:
            body = sealed(plain, unb64(one["p256dh"]), unb64(one["auth"]))
        except ValueError:
            return "413", "", 0.0
        now = self._now()
        headers = {
            "Authorization": vapid.authorization(one["endpoint"], signer, self._contact, now), "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream", "TTL": str(3600 * self._ttl()), "Urgency": "normal", "Topic": topic(key),
        }  # fmt: skip
        try:
            answer = requests.post(one["endpoint"], data=body, headers=headers, timeout=PATIENCE, allow_redirects=False)
        except requests.RequestException:
            return "cut", "", WAIT
        return str(answer.status_code), answer.headers.get("Location", ""), waiting(answer.headers.get("Retry-After", ""), now)


def _lasts(code: str) -> bool:
    return not (code == "cut" or code in map(str, LATER) or code.startswith("5"))


def topic(key: str) -> str:
    """At most 32 characters of the base64url alphabet (RFC 8030 section 5.4).

    >>> len(topic("M-0000000012.0"))
    32
    """
    return b64(sha256(key.encode()).digest()[:24])


def waiting(said: str, now: datetime) -> float:
    """The seconds of a Retry-After, in either of its forms; at most an hour.

    >>> waiting("120", datetime(2026, 1, 1)), waiting("", datetime(2026, 1, 1)), waiting("soon", datetime(2026, 1, 1))
    (120.0, 0.0, 0.0)
    """
    if said.strip().isdigit():
        return min(3600.0, float(said))
    try:
        return min(3600.0, max(0.0, (parsedate_to_datetime(said) - now).total_seconds()))
    except (TypeError, ValueError):
        return 0.0


def payload(message: Outgoing) -> bytes:
    """The number and the title; of advertising its text too, as the law wants it seen."""
    number = message.key.rpartition(".")[0] if message.key.startswith("M-") else ""
    told = {"n": number, "l": message.language, "t": (message.subject or message.text)[:120]}
    if LABEL in (message.subject + message.text[:20]):
        told["b"] = message.text[:LONGEST]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
