"""Messages to a subscriber as a strand of their journey: what was said, by which channel, and what became of it."""

from __future__ import annotations

from datetime import datetime

from numaru.domains.subscribers.journey import Strand, strands
from numaru.domains.subscribers.reads import SubscriberCard
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.api import CHANNEL_NAMES, MESSAGE_STATES
from numaru.facilities.timeline.api import Happening
from numaru.values.text import Text

TONES = {"failed": "bad", "bounced": "bad", "returned": "bad", "blocked": "warn", "unknown": "warn"}
ICONS = {
    "email": "mail",
    "sms": "message",
    "lms": "message",
    "alimtalk": "message-2",
    "push": "bell",
    "inapp": "bell",
    "letter": "file-text",
}


def sent(card: SubscriberCard, before: datetime | None, limit: int) -> list[Happening]:
    out = []
    for m in messaging.sent_to(card.party_id, before, limit):
        channel = CHANNEL_NAMES.get(m.channel, Text("메시지", "Message"))
        what = Text("{c}: {t}", "{c}: {t}").fill(c=channel, t=Text(m.title, m.template.en if m.title == m.template.ko else m.title))
        state = MESSAGE_STATES[m.state]
        why = (
            Text("{s} · {n}", "{s} · {n}").fill(s=messaging.RULE_WORDS[m.code], n=m.number)
            if m.state in ("blocked", "waiting") and m.code in messaging.RULE_WORDS
            else None
        )
        said = why or Text("{s} · {n}", "{s} · {n}").fill(s=state, n=m.number)
        out.append(
            Happening(m.at, "message", ICONS.get(m.channel, "mail"), what, said, tone=TONES.get(m.state, ""),
                      short=channel)
        )  # fmt: skip
    return out


strands.add("message", Strand(Text("메시지", "Messages"), 25, "diamond", sent, messaging.BATCH_VIEW))
