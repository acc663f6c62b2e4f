"""What the line of time says of the packages that it rests on: corrections, portal accounts, imports. They do not know it, so it reads their
records and hears their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from numaru.facilities.parties import api as parties
from numaru.facilities.parties.events import ContactCorrected
from numaru.facilities.timeline.feeds import Feed, by_id, counted, feeds
from numaru.facilities.timeline.kinds import Group, Kind, Line, Row, groups, kinds
from numaru.facilities.timeline.writing import pull
from numaru.kernel.access import Actor
from numaru.kernel.events import handles
from numaru.kernel.imports import api as imports
from numaru.kernel.jobs import WorkEnded
from numaru.ui import formats
from numaru.values.text import Text

AUDITED, IMPORTS = "timeline.audited", "timeline.imports"
NOTHING = Text("", "")

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
groups.add("import", Group(Text("들이기", "Imports"), 70))
kinds.add(
    "parties.corrected", Kind(Text("개인정보 정정", "Corrections of personal data"), "person", "pencil", None, corrected, says_who=True)
)
kinds.add("parties.portal", Kind(Text("포털 계정", "Portal account"), "person", "user-circle", None, portal, says_who=True))
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
feeds.add(IMPORTS, Feed(Text("들이기", "imports"), ("imports.run",), IMPORT, by_id("imports_importrun", "i"), counted("imports_importrun")))


@handles(ContactCorrected)
def contact_corrected(event: ContactCorrected) -> None:
    """The correction stands on the person's line at once, not only with the next pass over the chain."""
    pull(AUDITED, "r.object = 'parties.party' AND r.key = %(party)s::text", {"party": event.party})


@handles(WorkEnded)
def import_ended(event: WorkEnded) -> None:
    """An import that ended stands on its line, with its beginning."""
    if event.kind == "import":
        pull(IMPORTS, "i.number = %(number)s", {"number": event.key})
