"""The first steps of a house: what to do in which order, known to be done from the data and from nothing else.

A room registers a step beside its places. ``done`` looks and changes nothing; nobody ticks a step off. Nothing waits for a step: they are
advice, shown on the first page of a house that has billed nobody yet and always under help. Each person may fold them away; that is kept
like the theme, in a cookie that names the person, so that a colleague at the same machine still sees them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest

from numaru.kernel.access import ROLES, permissions
from numaru.kernel.registers import Register
from numaru.ui.help import Chapter
from numaru.ui.states import State
from numaru.values.text import Text

COOKIE = "nm_firsts"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, for whoever has ``permission``. ``done`` answers from the data by one cheap question. A house in which a step that ``settles`` is
    done is not new any more."""

    place: int
    permission: str
    text: Text
    why: Text
    act: Text
    url: Callable[[], str]
    done: Callable[[HttpRequest], bool]
    chapter: Chapter
    settles: bool = False


steps: Register[Step] = Register("ui.first_steps")
STATES = {
    "done": State(Text("했습니다", "Done"), "good"),
    "next": State(Text("다음 할 일", "Next"), "info", "circle-arrow-right"),
    "later": State(Text("나중에", "Later"), "calm"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A step as one reader sees it. ``who`` names the roles that can do it when the reader can't; ``key`` is that of the register."""

    key: str
    step: Step
    state: Literal["done", "next", "later"]
    may: bool
    who: Text

    @property
    def face(self) -> State:
        return STATES[self.state]


def _ordered() -> list[tuple[str, Step]]:
    return sorted(steps, key=lambda row: (row[1].place, row[0]))


def standings(request: HttpRequest) -> list[Standing]:
    """Every step in order. The next one is the first that is not done and that the reader may do: at most one."""
    actor: Any = request.user.actor  # type: ignore[union-attr]
    out: list[Standing] = []
    found = False
    for key, step in _ordered():
        may = actor.may_somewhere(step.permission)
        done = step.done(request)
        begins = not done and may and not found
        found = found or begins
        out.append(Standing(key, step, "done" if done else "next" if begins else "later", may, _roles(step.permission)))
    return out


def _roles(permission: str) -> Text:
    named = [ROLES[role] for role in ROLES if role in permissions[permission].roles]
    return Text(", ".join(one.ko for one in named), ", ".join(one.en for one in named))


def folded(request: HttpRequest) -> bool:
    """Whether this person has folded the steps away."""
    return request.COOKIES.get(COOKIE) == str(getattr(request.user, "pk", ""))


def for_first_page(request: HttpRequest) -> list[Standing]:
    """The steps as the first page shows them: while the house is new and the reader did not fold them; else none."""
    actor: Any = request.user.actor  # type: ignore[union-attr]
    if folded(request) or not actor.grants or any(step.settles and step.done(request) for _, step in steps):
        return []
    return standings(request)
