"""How much one caller may ask, and how large or slow a request may be.

Rates are token buckets of this process: a bucket holds ``burst`` requests and fills with ``rate`` a second. One web process serves a
house; where several stand behind one proxy, each counts for itself and ``NUMARU_WEB_PROCESSES`` divides the figures among them.

    NUMARU_LIMIT_CLIENT=100/200    an API client: requests a second / at once
    NUMARU_LIMIT_ADDRESS=200/400   an address, API and sign-in pages together
    NUMARU_LIMIT_REFUSED=1/30      an address whose calls are answered 401
    NUMARU_LIMIT_HEAVY=5/30        a session, on pages that cost (a search costs 1, an Excel file 5, a paper of the portal 3)

Sign-in attempts have limits of their own, in the kernel.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KNOWN = 50_000  # callers remembered; the one seen longest ago is forgotten first, and had a full bucket by then
MIB = 2**20
SMALL = 10 * MIB  # body of a form
API = 8 * MIB  # body of an API call
UPLOAD = int(os.environ.get("NUMARU_UPLOAD_MAX_MB", "2048")) * MIB  # body of an upload by somebody who has signed in
UPLOAD_ROUTES = frozenset({"imports/new/"})
PORTAL = "my/"  # subscribers' pages: a session there is only what a cookie says, so that its address counts as well
PAPERS = "/pdf"
EXPENSIVE = {"q": 1.0, "format": 5.0}  # parameters that make a page cost more than reading, and how much
HEAD_WITHIN = 15.0  # seconds that the head of a request may take
PIECE_WITHIN = 20.0  # seconds between two pieces of a body
FREE_WITHIN = 30.0  # seconds of a body in which its speed is not looked at
LEAST_SPEED = 4_096  # bytes a second that a body must bring on the whole after that


@dataclass(frozen=True, slots=True)
class Rate:
    """``rate`` requests a second on the whole, ``burst`` at once."""

    rate: float
    burst: float

    @classmethod
    def read(cls, name: str, default: str) -> Rate:
        """From the environment variable ``name``. Raises ValueError with its name for something else than RATE/BURST above zero."""
        given = os.environ.get(name) or default
        try:
            rate, burst = (float(part) for part in given.split("/"))
        except ValueError as error:
            raise ValueError(f"{name}={given}: write it as RATE/BURST, for example {default}") from error
        if rate <= 0 or burst < 1:
            raise ValueError(f"{name}={given}: RATE above 0 and BURST of at least 1")
        processes = max(1, int(os.environ.get("NUMARU_WEB_PROCESSES", "1")))
        return cls(rate / processes, max(1.0, burst / processes))


class Buckets:
    """One bucket a caller. Thread-safe; holds at most `KNOWN` callers."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller -> (tokens, when)

    def take(self, caller: str, cost: float = 1.0) -> float:
        """Take ``cost`` tokens: 0.0 when there were enough, else the seconds after which there will be (nothing is taken)."""
        now = self._clock()
        with self._lock:
            left = self._filled(caller, now)
            wait = 0.0 if left >= cost else (cost - left) / self.rate.rate
            self._keep(caller, left - cost if wait == 0.0 else left, now)
        return wait

    def empty_for(self, caller: str) -> float:
        """Seconds until one token is there, without taking it; 0.0 when one is."""
        with self._lock:
            left = self._filled(caller, self._clock())
        return 0.0 if left >= 1 else (1 - left) / self.rate.rate

    def _filled(self, caller: str, now: float) -> float:
        left, at = self._left.get(caller, (self.rate.burst, now))
        return min(self.rate.burst, left + max(0.0, now - at) * self.rate.rate)

    def _keep(self, caller: str, left: float, now: float) -> None:
        self._left[caller] = (left, now)
        self._left.move_to_end(caller)
        while len(self._left) > KNOWN:
            self._left.popitem(last=False)


def hidden(secret: str) -> str:
    """A name for a caller known by a secret, from which the secret cannot be found."""
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


@dataclass(slots=True)
class Asked:
    """What the limits look at."""

    route: str
    address: str
    token: str = ""
    session: str = ""
    query: str = ""

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def cost(self) -> float:
        """0 for a page that only reads."""
        names = {pair.partition("=")[0] for pair in self.query.split("&") if pair.partition("=")[2]}
        found = max((EXPENSIVE[name] for name in names & EXPENSIVE.keys()), default=0.0)
        if self.is_portal and self.route.endswith(PAPERS):
            found = max(found, 3.0)
        return max(found, 5.0 if self.route.endswith((".csv", ".xlsx")) else 0.0)

    @property
    def is_portal(self) -> bool:
        return self.route.startswith(PORTAL)


class Limits:
    """The buckets of one process."""

    def __init__(self) -> None:
        self.client = Buckets(Rate.read("NUMARU_LIMIT_CLIENT", "100/200"))
        self.address = Buckets(Rate.read("NUMARU_LIMIT_ADDRESS", "200/400"))
        self.refused = Buckets(Rate.read("NUMARU_LIMIT_REFUSED", "1/30"))
        self.heavy = Buckets(Rate.read("NUMARU_LIMIT_HEAVY", "5/30"))

    def wait(self, asked: Asked) -> tuple[float, str]:
        """(seconds to wait, which limit), or (0.0, ""): go on."""
        if asked.is_api:
            wait = self.refused.empty_for(asked.address)
            if wait:
                return wait, "refused"
            if asked.token and (wait := self.client.take(hidden(asked.token))):
                return wait, "client"
        if (asked.is_api or asked.is_portal or not asked.session) and (wait := self.address.take(asked.address)):
            return wait, "address"
        if asked.session and not asked.is_api and asked.cost and (wait := self.heavy.take(hidden(asked.session), asked.cost)):
            return wait, "session"
        return 0.0, ""

    def answered(self, asked: Asked, status: int) -> None:
        """Count what was answered: guessed tokens use up the patience with an address."""
        if asked.is_api and status == 401:
            self.refused.take(asked.address)


def body_limit(route: str, *, signed_in: bool) -> int:
    """The largest body in bytes for a request to ``route``."""
    if route.startswith("api/"):
        return API
    if route in UPLOAD_ROUTES and signed_in:
        return UPLOAD
    return SMALL
