"""What the line of time says of the packages that it rests on: corrections, portal accounts, consents, imports. They do not know it, so it
reads their records and hears their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.events import ConsentChanged, ConsentsChanged, ContactCorrected
from numaru.facilities.timeline.feeds import Feed, by_id, counted, feeds
from numaru.facilities.timeline.kinds import Group, Kind, Line, Row, groups, kinds
from numaru.facilities.timeline.rebuilding import fill_later
from numaru.facilities.timeline.writing import pull
from numaru.kernel.access import Actor
from numaru.kernel.events import handles
from numaru.kernel.imports import api as imports
from numaru.kernel.jobs import WorkEnded
from numaru.ui import formats
from numaru.values.text import Text

AUDITED, CONSENTS, IMPORTS = "timeline.audited", "timeline.consents", "timeline.imports"
AT_ONCE = 2_000  # lines of the ledger that are made in the handler; more are filled in by a job

# Acts on people whose record is the audit log itself. What a person did themselves has no member of staff; who was destroyed has no line.
AUDIT = """
SELECT r.at AS at, r.at AS recorded_at,
       CASE WHEN r.object = 'parties.party' THEN 'parties.corrected' ELSE 'parties.portal' END AS kind,
       r.key::bigint AS party, '' AS object_kind, '' AS object_key, '' AS service,
       CASE WHEN r.object = 'parties.party' THEN jsonb_build_object('field', r.after->>'corrected')
            WHEN r.after ? 'invited' THEN jsonb_build_object('what', 'invited', 'how', r.after->>'invited')
            WHEN r.after->>'account' = 'ended' THEN jsonb_build_object('what', 'ended')
            ELSE jsonb_build_object('what', 'opened') END AS data,
       r.actor_kind AS actor_kind, CASE WHEN r.actor_kind = 'staff' THEN r.actor_id END AS actor_id, NULL::bigint AS event,
       'audit:' || r.id AS source, ARRAY[]::text[] AS mentions
  FROM kernel_auditrecord r
 WHERE ((r.object = 'parties.party' AND r.after ? 'corrected') OR (r.object = 'parties.portal' AND (r.after ? 'invited' OR r.after ? 'account')))
   AND r.key ~ '^[0-9]{1,18}$'
   AND NOT EXISTS (SELECT 1 FROM retention_destruction d WHERE d.person = r.key::bigint AND d.at >= r.at) AND {where}
"""
# What somebody said; that they were shown something says nothing. The evidence stays in the ledger. Who took it down is the member of staff.
CONSENT = """
SELECT c.at AS at, c.recorded_at AS recorded_at, 'parties.consent' AS kind, c.party_id AS party, '' AS object_kind, '' AS object_key, '' AS service,
       jsonb_strip_nulls(jsonb_build_object('said', c.kind, 'purpose', c.purpose, 'medium', nullif(c.medium, ''), 'way', c.channel, 'by', c.actor,
           'text', c.text_id)) AS data,
       CASE c.actor WHEN 'staff' THEN 'staff' WHEN 'house' THEN 'system' ELSE '' END AS actor_kind,
       CASE WHEN c.actor = 'staff' THEN c.actor_ref END AS actor_id, NULL::bigint AS event, 'parties.consent:' || c.id AS source,
       ARRAY[]::text[] AS mentions
  FROM parties_consentevent c
 WHERE c.kind IN ('yes', 'no', 'withdrawn', 'confirmed')
   AND NOT EXISTS (SELECT 1 FROM retention_destruction d WHERE d.person = c.party_id AND d.at >= c.recorded_at) AND {where}
"""
IMPORT = """
SELECT t.at AS at, t.at AS recorded_at, 'imports.run' AS kind, NULL::bigint AS party, 'import' AS object_kind, i.number AS object_key,
       i.service_slug AS service, t.data AS data, i.actor_kind AS actor_kind, CASE WHEN i.actor_kind = 'staff' THEN i.actor_id END AS actor_id,
       NULL::bigint AS event, 'import:' || i.id || ':' || (t.data->>'what') AS source, ARRAY[]::text[] AS mentions
  FROM imports_importrun i
  CROSS JOIN LATERAL (
      VALUES (i.created_at, jsonb_build_object('what', 'asked', 'kind', i.kind, 'dry', i.dry)),
             (i.finished_at, jsonb_build_object('what', i.state, 'kind', i.kind, 'dry', i.dry, 'accepted', i.accepted, 'unchanged', i.unchanged, 'refused', i.refused))
  ) AS t(at, data)
 WHERE t.at IS NOT NULL AND {where}
"""


def corrected(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Which field of a person was put right."""
    out = {}
    for row in rows:
        name = parties.NAMES.get(str(row.data.get("field")), Text("개인정보", "Personal data"))
        out[row.id] = Line(Text("{f} 정정", "{f} corrected").fill(f=name))
    return out


PORTAL = {
    "invited": ("mail", Text("포털에 초대했습니다", "Invited to the portal")),
    "opened": ("user-check", Text("포털 계정이 열렸습니다", "The portal account was opened")),
    "ended": ("user-minus", Text("포털 계정을 끝냈습니다", "The portal account was ended")),
}


def portal(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """Invitations to the portal, accounts made and ended."""
    out = {}
    for row in rows:
        icon, said = PORTAL.get(str(row.data.get("what")), PORTAL["opened"])
        out[row.id] = Line(said, parties.accounts.HOW.get(str(row.data.get("how"))), icon=icon)
    return out


SAID = {
    "yes": ("circle-check", Text("{w}에 동의했습니다", "Consented: {w}"), ""),
    "no": ("ban", Text("{w}에 동의하지 않았습니다", "Refused: {w}"), ""),
    "withdrawn": ("ban", Text("{w} 동의를 거두었습니다", "Consent withdrawn: {w}"), "warn"),
    "confirmed": ("refresh", Text("{w} 동의를 다시 확인했습니다", "Consent confirmed: {w}"), ""),
}


def consented(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """What somebody said to which purpose, by which way and whose will it was; with the version of the text that it was about. One query."""
    words = parties.consents
    texts = words.texts_by_id([int(row.data["text"]) for row in rows if row.data.get("text")])
    out = {}
    for row in rows:
        icon, said, tone = SAID[str(row.data["said"])]
        purpose, medium = str(row.data["purpose"]), str(row.data.get("medium", ""))
        what = words.PURPOSE[purpose]
        if medium:
            what = Text("{p} · {m}", "{p} · {m}").fill(p=what, m=words.MEDIUM[medium])
        parts = []
        if (text := texts.get(int(row.data.get("text", 0)))) is not None:
            parts.append(Text("{t} {n}판", "{t}, version {n}").fill(t=text.name, n=str(text.number)))
        parts.append(words.CHANNEL[str(row.data["way"])])
        if row.data["by"] != "self":
            parts.append(words.ACTOR[str(row.data["by"])])
        why = Text(" · ".join(part.ko for part in parts), " · ".join(part.en for part in parts))
        out[row.id] = Line(said.fill(w=what), why, tone, icon=icon)
    return out


IMPORTED = {
    "asked": ("file-import", Text("{k} 들이기를 시작했습니다", "Import of {k} was asked for"), ""),
    "done": ("circle-check", Text("{k}을(를) 들였습니다", "{k} imported"), ""),
    "failed": ("alert-octagon", Text("{k} 들이기가 실패했습니다", "Import of {k} failed"), "bad"),
    "stopped": ("player-pause", Text("{k} 들이기를 멈췄습니다", "Import of {k} was stopped"), "warn"),
}


def imported(rows: Sequence[Row], actor: Actor) -> Mapping[int, Line]:
    """When an import was asked for, and what came of it."""
    out = {}
    for row in rows:
        icon, said, tone = IMPORTED.get(str(row.data.get("what")), IMPORTED["stopped"])
        kind = imports.kinds.get(str(row.data.get("kind")))
        why = None
        if "accepted" in row.data:
            figures = {key: formats.count(int(row.data[key])) for key in ("accepted", "unchanged", "refused")}
            why = Text("반영 {accepted} · 그대로 {unchanged} · 거절 {refused}", "{accepted} accepted · {unchanged} unchanged · {refused} refused").fill(**figures)  # fmt: skip
        elif row.data.get("dry"):
            why = Text("시험만", "a test run")
        out[row.id] = Line(
            said.fill(k=kind.name if kind else Text("파일", "a file")),
            why,
            tone,
            url=reverse("imports:run", args=[row.object_key]),
            icon=icon,
        )
    return out


groups.add("person", Group(Text("정정·계정", "Corrections and account"), 45))
groups.add("consent", Group(Text("동의", "Consents"), 42))
groups.add("import", Group(Text("들이기", "Imports"), 70))
kinds.add(
    "parties.corrected", Kind(Text("개인정보 정정", "Corrections of personal data"), "person", "pencil", None, corrected, says_who=True)
)
kinds.add("parties.portal", Kind(Text("포털 계정", "Portal account"), "person", "user-circle", None, portal, says_who=True))
kinds.add(
    "parties.consent", Kind(Text("동의와 철회", "Consents"), "consent", "circle-check", parties.CONSENT_VIEW, consented, says_who=True)
)
kinds.add("imports.run", Kind(Text("들이기", "Imports"), "import", "file-import", imports.RUN_VIEW, imported, says_who=True))
feeds.add(
    AUDITED,
    Feed(
        Text("사람에 대한 일의 감사 기록", "audit records of acts on people"),
        ("parties.corrected", "parties.portal"),
        AUDIT,
        by_id("kernel_auditrecord", "r"),
        counted("kernel_auditrecord"),
    ),
)
feeds.add(
    CONSENTS,
    Feed(
        Text("동의의 이력", "ledger of consents"),
        ("parties.consent",),
        CONSENT,
        by_id("parties_consentevent", "c"),
        counted("parties_consentevent"),
    ),
)
feeds.add(IMPORTS, Feed(Text("들이기", "imports"), ("imports.run",), IMPORT, by_id("imports_importrun", "i"), counted("imports_importrun")))


@handles(ContactCorrected)
def contact_corrected(event: ContactCorrected) -> None:
    """The correction stands on the person's line at once, not only with the next pass over the chain."""
    pull(AUDITED, "r.object = 'parties.party' AND r.key = %(party)s::text", {"party": event.party})


@handles(ConsentChanged)
def consent_changed(event: ConsentChanged) -> None:
    """What somebody said stands on their line."""
    pull(CONSENTS, "c.id = %(line)s", {"line": event.event})


@handles(ConsentsChanged)
def consents_changed(event: ConsentsChanged) -> None:
    """What many said at once: at once, or by a job where they are very many."""
    if event.count <= AT_ONCE:
        pull(CONSENTS, "c.id >= %(first)s AND c.id <= %(last)s", {"first": event.first, "last": event.last})
    else:
        fill_later(CONSENTS, [event.first - 1], [event.last])


@handles(WorkEnded)
def import_ended(event: WorkEnded) -> None:
    """An import that ended stands on its line, with its beginning."""
    if event.kind == "import":
        pull(IMPORTS, "i.number = %(number)s", {"number": event.key})
