"""Whether a row of the catalogue is in use or retired, what holds it in use, and what may name one."""

from __future__ import annotations

import re
from collections.abc import Callable

from numaru.facilities.catalogue.models import LegalEntity, Service
from numaru.kernel import clock
from numaru.kernel.actions import Act
from numaru.kernel.errors import Conflict, Invalid, Refused
from numaru.kernel.registers import Register
from numaru.values.text import Text

# What keeps a service in use: from its id, a word and how many there are (at least one, when there are). Higher rooms register.
holders: Register[Callable[[int], tuple[Text, int]]] = Register("what holds a service in use")


def check_slug(slug: str) -> None:
    """A slug names folders and addresses, so it is held to what both can bear."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?", slug):
        raise Invalid.because(
            "catalogue.slug",
            Text("‘{s}’은(는) 식별자로 쓸 수 없습니다.", "“{s}” cannot be an identifier.").fill(s=slug),
            Text("영문 소문자, 숫자, 붙임표로 50자까지 적으십시오.", "Use up to 50 small letters, digits and hyphens."),
            field="slug",
            value=slug,
        )


def taken(slug: str) -> Refused:
    """The refusal of an identifier that stands for another row."""
    return Conflict.because(
        "catalogue.taken", Text("‘{s}’ 식별자는 이미 쓰입니다.", "“{s}” is taken already.").fill(s=slug),
        Text("다른 식별자를 적으십시오.", "Choose another identifier."), field="slug", value=slug,
    )  # fmt: skip


def retired(what: Text, slug: str) -> Refused:
    """The refusal of something new under a retired row."""
    return Conflict.because(
        "catalogue.retired", Text("{w} ‘{s}’은(는) 은퇴했습니다.", "The {w} “{s}” is retired.").fill(w=what, s=slug),
        Text("다시 쓰려면 기준 자료에서 되살리십시오.", "To use it again, restore it under master data."), value=slug,
    )  # fmt: skip


def turn(act: Act, row: LegalEntity | Service, obj: str, *, retire: bool) -> None:
    """Retire a locked row, or take it up again. Refuses when it stands so already."""
    if (row.retired_at is not None) == retire:
        raise Conflict.because(
            "catalogue.standing",
            Text("이미 은퇴했습니다.", "It is retired already.") if retire else Text("이미 쓰는 중입니다.", "It is in use already."),
            Text("할 일이 없습니다.", "Nothing is left to do."),
        )
    row.retired_at = clock.now() if retire else None
    row.save(update_fields=["retired_at"])
    words = ("in use", "retired") if retire else ("retired", "in use")
    act.record(obj, row.slug, before={"state": words[0]}, after={"state": words[1]})
    if retire:
        act.effect(
            Text(
                "‘{n}’을(를) 은퇴시킵니다. 새로 쓰지 못하고, 있던 것은 그대로입니다.",
                "“{e}” is retired: nothing new is made with it, what stands stays.",
            ).fill(n=row.name_ko, e=row.name_en)
        )
    else:
        act.effect(Text("‘{n}’을(를) 다시 씁니다.", "“{e}” is in use again.").fill(n=row.name_ko, e=row.name_en))
