"""Why a member of staff may open what is sealed: a coded list, with a case where there is one and words where they help."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.kernel.errors import Invalid
from numaru.values.text import Text

PURPOSES: dict[str, Text] = {
    "caller": Text("상담 중 본인 확인", "Verifying a caller"),
    "bill": Text("청구 내용 확인", "Checking a bill"),
    "notice": Text("고지나 안내 연락", "Giving a notice"),
    "correct": Text("잘못된 정보 정정", "Correcting wrong data"),
    "request": Text("정보주체의 열람 요청", "The person asked to see it"),
    "incident": Text("유출이나 침해 대응", "Answering a leak or an intrusion"),
    "law": Text("법에 따른 제출", "Handing over by law"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """A purpose of the list, the case it belongs to and free words; nothing personal in either."""

    code: str
    case_ref: str = ""
    words: str = ""

    def reason(self) -> str:
        """One line for the record. Raises Invalid for a purpose that is not on the list or a case that is too long."""
        if self.code not in PURPOSES:
            raise Invalid.because(
                "parties.purpose", Text("열람 사유를 목록에서 고르십시오.", "Choose a purpose of the list."),
                Text("쓸 수 있는 사유: {p}", "There are: {p}").fill(p=", ".join(PURPOSES)), field="reason",
            )  # fmt: skip
        if len(self.case_ref) > 60:
            raise Invalid.because(
                "parties.case", Text("관련 번호가 60자를 넘습니다.", "The reference is longer than 60 characters."),
                Text("건의 번호만 적으십시오.", "Write the number of the case alone."), field="case_ref",
            )  # fmt: skip
        return " · ".join(part for part in (PURPOSES[self.code].ko, self.case_ref.strip(), self.words.strip()) if part)
