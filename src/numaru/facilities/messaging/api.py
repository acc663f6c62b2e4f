"""The door of messaging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from numaru.facilities.messaging.actions.batches import (
    count_batch,
    draft_batch,
    pause_batch,
    post_messages,
    resume_batch,
    start_batch,
    stop_batch,
)
from numaru.facilities.messaging.actions.messages import decide_unknown, open_message, open_own, override_rule, prove_message, retry_batch
from numaru.facilities.messaging.actions.reports import take_reports
from numaru.facilities.messaging.actions.suppressions import lift_suppression, suppress_by_hand
from numaru.facilities.messaging.actions.templates import (
    begin_draft,
    describe_template,
    note_approval,
    open_template,
    publish_template,
    retire_template,
    write_draft,
)
from numaru.facilities.messaging.audiences import Audience, audiences
from numaru.facilities.messaging.enclosing import Enclosure, Missing, enclosures
from numaru.facilities.messaging.enclosing import offered as offered_documents
from numaru.facilities.messaging.events import BatchChanged, MessagesReported
from numaru.facilities.messaging.happenings import KIND as MESSAGE_KIND
from numaru.facilities.messaging.outbox import OUTBOX, Outbox, OwnOutbox, carrier
from numaru.facilities.messaging.permissions import (
    BATCH_CONTROL,
    BATCH_MAKE,
    BATCH_VIEW,
    MESSAGE_DECIDE,
    MESSAGE_OPEN,
    MESSAGE_PROVE,
    MESSAGE_SEND,
    OUTBOX_OPEN,
    OUTBOX_VIEW,
    SUPPRESSION_VIEW,
    TEMPLATE_VIEW,
)
from numaru.facilities.messaging.ports import (
    Addresses,
    Attachment,
    Carrier,
    CarrierDown,
    Carriers,
    Customers,
    NoAddresses,
    NoCustomers,
    Outcome,
    Outgoing,
    Report,
)
from numaru.facilities.messaging.reads import (
    CHANNEL_NAMES,
    MESSAGE_STATES,
    RULE_WORDS,
    OwnMessage,
    own_message,
    own_messages,
    state_of,
    unread,
)
from numaru.facilities.messaging.rules.render import Variable, Wording
from numaru.facilities.messaging.sending import send
from numaru.facilities.messaging.wording import Template, email, templates
from numaru.kernel.access import Actor


def post(
    *, template: str, actor: Actor, people: Sequence[int] = (), audience: str = "", facts: Mapping[int, Mapping[str, str]] | None = None,
    about: tuple[str, str] = ("", ""), channels: Sequence[str] = (), at: datetime | None = None, service: str | None = None, once: str = "",
    same: Mapping[str, str] | None = None, enclosure: str = "", title: str = "", origin: str = "",
) -> str:  # fmt: skip
    """Send a template to people, in a transaction of its own; returns the number of the batch. Within an action use ``post_messages.within(act, …)``."""
    return post_messages.do(
        actor, template=template, people=people, audience=audience, facts=facts, same=same, about=about, channels=channels, at=at, service=service,
        once=once, enclosure=enclosure, title=title, origin=origin,
    )  # fmt: skip


__all__ = [
    "BATCH_CONTROL",
    "BATCH_MAKE",
    "BATCH_VIEW",
    "CHANNEL_NAMES",
    "MESSAGE_DECIDE",
    "MESSAGE_KIND",
    "MESSAGE_OPEN",
    "MESSAGE_PROVE",
    "MESSAGE_SEND",
    "MESSAGE_STATES",
    "OUTBOX",
    "OUTBOX_OPEN",
    "OUTBOX_VIEW",
    "RULE_WORDS",
    "SUPPRESSION_VIEW",
    "TEMPLATE_VIEW",
    "Addresses",
    "Attachment",
    "Audience",
    "BatchChanged",
    "Carrier",
    "CarrierDown",
    "Carriers",
    "Customers",
    "Enclosure",
    "MessagesReported",
    "Missing",
    "NoAddresses",
    "NoCustomers",
    "Outbox",
    "Outcome",
    "Outgoing",
    "OwnMessage",
    "OwnOutbox",
    "Report",
    "Template",
    "Variable",
    "Wording",
    "audiences",
    "begin_draft",
    "carrier",
    "count_batch",
    "decide_unknown",
    "describe_template",
    "draft_batch",
    "email",
    "enclosures",
    "lift_suppression",
    "note_approval",
    "offered_documents",
    "open_message",
    "open_own",
    "open_template",
    "override_rule",
    "own_message",
    "own_messages",
    "pause_batch",
    "post",
    "post_messages",
    "prove_message",
    "publish_template",
    "resume_batch",
    "retire_template",
    "retry_batch",
    "send",
    "start_batch",
    "state_of",
    "stop_batch",
    "suppress_by_hand",
    "take_reports",
    "templates",
    "unread",
    "write_draft",
]
