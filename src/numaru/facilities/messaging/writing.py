"""Writing a message out: values in the receiver's language, the label of advertising, and what a carrier is handed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from numaru.facilities.messaging.law import Standing
from numaru.facilities.messaging.ports import Attachment, Outgoing
from numaru.facilities.messaging.rules import render
from numaru.facilities.messaging.rules.channels import MEDIA, PHONES
from numaru.facilities.messaging.rules.gate import ADVERTISING
from numaru.facilities.messaging.rules.label import labelled
from numaru.facilities.messaging.rules.render import LINK, Rendered, Variable
from numaru.facilities.messaging.wording import Version
from numaru.facilities.parties.api import consents
from numaru.kernel.errors import Invalid
from numaru.ui import formats
from numaru.values.money import Money
from numaru.values.text import Text

NOBODY = Text("고객", "customer")
FREE = Text("무료 수신거부 {n}", "Free opt-out {n}")
LINKED = Text("무료 수신거부 {l}", "Free opt-out: {l}")
LINKS = frozenset({"email", "push", "inapp"})


def way_out(standing: Standing, channel: str, language: str, path: str) -> str:
    """The sentence with the free way out of a channel; empty where the house has none."""
    if channel in LINKS and settings.PUBLIC:
        return LINKED.fill(l=settings.PUBLIC + path).pick(language)
    return FREE.fill(n=standing.free_number).pick(language) if standing.free_number else ""


SAMPLE_PATH = "/my/stop/" + "x" * 35 + "/"


def ways_out(standing: Standing, language: str = "ko") -> dict[str, str]:
    """By channel, at their full length: for checking texts and judging a template before anybody is known."""
    return {channel: way_out(standing, channel, language, SAMPLE_PATH) for channel in MEDIA}


def written(variable: Variable, value: str, language: str) -> str:
    """A fact in the receiver's language: money ``13900 KRW`` → 13,900원, a day 2026-11-22, a link with the address of the house before it."""
    if not value:
        return ""
    match variable.kind:
        case "money":
            amount, _, currency = value.partition(" ")
            return formats.money(Money.parse(amount, currency or "KRW"), language)
        case "date":
            return formats.day(date.fromisoformat(value), language)
        case "link":
            return settings.PUBLIC + value if value.startswith("/") else value
        case _:
            return value


def checked_facts(variables: Sequence[Variable], facts: Mapping[str, str], *, whole: bool = True) -> dict[str, str]:
    """Facts as they are kept. Raises Invalid for one that the template does not know, that is of another kind, too long, or (``whole``) missing."""
    known = {v.key: v for v in variables}
    for key in facts:
        if key not in known:
            raise _wrong("unknown", Text("서식에 없는 변수입니다: {k}", "The template has no variable {k}").fill(k=key), key)
    for v in variables:
        value = facts.get(v.key, "")
        if not isinstance(value, str):
            raise _wrong("kind", Text("{k}은(는) 글자여야 합니다.", "{k} must be a string.").fill(k=v.key), v.key)
        if whole and v.required and not value.strip():
            raise _wrong("missing", Text("값이 없습니다: {k}", "The value of {k} is missing").fill(k=v.key), v.key)
        try:
            written(v, value, "ko")
        except (ValueError, ArithmeticError):
            raise _wrong("kind", Text("{k}의 값을 읽지 못했습니다.", "The value of {k} could not be read.").fill(k=v.key), v.key) from None
        if v.kind == "link" and value and not LINK.fullmatch(written(v, value, "ko")) and not value.startswith("/"):
            raise _wrong("link", Text("{k}은(는) https 주소여야 합니다.", "{k} must be an https address.").fill(k=v.key), v.key)
    return {key: value for key, value in facts.items() if value}


def _wrong(code: str, text: Text, field: str) -> Exception:
    return Invalid.because(
        f"messaging.fact_{code}", text, Text("서식의 변수를 확인하십시오.", "See the variables of the template."), field=field
    )


def opened_facts(sealed: str) -> dict[str, str]:
    return dict(json.loads(sealed)) if sealed else {}


def values(version: Version, standing: Standing, facts: Mapping[str, str], name: str, language: str) -> dict[str, str]:
    found = {v.key: written(v, facts.get(v.key, ""), language) for v in version.variables}
    return {**found, "name": name or NOBODY.pick(language), "operator": standing.sender.name, "contact": standing.sender.contact}


@dataclass(frozen=True, slots=True)
class Made:
    """A message that is written out, and how it got there."""

    rendered: Rendered
    way_out: str = ""
    path: str = ""
    values: Mapping[str, str] | None = None


def write(version: Version, standing: Standing, channel: str, language: str, facts: Mapping[str, str], name: str, party: int) -> Made:
    """The finished text of one message; advertising carries its label, sender and way out."""
    given = values(version, standing, facts, name, language)
    made = render.rendered(version.wordings[channel][language], given)
    if version.purpose != ADVERTISING:
        return Made(made, values=given)
    path = consents.stop_link(party, ADVERTISING, MEDIA[channel])
    out = way_out(standing, channel, language, path)
    return Made(labelled(made, standing.sender, out), out, path, given)


def outgoing(
    version: Version, standing: Standing, channel: str, language: str, made: Made, *, key: str, to: str, attachments: Sequence[Attachment] = ()
) -> Outgoing:  # fmt: skip
    """What the carrier is handed."""
    headers: dict[str, str] = {}
    if channel == "email":
        headers["Auto-Submitted"] = "auto-generated"
        if made.path:
            headers |= {"List-Unsubscribe": made.path, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    wording = version.wordings[channel][language]
    sender = standing.addresses.get(
        "kakao" if channel == "alimtalk" else "phone" if channel in PHONES else "email" if channel == "email" else "", ""
    )
    used = render.used(wording.subject, wording.text) if channel == "alimtalk" else []
    return Outgoing(
        key, channel, to, language, made.rendered.subject, made.rendered.text, made.rendered.html, sender, headers, wording.code,
        {k: (made.values or {}).get(k, "") for k in used}, tuple(attachments),
    )  # fmt: skip
