"""What people ask about their data, what was destroyed and held, and bulk openings, for whoever searches from anywhere."""

from __future__ import annotations

from typing import Any

from numaru.faces.console.find.numbered import numbered
from numaru.faces.console.privacy.destruction import views as destruction
from numaru.faces.console.privacy.openings import views as openings
from numaru.faces.console.privacy.openings.rooms import NAME as EXPORTS
from numaru.faces.console.privacy.retention.rooms import DESTRUCTION, REQUESTS
from numaru.faces.console.privacy.subject import views as subject
from numaru.facilities.parties import api as parties
from numaru.kernel.retention import api as retention
from numaru.ui import search
from numaru.ui.search import Act
from numaru.values.text import Text


def _kind(row: Any) -> Text:
    return retention.KINDS[row.kind]


numbered(
    "retention.request", Text("정보주체 요구", "Subject request"), REQUESTS, "user-question", retention.REQUEST_HANDLE, "Q-", "subject:one",
    lambda actor: retention.visible(), _kind, subject.face, lambda row: row.subject, order=56,
)  # fmt: skip
numbered(
    "retention.destruction", Text("파기", "Destruction"), DESTRUCTION, "user-minus", retention.CALENDAR_VIEW, "D-", "destruction:one",
    lambda actor: retention.listed(), lambda row: DESTRUCTION, lambda row: destruction.KINDS[row.kind], order=57,
)  # fmt: skip
numbered(
    "parties.export", Text("일괄 열람", "Bulk opening"), EXPORTS, "files", parties.CONTACT_EXPORT, "X-", "exports:export",
    parties.exports, lambda row: EXPORTS, lambda row: openings.STATES[row.state], lambda row: row.asked_name, order=58, everywhere=False,
)  # fmt: skip
search.acts.add(
    "subject.new",
    Act(Text("정보주체 요구 받기", "Take a subject request"), "user-question", "subject:new", retention.REQUEST_HANDLE,
        "열람 정정 삭제 처리정지 access deletion privacy", order=40, everywhere=True),
)  # fmt: skip
search.acts.add(
    "retention.destroy",
    Act(Text("개인정보 파기 올리기", "Ask for a destruction"), "user-minus", "destruction:new", retention.PERSON_DESTROY, "삭제 탈퇴 delete erase", order=41, everywhere=True),
)  # fmt: skip
search.acts.add(
    "retention.hold",
    Act(
        Text("파기 보류 걸기", "Place a hold"),
        "lock",
        "retention:hold",
        retention.HOLD_PLACE,
        "보존 명령 keep order",
        order=42,
        everywhere=True,
    ),
)
search.acts.add(
    "parties.export-new",
    Act(
        Text("일괄 열람 올리기", "Ask for a bulk opening"),
        "files",
        "exports:new",
        parties.CONTACT_EXPORT,
        "개인정보 내려받기 export",
        order=43,
    ),
)
