"""What is wrong with the texts of a template, told channel by channel and language by language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numaru.facilities.messaging.rules import render
from numaru.facilities.messaging.rules.channels import CHANNELS, SUBJECTS, Length, Limit, measured
from numaru.facilities.messaging.rules.label import Sender, labelled
from numaru.facilities.messaging.rules.render import Rendered, Variable, Wording
from numaru.values.text import Text

BUILT_IN: dict[str, Text] = {
    "name": Text("받는 사람의 이름", "The receiver’s name"),
    "operator": Text("보내는 곳의 이름", "The sender’s name"),
    "contact": Text("보내는 곳의 연락처", "The sender’s contact"),
}
LANGUAGES = ("ko", "en")
WORDS = {"ko": Text("한국어", "Korean"), "en": Text("영어", "English")}
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HREF = re.compile(r'(?:href|src)="([^"]*)"')

type Wordings = Mapping[str, Mapping[str, Wording]]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong, and where. ``grave`` False: it may be published all the same."""

    code: str
    text: Text
    channel: str = ""
    language: str = ""
    grave: bool = True


def names_wrong(variables: Sequence[Variable]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for v in variables:
        if not KEY.fullmatch(v.key) or v.kind not in render.KINDS or not 1 <= v.most <= 2_000:
            yield Wrong(
                "variable",
                Text("변수 ‘{k}’의 이름, 종류, 길이를 확인하십시오.", "Check name, kind and length of the variable “{k}”.").fill(k=v.key),
            )
        if v.key in BUILT_IN:
            yield Wrong(
                "built_in",
                Text("‘{k}’은(는) 늘 있는 변수라 따로 둘 수 없습니다.", "“{k}” is always there and can’t be declared.").fill(k=v.key),
            )
        if v.key in seen:
            yield Wrong("twice", Text("변수 ‘{k}’이(가) 두 번 있습니다.", "The variable “{k}” stands twice.").fill(k=v.key))
        seen.add(v.key)


def longest(channel: str, wording: Wording, variables: Sequence[Variable], sender: Sender | None, way_out: str) -> Rendered:
    """The longest message that a text can become: every variable at its full length, the label where it is advertising."""
    values = {
        **render.samples(variables),
        "name": "가" * 10,
        "operator": sender.name if sender else "가" * 10,
        "contact": sender.contact if sender else "0" * 12,
    }
    made = render.rendered(wording, values)
    return labelled(made, sender, way_out) if sender is not None and way_out else made


def length(channel: str, made: Rendered, limits: Mapping[str, Limit]) -> Length:
    return measured(made.text, limits[channel].text, limits[channel].unit)


def check(
    variables: Sequence[Variable], wordings: Wordings, chain: Sequence[str], limits: Mapping[str, Limit], sender: Sender | None, ways_out: Mapping[str, str]
) -> list[Wrong]:  # fmt: skip
    """Everything that is wrong with a template. ``sender`` is given for advertising, whose texts grow by label and way out."""
    out = list(names_wrong(variables))
    known = {v.key for v in variables}
    everywhere: set[str] = set()
    for channel in chain:
        texts = wordings.get(channel, {})
        if not any(w.text.strip() for w in texts.values()):
            out.append(Wrong("no_text", Text("{c}에 글이 없습니다.", "{c} has no text.").fill(c=CHANNELS[channel]), channel))
    for channel, texts in wordings.items():
        for language, wording in texts.items():
            if not (wording.text.strip() or wording.subject.strip() or wording.html.strip()):
                continue
            out += _one(channel, language, wording, variables, known, limits, sender, ways_out.get(channel, ""))
            everywhere |= set(render.used(wording.subject, wording.text, wording.html))
    for v in variables:
        if v.key not in everywhere:
            out.append(
                Wrong(
                    "unused", Text("변수 ‘{k}’이(가) 어느 글에도 쓰이지 않습니다.", "The variable “{k}” stands in no text.").fill(k=v.key)
                )
            )
    for language in LANGUAGES:
        lacking = [
            c
            for c in chain
            if any(w.text.strip() for w in wordings.get(c, {}).values()) and not wordings.get(c, {}).get(language, Wording()).text.strip()
        ]
        for channel in lacking:
            out.append(
                Wrong("one_language", Text("{c}에 {l} 글이 없습니다. 다른 언어로 보냅니다.", "{c} has no text in {l}: the other language is sent.").fill(c=CHANNELS[channel], l=WORDS[language]),
                      channel, language, grave=False)
            )  # fmt: skip
    return out


def _one(
    channel: str, language: str, wording: Wording, variables: Sequence[Variable], known: set[str], limits: Mapping[str, Limit], sender: Sender | None, way_out: str
) -> Iterator[Wrong]:  # fmt: skip
    where: dict[str, Any] = {"channel": channel, "language": language}
    place = Text("{c} {l}", "{c}, {l}").fill(c=CHANNELS[channel], l=WORDS.get(language, Text(language, language)))
    texts = (wording.subject, wording.text, wording.html)
    for key in render.used(*texts):
        if key not in known and key not in BUILT_IN:
            yield Wrong("unknown", Text("{p}: 모르는 변수 {{{k}}}", "{p}: the variable {{{k}}} is not known").fill(p=place, k=key), **where)
    for odd in render.almost(wording.subject, wording.text):
        yield Wrong(
            "almost",
            Text("{p}: ‘{o}’은(는) 변수가 아닙니다. {{name}}처럼 적으십시오.", "{p}: “{o}” is no variable. Write it like {{name}}.").fill(
                p=place, o=odd
            ),
            **where,
        )
    required = [v.key for v in variables if v.required and v.key not in render.used(*texts)]
    for key in required:
        yield Wrong(
            "missing",
            Text("{p}: 꼭 있어야 하는 변수 {{{k}}}이(가) 빠졌습니다.", "{p}: the required variable {{{k}}} is missing").fill(
                p=place, k=key
            ),
            **where,
        )
    if not wording.text.strip():
        yield Wrong("no_text", Text("{p}: 글이 비었습니다.", "{p}: the text is empty.").fill(p=place), **where)
    if channel in SUBJECTS and not wording.subject.strip():
        yield Wrong("no_subject", Text("{p}: 제목이 비었습니다.", "{p}: the subject is empty.").fill(p=place), **where)
    if channel == "alimtalk" and not wording.code.strip():
        yield Wrong(
            "no_code",
            Text("{p}: 제공자가 준 서식 코드가 없습니다.", "{p}: the provider’s template code is missing.").fill(p=place),
            **where,
        )
    kinds = {v.key: v.kind for v in variables}
    for address in _HREF.findall(wording.html):
        for key in render.used(address):
            if kinds.get(key) != "link" or address != f"{{{key}}}":
                yield Wrong(
                    "link",
                    Text(
                        "{p}: 링크 주소에는 ‘링크’ 변수 하나만 쓸 수 있습니다.", "{p}: the address of a link may be a link variable alone."
                    ).fill(p=place),
                    **where,
                )
    made = longest(channel, wording, variables, sender, way_out)
    found = length(channel, made, limits)
    if not found.fits:
        unit = Text("바이트", "bytes") if found.unit == "bytes" else Text("자", "characters")
        if found.unwritable:
            yield Wrong(
                "unwritable",
                Text("{p}: 문자로 보낼 수 없는 글자 {c}", "{p}: characters that a text message cannot carry: {c}").fill(
                    p=place, c=" ".join(found.unwritable)
                ),
                **where,
            )
        if found.count > found.most:
            yield Wrong(
                "too_long",
                Text("{p}: 가장 길 때 {n}{u}입니다. {m}{u}까지 보낼 수 있습니다.", "{p}: {n} {u} at its longest; {m} are allowed.").fill(
                    p=place, n=found.count, m=found.most, u=unit
                ),
                **where,
            )
    limit = limits[channel]
    if made.subject and limit.subject:
        subject = measured(made.subject, limit.subject, limit.unit)
        if not subject.fits:
            yield Wrong(
                "subject_long",
                Text("{p}: 제목이 가장 길 때 {n}입니다. {m}까지입니다.", "{p}: the subject is {n} at its longest; {m} are allowed.").fill(
                    p=place, n=subject.count, m=subject.most
                ),
                **where,
            )
