"""Refusals: what an action says when it will not do a thing. Each carries findings that a person can act on."""

from __future__ import annotations

from numaru.values.finding import Finding
from numaru.values.text import Text


class Refused(Exception):
    """An action declined and changed nothing. ``findings`` is never empty."""

    status = 422

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        super().__init__("; ".join(f.message.en for f in findings))

    @classmethod
    def because(cls, code: str, message: Text, remedy: Text, **where: object) -> Refused:
        """One finding, built in place. ``where`` may name row, field and value."""
        return cls(Finding(code, message, remedy, **where))  # type: ignore[arg-type]


class Invalid(Refused):
    """The input is wrong; the findings say which field and how to write it right."""


class NotAllowed(Refused):
    """The actor lacks the permission."""

    status = 403

    @classmethod
    def for_permission(cls, permission: str) -> Refused:
        return cls.because(
            "access.denied",
            Text("이 일에는 ‘{p}’ 권한이 필요합니다.", "This needs the permission “{p}”.").fill(p=permission),
            Text("관리자에게 역할 변경을 요청하십시오.", "Ask an administrator for a role that has it."),
        )


class Conflict(Refused):
    """The state of the world forbids it now."""

    status = 409


class NotFound(Refused):
    """There is no such thing, or it is not yours; the two are told the same way."""

    status = 404

    @classmethod
    def named(cls, what: Text, key: object) -> Refused:
        return cls.because(
            "not_found",
            Text("{what} ‘{key}’을(를) 찾지 못했습니다.", "There is no {what} “{key}”.").fill(what=what, key=key),
            Text("번호를 확인하십시오.", "Check the number."),
            value=str(key),
        )
