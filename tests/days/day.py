"""A role's day in a browser: twelve steps, each with its clicks, keys and typed characters counted against the committed budget.

The steps stand in ``docs/days/ROLE.md`` as people read them; the test walks the same steps and writes nothing that the page does not say. The
console is walked by keyboard alone: a click there fails the day. ``NUMARU_WRITE_BUDGETS=1`` writes the counts into the document anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.conftest import ROOT

DOCS = ROOT / "docs" / "days"
STEPS = 12
ROW = re.compile(r"^\| *(\d+) *\| *(.+?) *\| *(.+?) *\| *(\d+) *\| *(\d+) *\| *(\d+) *\|$", re.M)


@dataclass
class Count:
    """What a step costs: presses of a mouse or finger, keys and chords, characters that are typed into fields."""

    clicks: int = 0
    keys: int = 0
    typed: int = 0

    def row(self) -> list[int]:
        return [self.clicks, self.keys, self.typed]


def steps(role: str) -> dict[int, tuple[str, str, list[int]]]:
    """The steps of a document: number → (Korean, English, [clicks, keys, typed])."""
    text = (DOCS / f"{role}.md").read_text(encoding="utf-8")
    return {int(n): (ko, en, [int(a), int(b), int(c)]) for n, ko, en, a, b, c in ROW.findall(text)}


class Day:
    """One day of one role. Use ``step`` for each step in turn; inside it act by :meth:`press`, :meth:`type` and, on a phone, :meth:`tap`."""

    def __init__(self, page: Any, role: str, *, by_hand: bool = False) -> None:
        self.page, self.role, self.by_hand = page, role, by_hand
        self.counts: dict[int, Count] = {}
        self._now: Count | None = None

    @contextmanager
    def step(self, number: int) -> Iterator[None]:
        assert number == len(self.counts) + 1, f"{self.role}: step {number} comes after {len(self.counts)}"
        self._now = self.counts[number] = Count()
        try:
            yield
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(f"{self.role}, step {number} at {self.page.url}: {error}") from error
        self._now = None

    def _count(self) -> Count:
        assert self._now is not None, "outside of a step"
        return self._now

    def press(self, *keys: str) -> None:
        """Keys or chords, one after the other: ``press("g", "b")``, ``press("Control+Enter")``."""
        for key in keys:
            self._count().keys += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Characters into the field that has the focus."""
        self._count().typed += len(text)
        self.page.keyboard.insert_text(text)

    def tap(self, target: Any) -> None:
        assert self.by_hand, f"{self.role} works by keyboard alone"
        self._count().clicks += 1
        target.click()

    def tab_to(self, selector: str, most: int = 60) -> None:
        """Tab until the focus stands on what ``selector`` names; every Tab counts."""
        for _ in range(most):
            self.press("Tab")
            if self.page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
                return
        raise AssertionError(f"{selector} is not reached by {most} Tabs at {self.page.url}")

    def at(self, pattern: str | re.Pattern[str]) -> None:
        """Wait until the address ends with ``pattern`` (a glob) and the page stands still."""
        self.page.wait_for_url(pattern)
        self.page.wait_for_load_state("load")

    def done(self) -> None:
        """The whole day was walked, and costs what the document says."""
        assert len(self.counts) == STEPS, f"{self.role}: {len(self.counts)} steps"
        walked = {n: c.row() for n, c in self.counts.items()}
        if os.environ.get("NUMARU_WRITE_BUDGETS"):
            _write(self.role, walked)
            return
        agreed = {n: row[2] for n, row in steps(self.role).items()}
        assert walked == agreed, f"{self.role} costs {walked}; docs/days/{self.role}.md says {agreed}; ./numaru budget writes them anew"


def _write(role: str, walked: dict[int, list[int]]) -> None:
    path = DOCS / f"{role}.md"
    text = path.read_text(encoding="utf-8")

    def put(match: re.Match[str]) -> str:
        clicks, keys, typed = walked[int(match[1])]
        return f"| {match[1]} | {match[2]} | {match[3]} | {clicks} | {keys} | {typed} |"

    path.write_text(ROW.sub(put, text), encoding="utf-8")
