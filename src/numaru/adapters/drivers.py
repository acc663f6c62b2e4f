"""Which driver carries which channel, as the environment says; a channel without one stays inside the house.

``NUMARU_MAIL`` and ``NUMARU_MAIL_FROM``, ``NUMARU_MAIL_RETURN`` (e-mail), ``NUMARU_MAIL_IN`` (mailboxes, one a line), ``NUMARU_TEXT`` (SMS, LMS,
Alimtalk), ``NUMARU_PUSH`` (web push: where push services reach the operator), ``NUMARU_LETTERS`` (``print``: letters are printed here), ``NUMARU_PUBLIC`` (the address of the house as receivers reach it). Each can be put into a file that ``NAME_FILE`` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from numaru.adapters.letters import addresses as postal
from numaru.adapters.letters.carrier import LetterCarrier
from numaru.adapters.mail.letter import House, Unsendable, mailbox
from numaru.adapters.mail.mailbox import name_of
from numaru.adapters.mail.relay import NotAnAddress, Server, server, setting
from numaru.adapters.mail.smtp import SmtpCarrier
from numaru.adapters.mail.tokens import Tokens
from numaru.adapters.push import devices, vapid
from numaru.adapters.push.carrier import PushCarrier
from numaru.adapters.push.policies import TTL
from numaru.adapters.text.notes import TableNotes
from numaru.adapters.text.solapi import KINDS, SolapiCarrier
from numaru.kernel import clock, policies
from numaru.kernel.vault import ring

__all__ = [
    "ChosenAddresses",
    "ChosenCarriers",
    "NotAnAddress",
    "mail_house",
    "mailbox_names",
    "mailboxes",
    "push_hosts",
    "push_key",
    "tokens",
]

CHANNELS = ("email", "sms", "lms", "alimtalk", "push", "inapp", "letter")


def tokens() -> Tokens:
    """Under the house's mark keys, which lie wrapped in the backup: after a restore returned mail still finds its message."""
    return _tokens(tuple(k.key for k in ring.house("mark")))


@lru_cache(4)
def _tokens(keys: tuple[bytes, ...]) -> Tokens:
    return Tokens(*(ring.derived(key, b"returned mail") for key in keys))


def mail_house() -> House:
    """Who sends mail. Raises NotAnAddress when the sender or the return path is missing or is none."""
    sender, back = setting("NUMARU_MAIL_FROM"), setting("NUMARU_MAIL_RETURN")
    try:
        own = mailbox(sender)
        back = back or f"bounce@{own.domain}"
        mailbox(back)
    except Unsendable:
        raise NotAnAddress("NUMARU_MAIL_FROM or NUMARU_MAIL_RETURN is no e-mail address") from None
    return House(sender, back, tokens(), setting("NUMARU_PUBLIC"))


def mailboxes() -> dict[str, Server]:
    """The mailboxes that are read, by name."""
    lines = setting("NUMARU_MAIL_IN").replace(",", "\n").split()
    return {name_of(one): one for one in (server(line, ("imap", "imaps")) for line in lines)}


def mailbox_names() -> list[str]:
    return list(mailboxes())


def _mail() -> SmtpCarrier | None:
    given = setting("NUMARU_MAIL")
    return SmtpCarrier(server(given, ("smtp", "smtps", "smtp+starttls")), mail_house(), clock.now) if given else None


def _text() -> SolapiCarrier | None:
    given = setting("NUMARU_TEXT")
    if not given:
        return None
    try:
        parts = urlsplit(given)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise NotAnAddress("the port is no number") from None
    if parts.scheme not in ("solapi", "solapi+http") or not (parts.username and parts.password and parts.hostname):
        raise NotAnAddress("it is written solapi://KEY:SECRET@api.solapi.com")
    base = f"{'http' if parts.scheme.endswith('http') else 'https'}://{parts.hostname}{port}"
    return SolapiCarrier(unquote(parts.username), unquote(parts.password), TableNotes(), clock.now, base=base)


def push_hosts() -> tuple[str, ...]:
    """Origins of push services that are called beside those of the browsers, from ``NUMARU_PUSH_HOSTS``."""
    return tuple(setting("NUMARU_PUSH_HOSTS").replace(",", "\n").split())


def push_key() -> tuple[int, str]:
    """The version and the public key with which browsers subscribe; an empty key where no pushes are sent."""
    return vapid.current() if setting("NUMARU_PUSH") else (0, "")


def _push() -> PushCarrier | None:
    contact = setting("NUMARU_PUSH")
    if not contact:
        return None
    if not contact.startswith(("mailto:", "https:")):
        raise NotAnAddress("it is written mailto:NAME@DOMAIN or https://…")
    return PushCarrier(contact, clock.now, ttl=lambda: int(policies.value(TTL.key, clock.today())), more=push_hosts())


class ChosenAddresses:
    """Where people are reached beside e-mail and telephone: the browsers that subscribed, and postal addresses."""

    def of(self, channel: str, parties: Sequence[int]) -> dict[int, str]:
        if channel == "letter":
            return postal.of(parties)
        return devices.addresses(parties) if channel == "push" else {}

    def known(self, channel: str, parties: Sequence[int]) -> set[int]:
        if channel == "letter":
            return postal.known(parties)
        return devices.known(parties) if channel == "push" else set()


class ChosenCarriers:
    """The carrier of each channel; None where the house keeps the messages itself. Raises NotAnAddress for a setting that is none."""

    def of(self, channel: str) -> SmtpCarrier | SolapiCarrier | PushCarrier | LetterCarrier | None:
        if channel == "email":
            return _mail()
        if channel == "push":
            return _push()
        if channel == "letter":
            return LetterCarrier() if setting("NUMARU_LETTERS") else None
        return _text() if channel in KINDS else None
