"""What the portal answers about personal data: who saw it."""

from __future__ import annotations

from numaru.facilities.parties import api as parties
from numaru.kernel.audit import api as audit
from numaru.ui import formats
from numaru.ui.answers import Answer, Asker, Question, answers
from numaru.values.text import Text

NAMES = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
SHOWN = 4
NO_PURPOSE = Text("사유 없음", "no purpose")


def seen(asker: Asker) -> Answer | None:
    """Who opened this person's name, number or address, by role."""
    found = [s for s in audit.seen_by_others(asker.person, 50) if s.outcome == "opened"]
    more = Text("모두 보기", "See all")
    if not found:
        return Answer(
            Text("이름과 연락처를 열어 본 사람이 아직 없습니다.", "Nobody has opened your name or contact data yet."), page="me", more=more
        )
    last = found[0]
    why = dict(parties.PURPOSES).get(last.code, NO_PURPOSE)
    said = Text(
        "가장 최근에 열린 것은 {k}입니다. 본 사람은 {r}, 사유는 ‘{w}’입니다.", "The last to be opened was: {k}. By: {r}, for “{w}”."
    ).fill(r=last.role, k=NAMES.get(last.kind, Text(last.kind, last.kind)), w=why)
    figures = tuple(
        (Text(formats.when(s.at, "ko"), formats.when(s.at, "en")), Text("{r}, {k}", "{r}, {k}").fill(r=s.role, k=NAMES.get(s.kind, Text(s.kind, s.kind))))
        for s in found[:SHOWN]
    )  # fmt: skip
    return Answer(said, figures, "me", "seen", more)


answers.add("seen", Question(5, Text("누가 내 정보를 봤나요?", "Who saw my data?"), "eye", seen))
