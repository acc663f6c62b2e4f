"""The certificate of a destruction and a person's package on paper, in Korean and in English."""

from __future__ import annotations

import re
from typing import Any

from django.utils import translation

from numaru.kernel import clock
from numaru.kernel.retention import api as retention
from numaru.ui import formats, paper
from numaru.values.text import Text

HOUSE = Text("누마루 운영자", "The operator of this house")
TITLE = Text("개인정보 파기 확인서", "Certificate of destruction")
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)")
MOST = 400  # rows of one section that are drawn on paper; all of them stand in data.json


def certificate(found: retention.Certificate, lang: str) -> bytes:
    """The certificate as PDF. It holds numbers only: nobody can be known from it."""
    with translation.override(lang):
        return paper.render("dossier", certificate_data(found, lang))


def certificate_data(found: retention.Certificate, lang: str) -> dict[str, Any]:
    """What the paper needs, every word in ``lang``, which is in force."""
    day = lambda value: formats.day(value, lang)  # noqa: E731
    approved = found.approved_by if found.approval else Text("필요 없음 (보유 기간 만료)", "not needed (its time was over)")
    facts = [
        (Text("번호", "Number"), found.number),
        (Text("파기한 때", "Destroyed"), formats.when(found.at, lang)),
        (Text("대상", "Persons"), Text("{n}명", "{n}").fill(n=found.persons)),
        (Text("요청", "Asked by"), found.asked_by),
        (Text("승인", "Approved by"), Text("{w} {n}", "{w} {n}").fill(w=approved, n=found.approval)),
        (Text("근거", "Basis"), found.basis),
    ]
    sections = [
        {
            "title": str(Text("파기한 것", "What was destroyed")),
            "words": [],
            "heads": [str(Text("무엇", "What")), str(Text("어떻게", "How")), str(Text("행", "Rows")), str(Text("근거", "Basis"))],
            "rows": [[str(g.name), str(g.way), formats.count(g.rows, lang), str(g.basis)] for g in found.gone],
        },
        {
            "title": str(Text("언제부터 읽을 수 없는가", "From when it cannot be read")),
            "words": [str(words) for words in horizon_words(found, day)],
        },
    ]
    if found.kept:
        sections.append(
            {
                "title": str(Text("법이 정해 남긴 것", "What stays, because a law or an order says so")),
                "words": [],
                "heads": [
                    str(Text("무엇", "What")),
                    str(Text("언제까지", "Until")),
                    str(Text("근거", "Basis")),
                    str(Text("어떻게 남는가", "How it stands")),
                ],
                "rows": [[str(k.name), day(k.until), str(k.basis), str(k.apart or "")] for k in found.kept],
            }
        )
    sections.append(
        {
            "title": str(Text("확인", "Proof")),
            "words": [str(words) for words in proof_words(found)],
        }
    )
    return {
        "lang": lang, "date": formats.local(found.at).date().isoformat(), "title": str(TITLE), "number": found.number, "subtitle": found.mark,
        "from": [str(HOUSE)], "facts": [[str(label), str(value)] for label, value in facts], "sections": sections,
        "remarks": [str(Text("이 확인서에는 누구인지 알 수 있는 정보가 없습니다.", "Nobody can be known from this certificate."))],
    }  # fmt: skip


def horizon_words(found: retention.Certificate, day: Any) -> list[Text]:
    """The truth about live data and about backups."""
    out = []
    if found.key_gone:
        out.append(
            Text(
                "운영 중인 데이터에서는 지금부터 읽을 수 없습니다. 봉인한 값을 여는 열쇠를 없앴습니다.",
                "In live data it cannot be read from now on: the key that opens the sealed values is gone.",
            )
        )
        if found.sealed_until is None:
            out.append(
                Text(
                    "백업 보관 기간이 정해지지 않아, 백업에서 언제부터 읽을 수 없는지 약속할 수 없습니다.",
                    "No backup retention is set, so no day can be promised for backups.",
                )
            )
        else:
            out.append(
                Text(
                    "백업에서는 {d} 뒤에 읽을 수 없습니다. 그날까지 열쇠의 백업이 남아 있을 수 있습니다.",
                    "In backups it cannot be read after {d}: until then a backup of the keys may exist.",
                ).fill(d=day(found.sealed_until))
            )
    else:
        out.append(Text("운영 중인 데이터에서 사람과의 연결을 끊었습니다.", "In live data what tied it to a person is cut."))
    if found.traces_until is not None:
        out.append(
            Text(
                "가린 이름과 검색 토큰, 끊은 연결은 {d}까지 백업에 남아 있을 수 있습니다.",
                "Masked names, search tokens and cut links may stay in backups through {d}.",
            ).fill(d=day(found.traces_until))
        )
    elif found.sealed_until is not None or not found.key_gone:
        out.append(
            Text(
                "가린 이름과 검색 토큰이 백업에 남는 기간은 정해지지 않았습니다.",
                "How long masked names and search tokens stay in backups is not set.",
            )
        )
    out.append(
        Text(
            "백업에서 되살리면 열기 전에 파기 기록을 다시 실행합니다.", "A house restored from a backup destroys it again before it opens."
        )
    )
    return out


def proof_words(found: retention.Certificate) -> list[Text]:
    """Hash, and place in the audit chain."""
    out = [Text("지문 (SHA-256): {h}", "Hash (SHA-256): {h}").fill(h=found.hash)]
    if not found.whole:
        out.append(Text("주의: 기록이 지문과 맞지 않습니다.", "Beware: the record does not match its hash."))
    if found.position is not None:
        out.append(
            Text("감사 기록 사슬의 {p}번째, 블록 {b}", "Position {p} in the audit chain, block {b}").fill(p=found.position, b=found.block)
        )
    elif found.record is not None:
        out.append(Text("감사 기록 {r}번, 아직 사슬에 봉인되기 전", "Audit record {r}, not sealed into the chain yet").fill(r=found.record))
    if found.replayed:
        out.append(Text("백업에서 되살린 뒤 다시 실행한 파기입니다.", "Done again after a restore from a backup."))
    return out


class Papers:
    """The readable form of a person's package (retention's port PackagePaper)."""

    def render(self, data: dict[str, Any], lang: str) -> bytes:
        with translation.override(lang):
            return paper.render("dossier", package_data(data, lang))


def _readable(cell: Any) -> Any:
    """An instant as people read it, by the minute, with its zone; it breaks between day and time. data.json has it exactly."""
    return INSTANT.sub(r"\1 \2 UTC", cell) if isinstance(cell, str) else cell


def package_data(data: dict[str, Any], lang: str) -> dict[str, Any]:
    """The package as sections; of a long one the first rows are drawn, and it says how many stand in data.json."""
    sections = []
    for section in data["sections"]:
        rows = section["rows"]
        more = len(rows) - MOST
        after = (
            Text("나머지 {n}행은 data.json에 있습니다.", "The other {n} rows stand in data.json.").fill(n=formats.count(more, lang))
            if more > 0
            else ""
        )
        heads = [column[lang] for column in section["columns"]]
        words = [] if rows else [str(Text("가지고 있는 것이 없습니다.", "Nothing of this kind is held."))]
        sections.append(
            {
                "title": section["title"][lang],
                "words": words,
                "heads": heads,
                "rows": [[_readable(cell) for cell in row] for row in rows[:MOST]],
                "after": str(after),
            }
        )
    facts = [
        [str(Text("요구", "Request")), data["request"]],
        [str(Text("가입번호", "Subscriber")), data["subject"]],
        [str(Text("받은 날", "Received")), data["received_on"]],
    ]
    return {
        "lang": lang, "date": clock.today().isoformat(), "title": str(Text("내 개인정보", "Your personal data")), "number": data["request"],
        "from": [str(HOUSE)], "to": [], "facts": facts, "sections": sections,
        "remarks": [str(Text("같은 내용이 기계가 읽을 수 있는 data.json에 모두 있습니다.", "All of it stands in data.json, for machines to read."))],
    }  # fmt: skip
