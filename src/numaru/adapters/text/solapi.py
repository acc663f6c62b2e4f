"""SMS, LMS and Alimtalk through SOLAPI (messages/v4), in groups, so that no key is ever sent twice.

A group is made first and noted with its keys; then the messages are put in; then the group is sent, which the provider does once. Whatever
breaks in between, the group answers for it: still PENDING, nothing was sent; anything later, it was. Every message carries its key in a
custom field, so that answers, polling and callbacks find it without a number.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha1, sha256
from typing import Any

from numaru.adapters.carrying import CarrierDown, Outcome, Outgoing, Report
from numaru.adapters.text import codes
from numaru.adapters.text.notes import Notes
from numaru.values.masked import phone_digits
from numaru.values.money import Money

KINDS = {"sms": "SMS", "lms": "LMS", "alimtalk": "ATA"}
BYTES = {"sms": 90, "lms": 2000}
PATIENCE = (5.0, 20.0)  # seconds to connect, to answer
PAGE = 500
OVERLAP = timedelta(minutes=2)
FIELD = "key"


class _Cut(Exception):
    """Nobody can say whether the call arrived."""


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class SolapiCarrier:
    name = "solapi"
    most = 1000
    remembers = True

    def __init__(self, key: str, secret: str, notes: Notes, now: Callable[[], datetime], *, base: str = "https://api.solapi.com") -> None:
        self._key, self._secret, self._notes, self._now, self._base = key, secret, notes, now, base.rstrip("/")

    def __repr__(self) -> str:
        return f"SolapiCarrier({self._base})"

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Send each message that the provider does not have yet. Raises CarrierDown when nothing of the call was taken."""
        try:
            before = self._left_over([m.key for m in messages])
        except _Cut:
            raise CarrierDown("the provider does not answer", 30) from None
        outcomes = list(before.values())
        fresh: list[tuple[Outgoing, dict[str, Any]]] = []
        for message in messages:
            if message.key in before:
                continue
            made = _made(message)
            if isinstance(made, str):
                outcomes.append(Outcome(message.key, "refused", code=made, permanent=True))
            else:
                fresh.append((message, made))
        if not fresh:
            return outcomes
        try:
            group = str(self._call("POST", "/messages/v4/groups", {"allowDuplicates": True})["groupId"])
        except (_Cut, _Refused) as fault:
            raise self._down(fault) from None
        self._notes.note([m.key for m, _ in fresh], group)
        return outcomes + self._through(group, fresh)

    def _through(self, group: str, fresh: list[tuple[Outgoing, dict[str, Any]]]) -> list[Outcome]:
        """Put the messages into the group and send it."""
        keys = [message.key for message, _ in fresh]
        try:
            put = self._call("PUT", f"/messages/v4/groups/{group}/messages", {"messages": [made for _, made in fresh]})
        except _Cut:
            raise CarrierDown("the provider does not answer", 30) from None  # the group is not sent: it waits, and is dropped next time
        except _Refused as fault:
            if fault.status >= 500 or fault.status in (401, 403, 429):
                raise self._down(fault) from None
            return [Outcome(key, "refused", code=fault.code, permanent=True) for key in keys]
        outcomes: dict[str, Outcome] = {}
        for key, row in zip(keys, put.get("resultList") or [], strict=False):
            code = str(row.get("statusCode", ""))
            if codes.standing(code) in ("for_now", "for_good"):
                outcomes[key] = Outcome(key, "refused", code=code, permanent=codes.standing(code) == "for_good")
            else:
                outcomes[key] = Outcome(key, "accepted", provider_id=str(row.get("messageId", "")), code=code)
        lost = [key for key in keys if key not in outcomes]
        if len(lost) == len(keys):
            raise CarrierDown("the provider answers with something else", 300)
        if any(o.state == "accepted" for o in outcomes.values()):
            self._sent(group, outcomes, {m.key: KINDS[m.channel].lower() for m, _ in fresh})
        return [outcomes.get(key) or Outcome(key, "unknown") for key in keys]

    def _sent(self, group: str, outcomes: dict[str, Outcome], kinds: Mapping[str, str]) -> None:
        """Send the group. When the answer is cut, the group says whether it was sent; while it says no, it is told once more."""
        prices: Any = None
        state = "unknown"
        for _ in range(3):
            try:
                told = self._call("POST", f"/messages/v4/groups/{group}/send", {})
                state, prices = "accepted", told.get("price")
                break
            except _Refused as fault:
                if fault.status < 500:
                    status = self._status(group)
                    state = "accepted" if status in ("SENDING", "COMPLETE") else "refused"
                    if state == "refused":
                        for key, old in outcomes.items():
                            if old.state == "accepted":
                                outcomes[key] = Outcome(key, "refused", code=fault.code, permanent=False)
                        return
                    break
            except _Cut:
                pass
            status = self._status(group)
            if status in ("SENDING", "COMPLETE"):
                state = "accepted"
                break
            if status != "PENDING":
                break
        for key, old in outcomes.items():
            if old.state == "accepted":
                outcomes[key] = Outcome(key, state, provider_id=old.provider_id, code=old.code, cost=_price(prices, kinds.get(key, "")))

    def _status(self, group: str) -> str:
        try:
            return str(self._call("GET", f"/messages/v4/groups/{group}").get("status", ""))
        except (_Cut, _Refused):
            return ""

    def _left_over(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What became of keys that were noted before. A group that was never sent is dropped, so that it never will be."""
        noted = self._notes.of(keys)
        found = self._asked(noted)
        for group in {g for k, g in noted.items() if k not in found}:
            try:
                self._call("DELETE", f"/messages/v4/groups/{group}")
            except _Refused as fault:
                if fault.status >= 500 or fault.status == 429:
                    raise _Cut from None
        return found

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What the provider knows of these keys; one that is missing was never taken. Raises CarrierDown when it cannot be asked."""
        try:
            return self._asked(self._notes.of(keys))
        except _Cut:
            raise CarrierDown("the provider does not answer", 30) from None

    def _asked(self, noted: Mapping[str, str]) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for group in sorted(set(noted.values())):
            try:
                status = str(self._call("GET", f"/messages/v4/groups/{group}").get("status", ""))
            except _Refused as fault:
                if fault.status == 404 or fault.code in ("ResourceNotFound", "1022"):
                    continue
                raise _Cut from None
            if status not in ("SENDING", "COMPLETE"):
                continue
            wanted = {k for k, g in noted.items() if g == group}
            for row in self._pages(f"/messages/v4/groups/{group}/messages", {}):
                key = _key(row)
                if key in wanted:
                    found[key] = _outcome(key, row)
        return found

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        """What changed since ``cursor``. Asks a little further back than needed: a report taken twice is taken once."""
        now = self._now()
        since = datetime.fromisoformat(cursor) if cursor else now - timedelta(days=1)
        query = {"dateType": "UPDATED", "startDate": (since - OVERLAP).isoformat(), "endDate": now.isoformat()}
        try:
            rows = list(self._pages("/messages/v4/list", query))
        except (_Cut, _Refused) as fault:
            raise self._down(fault) from None
        return [r for r in map(report, rows) if r], now.isoformat()

    def balance(self) -> Money:
        """What is left to spend. Raises CarrierDown."""
        try:
            told = self._call("GET", "/cash/v1/balance")
        except (_Cut, _Refused) as fault:
            raise self._down(fault) from None
        return Money(int(float(told.get("balance") or 0)) + int(float(told.get("point") or 0)), "KRW")

    def check(self) -> str:
        """Whether the provider answers and lets us in: empty, or the kind of fault."""
        try:
            self.balance()
        except CarrierDown as down:
            return str(down)
        return ""

    # ── the wire ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        start = ""
        for _ in range(2000):
            told = self._call("GET", path, query={**query, "limit": str(PAGE), **({"startKey": start} if start else {})})
            rows = told.get("messageList") or {}
            yield from (rows.values() if isinstance(rows, dict) else rows)
            start = str(told.get("nextKey") or "")
            if not start or not rows:
                return

    def _down(self, fault: Exception) -> CarrierDown:
        if isinstance(fault, _Refused) and fault.status in (401, 403):
            return CarrierDown("the provider does not let us in", 600)
        if isinstance(fault, _Refused) and fault.status == 429:
            return CarrierDown("the provider asks us to slow down", 60)
        return CarrierDown("the provider does not answer", 30)

    def _call(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        import requests

        date, salt = self._now().strftime("%Y-%m-%dT%H:%M:%SZ"), secrets.token_hex(16)
        signature = hmac.digest(self._secret.encode(), (date + salt).encode(), sha256).hex()
        headers = {"Authorization": f"HMAC-SHA256 apiKey={self._key}, date={date}, salt={salt}, signature={signature}"}
        try:
            answer = requests.request(
                method, self._base + path, params=dict(query or {}), json=body, headers=headers, timeout=PATIENCE, allow_redirects=False
            )
        except requests.RequestException:
            raise _Cut from None
        try:
            told = answer.json()
        except ValueError:
            told = {}
        if not 200 <= answer.status_code < 300:
            raise _Refused(answer.status_code, str(told.get("errorCode", answer.status_code))[:60])
        if not isinstance(told, dict):
            raise _Cut
        return told


def euc_bytes(text: str) -> int:
    """Length as Korean carriers count: two bytes a syllable, and for what they do not have too."""
    return sum(1 if c.isascii() else 2 for c in text)


def _made(message: Outgoing) -> dict[str, Any] | str:
    """The message in the provider's words, or the code of why it cannot be sent."""
    kind, number = KINDS.get(message.channel), phone_digits(message.to)
    if kind is None:
        return "1025"
    if not (number.startswith("01") and 10 <= len(number) <= 11):
        return codes.NUMBER
    if message.channel in BYTES and euc_bytes(message.text) > BYTES[message.channel]:
        return codes.TOO_LONG
    out: dict[str, Any] = {"to": number, "type": kind, "customFields": {FIELD: message.key}, "autoTypeDetect": False}
    if kind == "ATA":
        if not message.provider_template:
            return "1042"
        names = {k if k.startswith("#{") else f"#{{{k}}}": v for k, v in message.variables.items()}
        out["kakaoOptions"] = {"pfId": message.sender, "templateId": message.provider_template, "variables": names, "disableSms": True}
    else:
        out |= {"from": phone_digits(message.sender), "text": message.text}
        if kind == "LMS" and message.subject:
            out["subject"] = _cut(message.subject, 40)
    return out


def _price(prices: Any, kind: str) -> Money | None:
    """What one message of a kind costs within Korea, when the provider says it in whole won."""
    home = prices.get("82") if isinstance(prices, dict) else None
    found = home.get(kind) if isinstance(home, dict) else None
    return (
        Money(int(found), "KRW") if isinstance(found, (int, float)) and not isinstance(found, bool) and found == int(found) >= 0 else None
    )


def _cut(text: str, most: int) -> str:
    while euc_bytes(text) > most:
        text = text[:-1]
    return text


def _key(row: Mapping[str, Any]) -> str:
    fields = row.get("customFields")
    return str(fields.get(FIELD, "")) if isinstance(fields, dict) else ""


def _outcome(key: str, row: Mapping[str, Any]) -> Outcome:
    code = str(row.get("statusCode") or "")
    refused = code.startswith("1") and codes.standing(code) != "on_the_way"
    return Outcome(
        key, "refused" if refused else "accepted", provider_id=str(row.get("messageId", "")), code=code,
        permanent=refused and codes.standing(code) == "for_good",
    )  # fmt: skip


def report(row: Mapping[str, Any]) -> Report | None:
    """What a row of a list or a callback tells; None while it is on its way, or when it is not ours."""
    code = str(row.get("statusCode") or "")
    known = codes.standing(code)
    if known == "on_the_way" or not (_key(row) or row.get("messageId")):
        return None
    when = str(row.get("dateReported") or row.get("dateReceived") or row.get("dateUpdated") or "")
    try:
        at = datetime.fromisoformat(when.replace("Z", "+00:00")) if when else None
    except ValueError:
        at = None
    return Report(
        "delivered" if known == "arrived" else "failed", key=_key(row), provider_id=str(row.get("messageId") or ""), code=code,
        permanent=known == "for_good", at=at if at is None or at.tzinfo else None,
    )  # fmt: skip


def called_back(body: bytes, given: str, secret: str) -> list[Report] | None:
    """The reports in a callback of the provider, or None when it does not prove to be the provider's (the SHA-1 of a shared secret)."""
    if not secret or not hmac.compare_digest(given.strip().lower(), sha1(secret.encode()).hexdigest()):
        return None
    try:
        told = json.loads(body)
    except ValueError:
        return None
    rows = told if isinstance(told, list) else [told]
    found: list[dict[str, Any]] = [r["data"] if isinstance(r.get("data"), dict) else r for r in rows[:10_000] if isinstance(r, dict)]
    return [r for r in map(report, found) if r]
