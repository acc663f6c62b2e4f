"""A finding: what is wrong, where, and what to do about it. Checks return lists of these; one bad row never hides the next."""

from __future__ import annotations

from dataclasses import dataclass

from numaru.values.text import Text

LONGEST = 200  # characters of a value that a finding repeats


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person must know or mend.

    ``code`` is stable and language-free (``import.decimal_comma``); ``row`` is the physical line or sheet row in the source (1-based);
    ``field`` the column or form field; ``value`` the text as it stood there, cut to 200 characters.
    """

    code: str
    message: Text
    remedy: Text
    row: int | None = None
    field: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        if self.value is not None and len(self.value) > LONGEST:
            object.__setattr__(self, "value", self.value[:LONGEST])

    def as_dict(self) -> dict[str, object]:
        """The shape of the API and of JSON output: flat, both languages named."""
        return {
            "code": self.code,
            "row": self.row,
            "field": self.field,
            "value": self.value,
            "message_ko": self.message.ko,
            "message_en": self.message.en,
            "remedy_ko": self.remedy.ko,
            "remedy_en": self.remedy.en,
        }
