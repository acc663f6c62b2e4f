"""The label of advertising: ``(광고)`` first, who sends it and how to reach them, a free way out last. Put there by the house, never twice."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from numaru.facilities.messaging.rules.render import Rendered

LABEL = "(광고)"
LOOSE = re.compile(r"^[\s\W]*[(\[（【]\s*광\s*고\s*[)\]）】]\s*")  # what authors write for it


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a name and a way to reach them."""

    name: str
    contact: str


def _bare(text: str, sender: Sender) -> str:
    """The author's text without a label, or the sender behind a label, that they wrote themselves."""
    made = text
    found = LOOSE.match(made)
    while found:
        made = made[found.end() :]
        if sender.name and made.startswith(sender.name):
            made = made[len(sender.name) :].lstrip(" \n:·-")
        found = LOOSE.match(made)
    return made.lstrip()


def labelled(made: Rendered, sender: Sender, way_out: str) -> Rendered:
    """The finished advertising message. ``way_out``: the sentence with the free opt-out of this channel.

    >>> labelled(Rendered("새 작품", "오늘 공개"), Sender("누리미디어", "1588-0000"), "무료 수신거부 080-000-0000").text
    '(광고) 누리미디어\\n오늘 공개\\n\\n누리미디어 1588-0000\\n무료 수신거부 080-000-0000'
    >>> labelled(Rendered("(광고) 새 작품", "[광고] 누리미디어 오늘"), Sender("누리미디어", "1588-0000"), "거부").subject
    '(광고) 새 작품'
    """
    subject = f"{LABEL} {_bare(made.subject, sender)}" if made.subject else ""
    foot = f"{sender.name} {sender.contact}\n{way_out}"
    text = f"{LABEL} {sender.name}\n{_bare(made.text, sender)}\n\n{foot}"
    page = ""
    if made.html:
        said = "<br>".join(html.escape(one) for one in foot.split("\n"))
        page = f"<p>{LABEL} {html.escape(sender.name)}</p>{made.html}<p>{said}</p>"
    return Rendered(subject, text, page)


def is_labelled(made: Rendered, sender: Sender, way_out: str) -> bool:
    """Whether a finished message says all that the law wants, and says the label once: checked by the gate on what is about to leave."""
    if not (sender.name.strip() and sender.contact.strip() and way_out.strip()):
        return False
    head = f"{LABEL} {sender.name}"
    whole = made.text.startswith(head) and not LOOSE.match(made.text[len(head) :])
    if made.subject:
        whole = whole and made.subject.startswith(f"{LABEL} ") and not LOOSE.match(made.subject[len(LABEL) :])
    return whole and sender.contact in made.text and made.text.rstrip().endswith(way_out.rstrip())
