"""Papers: PDF made by Typst with the house's own fonts, fit for keeping (PDF/A-2b) and for reading aloud (PDF/UA-1).

What is final of a paper are its facts and the version of its template; the file is made when it is first asked for. The same data give
the same bytes: no clock is read, the date on the paper comes from the data.

``document`` is a bill, a correction or a statement. Its data::

    {"lang": "ko", "date": "2026-12-01", "title": "12월 청구서", "number": "R2026-12-000001", "subtitle": "2026-11-01 ~ 11-30",
     "from": ["달빛미디어", "사업자등록번호 …"], "to": ["김*늘 님", "S-0001234"], "facts": [["번호", "…"], …],
     "head": ["내용", "기간과 수량", "금액"],
     "rows": [{"name": "스탠다드 월정액", "note": "", "detail": "12-01 ~ 12-31, 31일", "amount": "13,900원"}, …],
     "totals": [["공급가액", "12,636원"], ["부가세 10%", "1,264원"], ["청구 금액", "13,900원"]],
     "why_title": "왜 이 금액인가요?", "why": [{"title": "저장", "words": "…", "formula": "…", "inputs": [["요금제", "…"]]}, …],
     "remarks": ["…"]}

``dossier`` is a paper of sections: a certificate, a person's package. Beside lang, date, title, number, from, to, facts and remarks as above::

    {"sections": [{"title": "파기한 것", "words": ["…"], "heads": ["무엇", "어떻게"], "rows": [["연락처", "열쇠 파기"], …], "after": "…"}, …]}

A section may also carry ``"figure": {"svg": "<svg …", "alt": "what it shows", "note": "unit, period"}`` (a chart on paper) and ``"right": [1, 2]``,
the columns of its table that hold figures.

``letter`` is a batch of letters, each on pages of its own with its address where the envelope's window is (mm from the upper left)::

    {"window": {"left": 20, "top": 45, "width": 85, "height": 45}, "letters": [{"number": "L-0000001", "lang": "ko", "to": ["김하늘", "서울 …", "03187"],
     "subject": "안내", "day": "2026년 11월 27일", "paragraphs": ["…"]}, …]}

Every amount arrives written (``numaru.ui.formats``); a paper computes nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
STANDARDS = ["a-2b", "ua-1"]
REQUIRED = ("lang", "date", "title", "number", "from")
NEEDS = {"document": ("head", "rows", "totals"), "dossier": ("sections",), "letter": ("letters", "window")}  # besides

_lock = threading.Lock()
_compiler: Any = None


class PaperError(RuntimeError):
    """The paper could not be made: data are missing, or the template is broken. Says what and where."""


def templates() -> list[str]:
    """The papers there are, by name."""
    return sorted(p.stem for p in HERE.glob("*.typ") if p.stem != "look")


def render(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of ``template`` filled with ``data`` (JSON values only).

    Fonts come from the house alone, never from the machine, so a paper looks the same everywhere. Raises :class:`PaperError` for an
    unknown template, for missing data, or when the result would break PDF/A-2b or PDF/UA-1. Thread-safe: one compiler, one at a time.
    """
    global _compiler
    if template not in templates():
        raise PaperError(f"no such paper: {template}; there are {', '.join(templates())}")
    missing = [key for key in (*REQUIRED, *NEEDS.get(template, ())) if not data.get(key)]
    if missing:
        raise PaperError(f"{template} lacks {', '.join(missing)}")
    try:
        made_on = date.fromisoformat(str(data["date"]))
    except ValueError as error:
        raise PaperError(f"{template}: date is not YYYY-MM-DD: {data['date']!r}") from error
    import typst

    with _lock:
        if _compiler is None:
            _compiler = typst.Compiler(root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True)
        try:
            made = _compiler.compile(
                input=str(HERE / f"{template}.typ"),
                format="pdf",
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                pdf_standards=STANDARDS,
                timestamp=datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC),
            )
        except typst.TypstError as error:
            raise PaperError(f"{template}: {error.message}") from error
    assert isinstance(made, bytes)
    return made


def places(template: str, data: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Where the marked parts of a paper begin: (mark, page from 1), in order. Only ``letter`` marks its parts; its last mark is empty, on the last page."""
    import typst

    with _lock:
        found = typst.query(
            str(HERE / f"{template}.typ"), f"<{template}>", field="value", root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )  # fmt: skip
    return [(str(mark), int(page)) for mark, page in json.loads(found)]
