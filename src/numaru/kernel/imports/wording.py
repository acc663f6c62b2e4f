"""What a finding of an import says. A check writes only (row, field, value, code, hint); the sentences stand here, in both languages.

Rooms that register an import kind add their own codes to :data:`wordings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numaru.kernel.registers import Register
from numaru.values.finding import Finding
from numaru.values.text import Text

VALUE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """Message and remedy of one code; both may use ``{value}``, ``{field}`` and ``{hint}``. ``kept``: the row stays in the import."""

    message: Text
    remedy: Text
    kept: bool = False


wordings: Register[Wording] = Register("import wordings")


STAGES: dict[str, Text] = {"read": Text("읽기", "Reading"), "check": Text("확인", "Checking"), "apply": Text("들이기", "Importing")}
# What the figures of a kind's result are called, for those that count something new. Rooms that register a kind add theirs.
made: Register[Text] = Register("import figures")


def said(result: Mapping[str, Any]) -> list[tuple[Text, int]]:
    """What is, or would be, new by the result of an import, without what is 0."""
    return [(text, int(result[key])) for key, text in made if result.get(key)]


def say(code: str, ko: str, en: str, remedy_ko: str, remedy_en: str, kept: bool = False) -> None:
    """Register the sentences of ``code``."""
    wordings.add(code, Wording(Text(ko, en), Text(remedy_ko, remedy_en), kept))


def finding(code: str, row: int | None = None, field: str | None = None, value: str | None = None, hint: str | None = None) -> Finding:
    """The finding in words. Raises KeyError for a code nobody registered."""
    words = wordings[code]
    shown = {"value": (value or "")[:VALUE_LIMIT], "field": field or "", "hint": hint or ""}
    return Finding(code, words.message.fill(**shown), words.remedy.fill(**shown), row, field, value[:VALUE_LIMIT] if value else value)


# The file
say("import.bom", "파일이 BOM(보이지 않는 첫 글자)으로 시작합니다. 건너뛰고 읽었습니다.", "The file begins with a byte order mark. It was skipped.",
    "고칠 것은 없습니다. BOM 없는 UTF-8로 저장하면 이 안내가 사라집니다.", "Nothing needs mending. Save as UTF-8 without BOM to be rid of this note.", kept=True)  # fmt: skip
say("import.encoding", "이 줄에 {hint}로 읽을 수 없는 글자가 있습니다.", "This line holds bytes that are not {hint}.",
    "파일을 UTF-8로 다시 저장하거나 이 줄을 다시 입력하십시오.", "Save the file as UTF-8 again, or retype this line.")  # fmt: skip
say("import.quoting", "따옴표가 맞지 않아 이 줄을 읽지 못했습니다.", "The quotation marks of this line do not match, so it could not be read.",
    "값 안의 따옴표는 두 번(\"\") 쓰고, 연 따옴표는 닫으십시오.", "Write a quotation mark inside a value twice (\"\"), and close every one that is opened.")  # fmt: skip
say("import.ragged", "칸 수가 머리글과 다릅니다: {hint}.", "The number of cells differs from the header: {hint}.",
    "값 안의 구분자는 따옴표로 감싸고, 빠진 칸을 채우십시오.", "Quote values that hold the delimiter, and fill in missing cells.")  # fmt: skip
say("import.empty_row", "빈 줄입니다.", "The row is empty.", "지워도 됩니다.", "It may be deleted.")
say("import.header_repeated", "머리글이 데이터 사이에 다시 나옵니다.", "A header stands among the data.",
    "파일을 이어 붙일 때 들어간 줄입니다. 지우십시오.", "It came in when files were joined. Delete the line.")  # fmt: skip
say("import.formula", "값 대신 수식이 들어 있습니다{hint}.", "The cell holds a formula instead of a value{hint}.",
    "수식을 값으로 바꾸어(값만 붙여넣기) 다시 올리십시오.", "Replace the formula by its value (paste values only) and import again.")  # fmt: skip
say("import.control_character", "보이지 않는 제어 문자가 들어 있습니다.", "The value holds an invisible control character.",
    "값을 다시 입력하십시오.", "Type the value again.")  # fmt: skip
# The value
say("import.missing_value", "꼭 있어야 하는 값이 비었습니다.", "A required value is empty.",
    "값을 채우거나 매핑에서 default를 정하십시오.", "Fill it in, or set a default in the mapping.")  # fmt: skip
say("import.too_long", "값이 너무 깁니다. {hint}자까지 됩니다.", "The value is too long: at most {hint} characters.",
    "값을 줄이십시오.", "Shorten it.")  # fmt: skip
say("import.not_a_number", "숫자가 아닙니다: ‘{value}’.", "Not a number: “{value}”.",
    "숫자만 적으십시오. 예: {hint}", "Write digits only, for example {hint}.")  # fmt: skip
say("import.decimal_mark", "소수점 표시가 매핑과 다릅니다: ‘{value}’.", "The decimal mark is not the one of the mapping: “{value}”.",
    "‘{hint}’처럼 적거나, 매핑에서 decimal_mark와 grouping을 파일에 맞추십시오.", "Write it like “{hint}”, or set decimal_mark and grouping in the mapping to those of the file.")  # fmt: skip
say("import.too_many_places", "소수 자리가 너무 많습니다: ‘{value}’. {hint}자리까지 됩니다.", "Too many decimal places: “{value}”. At most {hint} are kept.",
    "반올림은 파일을 만든 곳에서 정해야 합니다. 자리를 줄여 다시 올리십시오.", "Rounding is the decision of whoever made the file. Shorten the value and import again.")  # fmt: skip
say("import.overflow", "값이 너무 큽니다: ‘{value}’. 정수 {hint}자리까지 됩니다.", "The number is too large: “{value}”. At most {hint} digits before the point.",
    "자릿수를 확인하십시오.", "Check the number of digits.")  # fmt: skip
say("import.negative", "음수는 쓸 수 없습니다: ‘{value}’.", "A negative number is not allowed here: “{value}”.",
    "환불이나 정정은 해당 기능에서 처리하십시오. 부호를 확인하십시오.", "Refunds and corrections are made where they belong. Check the sign.")  # fmt: skip
say("import.below_minimum", "‘{value}’은(는) 하한 {hint}보다 작습니다.", "“{value}” is below the minimum of {hint}.",
    "값을 확인하거나 매핑의 min을 고치십시오.", "Check the value, or change min in the mapping.")  # fmt: skip
say("import.above_maximum", "‘{value}’은(는) 상한 {hint}보다 큽니다.", "“{value}” is above the maximum of {hint}.",
    "값을 확인하거나 매핑의 max를 고치십시오.", "Check the value, or change max in the mapping.")  # fmt: skip
say("import.date_form", "날짜 모양이 매핑과 다릅니다: ‘{value}’.", "The date is not written in a declared form: “{value}”.",
    "‘{hint}’ 모양으로 적거나, 매핑의 formats에 이 모양을 더하십시오.", "Write it as {hint}, or add this form to formats in the mapping.")  # fmt: skip
say("import.not_a_date", "날짜가 아닙니다: ‘{value}’.", "Not a date: “{value}”.", "‘{hint}’ 모양으로 적으십시오.", "Write it as {hint}.")
say("import.no_such_day", "달력에 없는 날입니다: ‘{value}’.", "There is no such day: “{value}”.", "날짜를 확인하십시오.", "Check the date.")
say("import.not_a_boolean", "예/아니요 값이 아닙니다: ‘{value}’.", "Neither yes nor no: “{value}”.",
    "다음 중 하나로 적으십시오: {hint}.", "Write one of: {hint}.")  # fmt: skip
say("import.unknown_value", "매핑에 없는 값입니다: ‘{value}’.", "The mapping does not know this value: “{value}”.",
    "매핑의 values에 더하거나 값을 고치십시오. 아는 값: {hint}.", "Add it to values in the mapping, or mend it. Known: {hint}.")  # fmt: skip
say("import.out_of_range", "계산한 날짜가 달력 범위를 벗어났습니다: ‘{value}’.", "The computed date is outside the calendar: “{value}”.",
    "개월 수를 확인하십시오.", "Check the number of months.")  # fmt: skip
say("import.duplicate_key", "같은 값이 {hint}행에 이미 있습니다: ‘{value}’.", "Row {hint} has this value already: “{value}”.",
    "한 줄만 남기십시오. 먼저 나온 줄을 받아들였습니다.", "Keep one of the rows. The earlier one was accepted.")  # fmt: skip
