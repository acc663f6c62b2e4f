"""The house's own carrier: it takes every message and keeps it sealed, for whoever looks. The usual driver of every channel.

It remembers keys: a key that it has is answered as it was the first time and never kept twice. Nothing leaves the house.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numaru.facilities.messaging.models import HeldMessage, Message, message_id
from numaru.facilities.messaging.ports import Carrier, Carriers, Outcome, Outgoing, Report
from numaru.facilities.messaging.rules.channels import PHONES
from numaru.kernel import clock, ports
from numaru.kernel.vault.api import seal_texts
from numaru.values.masked import mask_email, mask_phone, phone_digits

NAME = "outbox"
TEST = "test."  # how the key of a test begins


def shown(channel: str, to: str) -> str:
    """An address as lists may show it."""
    if channel == "email":
        return mask_email(to)[:80]
    return mask_phone(phone_digits(to))[:80] if channel in PHONES else ""


def message_of(key: str) -> int | None:
    """The message that a key belongs to."""
    return message_id(key.partition(".")[0])


class Outbox:
    """See the module."""

    name = NAME
    most = 500
    remembers = True

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        now = clock.now()
        ids = {pk for m in messages if (pk := message_of(m.key)) is not None}
        known = {
            pk: (party, service) for pk, party, service in Message.objects.filter(pk__in=ids).values_list("pk", "party", "batch__service")
        }
        rows = []
        contents = [packed(m) for m in messages]
        for m, content, sealed in zip(messages, contents, seal_texts(contents, "messaging.HeldMessage.content"), strict=True):
            pk = message_of(m.key)
            party, service = known.get(pk or 0, (None, ""))
            rows.append(
                HeldMessage(
                    key=m.key[:64], channel=m.channel, language=m.language, shown=shown(m.channel, m.to), content=sealed, message=pk,
                    party=party, service=service, test=m.key.startswith(TEST), size=len(content.encode()), at=now,
                )
            )  # fmt: skip
        HeldMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        return [Outcome(m.key, "accepted", m.key) for m in messages]

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        found = HeldMessage.objects.filter(key__in=list(keys)).values_list("key", flat=True)
        return {key: Outcome(key, "accepted", key) for key in found}

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        return [], cursor


OUTBOX = Outbox()


def carrier(channel: str) -> Carrier:
    """Whoever takes the messages of a channel: the driver that config chose, else the outbox."""
    return ports.get(Carriers).of(channel) or OUTBOX  # type: ignore[type-abstract]


class OwnOutbox:
    """Every channel stays in the house's own outbox: what config binds where no driver is chosen."""

    def of(self, channel: str) -> Carrier | None:
        return None


def packed(m: Outgoing) -> str:
    """A message as it is sealed. Attachments stand by name, type, size and hash."""
    return json.dumps(
        {
            "to": m.to, "sender": m.sender, "subject": m.subject, "text": m.text, "html": m.html, "headers": dict(m.headers),
            "provider_template": m.provider_template, "variables": dict(m.variables),
            "attachments": [[a.name, a.media_type, len(a.content), hashlib.sha256(a.content).hexdigest()] for a in m.attachments],
        },
        ensure_ascii=False,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What a kept message says."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    provider_template: str
    variables: dict[str, str]
    attachments: tuple[tuple[str, str, int, str], ...]


def opened(row: HeldMessage) -> Content:
    """The content of a kept message. The caller has put the opening on record."""
    found: dict[str, Any] = json.loads(row.content)
    found["attachments"] = tuple((str(n), str(t), int(s), str(h)) for n, t, s, h in found["attachments"])
    return Content(**found)
