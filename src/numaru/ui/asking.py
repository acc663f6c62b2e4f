"""Acts that may need a second person: one call for the view, one notice for its page, and what a request is about.

A view asks :func:`need` what to show (``ui/parts/ask.html`` with ``second``) and calls :func:`carry_out`, which does the thing or puts it
before a colleague. A room registers what its requests are about, so that the page of a request leads there::

    asking.subjects.add(cancel_run.key, Subject(Text("청구 실행 취소", "Take a bill run back"), lambda number, **_: reverse("billing:run", args=[number])))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import redirect

from numaru.kernel.access import Actor
from numaru.kernel.actions import Action, Second
from numaru.kernel.registers import Register
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is called in a request, and the page of what it acts on (from its arguments; empty where there is none).
    ``words`` names the arguments that people read; one that has no word is not shown beside the effects."""

    name: Text
    url: Callable[..., str] | None = None
    words: tuple[tuple[str, Text], ...] = ()


subjects: Register[Subject] = Register("subjects of approval")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``number`` of the request when it was asked for; empty when it was done, with ``result``."""

    result: Any = None
    number: str = ""


def need(actor: Actor, action: Action[..., Any], **arguments: Any) -> Second | None:
    """Why a second person is needed for this call, to be shown before the button; None when the reader may do it alone."""
    return action.second(actor, **arguments)


def carry_out(actor: Actor, action: Action[..., Any], /, *, reason: str = "", **arguments: Any) -> Outcome:
    """Do it, or ask for it when a second person must stand behind it. Raises whatever the action refuses."""
    if action.second(actor, **arguments) is not None:
        return Outcome(number=action.ask(actor, reason=reason, **arguments))
    return Outcome(result=action.do(actor, reason=reason, **arguments))


def follow(outcome: Outcome, *where: Any) -> HttpResponseRedirect:
    """To the request that was made, or to ``where`` (the arguments of ``redirect``) when the thing was done."""
    return redirect("approvals:request", outcome.number) if outcome.number else redirect(*where)
