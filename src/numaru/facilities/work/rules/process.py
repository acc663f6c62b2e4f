"""What a definition of a process says: steps in order, the role of each, business minutes, what is handed over, and where each outcome leads. Pure.

A definition is written in TOML, so that it can be read, kept with a contract and given to another house.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from numaru.values.text import Text

END = "end"  # where an outcome leads when nothing is left to do
STEPS, POINTS, NAME, LONGEST, SIZE = 30, 40, 60, 60 * 24 * 60, 60_000  # most steps and points, longest name, minutes and file
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may come of a step, and which step follows (:data:`END`: none)."""

    key: str
    name: Text
    to: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``hands`` says what its note must tell the next role; empty: a note is optional."""

    key: str
    name: Text
    role: str
    minutes: int
    hands: Text
    points: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    def outcome(self, key: str) -> Outcome | None:
        return next((one for one in self.outcomes if one.key == key), None)


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole definition. The first step is where a process begins."""

    key: str
    name: Text
    calendar: str
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        return next((one for one in self.steps if one.key == key), None)


class Unreadable(ValueError):
    """The definition says something that cannot be: ``text`` what and where, ``remedy`` how to write it."""

    def __init__(self, text: Text, remedy: Text) -> None:
        super().__init__(str(text))
        self.text, self.remedy = text, remedy


DONE = Text("마침", "Done")


def _fail(ko: str, en: str, remedy_ko: str, remedy_en: str, **values: Any) -> Unreadable:
    return Unreadable(Text(ko, en).fill(**values), Text(remedy_ko, remedy_en))


def _key(of: Any, where: str) -> str:
    key = of.get("key") if isinstance(of, dict) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key) or key == END:
        raise _fail("{w}의 key가 맞지 않습니다.", "The key of {w} is not right.", "영문 소문자로 시작해 소문자, 숫자, 붙임표 40자까지 적습니다. end는 쓰지 않습니다.",
                    "Lower-case letters, digits and hyphens, up to 40, beginning with a letter; not “end”.", w=where)  # fmt: skip
    return key


def _name(of: dict[str, Any], field: str, where: str, *, optional: bool = False) -> Text:
    ko, en = of.get(f"{field}_ko", ""), of.get(f"{field}_en", "")
    if optional and ko == "" and en == "":
        return Text("", "")
    if not (isinstance(ko, str) and isinstance(en, str) and 0 < len(ko.strip()) <= NAME and 0 < len(en.strip()) <= NAME):
        raise _fail(
            "{w}의 {f}_ko와 {f}_en을 둘 다 적으십시오.",
            "{w} needs both {f}_ko and {f}_en.",
            "각각 60자까지입니다.",
            "Up to 60 characters each.",
            w=where,
            f=field,
        )
    return Text(ko.strip(), en.strip())


def read(text: str, roles: Collection[str] | None = None, calendars: Collection[str] | None = None) -> Definition:
    """The definition that ``text`` writes, against the roles and calendars that there are (None: as it stands). Raises :class:`Unreadable` for what is not TOML, names an unknown role, calendar or step, leaves a
    step that nothing leads to, or one from which no way leads to the end."""
    if len(text) > SIZE:
        raise _fail("절차 정의가 너무 깁니다.", "The definition is too long.", "나누어 적으십시오.", "Make two of it.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise _fail(
            "TOML로 읽지 못했습니다: {w}",
            "It could not be read as TOML: {w}",
            "그 줄의 따옴표와 괄호를 확인하십시오.",
            "Look at the quotes and brackets of that line.",
            w=wrong,
        ) from None
    whole = str(Text("절차", "the process"))
    key, name = _key(data, whole), _name(data, "name", whole)
    calendar = data.get("calendar", "office")
    if not isinstance(calendar, str) or (calendars is not None and calendar not in calendars):
        raise _fail(
            "근무 달력 ‘{c}’이(가) 없습니다.",
            "There is no business calendar “{c}”.",
            "근무 달력 화면에 있는 것을 적으십시오.",
            "Write one of those that the house has.",
            c=calendar,
        )
    given = data.get("steps")
    if not isinstance(given, list) or not 1 <= len(given) <= STEPS:
        raise _fail(
            "단계가 없거나 너무 많습니다.",
            "There is no step, or there are too many.",
            "[[steps]]를 1개부터 30개까지 적으십시오.",
            "Write 1 to 30 times [[steps]].",
        )
    keys = [_key(one, f"steps[{n}]") for n, one in enumerate(given, 1)]
    if len(set(keys)) != len(keys):
        twice = next(one for one in keys if keys.count(one) > 1)
        raise _fail(
            "단계 ‘{k}’이(가) 두 번 있습니다.",
            "The step “{k}” is there twice.",
            "단계마다 다른 key를 적으십시오.",
            "Give each step a key of its own.",
            k=twice,
        )
    steps = tuple(_step(one, keys, n, roles) for n, one in enumerate(given))
    _ways(steps)
    return Definition(key, name, calendar, steps)


def _step(one: dict[str, Any], keys: list[str], n: int, roles: Collection[str] | None) -> Step:
    key = keys[n]
    role, minutes, points = one.get("role"), one.get("minutes"), one.get("checklist", [])
    if not isinstance(role, str) or (roles is not None and role not in roles):
        known = ", ".join(sorted(roles or ()))
        raise _fail("단계 ‘{k}’의 역할 ‘{r}’이(가) 없습니다.", "Step “{k}” names no role that there is: “{r}”.", f"이 가운데 하나를 적으십시오: {known}", f"Write one of these: {known}", k=key, r=role)  # fmt: skip
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST:
        raise _fail(
            "단계 ‘{k}’의 minutes가 맞지 않습니다.",
            "The minutes of step “{k}” are not right.",
            "근무 시간으로 몇 분 안에 할지 1 이상의 정수로 적으십시오.",
            "Write in how many business minutes it is to be done, as a whole number from 1.",
            k=key,
        )
    if not isinstance(points, list) or len(points) > POINTS or any(not isinstance(p, str) or not 0 < len(p.strip()) <= 200 for p in points):
        raise _fail(
            "단계 ‘{k}’의 checklist가 맞지 않습니다.",
            "The checklist of step “{k}” is not right.",
            "따옴표로 묶은 글을 40개까지 적으십시오.",
            "Write up to 40 texts in quotes.",
            k=key,
        )
    after = keys[n + 1] if n + 1 < len(keys) else END
    given = one.get("outcomes", [])
    if not isinstance(given, list) or len(given) > 6:
        raise _fail(
            "단계 ‘{k}’의 outcomes가 맞지 않습니다.",
            "The outcomes of step “{k}” are not right.",
            "[[steps.outcomes]]를 6개까지 적으십시오.",
            "Write up to six times [[steps.outcomes]].",
            k=key,
        )
    outcomes = []
    for m, way in enumerate(given, 1):
        where = f"{key}.outcomes[{m}]"
        outcome = _key(way, where)
        to = way.get("to", after)
        if to != END and to not in keys:
            raise _fail(
                "{w}의 to가 없는 단계 ‘{t}’을(를) 가리킵니다.",
                "{w} leads to “{t}”, which is no step.",
                "단계의 key나 end를 적으십시오.",
                "Write the key of a step, or end.",
                w=where,
                t=to,
            )
        outcomes.append(Outcome(outcome, _name(way, "name", where), to))
    if len({way.key for way in outcomes}) != len(outcomes):
        raise _fail(
            "단계 ‘{k}’에 같은 결과가 두 번 있습니다.",
            "Step “{k}” has one outcome twice.",
            "결과마다 다른 key를 적으십시오.",
            "Give each outcome a key of its own.",
            k=key,
        )
    where = str(Text("단계 {k}", "step {k}").fill(k=key))
    return Step(
        key, _name(one, "name", where), str(role), minutes, _name(one, "hands", where, optional=True), tuple(p.strip() for p in points),
        tuple(outcomes) or (Outcome("done", DONE, after),),
    )  # fmt: skip


def _ways(steps: tuple[Step, ...]) -> None:
    """Every step can be reached, and from every step the end can be."""
    leads = {step.key: {way.to for way in step.outcomes} for step in steps}
    reached, look = {steps[0].key}, [steps[0].key]
    while look:
        for to in leads.get(look.pop(), ()):
            if to not in reached:
                reached.add(to)
                look.append(to)
    for step in steps:
        if step.key not in reached:
            raise _fail(
                "단계 ‘{k}’에 이르는 길이 없습니다.",
                "Nothing leads to step “{k}”.",
                "앞선 단계의 결과가 이 단계를 가리키게 하십시오.",
                "Let an outcome lead to it.",
                k=step.key,
            )
    ends, more = {END}, True
    while more:
        more = False
        for key, ways in leads.items():
            if key not in ends and ways & ends:
                ends.add(key)
                more = True
    for step in steps:
        if step.key not in ends:
            raise _fail(
                "단계 ‘{k}’에서 끝으로 가는 길이 없습니다.",
                "No way leads from step “{k}” to the end.",
                "결과 하나는 끝(end) 쪽으로 이어지게 하십시오.",
                "Let one of its outcomes lead towards the end.",
                k=step.key,
            )
