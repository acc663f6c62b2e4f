"""A text that people read, written in Korean and in English side by side.

Both languages are written, not translated (SCREENS §13), so they stand together in the source; there is no catalogue to fall behind.
The language in force is asked from a hook that the kernel binds to the request's language; without one it is Korean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LANGUAGES = ("ko", "en")

_current: Callable[[], str] = lambda: "ko"  # noqa: E731


def follow(current: Callable[[], str]) -> None:
    """Let every ``str(Text)`` ask ``current`` for the language ("ko", "en", "en-gb" …)."""
    global _current
    _current = current


def language() -> str:
    """The language in force: "ko" or "en"; anything unknown reads English."""
    code = (_current() or "ko").lower()
    return "ko" if code.startswith("ko") else "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A pair of sentences. ``fill`` returns a copy with the named placeholders replaced in both.

    >>> Text("{n}건", "{n} rows").fill(n=3).pick("en")
    '3 rows'
    """

    ko: str
    en: str

    def fill(self, **values: object) -> Text:
        """Both sentences with ``{name}`` replaced; a value that is itself a Text gives each side its own language."""

        def side(lang: str) -> str:
            words = {k: v.pick(lang) if isinstance(v, Text) else v for k, v in values.items()}
            return (self.ko if lang == "ko" else self.en).format(**words)

        return Text(side("ko"), side("en"))

    def pick(self, lang: str) -> str:
        return self.ko if lang.startswith("ko") else self.en

    def __str__(self) -> str:
        return self.pick(language())
