"""Writing to the ledger: what somebody said, or was shown. Lines are only ever added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from numaru.facilities.parties.actions.opening import scope_of
from numaru.facilities.parties.consents import documents, links
from numaru.facilities.parties.consents.documents import TextCard
from numaru.facilities.parties.consents.standings import Standings, standing
from numaru.facilities.parties.consents.words import CHANNEL, KIND, MEDIUM, PURPOSE
from numaru.facilities.parties.events import ConsentChanged, ConsentsChanged
from numaru.facilities.parties.models import ConsentEvent, ConsentText, Guardianship, Party
from numaru.facilities.parties.permissions import CONSENT_RECORD, CONSENT_SAY
from numaru.facilities.parties.rules.consents import ALONE, GIVEN, PURPOSES, Standing
from numaru.kernel import bulk, clock, numbering
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.values.masked import telling
from numaru.values.text import LANGUAGES, Text, language

PERSON = Text("사람", "person")
ADDRESS = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){3,7}\b")
COLUMNS = [
    "id", "party_id", "purpose", "medium", "kind", "document_id", "text_id", "channel", "locale", "actor", "actor_ref", "evidence", "text_hash",
    "at", "recorded_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One line to be written. ``text`` is the number of the version that it is about; ``reference`` the guardian or the member of staff."""

    party: int
    purpose: str
    kind: str
    at: datetime
    medium: str = ""
    text: int | None = None
    channel: str = "api"
    locale: str = "ko"
    actor: str = "self"
    reference: int | None = None
    evidence: str = ""


def _checked(purpose: str, medium: str, kind: str, channel: str, evidence: str, locale: str = "ko") -> None:
    """Raises Invalid for what the ledger does not know, and for evidence that tells who somebody is or where they were."""
    wrong = purpose not in PURPOSE or kind not in KIND or channel not in CHANNEL or medium not in MEDIUM or locale not in LANGUAGES
    if wrong or (medium and not PURPOSES[purpose].media):
        raise Invalid.because(
            "consents.said", Text("목적, 수단, 답 가운데 없는 것이 있습니다.", "The purpose, the medium or the answer is none that there is."),
            Text("목록에서 고르십시오. 수단은 광고에만 있습니다.", "Choose one of the list. Only advertising has media."), field="purpose",
        )  # fmt: skip
    if len(evidence) > 80 or telling(evidence) or ADDRESS.search(evidence):
        raise Invalid.because(
            "consents.evidence", Text("근거에 개인정보나 접속 주소가 있거나 80자를 넘습니다.", "The evidence holds personal data or an address, or is longer than 80 characters."),
            Text("통화나 서류의 번호만 적으십시오.", "Write the number of the call or the paper alone."), field="evidence",
        )  # fmt: skip


def text_for(purpose: str, document: str, at: datetime) -> TextCard | None:
    """The version that somebody is asked about at ``at``: of ``document``, or without one of the first document of the purpose."""
    if document:
        key, _, number = document.partition("@")
        rows = documents.texts(key)
        found = [t for t in rows if (str(t.number) == number if number else t.valid_from <= at)]
        if not found:
            raise NotFound.named(documents.WHAT, document[:60])
        return found[0]
    return next((t for t in documents.in_force(at) if t.purpose == purpose), None)


def _write(act: Act, s: Statement, text: TextCard | None) -> int:
    """Add one line, tell it, and return its number. The caller has checked who may."""
    now = clock.now()
    row = ConsentEvent.objects.create(
        party_id=s.party, purpose=s.purpose, medium=s.medium, kind=s.kind, document_id=text.document if text else None, text_id=text.id if text else None,
        channel=s.channel, locale=s.locale, actor=s.actor, actor_ref=s.reference, evidence=s.evidence, text_hash=text.sha256 if text else "",
        at=s.at, recorded_at=now,
    )  # fmt: skip
    act.record(
        "parties.consent", str(row.pk),
        after={"party": s.party, "purpose": s.purpose, "medium": s.medium, "said": s.kind, "channel": s.channel, "by": s.actor,
               "text": f"{text.key}@{text.number}" if text else "", "at": s.at.isoformat()},
    )  # fmt: skip
    if s.kind != "shown":
        act.event(ConsentChanged(s.party, s.purpose, s.medium, s.kind, row.pk))
    act.effect(effect(s))
    return int(row.pk)


def effect(s: Statement) -> Text:
    """What a line does, in words."""
    what = Text(f"{PURPOSE[s.purpose].ko} · {MEDIUM[s.medium].ko}", f"{PURPOSE[s.purpose].en} · {MEDIUM[s.medium].en.lower()}")
    if not PURPOSES[s.purpose].media:
        what = PURPOSE[s.purpose]
    said = {
        "yes": Text("{w}: 지금부터 동의한 것으로 봅니다.", "{w}: consented from now on."),
        "confirmed": Text("{w}: 동의를 다시 확인했습니다.", "{w}: the consent is confirmed."),
        "no": Text("{w}: 거부했습니다.", "{w}: refused."),
        "withdrawn": Text("{w}: 지금부터 동의가 없습니다.", "{w}: no consent from now on."),
        "shown": Text("{w}: 보여 주었다고 적습니다.", "{w}: noted as shown."),
    }
    return said[s.kind].fill(w=what)


def _locked(party: int) -> Party:
    row = Party.objects.select_for_update().filter(pk=party).first()
    if row is None:
        raise NotFound.named(PERSON, party)
    return row


def _document_of(text: TextCard | None, purpose: str, document: str) -> int | None:
    if text is not None and text.purpose != purpose:
        raise Invalid.because(
            "consents.other_purpose", Text("이 문서는 다른 목적의 것입니다.", "This document is of another purpose."),
            Text("목적에 맞는 문서를 고르십시오.", "Choose a document of the purpose."), field="document", value=document,
        )  # fmt: skip
    if text is None and PURPOSES[purpose].each:
        raise Invalid.because(
            "consents.which", Text("어느 문서에 대한 것인지 빠졌습니다.", "Which document it is about is missing."),
            Text("문서를 고르십시오.", "Choose the document."), field="document",
        )  # fmt: skip
    return text.document if text else None


def _bars(kind: str, now: Standing, who: str, purpose: str, below: Standing | None) -> None:
    """Raises Conflict for what cannot be said now."""
    if kind == "confirmed" and now.state not in ("yes", "lapsed"):
        raise Conflict.because(
            "consents.nothing_to_confirm", Text("확인할 동의가 없습니다.", "There is no consent to confirm."), Text("새로 동의를 받으십시오.", "Ask for consent anew."),
        )  # fmt: skip
    if kind == "confirmed" and now.state == "lapsed" and who == "house":
        raise Conflict.because(
            "consents.lapsed", Text("이미 효력을 잃은 동의입니다.", "The consent has lapsed."), Text("본인에게 새로 받으십시오.", "The person must give it anew."),
        )  # fmt: skip
    if kind in GIVEN and below is not None and not below.yes:
        raise Conflict.because(
            "consents.rests", Text("광고 수신에 먼저 동의해야 야간 광고에 동의할 수 있습니다.", "Consent to advertising at night needs consent to advertising."),
            Text("광고 수신 동의부터 받으십시오.", "Take the consent to advertising first."), field="purpose",
        )  # fmt: skip


def _child_bars(party: int, kind: str, who: str, at: datetime) -> None:
    """What a child says alone counts only when it is a refusal."""
    if (
        who in ALONE
        and kind in GIVEN
        and Guardianship.objects.filter(child=party, begun_at__lte=at, until__gt=at, struck_at__isnull=True).exists()
    ):
        raise Conflict.because(
            "consents.child", Text("만 14세 미만이라 법정대리인이 동의해야 합니다.", "A child under 14: the guardian must consent."),
            Text("확인된 법정대리인의 동의를 받으십시오.", "Take the consent of the guardian who was checked."),
        )  # fmt: skip


def _say(act: Act, s: Statement, document: str) -> int:
    _locked(s.party)
    _checked(s.purpose, s.medium, s.kind, s.channel, s.evidence, s.locale)
    if s.at > clock.now():
        raise Invalid.because(
            "consents.future", Text("앞으로의 때는 적을 수 없습니다.", "It cannot have been said in the future."), Text("말한 때를 적으십시오.", "Write when it was said."), field="at",
        )  # fmt: skip
    text = text_for(s.purpose, document, s.at)
    of = _document_of(text, s.purpose, document)
    _child_bars(s.party, s.kind, s.actor, s.at)
    where = standing([s.party], s.at)[s.party]
    rests = PURPOSES[s.purpose].rests_on
    _bars(s.kind, where.of(s.purpose, s.medium, of), s.actor, s.purpose, where.of(rests, s.medium) if rests else None)
    return _write(act, s, text)


@action(CONSENT_RECORD, reason=True, service=scope_of)
def say(
    act: Act, *, party: int, purpose: str, kind: str, medium: str = "", document: str = "", channel: str = "call", evidence: str = "",
    by: str = "self", guardian: int | None = None, locale: str = "ko", at: datetime | None = None, service: str | None = None,
) -> int:  # fmt: skip
    """Record what somebody said on the telephone, on paper or elsewhere, and return the number of the line. ``document`` is a key, or ``key@3`` for a
    version; without one the text in force. ``by`` is whose will it was: self, or guardian (then one who was checked); who took it down is the actor.
    A reference is needed for what staff record. Raises Invalid and Conflict as the rules say."""
    if act.actor.staff_id is not None and not evidence.strip():
        raise Invalid.because(
            "consents.no_evidence", Text("근거가 빠졌습니다.", "The evidence is missing."),
            Text("통화 번호나 서류 번호를 적으십시오.", "Write the number of the call or of the paper."), field="evidence",
        )  # fmt: skip
    reference = act.actor.staff_id
    if by == "guardian":
        checked = (
            Guardianship.objects.filter(child=party, guardian__isnull=False, ended_at__isnull=True)
            .values_list("guardian", flat=True)
            .first()
        )
        if checked is None or (guardian is not None and guardian != checked):
            raise Conflict.because(
                "consents.no_guardian", Text("확인된 법정대리인이 아닙니다.", "This is not a guardian who was checked."),
                Text("법정대리인부터 확인하십시오.", "Check the guardian first."), field="by",
            )  # fmt: skip
        reference = checked
    elif by not in ("self", "house") or (by == "house" and act.actor.kind != "system"):
        raise Invalid.because(
            "consents.by", Text("누구의 뜻인지 고르십시오.", "Choose whose will it was."), Text("본인이나 법정대리인입니다.", "The person or the guardian."), field="by",
        )  # fmt: skip
    actor = "staff" if by == "self" and act.actor.kind == "staff" else by
    return _say(
        act, Statement(party, purpose, kind, at or clock.now(), medium, None, channel, locale, actor, reference, evidence.strip()), document
    )


@action(CONSENT_SAY)
def say_own(
    act: Act, *, party: int, purpose: str, kind: str, medium: str = "", document: str = "", evidence: str = "", channel: str = "portal"
) -> int:  # fmt: skip
    """What somebody says for themselves, or for a child whose guardian they were checked to be. What already holds is not said again: 0."""
    own = act.actor.person is not None and act.actor.person == party
    ward = (
        not own
        and Guardianship.objects.filter(child=party, guardian=act.actor.person or 0, ended_at__isnull=True, until__gt=clock.now()).exists()
    )
    if not own and not ward:
        raise NotAllowed.for_permission(CONSENT_SAY)
    text = text_for(purpose, document, clock.now()) if purpose in PURPOSE else None
    if text is not None and text.required and kind == "withdrawn":
        raise Conflict.because(
            "consents.required", Text("이용에 꼭 필요한 동의라 여기서 끌 수 없습니다.", "The service cannot be used without this consent, so it is not switched off here."),
            Text("거두려면 해지를 신청하십시오.", "To withdraw it, end the subscription."),
        )  # fmt: skip
    if purpose in PURPOSE and _holds(standing([party])[party], purpose, medium, text, kind):
        act.record("parties.consent", "0", after={"party": party, "purpose": purpose, "medium": medium, "said": kind, "held": True})
        return 0
    s = Statement(
        party,
        purpose,
        kind,
        clock.now(),
        medium,
        None,
        channel,
        language(),
        "self" if own else "guardian",
        None if own else act.actor.person,
        evidence,
    )
    return _say(act, s, document)


def _holds(where: Standings, purpose: str, medium: str, text: TextCard | None, kind: str) -> bool:
    """Whether the exact topic says so already, in force: then a second line says nothing new."""
    exact = where.said.answers.get((purpose, medium, text.document if text and PURPOSES[purpose].each else None))
    now = where.of(purpose, medium, text.document if text else None)
    if kind == "withdrawn":
        narrower = not medium and any(where.of(of, one).yes for of, one, _ in where.said.answers if of == purpose and one)
        return exact is not None and exact.kind in ("no", "withdrawn") and now.state == "no" and now.event == exact.id and not narrower
    return kind == "yes" and exact is not None and now.yes and exact.kind == "yes"


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a link stopped. ``now``: by this very call; ``since`` when it was."""

    purpose: str
    medium: str
    now: bool
    since: datetime


def behind_link(token: str) -> tuple[links.Stop, Standing] | None:
    """What a link would stop, and where that stands; None for a link that nobody here made or whose person is gone."""
    found = links.read(token)
    if found is None or not Party.objects.filter(pk=found.party).exists():
        return None
    return found, standing([found.party])[found.party].of(found.purpose, found.medium)


def withdraw_by_link(token: str, evidence: str = "") -> Stopped | None:
    """Withdraw at once what a link names; None for one that nobody here made. Pressed again it changes nothing. Who holds the link is the person."""
    found = behind_link(token)
    if found is None:
        return None
    stop, _ = found
    line = say_own.do(
        Actor("portal", None, "link", (), stop.party), party=stop.party, purpose=stop.purpose, kind="withdrawn", medium=stop.medium,
        evidence=evidence, channel="link",
    )  # fmt: skip
    now = standing([stop.party])[stop.party].of(stop.purpose, stop.medium)
    return Stopped(stop.purpose, stop.medium, bool(line), now.since or clock.now())


@action(CONSENT_RECORD, reason=True)
def say_many(act: Act, *, statements: Sequence[Statement]) -> int:
    """Write many lines at once (an import, the house); returns how many. One audit record and one set event; at most what fits in memory.

    Raises Invalid for a line that the ledger does not know; what may be said is not judged here, the rules judge it when it is read."""
    texts = dict(ConsentText.objects.values_list("pk", "sha256"))
    of = dict(ConsentText.objects.values_list("pk", "document"))
    now = clock.now()
    for s in statements:
        _checked(s.purpose, s.medium, s.kind, s.channel, s.evidence, s.locale)
    first = numbering.ids("parties_consentevent", len(statements)) if statements else 0

    def rows() -> Any:
        for n, s in enumerate(statements):
            yield (
                first + n, s.party, s.purpose, s.medium, s.kind, of[s.text] if s.text else None, s.text, s.channel, s.locale, s.actor, s.reference,
                s.evidence, texts[s.text] if s.text else "", s.at, now,
            )  # fmt: skip

    if statements and not act.dry:
        bulk.copy_rows("parties_consentevent", COLUMNS, rows())
        act.event(ConsentsChanged(first, first + len(statements) - 1, len(statements)))
    act.effect(Text("동의 기록 {n}줄을 적습니다.", "Writes {n} lines of consent.").fill(n=f"{len(statements):,}"))
    act.record("parties.consent", f"{first}+", after={"lines": len(statements)})
    return len(statements)


def children_of(guardian: int) -> list[int]:
    """The children for whom somebody was checked to consent. One query."""
    rows = Guardianship.objects.filter(guardian=guardian, ended_at__isnull=True, until__gt=clock.now()).order_by("pk")
    return list(rows.values_list("child", flat=True))
