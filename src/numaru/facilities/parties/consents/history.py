"""What somebody said, line by line: for themselves in the portal, and as proof of one moment for whoever has to show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from numaru.facilities.parties.actions.opening import scope_of
from numaru.facilities.parties.consents import documents
from numaru.facilities.parties.consents.documents import TextCard
from numaru.facilities.parties.consents.standings import standing
from numaru.facilities.parties.models import ConsentEvent, Party
from numaru.facilities.parties.permissions import CONSENT_VIEW
from numaru.facilities.parties.purposes import PURPOSES as REASONS
from numaru.facilities.parties.purposes import Why
from numaru.facilities.parties.rules.consents import PURPOSES, Standing
from numaru.facilities.parties.rules.texts import text_hash
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import NotFound
from numaru.values.text import Text

MOST = 500  # lines of one proof
type Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger as pages show it. ``text`` is the version that it was about, ``sha256`` that version's hash as it was written then."""

    id: int
    purpose: str
    medium: str
    kind: str
    at: datetime
    recorded_at: datetime
    channel: str
    locale: str
    actor: str
    reference: int | None
    evidence: str
    text: TextCard | None
    sha256: str

    @property
    def whole(self) -> bool | None:
        """Whether the text that is kept is still the one that was consented to; None where there was none."""
        return text_hash(self.text.words.ko, self.text.words.en) == self.sha256 if self.text else None


def _lines(rows: Iterable[ConsentEvent]) -> list[Line]:
    found = list(rows)
    texts = documents.by_id([row.text_id for row in found if row.text_id])
    return [
        Line(row.pk, row.purpose, row.medium, row.kind, row.at, row.recorded_at, row.channel, row.locale, row.actor, row.actor_ref, row.evidence,
             texts.get(row.text_id or 0), row.text_hash)
        for row in found
    ]  # fmt: skip


def own_choices(person: int, limit: int, before: int | None = None) -> list[Line]:
    """What a person said, newest first; ``before`` is the number of a line of theirs, after which the list goes on. Two queries, or three."""
    rows = ConsentEvent.objects.filter(party=person).exclude(kind="shown").order_by("-at", "-pk")
    if before is not None:
        found = ConsentEvent.objects.filter(party=person, pk=before).values_list("at", "pk").first()
        if found is None:
            return []
        at, pk = found
        rows = rows.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    return _lines(rows[:limit])


@dataclass(frozen=True, slots=True)
class Stood:
    """Where somebody stood on one topic, and the line that decides; None where nothing was ever said."""

    purpose: str
    medium: str
    document: int | None
    standing: Standing
    line: Line | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Where one person stood at a moment, and everything they had said until then, latest first. ``more``: there was more than is shown."""

    stood: tuple[Stood, ...]
    lines: tuple[Line, ...]
    more: bool


def proof_of(party: int, at: datetime, known: datetime | None = None) -> Proof:
    """What the ledger says of ``party`` at ``at``, from what was on record at ``known`` (None: all that is)."""
    where = standing([party], at, known)[party]
    rows = ConsentEvent.objects.filter(party=party, at__lte=at)
    if known is not None:
        rows = rows.filter(recorded_at__lte=known)
    lines = _lines(rows.order_by("-at", "-pk")[: MOST + 1])
    topics = sorted(where.said.answers, key=lambda t: (list(PURPOSES).index(t[0]), t[2] or 0, t[1]))
    silent = [(key, "", None) for key in PURPOSES if not any(topic[0] == key for topic in topics)]
    stands = [(topic, where.of(*topic)) for topic in topics] + [(topic, where.of(*topic)) for topic in silent]
    deciding = _deciding(lines, [s.event for _, s in stands if s.event])
    stands.sort(key=lambda one: list(PURPOSES).index(one[0][0]))
    return Proof(
        tuple(Stood(p, m, d, s, deciding.get(s.event or 0)) for (p, m, d), s in stands), tuple(lines[:MOST]), len(lines) > MOST
    )  # fmt: skip


def _deciding(lines: Sequence[Line], wanted: Sequence[int]) -> dict[int, Line]:
    """The lines that decide, by number; one that is older than the lines shown is looked up."""
    found = {line.id: line for line in lines}
    missing = [pk for pk in wanted if pk not in found]
    return found | {line.id: line for line in (_lines(ConsentEvent.objects.filter(pk__in=missing)) if missing else ())}


@action(CONSENT_VIEW, reason=True, service=scope_of)
def read_proof(
    act: Act, *, party: int, at: datetime, known: datetime | None = None, code: str = "", service: str | None = None
) -> Proof:  # fmt: skip
    """The proof of one person at one moment. That it was read, by whom and what for, is put on record before it is shown."""
    if not Party.objects.filter(pk=party).exists():
        raise NotFound.named(Text("사람", "person"), party)
    act.record("parties.party", str(party), after={"consents_read": at.isoformat()} | ({"purpose": code} if code in REASONS else {}))
    act.effect(Text("열람 기록이 남습니다.", "The opening is put on record."))
    return proof_of(party, at, known)


def open_proof(actor: Actor, *, party: int, at: datetime, why: Why, known: datetime | None = None, service: str | None = None) -> Proof:
    """As :func:`read_proof`, for a purpose of the list. Raises Invalid for one that is not on it."""
    return read_proof.do(actor, party=party, at=at, known=known, code=why.code, service=service, reason=why.reason())
