"""What can be done with many rows of a list at once. A room registers its acts; the kit shows, foresees and carries them out.

A room says how a row becomes the arguments of one of its actions, and what it is before and after::

    desk.acts.add("billing.record", BulkAct(
        list_key="subscribers", name=Text("계약 변경 기록", "Record a contract change"), action=record_fact, form=RecordForm, aim=aim, …))

Each row goes through the action by itself: its permission, its refusals and its audit record are those of a single one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numaru.kernel.access import Actor
from numaru.kernel.actions import Action, Second
from numaru.kernel.registers import Register
from numaru.values.finding import Finding
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Target:
    """One chosen row as the act sees it: the number that people read, what it is now, what it becomes, and the arguments of the action.
    With ``refusal`` it is not tried. ``before`` is compared again when it is done: a row that moved meanwhile is left alone."""

    shown: str
    before: Text
    after: Text
    arguments: Mapping[str, Any] = field(default_factory=dict)
    refusal: Finding | None = None


@dataclass(frozen=True)
class BulkAct:
    """An act on many rows. ``action`` takes keyword arguments and needs no second person of its own; a second person for the set is ``second``
    (from the number of rows). ``form`` is the class of the form that asks for what holds for all rows. ``aim`` is told the actor, row keys and
    the form's data (JSON) and answers for those it may touch, set by set; a key that it leaves out is one that the actor may not see.
    ``words`` says the form's data back, one line each."""

    list_key: str
    name: Text
    permission: str
    action: Action[..., Any]
    form: Any
    aim: Callable[[Actor, Sequence[str], Mapping[str, Any]], dict[str, Target]]
    preview: Text  # the button of the floor: 계약 변경 미리보기
    button: Text  # of the last step, with {n}: {n}명의 계약에 기록
    undo: Text  # how it is taken back
    words: Callable[[Mapping[str, Any]], Sequence[Text]] = lambda data: ()
    names: Callable[[Sequence[str]], Mapping[str, str]] = lambda keys: {}  # masked names by row key
    url: Callable[[str], str] = lambda key: ""
    second: Callable[[int], Second | None] = lambda n: None


acts: Register[BulkAct] = Register("acts on many rows")


def acts_of(list_key: str, actor: Actor | None) -> list[tuple[str, BulkAct]]:
    """What this reader may do with many rows of a list."""
    return [(key, one) for key, one in acts if one.list_key == list_key and actor is not None and actor.may_somewhere(one.permission)]
