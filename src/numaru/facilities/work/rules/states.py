"""The states of a task and what may follow. Pure."""

from __future__ import annotations

STATES = ("open", "doing", "waiting", "done", "cancelled")
LIVE = frozenset({"open", "doing", "waiting"})
FOLLOWS: dict[str, dict[str, str]] = {  # verb -> state before -> state after
    "begin": {"open": "doing", "waiting": "doing"},
    "wait": {"open": "waiting", "doing": "waiting"},
    "finish": {"open": "done", "doing": "done", "waiting": "done"},
    "cancel": {"open": "cancelled", "doing": "cancelled", "waiting": "cancelled"},
    "reopen": {"done": "open", "cancelled": "open"},
}
REASONED = frozenset({"wait", "cancel", "reopen"})


def after(verb: str, state: str) -> str | None:
    """The state that ``verb`` leads to from ``state``, or None where it may not follow.

    >>> after("begin", "open"), after("begin", "done"), after("reopen", "done")
    ('doing', None, 'open')
    """
    return FOLLOWS[verb].get(state)


def verbs(state: str) -> list[str]:
    """What may be done in ``state``, in the order in which it is offered.

    >>> verbs("waiting")
    ['begin', 'finish', 'cancel']
    """
    return [verb for verb, moves in FOLLOWS.items() if state in moves]
