"""One mail as it goes out: bytes for the wire, with return path, Message-ID and the headers that the law and the big receivers ask for.

Nothing that comes from data can add a header: line breaks in a subject become spaces, in an address or a header they refuse the message.
The same message gives the same bytes but for its date, so a second try is known by its Message-ID.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any

from numaru.adapters.carrying import Outgoing
from numaru.adapters.mail.tokens import Tokens

REF = "X-Numaru-Ref"
UNFOLDED = {"message-id", "list-unsubscribe", "list-unsubscribe-post", "x-numaru-ref"}  # a fold would break what machines compare
GIVEN = re.compile(
    r"(list-unsubscribe|list-unsubscribe-post|list-id|reply-to|auto-submitted|precedence|feedback-id|in-reply-to|references|x-[a-z0-9-]+)\Z", re.I
)  # fmt: skip
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Unsendable(ValueError):
    """The message cannot be made: ``code`` is an enhanced status code that says why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Wire(EmailPolicy):
    """Folds as SMTP wants it, but leaves alone what must stay on one line."""

    def fold(self, name: str, value: Any) -> str:
        return f"{name}: {value}\r\n" if name.lower() in UNFOLDED else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return f"{name}: {value}\r\n".encode("ascii", "replace") if name.lower() in UNFOLDED else super().fold_binary(name, value)


WIRE = Wire(linesep=SMTP.linesep, max_line_length=76, raise_on_defect=False)


@dataclass(frozen=True, slots=True)
class House:
    """Who sends: the address people see, where returned mail goes, and the public address of the house."""

    sender: str  # 달빛미디어 <notice@example.kr>
    return_to: str  # bounce@example.kr: the token is put behind its local part
    tokens: Tokens
    public: str = ""  # https://my.example.kr

    def returning(self, token: str, box: str = "") -> str:
        local, _, domain = self.return_to.rpartition("@")
        return f"{box or local}+{token}@{domain}"


@dataclass(frozen=True, slots=True)
class Mail:
    return_path: str
    to: str
    content: bytes
    message_id: str
    wide: bool = False  # the address itself needs SMTPUTF8


def mailbox(given: str) -> Address:
    """An address with its name. Raises Unsendable for anything that is not exactly one."""
    if _BREAKS.search(given):
        raise Unsendable("5.1.3", "an address with a line break")
    name, address = parseaddr(given, strict=True)
    local, at, domain = address.rpartition("@")
    if (
        not (at and local and domain)
        or re.search(r"[\s,;<>\"()\[\]\\]", address)
        or len(local.encode()) > 64
        or len(domain) > 253
        or ".." in address
    ):
        raise Unsendable("5.1.3", "not an address")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        raise Unsendable("5.1.2", "not a domain") from None
    return Address(display_name=name, username=local, domain=domain)


def made(message: Outgoing, house: House, at: datetime) -> Mail:
    """The mail of ``message``. Raises Unsendable, having told nothing of whom it was for."""
    try:
        return _made(message, house, at)
    except Unsendable:
        raise
    except (ValueError, LookupError, UnicodeError):  # the library's own last word on what cannot be written
        raise Unsendable("5.6.0", "the message cannot be written") from None


def _made(message: Outgoing, house: House, at: datetime) -> Mail:
    try:
        token = house.tokens.of(message.key)
    except ValueError as error:
        raise Unsendable("5.6.0", str(error)) from None
    to, sender = mailbox(message.to), mailbox(message.sender or house.sender)
    mail = EmailMessage(policy=WIRE)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = _BREAKS.sub(" ", message.subject).strip()
    mail["Date"] = format_datetime(at)
    domain = house.return_to.rpartition("@")[2]
    message_id = f"<m.{token}@{domain}>"
    mail["Message-ID"], mail[REF] = message_id, token
    for name, value in _headers(message.headers, house, token).items():
        mail[name] = value
    if "Auto-Submitted" not in mail:
        mail["Auto-Submitted"] = "auto-generated"
    _body(mail, message)
    return Mail(house.returning(token), f"{to.username}@{to.domain}", mail.as_bytes(), message_id, not to.username.isascii())


def _headers(given: Mapping[str, str], house: House, token: str) -> dict[str, str]:
    """What the message brings along, checked; an opt-out gets a second way by mail and the mark of one click."""
    out: dict[str, str] = {}
    for name, value in given.items():
        if not GIVEN.match(name) or name.lower() in ("x-numaru-ref",):
            raise Unsendable("5.6.0", f"the header {name[:40]!r} cannot be given")
        if _BREAKS.search(value):
            raise Unsendable("5.6.0", f"a line break in {name}")
        out[name.title() if name.islower() else name] = value
    if stop := out.get("List-Unsubscribe"):
        link = stop.strip().strip("<>")
        if link.startswith("/"):
            link = house.public.rstrip("/") + link
        if not link.startswith(("https://", "http://")) or not link.isascii() or re.search(r"[\s<>,]", link):
            raise Unsendable("5.6.0", "the link to unsubscribe is no address")
        out["List-Unsubscribe"] = f"<{link}>, <mailto:{house.returning(token, 'unsubscribe')}?subject=unsubscribe>"
        out["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return out


def _body(mail: EmailMessage, message: Outgoing) -> None:
    how = "base64" if sum(ord(c) > 127 for c in message.text) * 4 > len(message.text) else "quoted-printable"
    mail.set_content(message.text, cte=how)
    mail.replace_header("Content-Language", message.language) if "Content-Language" in mail else mail.add_header(
        "Content-Language", message.language
    )
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="base64" if how == "base64" else "quoted-printable")
    for one in message.attachments:
        kind, _, sub = one.media_type.partition("/")
        if not sub or _BREAKS.search(one.media_type + one.name):
            raise Unsendable("5.6.1", "an attachment of no kind")
        mail.add_attachment(one.content, maintype=kind, subtype=sub, filename=one.name)
