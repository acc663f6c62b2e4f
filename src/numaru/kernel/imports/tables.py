"""Reading TOML tables with care: every wrong key or value is a finding that names its key path and says what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from numaru.values.finding import Finding
from numaru.values.text import Text

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def either(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


class Table:
    """One table of a mapping. The readers return the value, or the default after adding a finding; ``close`` reports unknown keys."""

    def __init__(self, content: object, path: str, findings: list[Finding]) -> None:
        self.path = path
        self.findings = findings
        self._seen: set[str] = set()
        self.content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self.wrong(
                "",
                "mapping.not_a_table",
                "표([…])여야 합니다.",
                "It must be a table.",
                "[{key}] 형식으로 쓰십시오.",
                "Write it as [{key}].",
            )

    def key(self, name: str) -> str:
        return f"{self.path}.{name}".strip(".")

    def wrong(self, name: str, code: str, ko: str, en: str, remedy_ko: str, remedy_en: str, value: object = None) -> None:
        """Add a finding about ``name``; the remedies may use ``{key}``."""
        key = self.key(name)
        remedy = Text(remedy_ko, remedy_en).fill(key=key)
        self.findings.append(Finding(code, Text(ko, en), remedy, None, key, None if value is None else str(value)[:200]))

    def has(self, name: str) -> bool:
        return name in self.content

    def _take(self, name: str, required: bool) -> Any:
        self._seen.add(name)
        if name not in self.content and required:
            self.wrong(
                name,
                "mapping.missing_key",
                "꼭 있어야 하는 항목이 없습니다.",
                "A required key is missing.",
                "{key}를 적으십시오.",
                "Write {key}.",
            )
        return self.content.get(name)

    def _expected(self, name: str, ko: str, en: str, value: object) -> None:
        self.wrong(name, "mapping.wrong_value", f"{ko}이어야 합니다.", f"It must be {en}.", "{key}를 고치십시오.", "Mend {key}.", value)

    def text(self, name: str, default: str = "", required: bool = False) -> str:
        value = self._take(name, required)
        if value is None:
            return default
        if not isinstance(value, str) or (required and not value.strip()):
            self._expected(name, "비어 있지 않은 문자열", "a text in quotation marks", value)
            return default
        return value

    def slug(self, name: str, required: bool = False) -> str:
        value = self.text(name, required=required)
        if value and not SLUG.fullmatch(value):
            self._expected(
                name, "소문자, 숫자, 붙임표로 된 이름(예: my-service)", "a name of small letters, digits and hyphens (my-service)", value
            )
            return ""
        return value

    def choice(self, name: str, choices: Iterable[str], default: str = "", required: bool = False) -> str:
        value = self.text(name, default, required)
        known = list(choices)
        if value and value not in known:
            self._expected(name, f"다음 중 하나({either(known)})", f"one of {either(known)}", value)
            return default
        return value

    def integer(self, name: str, default: int = 0, minimum: int | None = None) -> int:
        value = self._take(name, False)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or (minimum is not None and value < minimum):
            self._expected(
                name,
                "정수" if minimum is None else f"{minimum} 이상의 정수",
                "a whole number" if minimum is None else f"a whole number from {minimum}",
                value,
            )
            return default
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._take(name, False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._expected(name, "true 또는 false", "true or false", value)
            return default
        return value

    def decimal(self, name: str, required: bool = False) -> Decimal | None:
        """An exact number: a text ("12.50") or a whole number. A TOML float is refused, for it is a binary fraction."""
        value = self._take(name, required)
        if value is None:
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise InvalidOperation
            number = Decimal(value)
            if not number.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            self._expected(name, '따옴표로 감싼 숫자(예: "12.50")', 'a number in quotation marks ("12.50")', value)
            return None
        return number

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._take(name, False)
        if value is None:
            return default
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            self._expected(name, '문자열 목록(예: ["a", "b"])', 'a list of texts (["a", "b"])', value)
            return default
        return tuple(value)

    def words(self, name: str) -> dict[str, str] | None:
        """A table of text to text."""
        value = self._take(name, False)
        if value is None:
            return None
        if not isinstance(value, dict) or not value or not all(isinstance(item, str) for item in value.values()):
            self._expected(name, '문자열의 표(예: {Yes = "true"})', 'a table of texts ({Yes = "true"})', value)
            return None
        return dict(value)

    def zone(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._expected(name, "IANA 시간대 이름(예: Asia/Seoul)", "an IANA time zone (Asia/Seoul)", value)
            return default
        return value

    def currency(self, name: str, required: bool = False) -> str:
        value = self.text(name, required=required)
        if value and not re.fullmatch(r"[A-Z]{3}", value):
            self._expected(name, "ISO 4217 통화 코드(예: KRW)", "an ISO 4217 currency (KRW)", value)
            return ""
        return value

    def table(self, name: str, required: bool = False) -> Table | None:
        value = self._take(name, required)
        return None if value is None else Table(value, self.key(name), self.findings)

    def tables(self, name: str, required: bool = False) -> list[Table]:
        """An array of tables ([[name]])."""
        value = self._take(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self._expected(name, "표의 목록([[…]])", "an array of tables ([[…]])", None)
            return []
        return [Table(item, f"{self.key(name)}[{place}]", self.findings) for place, item in enumerate(value)]

    def named(self, name: str) -> dict[str, Table]:
        """The tables below ``name`` by their own names ([name.x], [name.y])."""
        inner = self.table(name)
        if inner is None:
            return {}
        return {key: Table(value, inner.key(key), self.findings) for key, value in inner.content.items()}

    def skip(self, *names: str) -> None:
        """Somebody else reads these keys."""
        self._seen.update(names)

    def close(self) -> None:
        """Report keys that nobody read, with the nearest known one."""
        for name in sorted(set(self.content) - self._seen):
            near = difflib.get_close_matches(name, self._seen, 1)
            hint_ko = f" ‘{near[0]}’을(를) 쓰려던 것입니까?" if near else ""
            hint_en = f" Did you mean “{near[0]}”?" if near else ""
            self.wrong(
                name, "mapping.unknown_key", f"모르는 항목입니다.{hint_ko}", f"Unknown key.{hint_en}",
                f"{{key}}를 지우거나 고치십시오. 아는 항목: {either(self._seen)}", f"Remove or mend {{key}}. Known: {either(self._seen)}",
            )  # fmt: skip
