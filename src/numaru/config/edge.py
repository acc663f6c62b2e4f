"""The edge: what holds for every request, whichever part answers it, pages and native routes alike.

In this order: who is really asking (a trusted proxy may say so), is the name of the house right, TLS, the request's id, rates, the size and
speed of the body; then the answer, with security headers, its log line and its figures. Nothing here opens the database, except to ask
whether the sender of a large body has signed in.

Settings (environment): ``NUMARU_PROXIES`` addresses and networks of proxies whose X-Forwarded-* and X-Request-ID are believed (none unless
set); ``NUMARU_TLS=1`` the house is reached by https: plain requests are sent there, cookies are for https; ``NUMARU_HSTS`` seconds (a year).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from numaru.config import limits, logs, metrics
from numaru.faces.rest.problem import problem
from numaru.kernel import context
from numaru.values.finding import Finding
from numaru.values.text import Text

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]

access = logging.getLogger(logs.ACCESS)
SLOW = float(os.environ.get("NUMARU_SLOW_SECONDS", "1"))  # a request that took longer is told at WARNING
QUIET = frozenset({"health", "health/live", "health/ready", "metrics", "static/{path}"})  # told at DEBUG: they come by the thousand
LONG = frozenset({"events"})  # open as long as its page
PROBES = frozenset({"health", "health/live", "health/ready", "metrics"})  # asked by address, inside the machine or the cluster
HERE = ("localhost", "127.0.0.1", "[::1]")
VIA = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-original-forwarded-for", "true-client-ip", "cf-connecting-ip"}
)  # a proxy's
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

HEADERS: dict[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",  # pages bring their own
    "cache-control": "no-store",  # files under /static/ bring their own
}


class Late(OSError):
    """The body came too slowly or its sender left: what was read is not whole, and must not be taken for it."""


class TooLarge(OSError):
    """The body is larger than this route takes."""


def networks(given: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks of a comma-separated list. Raises ValueError for what is not one."""
    return [ipaddress.ip_network(part.strip(), strict=False) for part in given.split(",") if part.strip()]


def route_of(path: str) -> str:
    """The pattern that answers ``path``, without a leading slash; "(none)" when nothing does. Never holds a number or a name of anything."""
    for pattern in ("events", "health", "health/live", "health/ready", "metrics", "api/v1/usage"):
        if path == f"/{pattern}":
            return pattern
    if path.startswith("/static/"):
        return "static/{path}"
    try:
        return resolve(path).route or "(first page)"
    except (Resolver404, ValueError):
        return "(none)"


class Edge:
    """Wraps the whole application. One for each process."""

    def __init__(self, app: App, *, proxies: str | None = None, tls: bool | None = None) -> None:
        self.app = app
        self.proxies = networks(os.environ.get("NUMARU_PROXIES", "") if proxies is None else proxies)
        self.tls = bool(settings.TLS) if tls is None else tls
        self.hsts = int(os.environ.get("NUMARU_HSTS", "31536000"))
        self.limits = limits.Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await _Exchange(self, dict(scope), receive, send).run()

    def trusts(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        return any(address.version == network.version and address in network for network in self.proxies)


class _Exchange:
    """One request and its answer."""

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
        self.edge, self.scope, self._receive, self._send = edge, scope, receive, send
        self.began = time.perf_counter()
        self.status = 0
        self.bytes = 0
        self.headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            self.headers[key] = f"{self.headers[key]},{value.decode('latin-1')}" if key in self.headers else value.decode("latin-1")
        self.route = route_of(scope["path"])
        self.method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._who()
        self.asked = limits.Asked(
            self.route, self.address, self._bearer(), self._session(), scope.get("query_string", b"").decode("latin-1")
        )
        self.taken = 0  # bytes of the body so far
        self.whole = False
        self.fault: OSError | None = None  # why the body was not taken
        self.replaced = False
        self.most = limits.SMALL

    def _who(self) -> None:
        """Address, scheme and id of the request: from the proxy when it is trusted, else as the connection says."""
        peer = (self.scope.get("client") or ("", 0))[0]
        trusted = self.edge.trusts(peer)
        self.address, self.direct = peer, True
        given = self.headers.get("x-request-id")
        if trusted:
            hops = [hop.strip() for hop in self.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
            for hop in reversed(hops):  # the last one that is not a proxy of ours: what stands before it may be invented
                try:
                    ipaddress.ip_address(hop)
                except ValueError:
                    break
                self.address, self.direct = hop, False
                if not self.edge.trusts(hop):
                    break
            scheme = self.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
            if scheme in ("http", "https"):
                self.scope["scheme"] = scheme
        self.scope["client"] = (self.address, 0) if not self.direct else self.scope.get("client")
        self.scope["headers"] = [
            (n, v) for n, v in self.scope["headers"] if not n.lower().startswith(b"x-forwarded-") and n.lower() != b"forwarded"
        ]
        # whether the caller itself stands at the other end of the connection, no proxy between, trusted or not
        self.scope["numaru.direct"] = self.direct and not any(n in VIA or n.startswith("x-forwarded") for n in self.headers)
        self.context = context.Context(given if trusted and context.proper(given) and given else context.new_id(), self.route)

    def _bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def _session(self) -> str:
        name = settings.PORTAL_COOKIE_NAME if self.route.startswith("my/") else settings.SESSION_COOKIE_NAME
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return found.value if found else ""

    async def run(self) -> None:
        token = context.current.set(self.context)
        metrics.begun()
        try:
            refusal = self._refusal() or await self._too_large()
            if refusal is not None:
                await refusal(self.scope, self._receive, self.send)
            else:
                await self.edge.app(self.scope, self.receive, self.send)
        except Exception as error:
            if not isinstance(error, OSError) or self.fault is None:
                logging.getLogger("numaru.web").exception("a request broke")
            if not self.status:
                await PlainTextResponse("internal error\n", 500)(self.scope, self._receive, self.send)
        finally:
            self._tell()
            context.current.reset(token)

    def _refusal(self) -> Response | None:
        """The answer to a request that goes no further, or None."""
        host = self.headers.get("host", "")
        domain = split_domain_port(host)[0]
        known = bool(domain) and validate_host(domain, [*settings.ALLOWED_HOSTS, *HERE])
        if not known and self.route not in ("health/live", "health/ready"):
            return PlainTextResponse("unknown host\n", 400)
        if self.edge.tls and self.scope["scheme"] != "https" and self.route not in PROBES:
            if self.method in ("GET", "HEAD") and self.route not in ("events", "api/v1/usage") and not self.asked.is_api:
                query = self.scope.get("query_string", b"").decode("latin-1")
                path = self.scope.get("raw_path", b"").decode("latin-1") or "/"
                return RedirectResponse(f"https://{host}{path}{'?' + query if query else ''}", 308)
            return self._problem(
                403,
                "edge.https",
                Text("https로만 받습니다.", "Only https is taken here."),
                Text("주소를 https로 바꾸십시오.", "Use https."),
            )
        if self.route in PROBES or self.route == "static/{path}":
            return None
        wait, which = self.edge.limits.wait(self.asked)
        if wait:
            metrics.LIMITED.labels(which).inc()
            seconds = max(1, math.ceil(wait))
            answer = self._problem(
                429,
                "edge.too_many",
                Text("요청이 너무 많습니다.", "Too many requests."),
                Text("{n}초 뒤에 다시 보내십시오.", "Send it again in {n} seconds.").fill(n=seconds),
            )
            answer.headers["Retry-After"] = str(seconds)
            return answer
        coding = self.headers.get("content-encoding", "identity").strip().lower()
        if coding != "identity":
            return self._problem(
                415,
                "edge.encoding",
                Text("압축한 본문은 받지 않습니다.", "A compressed body is not taken."),
                Text("Content-Encoding 없이 보내십시오.", "Send it without Content-Encoding."),
                "Content-Encoding",
            )
        return None

    async def _too_large(self) -> Response | None:
        """Refuse a body that says itself that it is too large; a body that does not say is cut off on its way."""
        signed_in = False
        declared = self.headers.get("content-length", "0")
        size = int(declared) if declared.isdecimal() and declared.isascii() and len(declared) < 16 else None
        if self.route in limits.UPLOAD_ROUTES and (size is None or size > limits.SMALL or "transfer-encoding" in self.headers):
            from numaru.config.stream import signed_in as ask

            signed_in = await run_in_threadpool(ask, self.asked.session)
        self.most = limits.body_limit(self.route, signed_in=signed_in)
        return self._large() if size is None or size > self.most else None

    def _large(self) -> Response:
        n = self.most >> 20
        return self._problem(
            413,
            "api.body_too_large" if self.asked.is_api else "edge.body_too_large",
            Text("본문은 {n}MB까지입니다.", "The body may have up to {n} MB.").fill(n=n),
            Text("나누어 보내십시오.", "Send it in parts."),
        )

    def _problem(self, status: int, code: str, message: Text, remedy: Text, field: str | None = None) -> Response:
        """For programs a problem document, for people a line of text in both languages."""
        if self.asked.is_api:
            return problem(status, [Finding(code, message, remedy, None, field)])
        lines = f"{message.ko} {remedy.ko}\n{message.en} {remedy.en}\n"
        return PlainTextResponse(lines, status)

    async def receive(self) -> Message:
        """The next piece of the body. A body that is late, cut off or too large raises: half of it is never taken for the whole."""
        if self.whole:
            return await self._receive()  # after the body this waits for the sender to leave, however long
        allowed = limits.FREE_WITHIN + self.taken / limits.LEAST_SPEED
        left = min(limits.PIECE_WITHIN, max(0.1, allowed - (time.perf_counter() - self.began)))
        try:
            message = await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            self.fault = Late("the body came too slowly")
            raise self.fault from None
        if message["type"] == "http.disconnect":
            self.fault = Late("the sender left")
            raise self.fault
        self.taken += len(message.get("body", b""))
        if self.taken > self.most:
            self.fault = TooLarge("the body is too large")
            raise self.fault
        self.whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self.fault is not None and not self.status:
                await self._instead()
                return
            if self.status:
                return
            self.status = message["status"]
            message["headers"] = self._headed(message.get("headers", []))
        elif self.fault is not None and self.replaced:
            return
        else:
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def _instead(self) -> None:
        """Answer 413 or 408 for a body that was not taken, whatever the application made of it."""
        self.replaced = True
        if isinstance(self.fault, TooLarge):
            answer = self._large()
        else:
            answer = self._problem(
                408,
                "edge.late",
                Text("본문이 제때 오지 않았습니다.", "The body did not come in time."),
                Text("다시 보내십시오.", "Send it again."),
            )
        self.status = answer.status_code
        head = self._headed([*answer.raw_headers, (b"connection", b"close")])
        await self._send({"type": "http.response.start", "status": answer.status_code, "headers": head})
        await self._send({"type": "http.response.body", "body": answer.body})

    def _headed(self, given: Any) -> list[tuple[bytes, bytes]]:
        """The answer's headers and those that every answer has."""
        kept = [(bytes(n).lower(), bytes(v)) for n, v in given if bytes(n).lower() not in (b"server", b"x-request-id")]
        have = {name for name, _ in kept}
        kept += [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in have]
        kept.append((b"x-request-id", self.context.id.encode()))
        if self.scope["scheme"] == "https" and self.edge.hsts:
            kept.append((b"strict-transport-security", f"max-age={self.edge.hsts}".encode()))
        return kept

    def _tell(self) -> None:
        """The log line and the figures."""
        seconds = time.perf_counter() - self.began
        metrics.ended(self.route, self.method, self.status or 499, None if self.route in LONG else seconds)
        self.edge.limits.answered(self.asked, self.status)
        level = logging.DEBUG if self.route in QUIET else logging.INFO
        if seconds > SLOW and self.route not in LONG:
            level = logging.WARNING
        if access.isEnabledFor(level):
            ms = round(seconds * 1000, 1)
            said = {"method": self.method, "status": self.status or 499, "ms": ms, "bytes": self.bytes}
            access.log(level, "%s %s %s %s ms", self.method, self.route, self.status or 499, ms, extra=said)
