"""Templates that rooms ship, and texts as they are kept: from a register into versions, from JSON into values and back.

A room offers a template when it is loaded::

    messaging.templates.add("billing.reminder", Template("service", Text("납부 안내", "Payment reminder"), ("alimtalk", "sms"), …))

It becomes version 1 the first time it is used; what staff publish later stands above it, and a changed text of the room never overwrites theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from markdown_it import MarkdownIt

from numaru.facilities.messaging.models import MessageTemplate, TemplateVersion
from numaru.facilities.messaging.rules.checking import Wordings
from numaru.facilities.messaging.rules.render import VARIABLE, Variable, Wording
from numaru.kernel import clock
from numaru.kernel.errors import NotFound
from numaru.kernel.registers import Register
from numaru.values.text import Text

WHAT = Text("메시지 서식", "message template")


@dataclass(frozen=True, slots=True)
class Template:
    """A template as a room ships it. ``wordings``: channel → language → text. ``any_hour`` False: a service message that waits for the day."""

    purpose: str
    name: Text
    chain: tuple[str, ...]
    variables: tuple[Variable, ...] = ()
    wordings: Wordings = field(default_factory=dict)
    any_hour: bool = True


templates: Register[Template] = Register("messaging.templates")
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image"])
_MARK = "xnmvx"
_MARKED = re.compile(_MARK + r"([0-9]+)z")


def html_of(markdown: str) -> str:
    """The HTML of an e-mail, with its variables standing as they did: no HTML of the author's, no pictures, no script."""
    names: list[str] = []

    def out(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"{_MARK}{len(names) - 1}z"

    made = _markdown.render(VARIABLE.sub(out, markdown.replace(_MARK, "")))
    return _MARKED.sub(lambda m: "{" + names[int(m[1])] + "}", made).strip()


def text_of(markdown: str) -> str:
    """The plain text beside it: the Markdown without its marks, links as text and address."""
    made = re.sub(r"\[([^\]]*)\]\(([^)\s]*)\)", r"\1 \2", markdown)
    made = re.sub(r"(?m)^#{1,6}\s+", "", made)
    return re.sub(r"(\*\*|__|`)", "", made).strip()


def email(subject: str, markdown: str) -> Wording:
    """The wording of an e-mail from Markdown."""
    return Wording(subject, text_of(markdown), html_of(markdown), markdown)


def pack(wordings: Wordings) -> dict[str, dict[str, dict[str, str]]]:
    return {channel: {language: asdict(w) for language, w in texts.items()} for channel, texts in wordings.items()}


def unpack(kept: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, Wording]]:
    return {channel: {language: Wording(**w) for language, w in texts.items()} for channel, texts in kept.items()}


def pack_variables(variables: tuple[Variable, ...]) -> list[dict[str, Any]]:
    return [asdict(v) for v in variables]


def unpack_variables(kept: list[dict[str, Any]]) -> tuple[Variable, ...]:
    return tuple(Variable(**v) for v in kept)


@dataclass(frozen=True, slots=True)
class Version:
    """A version with what it says."""

    id: int
    template: str
    number: int
    purpose: str
    chain: tuple[str, ...]
    any_hour: bool
    variables: tuple[Variable, ...]
    wordings: dict[str, dict[str, Wording]]
    approvals: dict[str, dict[str, str]]
    name: Text
    state: str = "published"

    @property
    def approved(self) -> frozenset[str]:
        """Languages whose Alimtalk the provider approved."""
        return frozenset(language for language, a in self.approvals.items() if a.get("state") == "approved")

    def languages(self) -> dict[str, frozenset[str]]:
        return {channel: frozenset(lang for lang, w in texts.items() if w.text.strip()) for channel, texts in self.wordings.items()}


def read(row: TemplateVersion) -> Version:
    t = row.template
    return Version(
        row.pk, t.key, row.number, t.purpose, tuple(t.chain), t.any_hour, unpack_variables(row.variables), unpack(row.wordings), row.approvals,
        Text(t.name_ko, t.name_en), row.state,
    )  # fmt: skip


def version(pk: int) -> Version:
    return read(TemplateVersion.objects.select_related("template").get(pk=pk))


def live(key: str) -> Version:
    """The published version of a template; one that a room ships is written down the first time. Raises NotFound."""
    row = (
        TemplateVersion.objects.select_related("template")
        .filter(template__key=key, state="published", template__retired_at__isnull=True)
        .first()
    )
    if row is None and key in templates and not MessageTemplate.objects.filter(key=key).exists():
        ship(key)
        row = TemplateVersion.objects.select_related("template").filter(template__key=key, state="published").first()
    if row is None:
        raise NotFound.named(WHAT, key[:60])
    return read(row)


def ship(key: str) -> None:
    """Write a room's template down as version 1; nothing where it stands already."""
    from numaru.facilities.messaging.actions.templates import ship_template
    from numaru.kernel.access import Actor

    ship_template.do(Actor.system("messaging"), key=key)


def ship_all() -> int:
    """Write down what rooms ship and is not there yet; returns how many."""
    known = set(MessageTemplate.objects.values_list("key", flat=True))
    fresh = [key for key, _ in templates if key not in known]
    for key in fresh:
        ship(key)
    return len(fresh)


def row_of(one: Template, key: str, by: str) -> MessageTemplate:
    return MessageTemplate(
        key=key, purpose=one.purpose, name_ko=one.name.ko, name_en=one.name.en, chain=list(one.chain), any_hour=one.any_hour, shipped=True,
        created_at=clock.now(), created_name=by,
    )  # fmt: skip


templates.add(
    "messaging.note",
    Template(
        "service", Text("상담 중 보내는 글", "A note during a contact"), ("sms", "lms", "email", "inapp"), (Variable("text", "text", True, 45),),
        {
            "sms": {"ko": Wording(text="{text}"), "en": Wording(text="{text}")},
            "lms": {"ko": Wording("{operator} 안내", "{text}"), "en": Wording("From {operator}", "{text}")},
            "email": {"ko": email("{operator}에서 알려 드립니다", "{name}님, 안녕하십니까.\n\n{text}\n\n{operator} {contact}"), "en": email("A message from {operator}", "Dear {name},\n\n{text}\n\n{operator} {contact}")},
            "inapp": {"ko": Wording("{operator} 안내", "{text}"), "en": Wording("From {operator}", "{text}")},
        },
    ),
)  # fmt: skip
templates.add(
    "messaging.document",
    Template(
        "service", Text("상담 중 보내는 문서", "A document during a contact"), ("email",), (Variable("document", "text", True, 80), Variable("text", "text", False, 400)),
        {"email": {
            "ko": email("{document}", "{name}님, 요청하신 {document}을(를) 붙여 보냅니다.\n\n{text}\n\n{operator} {contact}"),
            "en": email("{document}", "Dear {name},\n\nhere is {document}, as you asked.\n\n{text}\n\n{operator} {contact}"),
        }},
    ),
)  # fmt: skip
templates.add(
    "messaging.link",
    Template(
        "service", Text("상담 중 보내는 링크", "A link during a contact"), ("sms", "lms", "email"), (Variable("link", "link", True, 48), Variable("text", "text", False, 20)),
        {
            "sms": {"ko": Wording(text="{text} {link}"), "en": Wording(text="{text} {link}")},
            "lms": {"ko": Wording("{operator} 안내", "{text}\n{link}"), "en": Wording("From {operator}", "{text}\n{link}")},
            "email": {"ko": email("{operator}에서 보내는 링크", "{name}님, 안녕하십니까.\n\n{text}\n\n[열기]({link})\n\n{operator} {contact}"), "en": email("A link from {operator}", "Dear {name},\n\n{text}\n\n[Open it]({link})\n\n{operator} {contact}")},
        },
    ),
)  # fmt: skip
