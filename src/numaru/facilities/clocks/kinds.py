"""What rooms offer to clocks: kinds. A kind says how its target is found, which calendar counts, which waiting stops it, and who sees it.

kinds.add("work.task", Kind(
    Text("할 일", "Task"), TASK_VIEW, calendar=policies.policy("work.calendar", …, "office", …).key,
    target=policies.policy("work.task_minutes", …, {"high": 240, "usual": 960}, …).key, url=lambda number: reverse("work:task", args=[number]),
    pauses=(Pause("customer", Text("고객 답 대기", "Waiting for the customer")),)))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from numaru.kernel import policies
from numaru.kernel.access import Actor
from numaru.kernel.registers import Register
from numaru.values.text import Text

BREACHES = "clocks.breaches"  # the feed of the line of time
BASIS = "Operator's own rule."
NEAR = policies.policy(
    "clocks.near_share", Text("시계를 미리 알리는 지점 (목표의 %)", "When a clock is warned of (% of its target)"), 75, BASIS, unit=Text("%", "%"), least=1,
    check=lambda v: Text("1~100으로 적으십시오.", "Write 1 to 100.") if v > 100 else None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a clock may stand still. ``counts`` is the key of a policy (yes or no) that says whether this waiting stops it; empty: it does."""

    key: str
    label: Text
    counts: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of clock. ``calendar``, ``target`` and ``enforce_from`` are keys of policies: a calendar's key, business minutes (one number, or
    by row a JSON object), and the day from which a late clock is a breach (empty: always).

    ``permission`` is that of the subject's rows. ``subjects`` narrows them further: a set of subjects, or a query of them, that an actor may
    see (None: all). ``concerns`` gives those that wait for the actor, for the first page. ``names`` tells what subjects are called.
    """

    label: Text
    permission: str
    calendar: str
    target: str
    url: Callable[[str], str]
    pauses: tuple[Pause, ...] = ()
    enforce_from: str = ""
    subjects: Callable[[Actor], Any] | None = None
    concerns: Callable[[Actor], Any] | None = None
    names: Callable[[Sequence[str]], Mapping[str, Text]] | None = None
    room: str = "shared"
    tells_today: bool = True  # False where the first page already shows the subject with this clock

    def minutes(self, row: str, on: date) -> int:
        """The target in business minutes valid on a day. Raises KeyError for a row that the policy does not have."""
        value = policies.value(self.target, on)
        return int(value[row] if isinstance(value, dict) else value)

    def enforced(self, on: date) -> bool:
        return not self.enforce_from or on >= date.fromisoformat(policies.value(self.enforce_from, on))


kinds: Register[Kind] = Register("clocks.kinds")


def is_day(value: Any) -> Text | None:
    """The check of a policy that holds a day."""
    try:
        date.fromisoformat(value)
    except ValueError:
        return Text("2026-12-01처럼 적으십시오.", "Write a day like 2026-12-01.")
    return None
