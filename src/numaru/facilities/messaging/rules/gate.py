"""The law at send time: one function from what is known of a person, a message and a moment to a verdict.

The same function judges one message and a million: whoever loads the facts set by set calls it for each person. A verdict names the rule that
decided; :data:`RULES` says in words what the rule is, on which policy it rests, and who may override it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from numaru.facilities.messaging.rules.channels import MEDIA
from numaru.values.text import Text

SERVICE, ADVERTISING = "service", "advertising"


# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Person:
    """What is known of a receiver. ``reach``: channels with an address; ``suppressed``: channel → why; ``sent``: advertising within the window
    of each cap ("all" and by channel); ``ad`` and ``night``: medium → yes | no | none | lapsed."""

    party: int
    language: str = "ko"
    do_not_contact: bool = False
    child: bool = False
    guardian: int | None = None
    zone: str | None = None
    last_paid_on: date | None = None
    ad: Mapping[str, str] = field(default_factory=dict)
    night: Mapping[str, str] = field(default_factory=dict)
    reach: frozenset[str] = frozenset()
    suppressed: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is known of a message before it is written out. ``languages``: channel → languages that it has a text in; ``approved``: languages whose
    Alimtalk the provider approved; ``labelled``: channels whose text carries label, sender and way out; ``any_hour``: a service message that
    may come at night; ``overrides``: rules that somebody with the right to it set aside for this message."""

    purpose: str
    languages: Mapping[str, frozenset[str]]
    approved: frozenset[str] = frozenset()
    labelled: frozenset[str] = frozenset()
    any_hour: bool = True
    expires: datetime | None = None
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Law:
    """The figures of the law and of the house that hold at the moment; each comes from a policy."""

    operator_zone: str = "Asia/Seoul"
    night_from: time = time(21)
    night_to: time = time(8)
    night_exempt: frozenset[str] = frozenset()  # channels that wake nobody
    night_waits: bool = True  # a message caught at night waits for the morning; False: it lapses
    sensible_from: time = time(8)
    sensible_to: time = time(21)
    existing: bool = False  # advertising to existing customers without consent
    existing_months: int = 6
    silences: frozenset[str] = frozenset({ADVERTISING})  # purposes that "do not contact" stops
    child_to_guardian: bool = True  # service messages about a child go to the guardian
    caps: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # "all" or channel → hours, messages
    other_language: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """``act``: send | wait | block. ``code`` names the rule; ``to`` is who receives it (a guardian instead of a child); ``until``: when a waiting
    message is judged again."""

    act: str
    code: str
    channel: str = ""
    language: str = ""
    to: int = 0
    until: datetime | None = None


# ── rules in words ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means. ``policy``: the figure it rests on; ``override``: the permission of who may set it aside, empty for nobody; ``who``: who can
    change it then."""

    text: Text
    policy: str = ""
    override: str = ""
    who: Text = field(default_factory=lambda: Text("아무도 무시할 수 없습니다.", "Nobody may override it."))


RECEIVER = Text(
    "받는 사람의 동의로만 바뀝니다. 직원이 무시할 수 없습니다.",
    "Only the receiver’s own consent changes it; no member of staff may override it.",
)
MENDS = Text("바로잡으면 다시 보낼 수 있습니다.", "Once it is put right, the message can be sent again.")
WITH = Text("권한이 있는 직원이 사유를 적고 보낼 수 있습니다.", "Staff with the permission may send it, writing why.")
RULES: dict[str, Rule] = {
    "service": Rule(Text("서비스 안내", "A service message")),
    "consented": Rule(Text("광고 수신에 동의한 사람", "The receiver consented to advertising"), "messaging.consent"),
    "existing": Rule(Text("기존 거래 예외", "An existing customer"), "messaging.existing_customers"),
    "test": Rule(Text("시험 발송", "A test")),
    "no_text": Rule(Text("받는 사람의 언어로 된 글이 없음", "There is no text in the receiver’s language"), "messaging.other_language", who=MENDS),
    "do_not_contact": Rule(Text("연락 금지를 요청한 사람", "The receiver asked not to be contacted"), "messaging.do_not_contact", who=RECEIVER),
    "child": Rule(Text("14세 미만에게 광고를 보내지 않음", "No advertising to children under 14"), "messaging.children"),
    "no_guardian": Rule(Text("14세 미만이고 보호자를 모름", "A child under 14 whose guardian is not known"), "messaging.child_service", who=MENDS),
    "informational": Rule(Text("알림톡으로 광고를 보낼 수 없음", "Alimtalk carries no advertising"), "messaging.alimtalk"),
    "no_consent": Rule(Text("광고 수신에 동의하지 않음", "No consent to advertising"), "messaging.consent", who=RECEIVER),
    "refused": Rule(Text("광고 수신을 거부함", "Advertising was refused"), "messaging.consent", who=RECEIVER),
    "lapsed_consent": Rule(
        Text("동의를 다시 확인하지 않음", "The consent was not confirmed again in time"), "messaging.consent", who=RECEIVER
    ),
    "no_address": Rule(Text("이 채널의 주소가 없음", "There is no address for this channel"), who=MENDS),
    "suppressed": Rule(
        Text("발송을 억제한 주소", "The address is suppressed"), "messaging.soft_bounces", who=Text("억제를 풀면 다시 보낼 수 있습니다.", "Lifting the suppression lets it go.")
    ),
    "not_approved": Rule(Text("알림톡 서식을 제공자가 승인하지 않음", "The provider has not approved the Alimtalk template"), "messaging.alimtalk", who=MENDS),
    "label": Rule(Text("(광고), 보내는 곳, 무료 수신거부 가운데 빠진 것이 있음", "The label, the sender or the free way out is missing"), "messaging.label", who=MENDS),
    "cap": Rule(Text("정한 시간 안에 보낼 수 있는 횟수를 넘음", "More than the cap allows within its hours"), "messaging.caps", "messaging.cap.override", WITH),
    "night": Rule(Text("밤에는 따로 동의한 사람에게만 광고를 보냄", "At night only with a consent of its own"), "messaging.night_from", who=RECEIVER),
    "hours": Rule(Text("이 서식은 낮에만 보냄", "This template goes out by day"), "messaging.sensible_from", "messaging.hours.override", WITH),
    "expired": Rule(Text("보낼 기한이 지남", "Its time is over"), who=Text("새로 보내야 합니다.", "Send it anew.")),
    "too_long": Rule(Text("채널이 받는 길이를 넘거나 쓸 수 없는 글자가 있음", "Longer than the channel takes, or a character it cannot carry"), "messaging.lengths", who=MENDS),
    "no_value": Rule(Text("서식에 넣을 값이 없음", "A value of the template is missing"), who=MENDS),
    "gone": Rule(Text("파기된 사람", "The person was destroyed")),
    "refused_for_good": Rule(Text("제공자가 받지 않음", "The carrier refused it for good")),
    "tries": Rule(Text("여러 번 해도 제공자가 받지 않음", "The carrier did not take it in any try"), "messaging.tries"),
    "no_carrier": Rule(Text("이 채널을 보낼 곳이 없음", "Nothing carries this channel"), who=MENDS),
}  # fmt: skip
OVERRIDABLE = {code: rule.override for code, rule in RULES.items() if rule.override}


# ── the moment ───────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


class Moment:
    """An instant, and what hour it is in each zone: asked once a zone, whatever the number of people."""

    def __init__(self, at: datetime, operator_zone: str) -> None:
        self.at = at
        self._operator = operator_zone
        self._local: dict[str | None, datetime] = {}

    def local(self, zone: str | None) -> datetime:
        """The receiver's clock; that of the operator where theirs is not known or is none."""
        found = self._local.get(zone)
        if found is None:
            found = self._local[zone] = self.at.astimezone((_zone(zone) if zone else None) or _zone(self._operator))
        return found

    def next(self, zone: str | None, hour: time) -> datetime:
        """The next instant at which that clock shows ``hour``; where a change of the clock leaves it out, as soon after as it shows."""
        local = self.local(zone)
        day = local.date() if local.timetz().replace(tzinfo=None) < hour else local.date() + timedelta(days=1)
        return datetime.combine(day, hour, local.tzinfo).astimezone(self.at.tzinfo)


def within(hour: time, start: time, end: time) -> bool:
    """Whether a time of day lies in the half-open frame, which may cross midnight; an empty frame holds nothing.

    >>> within(time(21), time(21), time(8)), within(time(8), time(21), time(8)), within(time(3), time(21), time(8)), within(time(9), time(9), time(9))
    (True, False, True, False)
    """
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end


def months_before(day: date, months: int) -> date:
    """The day ``months`` earlier, at most the last of its month.

    >>> months_before(date(2026, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_CONSENT = {"no": "refused", "withdrawn": "refused", "lapsed": "lapsed_consent"}


def gate(person: Person, letter: Letter, law: Law, moment: Moment, channel: str) -> Verdict:
    """May this message go to this person by this channel now?

    What the law forbids is asked before what the house prefers, so the rule that is told is the weightiest. Advertising never leaves without a
    consent (or the exception that the policy allows), nor in the receiver's night without a consent for the night, nor without its label.
    """
    languages = letter.languages.get(channel)
    language = person.language
    if not languages or (language not in languages and not law.other_language):
        return Verdict("block", "no_text", channel)
    if language not in languages:
        language = min(languages)
    advertising = letter.purpose == ADVERTISING
    to, medium, code = person.party, MEDIA[channel], "service"
    if person.do_not_contact and letter.purpose in law.silences:
        return Verdict("block", "do_not_contact", channel, language)
    if person.child:
        if advertising:
            return Verdict("block", "child", channel, language)
        if law.child_to_guardian:
            if person.guardian is None:
                return Verdict("block", "no_guardian", channel, language)
            to = person.guardian
    if advertising:
        if channel == "alimtalk":
            return Verdict("block", "informational", channel, language)
        state = person.ad.get(medium, "none")
        code = "consented"
        if state != "yes":
            if state in _CONSENT:
                return Verdict("block", _CONSENT[state], channel, language)
            if not _existing(person, law, moment):
                return Verdict("block", "no_consent", channel, language)
            code = "existing"
    if channel not in person.reach:
        return Verdict("block", "no_address", channel, language)
    if channel in person.suppressed:
        return Verdict("block", "suppressed", channel, language)
    if channel == "alimtalk" and language not in letter.approved:
        return Verdict("block", "not_approved", channel, language)
    if advertising and channel not in letter.labelled:
        return Verdict("block", "label", channel, language)
    if letter.expires is not None and moment.at >= letter.expires:
        return Verdict("block", "expired", channel, language)
    if advertising and "cap" not in letter.overrides and _capped(person, law, channel):
        return Verdict("block", "cap", channel, language)
    until = _silent_until(person, letter, law, moment, channel, medium)
    if until is not None:
        why = "night" if advertising else "hours"
        if (advertising and not law.night_waits) or (letter.expires is not None and until >= letter.expires):
            return Verdict("block", why, channel, language)
        return Verdict("wait", why, channel, language, to, until)
    return Verdict("send", code, channel, language, to)


def _existing(person: Person, law: Law, moment: Moment) -> bool:
    if not law.existing or person.last_paid_on is None:
        return False
    return person.last_paid_on > months_before(moment.local(law.operator_zone).date(), law.existing_months)


def _capped(person: Person, law: Law, channel: str) -> bool:
    for key in ("all", channel):
        cap = law.caps.get(key)
        if cap is not None and person.sent.get(key, 0) >= cap[1]:
            return True
    return False


def _silent_until(person: Person, letter: Letter, law: Law, moment: Moment, channel: str, medium: str) -> datetime | None:
    """When a message that comes at a silent hour may go; None when it may go now."""
    if letter.purpose == ADVERTISING:
        if channel in law.night_exempt or person.night.get(medium) == "yes":
            return None
        hour = moment.local(person.zone).time()
        return moment.next(person.zone, law.night_to) if within(hour, law.night_from, law.night_to) else None
    if letter.any_hour or "hours" in letter.overrides:
        return None
    hour = moment.local(person.zone).time()
    return None if within(hour, law.sensible_from, law.sensible_to) else moment.next(person.zone, law.sensible_from)


def choose(person: Person, letter: Letter, law: Law, moment: Moment, chain: Sequence[str], step: int = 0) -> tuple[int, Verdict]:
    """The first channel of ``chain`` from ``step`` on by which the message may go or waits to go, and the verdict; where every channel is blocked, the
    last place of the chain and the verdict of the weightiest: what the law or the receiver says before a missing address."""
    worst: Verdict | None = None
    for place in range(step, len(chain)):
        verdict = gate(person, letter, law, moment, chain[place])
        if verdict.act != "block":
            return place, verdict
        if worst is None or _WEIGHT[verdict.code] > _WEIGHT[worst.code]:
            worst = verdict
    return len(chain) - 1, worst or Verdict("block", "no_text")


_LIGHT = ("no_text", "not_approved", "informational", "no_address", "suppressed")  # of one channel alone
_WEIGHT = {code: _LIGHT.index(code) if code in _LIGHT else len(_LIGHT) for code in RULES}
