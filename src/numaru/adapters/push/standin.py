"""A push service and its browsers, over real HTTP, for tests and for trying things out: it opens what it receives as a browser does, checks who
pushed, and misbehaves when asked. ``moods`` by browser, one after the other: a status, "cut" (takes it and hangs up), "wait N" (429 with Retry-After)."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from numaru.adapters.push.sealing import b64, opened, point, public, unb64


class StandIn:
    def __init__(self) -> None:
        self.browsers: dict[str, tuple[ec.EllipticCurvePrivateKey, bytes, bytes]] = {}  # key, secret, key of who may push
        self.moods: dict[str, list[str]] = {}
        self.shown: list[tuple[str, dict[str, Any]]] = []  # browser and what it opened
        self.waiting: dict[tuple[str, str], dict[str, Any]] = {}  # by topic: a later one replaces it
        self.heads: list[dict[str, str]] = []
        stand = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None: ...

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, more = stand.take(self.path.rpartition("/")[2], {k.lower(): v for k, v in self.headers.items()}, body)
                if not status:
                    self.connection.close()
                    return
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def browser(self, name: str, pusher: str) -> dict[str, str]:
        """A browser subscribes for whoever has the public key ``pusher``; what it would hand to the page."""
        key, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.browsers[name] = (key, auth, unb64(pusher))
        return {"endpoint": f"{self.origin}/push/{name}", "p256dh": b64(point(key.public_key())), "auth": b64(auth)}

    def take(self, name: str, head: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        mood = self.moods[name].pop(0) if self.moods.get(name) else ""
        if mood.startswith("wait"):
            return 429, {"Retry-After": mood[5:]}
        if mood.isdecimal():
            return int(mood), {}
        if name not in self.browsers:
            return 410, {}
        key, auth, pusher = self.browsers[name]
        if not self._proved(head.get("authorization", ""), pusher) or not head.get("ttl", "").isdecimal():
            return 403, {}
        told = json.loads(opened(body, key, auth))
        self.heads.append(head)
        self.waiting[name, head.get("topic", "")] = told
        self.shown.append((name, told))
        return (0 if mood == "cut" else 201), {"Location": f"{self.origin}/m/{len(self.shown)}"}

    def _proved(self, said: str, pusher: bytes) -> bool:
        given = dict(part.strip().split("=", 1) for part in said.removeprefix("vapid ").split(","))
        head, _, signature = given.get("t", "").rpartition(".")
        raw = unb64(signature)
        claims = json.loads(unb64(head.partition(".")[2]))
        if given.get("k") != b64(pusher) or claims["aud"] != self.origin or not str(claims["sub"]).startswith(("mailto:", "https:")):
            return False
        dss = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public(pusher).verify(dss, head.encode(), ec.ECDSA(SHA256()))
        return True
