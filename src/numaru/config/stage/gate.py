"""Whether a request is shown the faces of a demo: the home is a demo, the house listens on this machine alone, and whoever asks sits at it.

Nothing that a request says of itself is believed: the peer is the one of the socket, and a header of a proxy shuts the gate.
"""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest
from django.http.request import split_domain_port

from numaru.config import demo, web


def shown(request: HttpRequest) -> bool:
    """Whether this house shows its faces to this request. Asks the file system only."""
    scope = request.META.get("asgi.scope") or {}
    peer = (scope.get("client") or ("",))[0]
    name = split_domain_port(request.META.get("HTTP_HOST", ""))[0]
    direct = scope.get("numaru.direct") is True and loopback(peer)  # written by the edge, from the connection
    return direct and loopback(web.bound) and (name == "localhost" or loopback(name.strip("[]"))) and demo.is_demo()


def loopback(address: str) -> bool:
    """Whether an address never leaves this machine.

    >>> loopback("127.0.0.9"), loopback("::1"), loopback("::ffff:127.0.0.1"), loopback("0.0.0.0"), loopback("::"), loopback("")
    (True, True, True, False, False, False)
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
