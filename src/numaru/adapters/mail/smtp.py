"""The SMTP carrier: one connection for many messages, one answer for each.

SMTP remembers nothing: between the last dot and the answer to it nobody can say whether a message was taken, and that is what ``unknown`` means.
Anything before the dot was not taken. The server's words never travel further than its codes: they quote addresses.
"""

from __future__ import annotations

import contextlib
import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from numaru.adapters.carrying import CarrierDown, Outcome, Outgoing, Report
from numaru.adapters.mail.letter import House, Mail, Unsendable, made
from numaru.adapters.mail.relay import Server

log = logging.getLogger(__name__)
CONNECT = 20.0  # seconds
ANSWER = 60.0
_ENHANCED = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")
LOST = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError, ssl.SSLError, OSError)


class _Lost(Exception):
    """The connection went. ``dotted``: the whole message had been handed over."""

    def __init__(self, dotted: bool) -> None:
        super().__init__()
        self.dotted = dotted


class SmtpCarrier:
    name = "smtp"
    most = 200
    remembers = False

    def __init__(self, server: Server, house: House, now: Callable[[], datetime], *, answer: float = ANSWER) -> None:
        self.server, self.house, self._now, self._answer = server, house, now, answer

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand the messages over, in their order. Raises CarrierDown when the server is away before any was taken."""
        outcomes: list[Outcome] = []
        ready: list[tuple[str, Mail]] = []
        for message in messages:
            try:
                ready.append((message.key, made(message, self.house, self._now())))
            except Unsendable as why:
                outcomes.append(Outcome(message.key, "refused", code=why.code, permanent=True))
        at, breaks = 0, 0
        while at < len(ready):
            try:
                connection = self._open()
            except CarrierDown:
                if at == 0 and not outcomes:
                    raise
                outcomes += [Outcome(key, "refused", code="4.4.1") for key, _ in ready[at:]]
                break
            with _closing(connection):
                while at < len(ready):
                    key, mail = ready[at]
                    try:
                        outcomes.append(self._one(connection, key, mail))
                    except _Lost as lost:
                        breaks += 1
                        if lost.dotted:
                            outcomes.append(Outcome(key, "unknown", code="4.4.2"))
                        elif breaks > 2:
                            if not outcomes:
                                raise CarrierDown("the mail server hangs up", 60) from None
                            outcomes.append(Outcome(key, "refused", code="4.4.2"))
                        else:
                            break  # not taken: once more over a new connection
                        at += 1
                        break
                    at += 1
        return outcomes

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        return {}

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        return [], cursor  # returned mail comes to the mailbox

    def check(self) -> str:
        """Whether the server answers and lets us in: empty, or the kind of fault."""
        try:
            with _closing(self._open()) as connection:
                connection.noop()
        except (CarrierDown, smtplib.SMTPException, OSError) as fault:
            return str(fault) if isinstance(fault, CarrierDown) else type(fault).__name__
        return ""

    def _open(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context()
        try:
            if server.scheme == "smtps":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=CONNECT, context=context)
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=CONNECT)
                if server.scheme == "smtp+starttls":
                    connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if server.user:
                connection.login(server.user, server.password)
            if connection.sock is not None:
                connection.sock.settimeout(self._answer)
            return connection
        except smtplib.SMTPAuthenticationError:
            raise CarrierDown("the mail server does not let us in", 600) from None
        except smtplib.SMTPNotSupportedError:
            raise CarrierDown("the mail server offers no TLS or no sign-in", 600) from None
        except (smtplib.SMTPException, socket.gaierror, *LOST) as fault:
            raise CarrierDown(f"the mail server does not answer ({type(fault).__name__})", 60) from None

    def _one(self, connection: smtplib.SMTP, key: str, mail: Mail) -> Outcome:
        """One transaction; sender, receiver and DATA in one packet where the server pipelines."""
        options = (" BODY=8BITMIME" if connection.has_extn("8bitmime") else "") + (" SMTPUTF8" if mail.wide else "")
        if mail.wide and not connection.has_extn("smtputf8"):
            return Outcome(key, "refused", code="5.6.7", permanent=True)
        commands = [f"MAIL FROM:<{mail.return_path}>{options}", f"RCPT TO:<{mail.to}>", "DATA"]
        dotted = False
        try:
            if connection.has_extn("pipelining"):
                connection.send("".join(c + "\r\n" for c in commands).encode("utf-8"))
                answers = [connection.getreply() for _ in commands]
            else:
                answers = []
                for command in commands:
                    connection.send((command + "\r\n").encode("utf-8"))
                    answers.append(connection.getreply())
                    if not 200 <= answers[-1][0] < 400:
                        break
            bad = next((a for a in answers[:2] if not 200 <= a[0] < 300), None) or (answers[-1] if answers[-1][0] != 354 else None)
            if bad is not None:
                if len(answers) == 3 and answers[2][0] == 354:  # the server waits for a message that has no receiver
                    connection.send(b".\r\n")
                    connection.getreply()
                if bad[0] == 421:
                    connection.close()
                    raise _Lost(False)
                connection.rset()
                return _refused(key, *bad)
            content = re.sub(rb"(?m)^\.", b"..", mail.content)
            connection.send(content + (b"" if content.endswith(b"\r\n") else b"\r\n"))
            dotted = True
            connection.send(b".\r\n")
            code, words = connection.getreply()
        except LOST:
            with contextlib.suppress(Exception):
                connection.close()
            raise _Lost(dotted) from None
        if 200 <= code < 300:
            return Outcome(key, "accepted", provider_id=mail.message_id, code=_code(code, words))
        return _refused(key, code, words)


def _code(code: int, words: bytes) -> str:
    found = _ENHANCED.search(words)
    return found[1].decode() if found else str(code)


def _refused(key: str, code: int, words: bytes) -> Outcome:
    """5xx is for good; 4xx and everything strange is for another time, and so is a server that wants us to sign in first."""
    ours = code in (530, 534, 535, 538)
    return Outcome(key, "refused", code=_code(code, words), permanent=500 <= code < 600 and not ours)


@contextlib.contextmanager
def _closing(connection: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    try:
        yield connection
    finally:
        with contextlib.suppress(Exception):
            connection.quit()
