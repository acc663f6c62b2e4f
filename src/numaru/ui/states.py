"""A state as people see it: a word, an icon and a tone, declared once, beside the state (SCREENS §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numaru.ui.icons import KNOWN
from numaru.values.text import Text

Tone = Literal["good", "info", "warn", "bad", "plum", "calm"]
TONES: dict[str, str] = {  # tone -> the icon that goes with it unless a fitting one is named
    "good": "circle-check",
    "info": "progress",
    "warn": "alert-triangle",
    "bad": "alert-octagon",
    "plum": "robot",
    "calm": "circle-dashed",
}


@dataclass(frozen=True, slots=True)
class State:
    """The face of one state. ``State(Text("이용 중", "Active"), "good")``; the icon follows the tone unless named.

    Raises ValueError for a tone or an icon that the house does not have, so that a wrong one never reaches a page.
    """

    word: Text
    tone: Tone
    icon: str = ""

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"no such tone: {self.tone}")
        if not self.icon:
            object.__setattr__(self, "icon", TONES[self.tone])
        if self.icon not in KNOWN:
            raise ValueError(f"no such icon: {self.icon}; add it to numaru.ui.icons")
