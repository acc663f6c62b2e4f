"""Recording the same fact of many contracts at once: pausing, resuming and ending for chosen subscribers, from the floor of their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse

from numaru.domains.billing import reads
from numaru.domains.billing.actions.facts import FOLLOWS, LEADS, fold, record_fact
from numaru.domains.billing.models import Contract, ContractFact
from numaru.domains.billing.permissions import CONTRACT_RECORD
from numaru.domains.billing.states import CONTRACT
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.desk import api as desk
from numaru.ui import formats
from numaru.ui.bulk import BulkForm
from numaru.ui.fields import DayField
from numaru.ui.forms import spoken
from numaru.values.finding import Finding
from numaru.values.text import Text

KINDS: dict[str, Text] = {
    "paused": Text("일시 정지", "Pause"),
    "resumed": Text("다시 시작", "Resume"),
    "ended": Text("달 끝에 해지", "End with the month"),
}
NONE = Finding(
    "contract.none", Text("살아 있는 계약이 없습니다.", "There is no contract in force."), Text("가입자 화면에서 계약을 확인하십시오.", "Look at the subscriber's contracts."),
)  # fmt: skip
SEVERAL = Finding(
    "contract.several", Text("계약이 여럿이라 어느 것인지 알 수 없습니다.", "There are several contracts; which one is meant is not clear."),
    Text("가입자 화면에서 하나씩 하십시오.", "Do it one by one on the subscriber's page."),
)  # fmt: skip


class RecordForm(BulkForm):
    """What becomes true of every chosen contract, and from when."""

    kind = forms.ChoiceField(label=spoken(Text("무엇을", "What")))
    on = DayField(
        label=spoken(Text("언제부터", "From")),
        help_text=spoken(Text("그날 0시부터입니다. 해지는 그 달의 마지막 날까지 이용합니다.", "From midnight of that day. An end leaves the service running to the last day of that month.")),
        error_messages={"required": spoken(Text("날짜를 적으십시오.", "Write the day."))},
    )  # fmt: skip
    field_order = ("kind", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, str(text)) for key, text in KINDS.items()]  # type: ignore[attr-defined]
        self.fields["on"].initial = clock.today()


def _effective(kind: str, on: date, zone: str) -> datetime:
    """When the fact holds in the zone of its service: from midnight of its day."""
    return datetime.combine(_effective_day(kind, on), time(), ZoneInfo(zone)).astimezone(UTC)


def _effective_day(kind: str, on: date) -> date:
    """The day itself, or for an end the first day of the next month.

    >>> _effective_day("ended", date(2026, 12, 9)), _effective_day("paused", date(2026, 12, 9))
    (datetime.date(2027, 1, 1), datetime.date(2026, 12, 9))
    """
    return date(on.year + on.month // 12, on.month % 12 + 1, 1) if kind == "ended" else on


def aim(actor: Actor, keys: Sequence[str], data: Mapping[str, Any]) -> dict[str, desk.Target]:
    """The contract of each subscriber and what it becomes. Subscribers whose contracts the actor may not change are left out."""
    services = {s.id: s for s in catalogue.services()}
    seen = actor.services(CONTRACT_RECORD)
    cards = {k: c for k, c in subscribers.cards({int(key) for key in keys}).items() if seen is None or services[c.service_id].slug in seen}
    kind, on = str(data["kind"]), date.fromisoformat(str(data["on"]))
    contracts: dict[int, list[Contract]] = {}
    for row in Contract.objects.filter(subscriber_id__in=cards).order_by("pk"):
        contracts.setdefault(row.subscriber_id, []).append(row)
    facts = reads.facts_of([c.pk for rows in contracts.values() for c in rows])
    out: dict[str, desk.Target] = {}
    for pk, card in cards.items():
        effective = _effective(kind, on, services[card.service_id].zone)
        states = {c: _state(facts.get(c.pk, ()), effective) for c in contracts.get(pk, [])}
        live = [c for c, state in states.items() if state != "ended"] or list(states)[-1:]
        if len(live) != 1:
            out[str(pk)] = desk.Target(card.number, Text("", ""), Text("", ""), refusal=SEVERAL if live else NONE)
            continue
        before = states[live[0]]
        after = CONTRACT[LEADS.get(kind, before)].word if kind in FOLLOWS[before] else CONTRACT[before].word
        if kind == "ended" and kind in FOLLOWS[before]:
            after = Text("{d} 해지", "Ends {d}").fill(d=_said(_effective_day(kind, on)))
        out[str(pk)] = desk.Target(
            card.number, CONTRACT[before].word, after, {"contract": live[0].pk, "kind": kind, "effective_at": effective}
        )
    return out


def _state(facts: Sequence[ContractFact], at: datetime) -> str:
    return fold(fact.kind for fact in facts if fact.effective_at <= at)


def _said(day: date) -> Text:
    return Text(formats.day(day, "ko"), formats.day(day, "en"))


def words(data: Mapping[str, Any]) -> list[Text]:
    kind, on = str(data["kind"]), date.fromisoformat(str(data["on"]))
    return [Text("{k}, {d}부터", "{k}, from {d}").fill(k=KINDS[kind], d=_said(on))]


def names(keys: Sequence[str]) -> dict[str, str]:
    """Masked names, or the number where the name is not known."""
    cards = subscribers.cards({int(key) for key in keys})
    people = parties.masked({c.party_id for c in cards.values()})
    return {str(pk): (people[c.party_id].name if c.party_id in people else "") or c.number for pk, c in cards.items()}


def url(key: str) -> str:
    return reverse("subscribers:subscriber", args=[f"S-{int(key):07d}"])


desk.acts.add(
    "billing.record",
    desk.BulkAct(
        list_key="subscribers", name=Text("계약 변경 기록", "Record a contract change"), permission=CONTRACT_RECORD, action=record_fact,
        form=RecordForm, aim=aim, preview=Text("계약 변경 미리보기", "Preview a contract change"),
        button=Text("{n}명의 계약에 기록", "Record for {n}"),
        undo=Text("되돌리려면 반대의 변경을 기록합니다. 기록은 지워지지 않습니다.", "To take it back, record the opposite change. Records are never deleted."),
        words=words, names=names, url=url,
    ),
)  # fmt: skip
