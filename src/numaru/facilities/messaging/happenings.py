"""What messaging puts into the line of time of a person: each message that was sent or kept back, and what came back later.

A message stands where its first outcome was known; what has become of it since is said when the line is read. A failure, a return, a complaint
that came after that is a line of its own. Who received it in somebody's stead (a guardian) has the line too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numaru.facilities.messaging.moving import MESSAGES
from numaru.facilities.messaging.permissions import BATCH_VIEW
from numaru.facilities.messaging.reads import CHANNEL_NAMES, MESSAGE_STATES, RULE_WORDS, messages
from numaru.facilities.messaging.rules.states import LATER, OUTCOMES
from numaru.facilities.messaging.web.states import EVENTS
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline.api import Feed, Group, Kind, Line, Row
from numaru.kernel.access import Actor
from numaru.values.text import Text

KIND = "messaging.message"


def _listed(kinds: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


# The first outcome of a message, and later on only what somebody should know: a delivery, a try that is made again change what the first line says.
MESSAGE = f"""
SELECT e.at AS at, e.at AS recorded_at, 'messaging.message' AS kind, w.party AS party, '' AS object_kind, '' AS object_key, b.service AS service,
       jsonb_build_object('message', m.id, 'what', CASE WHEN f.id IS NULL THEN 'outcome' ELSE e.kind END, 'channel', e.channel) AS data,
       '' AS actor_kind, NULL::bigint AS actor_id, NULL::bigint AS event, 'messaging.message:' || m.id || ':' || e.id || w.mark AS source,
       ARRAY[]::text[] AS mentions
  FROM messaging_messageevent e
  JOIN messaging_message m ON m.id = e.message_id
  JOIN messaging_messagebatch b ON b.id = m.batch_id
  LEFT JOIN LATERAL (
      SELECT x.id FROM messaging_messageevent x WHERE x.message_id = e.message_id AND x.id < e.id AND x.kind IN {_listed(OUTCOMES)} LIMIT 1
  ) f ON true
 CROSS JOIN LATERAL (
      SELECT m.party AS party, '' AS mark UNION ALL SELECT m.receiver, ':' || m.receiver WHERE m.receiver <> m.party
  ) w
 WHERE ((f.id IS NULL AND e.kind IN {_listed(OUTCOMES)}) OR (f.id IS NOT NULL AND e.kind IN {_listed(LATER)}))
   AND NOT EXISTS (SELECT 1 FROM retention_destruction d WHERE d.person = w.party AND d.at >= e.at) AND {{where}}
"""
TONES = {
    "failed": "bad",
    "bounced": "bad",
    "returned": "bad",
    "blocked": "warn",
    "unknown": "warn",
    "complained": "bad",
    "unsubscribed": "warn",
}
ICONS = {
    "email": "mail",
    "sms": "message",
    "lms": "message",
    "alimtalk": "message-2",
    "push": "bell",
    "inapp": "bell",
    "letter": "file-text",
}
UNKNOWN = Text("메시지", "Message")
INSTEAD = Text("법정대리인으로 받음", "received as guardian")


def said(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Messages that the reader may see: what was said by which channel, and where it stands; or what came back. One query."""
    wanted = {int(row.data["message"]) for row in rows}
    found = {m.pk: m for m in messages(actor).filter(pk__in=wanted).select_related("batch__version__template")}
    out = {}
    for row in rows:
        m = found.get(int(row.data["message"]))
        if m is None:
            continue
        title, template = m.batch.title, m.batch.version.template
        named = Text(title, template.name_en if title == template.name_ko else title)
        what, first = str(row.data["what"]), row.data["what"] == "outcome"
        by = m.channel if first else str(row.data["channel"])
        channel = CHANNEL_NAMES.get(by, UNKNOWN)
        if first:
            state = RULE_WORDS[m.code] if m.state in ("blocked", "waiting") and m.code in RULE_WORDS else MESSAGE_STATES[m.state]
            icon, tone = ICONS.get(by, "mail"), TONES.get(m.state, "")
        else:
            icon, state = EVENTS[what]
            tone = TONES[what]
        parts = [state, Text(m.number, m.number)]
        if row.party == m.receiver and m.receiver != m.party:
            parts.append(INSTEAD)
        why = Text(" · ".join(p.ko for p in parts), " · ".join(p.en for p in parts))
        out[row.id] = Line(Text("{c}: {t}", "{c}: {t}").fill(c=channel, t=named), why, tone, short=channel, icon=icon)
    return out


timeline.groups.add("message", Group(Text("메시지", "Messages"), 25, "diamond"))
timeline.kinds.add(KIND, Kind(Text("메시지", "Messages"), "message", "mail", BATCH_VIEW, said))
timeline.feeds.add(
    MESSAGES,
    Feed(
        Text("메시지", "messages"),
        (KIND,),
        MESSAGE,
        timeline.by_id("messaging_messageevent", "e"),
        timeline.counted("messaging_messageevent"),
    ),
)
