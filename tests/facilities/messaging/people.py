"""A few people who can be written to, a carrier that does what it is told, and templates to send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message, MessageBatch
from numaru.facilities.messaging.sending import send
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor

HOUSE = Actor.system("test")
DAY = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
NIGHT = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)  # 22:00 in Seoul
W = messaging.Wording


class Provider:
    """A carrier that remembers, or not, and answers as it is told: ``says(message)`` gives the outcome."""

    def __init__(self, name: str = "provider", *, remembers: bool = True, most: int = 100) -> None:
        self.name, self.remembers, self.most = name, remembers, most
        self.got: list[messaging.Outgoing] = []
        self.known: dict[str, messaging.Outcome] = {}
        self.says: Callable[[messaging.Outgoing], messaging.Outcome] = lambda m: messaging.Outcome(m.key, "accepted", f"p-{m.key}")
        self.down: list[float | None] = []
        self.waiting: list[messaging.Report] = []

    def send(self, messages: Sequence[messaging.Outgoing]) -> list[messaging.Outcome]:
        if self.down:
            raise messaging.CarrierDown("away", self.down.pop(0))
        out = []
        for m in messages:
            if self.remembers and m.key in self.known:
                out.append(self.known[m.key])
                continue
            outcome = self.says(m)
            if outcome.state != "refused":
                self.got.append(m)
                self.known[m.key] = outcome
            out.append(outcome)
        return out

    def ask(self, keys: Sequence[str]) -> dict[str, messaging.Outcome]:
        return {k: self.known[k] for k in keys if k in self.known} if self.remembers else {}

    def reports(self, cursor: str) -> tuple[list[messaging.Report], str]:
        done = int(cursor or 0)
        return self.waiting[done:], str(len(self.waiting))

    def keys(self) -> Counter[str]:
        return Counter(m.key for m in self.got)


class By:
    """Which provider takes which channel; the rest stays in the outbox."""

    def __init__(self, **channels: Provider) -> None:
        self.channels = channels

    def of(self, channel: str) -> messaging.Carrier | None:
        return self.channels.get(channel)


def bind(**channels: Provider) -> None:
    ports.bind(messaging.Carriers, By(**channels))  # type: ignore[type-abstract]


def people(count: int, *, language: str = "ko", phone: bool = True, email: bool = True) -> list[int]:
    """People with invented contact data; ids are consecutive."""
    first = parties.register(
        [
            parties.Person("김하늘" if n % 2 else "박새봄", f"0100{n:07d}" if phone else "", f"p{n}@naru.kr" if email else "", language)
            for n in range(count)
        ]
    )
    return list(range(first, first + count))


def agreed(who: Sequence[int], *purposes: str, medium: str = "", at: datetime | None = None, kind: str = "yes") -> None:
    when = at or datetime(2026, 6, 1, tzinfo=UTC)
    lines = [consents.Statement(p, purpose, kind, when, medium) for p in who for purpose in purposes or ("advertising",)]
    consents.say_many.do(HOUSE, statements=lines, reason="시험")


def template(key: str = "test.notice", purpose: str = "service", chain: Sequence[str] = ("email",), variables: Sequence[messaging.Variable] = (), *, any_hour: bool = True, alimtalk: str = "approved", **texts: str) -> str:  # fmt: skip
    """A published template with the same short text on every channel of its chain, or ``texts`` by channel."""
    wordings: dict[str, dict[str, dict[str, str]]] = {}
    for channel in chain:
        words = texts.get(channel, "{name}님께 알립니다")
        given = {
            "subject": "알림" if channel not in ("sms", "alimtalk") else "",
            "text": words,
            "code": "T-1" if channel == "alimtalk" else "",
        }
        if channel == "email":
            given["markdown"] = words
        wordings[channel] = {"ko": given}
    messaging.open_template.do(
        HOUSE, key=key, purpose=purpose, name_ko="시험 안내", name_en="Test notice", chain=list(chain), any_hour=any_hour
    )
    messaging.write_draft.do(HOUSE, key=key, variables=[vars_(v) for v in variables], wordings=wordings)
    messaging.publish_template.do(HOUSE, key=key, reason="시험")
    if "alimtalk" in chain:
        messaging.note_approval.do(HOUSE, key=key, language="ko", state=alimtalk)
    return key


def vars_(v: messaging.Variable) -> dict[str, object]:
    return {"key": v.key, "kind": v.kind, "required": v.required, "most": v.most}


def post(key: str, who: Sequence[int], **more: object) -> str:
    return messaging.post(template=key, actor=HOUSE, people=who, **more)  # type: ignore[arg-type]


def work(number: str, at: datetime = DAY) -> None:
    """Let the worker do what it would do, until nothing is left to do at ``at``."""
    with clock.pinned(at):
        while send(number, 60):
            pass


def states(number: str) -> Counter[str]:
    return Counter(Message.objects.filter(batch__number=number).values_list("state", flat=True))


def codes(number: str) -> Counter[str]:
    return Counter(Message.objects.filter(batch__number=number).values_list("code", flat=True))


def tallied(number: str) -> Counter[str]:
    batch = MessageBatch.objects.get(number=number)
    return Counter({t.state: 0 for t in batch.tallies.all()}) + Counter(
        {s: sum(t.count for t in batch.tallies.filter(state=s)) for s in {t.state for t in batch.tallies.all()}}
    )
