"""The words of notices and reports, filled from a case. Both languages are written, not translated; what is not known stands as a gap."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.kernel.leaks.cases import FIELDS
from numaru.kernel.leaks.models import AffectedSet, LeakCase
from numaru.values.text import Text

GAP = "[["


def _gap(ko: str, en: str, lang: str) -> str:
    return f"[[{ko if lang == 'ko' else en}]]"


def _at(at: datetime, lang: str) -> str:
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{local:%Y-%m-%d %H:%M}" if lang == "ko" else f"{local.day} {local:%b %Y, %H:%M}"


def _said(pair: list[str], lang: str, gap: tuple[str, str]) -> str:
    text = (pair[0] if lang == "ko" else pair[1]) if len(pair) == 2 else ""
    return text or _gap(*gap, lang)


def _span(case: LeakCase, lang: str) -> str:
    if case.happened_from is None:
        return _gap("언제", "when", lang)
    start = _at(case.happened_from, lang)
    if case.happened_to is None:
        return start
    return f"{start} ~ {_at(case.happened_to, lang)}" if lang == "ko" else f"{start} to {_at(case.happened_to, lang)}"


def _fields(case: LeakCase, latest: AffectedSet | None, lang: str) -> str:
    kinds = list(case.fields) or sorted((latest.by_kind if latest else {}).keys())
    if not kinds:
        return _gap("유출된 항목", "what leaked", lang)
    return ", ".join(FIELDS.get(kind, Text(kind, kind)).pick(lang) for kind in kinds)


def _count(latest: AffectedSet | None, lang: str) -> str:
    if latest is None:
        return _gap("인원", "how many", lang)
    return f"{latest.people:,}명" if lang == "ko" else f"{latest.people:,} people"


HEADS: dict[str, Text] = {
    "notice": Text("개인정보 유출 안내", "Notice of a leak of personal data"),
    "report_leak": Text("개인정보 유출 신고서", "Report of a leak of personal data"),
    "report_intrusion": Text("침해사고 신고서", "Report of an intrusion"),
}


def write(kind: str, case: LeakCase, latest: AffectedSet | None, lang: str) -> str:
    """The text of ``kind`` in ``lang``: title, blank line, then sections, each a line ending in a colon-free head and its words."""

    def head(ko: str, en: str) -> str:
        return ko if lang == "ko" else en

    how = _said(case.how, lang, ("경위", "how it happened"))
    measures = _said(case.measures, lang, ("조치", "what we do"))
    contact = _said(case.contact, lang, ("연락처", "contact"))
    sections: list[tuple[str, str]] = []
    if kind == "notice":
        sections = [
            (head("유출된 항목", "What leaked"), _fields(case, latest, lang)),
            (head("언제, 어떻게", "When and how"), f"{_span(case, lang)}\n{how}"),
            (head("하실 수 있는 일", "What you can do"), _said(case.advice, lang, ("이용자가 할 수 있는 일", "what people can do"))),
            (head("저희가 한 일과 할 일", "What we do"), measures),
            (head("문의와 피해 접수", "Contact"), contact),
        ]
    else:
        sections = [
            (head("사고 번호", "Case"), case.number),
            (head("안 때", "Known"), _at(case.known_at, lang)),
            (head("발생 시각과 경위", "When and how"), f"{_span(case, lang)}\n{how}"),
            (head("조치", "Measures"), measures),
            (head("담당과 연락처", "Contact"), contact),
        ]
        if kind == "report_leak":
            sections[2:2] = [
                (head("유출된 항목", "What leaked"), _fields(case, latest, lang)),
                (head("규모", "How many"), _count(latest, lang)),
            ]
    return "\n\n".join([HEADS[kind].pick(lang), *(f"{title}\n{words}" for title, words in sections)])
