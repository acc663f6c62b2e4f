"""Drafts of the notice that tells a person what came of their request. Whoever sends it adds name and address."""

from __future__ import annotations

from numaru.kernel.retention import api as retention
from numaru.ui import formats
from numaru.values.text import Text

SAID: dict[str, Text] = {
    "": Text(
        "요구하신 내용을 {due}까지 처리하고 결과를 알려 드리겠습니다.", "We will handle what you asked by {due} and tell you the result."
    ),
    "done": Text("요구하신 대로 처리했습니다.", "We did what you asked."),
    "partly": Text(
        "요구하신 대로 처리하되, 법이 보존을 정한 기록은 그 기간이 끝나면 파기합니다.",
        "We did what you asked; records that a law keeps are destroyed when their time is over.",
    ),
    "law": Text(
        "다른 법률이 보존을 정하고 있어 요구를 받아들일 수 없습니다.",
        "We cannot do what you asked, because another law demands that we keep it.",
    ),
    "others": Text(
        "다른 사람의 권리를 해칠 수 있어 요구를 받아들일 수 없습니다.",
        "We cannot do what you asked, because it would harm somebody else's rights.",
    ),
    "identity": Text(
        "본인임을 확인하지 못해 요구를 처리하지 못했습니다.", "We could not check that it was you who asked, so nothing was done."
    ),
}


def notice(row: object) -> Text:
    """The draft for the present state, in both languages."""
    found = row
    kind = retention.KINDS[found.kind]  # type: ignore[attr-defined]
    head = Text("{d}에 하신 개인정보 {k} 요구({n})의 결과를 알려 드립니다.", "This is about your request of {d} ({k}, {n}).").fill(
        d=Text(formats.day(found.received_on, "ko"), formats.day(found.received_on, "en")), k=kind, n=found.number,  # type: ignore[attr-defined]
    )  # fmt: skip
    due = found.due_on  # type: ignore[attr-defined]
    body = SAID[found.outcome_code].fill(due=Text(formats.day(due, "ko"), formats.day(due, "en")))  # type: ignore[attr-defined]
    lines = [head, body]
    if found.destruction:  # type: ignore[attr-defined]
        lines.append(Text("파기 확인서 번호: {n}", "Certificate of destruction: {n}").fill(n=found.destruction))  # type: ignore[attr-defined]
    lines.append(Text("결과에 이의가 있으면 이 번호로 연락하십시오. 개인정보 분쟁조정위원회에 조정을 신청할 수도 있습니다.",
                      "If you disagree, write to us under this number; you may also turn to the Personal Information Dispute Mediation Committee."))  # fmt: skip
    return Text("\n\n".join(x.ko for x in lines), "\n\n".join(x.en for x in lines))
