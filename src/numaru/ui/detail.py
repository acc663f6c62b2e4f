"""The page of one object: head, one line of facts, notices, main and side columns, history (SCREENS §2, §6).

A page extends ``ui/object.html`` and fills its blocks; what it says of the object in one line are :class:`Fact` values, written by their
kind, so that every page of an object reads alike::

    {% extends "ui/object.html" %}
    {% block name %}{{ title }}{% endblock %}{% block facts %}{% facts facts %}{% endblock %}
    {% block column %}…sections…{% endblock %}{% block side %}…facts beside…{% endblock %}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure or word about an object. ``value`` is written by its kind (money, day, instant, period, count, state, text); None is
    unknown. ``url`` leads to what it names; ``diff`` writes an amount as a difference; ``note`` stands small behind the value."""

    label: Text
    value: Any
    url: str = ""
    diff: bool = False
    note: Text | str = ""


def facts(*given: Fact | None) -> list[Fact]:
    """Those that there are: ``facts(Fact(…), Fact(…) if known else None)``."""
    return [fact for fact in given if fact is not None]
