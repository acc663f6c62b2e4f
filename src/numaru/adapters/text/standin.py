"""A stand-in of the provider, over real HTTP, for tests and for trying things out: it speaks the same interface and misbehaves when asked.

``moods`` says how, by path ending or by number: "cut" takes the call and hangs up, "500" and "401" refuse, "late" keeps messages on the way
until ``settle``; ``fates`` gives a number its final code. It checks signatures as the provider does: a salt once, a date not older than 15 minutes.
"""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from numaru.kernel import clock

PRICES = {"82": {"sms": 18, "lms": 45, "ata": 13}}
_SIGNED = re.compile(r"HMAC-SHA256 apiKey=(\S+), date=(\S+), salt=(\S+), signature=([0-9a-f]{64})\Z")


class StandIn:
    """The provider: groups, messages and what each phone received."""

    def __init__(self, key: str = "KEY", secret: str = "SECRET", now: datetime | None = None) -> None:
        self.key, self.secret, self.now = key, secret, now
        self.groups: dict[str, dict[str, Any]] = {}
        self.sent: Counter[str] = Counter()  # by the key in the custom field: what really went out
        self.moods: dict[str, list[str]] = {}
        self.fates: dict[str, str] = {}
        self.templates = {"TPL-1"}
        self.price: Any = PRICES
        self._salts: set[str] = set()
        self._lock = threading.Lock()
        stand = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None: ...

            def _do(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size) or b"{}")
                status, told, cut = stand.answer(self.command, self.path, body, self.headers.get("Authorization", ""))
                if cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                raw = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = do_DELETE = _do

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def mood(self, ending: str, *moods: str) -> None:
        """How the next calls whose path ends like this are treated, one after the other."""
        self.moods[ending] = list(moods)

    def answer(self, method: str, target: str, body: Any, signed: str) -> tuple[int, Any, bool]:
        with self._lock:
            parts = urlsplit(target)
            name = f"{method} {parts.path}"
            mood = next((left.pop(0) for ending, left in self.moods.items() if left and name.endswith(ending)), "")
            if mood.isdecimal():
                return int(mood), {"errorCode": "InternalError" if mood >= "500" else "Refused"}, False
            if mood == "cut before":
                return 0, {}, True
            if not self._proved(signed):
                return 401, {"errorCode": "SignatureDoesNotMatch"}, False
            status, told = self._route(method, parts.path, body, {k: v[0] for k, v in parse_qs(parts.query).items()})
            return status, told, mood == "cut"

    def _proved(self, signed: str) -> bool:
        found = _SIGNED.match(signed)
        if not found or found[1] != self.key or found[3] in self._salts:
            return False
        self._salts.add(found[3])
        now = self.now or clock.now()
        date = datetime.fromisoformat(found[2].replace("Z", "+00:00"))
        good = hmac.digest(self.secret.encode(), (found[2] + found[3]).encode(), sha256).hex()
        return hmac.compare_digest(good, found[4]) and abs(now - date) < timedelta(minutes=15)

    def _route(self, method: str, path: str, body: Any, query: dict[str, str]) -> tuple[int, Any]:
        if path == "/cash/v1/balance":
            return 200, {"balance": 100_000, "point": 500}
        if path == "/messages/v4/list":
            return 200, self._page([m for g in self.groups.values() if g["status"] != "PENDING" for m in g["messages"]], query)
        if path == "/messages/v4/groups" and method == "POST":
            group = f"G4V{len(self.groups):029d}"
            self.groups[group] = {"groupId": group, "status": "PENDING", "messages": []}
            return 200, self._told(group)
        found = re.fullmatch(r"/messages/v4/groups/(\w+)(/messages|/send)?", path)
        if not found or found[1] not in self.groups:
            return 404, {"errorCode": "ResourceNotFound"}
        group, rest = found[1], found[2] or ""
        kept = self.groups[group]
        if method == "GET":
            return 200, self._page(kept["messages"], query) if rest else self._told(group)
        if kept["status"] != "PENDING":
            return 400, {"errorCode": "AlreadySent"}
        if method == "DELETE":
            kept["status"] = "DELETED"
            return 200, self._told(group)
        if method == "PUT":
            rows = [self._take(group, one) for one in body["messages"]]
            return 200, {"errorCount": sum(r["statusCode"] != "2000" for r in rows), "resultList": rows}
        kept["status"] = "SENDING"
        for one in kept["messages"]:
            if one["statusCode"] == "2000":
                self.sent[one["customFields"]["key"]] += 1
        return 200, self._told(group) | {"price": self.price}

    def _take(self, group: str, one: dict[str, Any]) -> dict[str, Any]:
        code = "2000"
        if one["type"] == "ATA" and one["kakaoOptions"]["templateId"] not in self.templates:
            code = "1042"
        elif one["type"] != "ATA" and not one.get("from"):
            code = "1062"
        kept = self.groups[group]["messages"]
        row = {**one, "messageId": f"M4V{group[-6:]}{len(kept):06d}", "groupId": group, "statusCode": code}
        kept.append(row)
        return {k: v for k, v in row.items() if k not in ("text", "kakaoOptions")}

    def _told(self, group: str) -> dict[str, Any]:
        return {k: v for k, v in self.groups[group].items() if k != "messages"}

    def _page(self, rows: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        start, limit = int(query.get("startKey") or 0), int(query.get("limit") or 20)
        end = start + limit
        return {"messageList": {m["messageId"]: m for m in rows[start:end]}, "nextKey": str(end) if end < len(rows) else None}

    def settle(self) -> list[dict[str, Any]]:
        """The networks answer: every message sent gets its fate. Returns what a callback would carry."""
        with self._lock:
            out = []
            for group in self.groups.values():
                if group["status"] == "SENDING":
                    group["status"] = "COMPLETE"
                    for one in group["messages"]:
                        if one["statusCode"] == "2000":
                            one["statusCode"] = self.fates.get(one["to"], "4000")
                            one["dateReported"] = "2026-11-27T01:00:05.000Z"
                            out.append({k: one[k] for k in ("messageId", "groupId", "statusCode", "customFields", "dateReported")})
            return out
