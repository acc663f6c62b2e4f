"""Where mail goes out, as one address says it: ``smtp+starttls://user:password@host:587``.

``smtps`` speaks TLS from the first byte, ``smtp+starttls`` insists on turning it on, ``smtp`` speaks in the clear and is meant for a relay on the
same machine. Certificates are always checked. A part with special characters is percent-encoded. Secrets are in no ``repr`` and in no message.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587, "imap": 143, "imaps": 993}


class NotAnAddress(ValueError):
    """The setting is no address of a server. Says what is wrong, never what stands in it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server and how to sign in there."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    place: str = ""  # the folder of a mailbox

    @property
    def name(self) -> str:
        """What may be shown."""
        return f"{self.scheme}://{self.host}:{self.port}"


def setting(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """A setting, or what stands in the file that ``NAME_FILE`` names: secrets need not be in the environment."""
    given = environment.get(name, "").strip()
    place = environment.get(f"{name}_FILE", "").strip()
    if given or not place:
        return given
    try:
        return Path(place).read_text().strip()
    except OSError as error:
        raise NotAnAddress(f"the file that {name}_FILE names cannot be read") from error


def server(given: str, schemes: tuple[str, ...]) -> Server:
    """Read an address. Raises NotAnAddress."""
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise NotAnAddress("the port is no number") from None
    if parts.scheme not in schemes:
        raise NotAnAddress(f"it begins with one of {', '.join(s + '://' for s in schemes)}")
    if not parts.hostname:
        raise NotAnAddress("it names no host")
    return Server(
        parts.scheme, parts.hostname, port or PORTS[parts.scheme], unquote(parts.username or ""), unquote(parts.password or ""),
        unquote(parts.path.strip("/")),
    )  # fmt: skip
