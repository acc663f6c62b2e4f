"""수신과 제공 동의: where the reader stands on each purpose and medium as the ledger has it, a switch for each, and what they chose so far.

Switching on shows the words that are agreed to first, and takes no other than those that were shown. Switching off is one tap. What cannot be
switched says why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.portal.frame import chosen, page
from numaru.faces.portal.guard import signed_in
from numaru.facilities.parties.api import consents
from numaru.kernel.errors import NotFound, Refused
from numaru.ui.states import State
from numaru.values.text import Text

LIMIT = 20
ON, OFF = State(Text("받음", "On"), "good"), State(Text("받지 않음", "Off"), "calm")
AGREED, NOT_AGREED = State(Text("동의함", "Agreed"), "good"), State(Text("동의하지 않음", "Not agreed"), "calm")
LAPSED = State(Text("다시 동의해야 함", "Agree again"), "warn")
NEEDED = State(Text("동의가 필요함", "Needs your consent"), "warn")
WHAT: dict[str, Text] = {
    "advertising": Text(
        "새 작품, 할인, 행사를 알립니다. 요금은 들지 않고, 언제든 끌 수 있습니다.", "News, discounts and events. It costs nothing, and you can stop it at any time."
    ),
    "advertising_night": Text(
        "21시부터 다음 날 8시 사이에 보내는 광고입니다. 법에 따라 따로 동의를 받습니다.", "Advertising sent between 21:00 and 08:00. The law asks for a consent of its own."
    ),
    "third_party": Text("동의한 범위에서만 다른 회사에 정보를 넘깁니다.", "Your data goes to another company only as far as you agree."),
    "service": Text("서비스를 쓰는 데 따르는 동의입니다.", "Consents that go with using the service."),
}  # fmt: skip
DONE: dict[str, Text] = {
    "on": Text("켰습니다. 지금부터 적용됩니다.", "Switched on. It holds from now on."),
    "off": Text("껐습니다. 지금부터 보내거나 넘기지 않습니다.", "Switched off. Nothing is sent or passed on from now on."),
    "held": Text("이미 그렇게 되어 있습니다.", "It was so already."),
}
CHANGED = Text("그사이 문서가 바뀌었습니다. 바뀐 내용을 읽고 다시 누르십시오.", "The document has changed since. Read it and press again.")
FIRST = Text("광고성 정보 수신부터 켜면 고를 수 있습니다.", "Switch advertising on first.")
REQUIRED = Text(
    "서비스를 쓰려면 필요한 동의입니다. 거두려면 해지를 신청하십시오.", "The service needs it. To withdraw it, end your subscription."
)


@dataclass(frozen=True, slots=True)
class Switch:
    """One row: what it is about, how it stands, and what a tap does. ``act``: on | off, empty where nothing can be done (``note`` says why)."""

    purpose: str
    medium: str
    document: str
    name: Text
    face: State
    standing: consents.Standing
    act: str
    note: Text | None = None
    text: consents.TextCard | None = None
    agreed_url: str = ""

    @property
    def anchor(self) -> str:
        return "-".join(part for part in (self.purpose, self.document, self.medium) if part)

    @property
    def agree_url(self) -> str:
        asked = {"purpose": self.purpose, "medium": self.medium, "document": self.document}
        return f"{reverse('portal:agree')}?{urlencode({key: value for key, value in asked.items() if value})}"


def home(request: HttpRequest) -> HttpResponse:
    """Everything at a glance, and one's own choices, ``?before=`` a line."""
    reader = signed_in(request)
    of, several = chosen(request)
    where = consents.standing([reader.person])[reader.person]
    trait = consents.traits([reader.person]).get(reader.person)
    texts = consents.in_force()
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    lines = consents.own_choices(reader.person, LIMIT + 1, before)
    context = {
        "advertising": media(where, "advertising", texts), "night": media(where, "advertising_night", texts),
        "required": [s for s in documents(where, "service", texts) if s.text and s.text.required],
        "optional": [s for s in documents(where, "service", texts) if s.text and not s.text.required],
        "passed": documents(where, "third_party", texts), "what": WHAT, "child": trait.child if trait else False,
        "stopped": trait.do_not_contact if trait else False, "lines": [_told(line) for line in lines[:LIMIT]],
        "older": f"?before={lines[LIMIT - 1].id}#history" if len(lines) > LIMIT else "", "later": before is not None,
        "done": DONE.get(request.GET.get("done", "")),
    }  # fmt: skip
    return page(request, "portal/consents.html", context, of=of, several=several, place="me")


def _told(line: consents.Line) -> dict[str, Any]:
    what = consents.PURPOSE[line.purpose]
    if line.purpose in ("service", "third_party") and line.text:
        what = line.text.name
    return {
        "line": line, "what": what, "medium": consents.MEDIUM[line.medium] if line.purpose in ("advertising", "advertising_night") else None,
        "said": consents.KIND[line.kind], "channel": consents.CHANNEL[line.channel], "by": consents.ACTOR[line.actor] if line.actor != "self" else None,
        "url": _version(line.text),
    }  # fmt: skip


def _version(text: consents.TextCard | None) -> str:
    return reverse("portal:consent-text", args=[text.key, text.number]) if text and text.number else ""


def media(where: consents.Standings, purpose: str, texts: list[consents.TextCard]) -> list[Switch]:
    """A row for all media together and one for each."""
    text = next((t for t in texts if t.purpose == purpose), None)
    rows = []
    for medium in ("", *consents.MEDIA):
        now = where.of(purpose, medium)
        rests = purpose == "advertising_night" and not where.of("advertising", medium).yes
        face = ON if now.yes else LAPSED if now.state == "lapsed" else OFF
        act = "off" if now.yes else "" if rests else "on"
        note = FIRST if rests else None
        rows.append(Switch(purpose, medium, "", consents.MEDIUM[medium], face, now, act, note, text, _agreed(now, text)))
    if rows[0].act == "on" and any(row.act == "off" for row in rows):
        rows[0] = replace(
            rows[0],
            act="off",
            note=Text("켜진 수단을 모두 끕니다.", "Stops every way that is on."),
            face=State(Text("일부만 받음", "Some on"), "info"),
        )
    elif rows[0].act == "off" and any(row.act != "off" for row in rows):
        rows[0] = replace(rows[0], note=Text("따로 끈 수단은 꺼진 채로 있습니다.", "Ways switched off one by one stay off."))
    return rows


def documents(where: consents.Standings, purpose: str, texts: list[consents.TextCard]) -> list[Switch]:
    """A row for each document of a purpose."""
    rows = []
    for text in texts:
        if text.purpose != purpose:
            continue
        now = where.of(purpose, "", text.document)
        face = AGREED if now.yes else LAPSED if now.state == "lapsed" else NEEDED if text.required else NOT_AGREED
        act = "" if now.yes and text.required else "off" if now.yes else "on"
        rows.append(
            Switch(
                purpose, "", text.key, text.name, face, now, act, REQUIRED if now.yes and text.required else None, text, _agreed(now, text)
            )
        )
    return rows


def _agreed(now: consents.Standing, text: consents.TextCard | None) -> str:
    """Where the words stand that were agreed to."""
    return reverse("portal:consent-text", args=[text.key, now.version]) if text and now.version else ""


def _asked(given: Any) -> tuple[str, str, str]:
    """Purpose, medium and document of an address or a form. Raises NotFound for what there is not."""
    purpose, medium, document = (given.get(key, "") for key in ("purpose", "medium", "document"))
    rule = consents.PURPOSES.get(purpose)
    if rule is None or medium not in consents.MEDIUM or (medium and not rule.media) or bool(document) != rule.each:
        raise NotFound.named(Text("동의", "consent"), purpose[:20])
    return purpose, medium, document


def agree(request: HttpRequest) -> HttpResponse:
    """The words that are agreed to and what follows from it, before anything is said."""
    return _agree(request, *_asked(request.GET))


def _agree(request: HttpRequest, purpose: str, medium: str, document: str, *, told: Text | None = None) -> HttpResponse:
    reader = signed_in(request)
    of, several = chosen(request)
    text = _text(purpose, document)
    effects: list[Text] = []
    faults: list[Any] = []
    try:
        effects = consents.say_own.plan(
            reader.actor, party=reader.person, purpose=purpose, kind="yes", medium=medium, document=_pinned(text)
        ).effects
    except Refused as refusal:
        faults = refusal.findings
    context = {
        "purpose": purpose, "medium": medium, "document": document, "text": text, "name": text.name if text and document else consents.PURPOSE[purpose],
        "by": consents.MEDIUM[medium] if consents.PURPOSES[purpose].media else None, "effects": effects, "faults": faults, "told": told,
        "what": WHAT[purpose], "held": not effects and not faults,
    }  # fmt: skip
    return page(request, "portal/agree.html", context, of=of, several=several, place="me", status=422 if told else 200)


def _text(purpose: str, document: str) -> consents.TextCard | None:
    """The version that is asked about now. Raises NotFound for a document that is not asked for, or is of another purpose."""
    found = [t for t in consents.in_force() if t.purpose == purpose and (not document or t.key == document)]
    if document and not found:
        raise NotFound.named(Text("동의 문서", "document of consent"), document[:40])
    return next(iter(found), None)


def _pinned(text: consents.TextCard | None) -> str:
    return f"{text.key}@{text.number}" if text else ""


@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Switch on (``kind=yes`` with the version that was shown) or off (``kind=withdrawn``)."""
    reader = signed_in(request)
    purpose, medium, document = _asked(request.POST)
    kind = "yes" if request.POST.get("kind") == "yes" else "withdrawn"
    text = _text(purpose, document)
    if kind == "yes" and request.POST.get("version", "") != (str(text.id) if text else ""):
        return _agree(request, purpose, medium, document, told=CHANGED)
    line = consents.say_own.do(
        reader.actor, party=reader.person, purpose=purpose, kind=kind, medium=medium, document=_pinned(text), evidence=f"session-{reader.session}"
    )  # fmt: skip
    done = ("on" if kind == "yes" else "off") if line else "held"
    anchor = "-".join(part for part in (purpose, document, medium) if part)
    return redirect(f"{reverse('portal:consents')}?done={done}#{anchor}")


def text(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A version of a document as it was published. It is about nobody: every reader may see it."""
    signed_in(request)
    of, several = chosen(request)
    if number > 32_000:
        raise NotFound.named(Text("동의 문서", "document of consent"), key[:40])
    return page(request, "portal/consent_text.html", {"text": consents.published(key, number)}, of=of, several=several, place="me")
