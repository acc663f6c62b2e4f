"""The work of a batch: claim, judge at the moment of sending, write out, hand over, note what became of it. Each step is committed by itself.

Killed between handing over and noting, a message stands as ``sending``. Whoever goes on asks a carrier that remembers; one that was never taken goes
again under its key. Of a carrier that does not remember, service messages go again under the same key (a receiver's program knows it by its
Message-ID) and advertising waits, unknown, for a person. One process at a time works on a batch.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from numaru.facilities.messaging import judging, law, moving, queueing, wording, writing
from numaru.facilities.messaging.enclosing import Missing, attachments
from numaru.facilities.messaging.judging import Rulings
from numaru.facilities.messaging.models import MessageBatch, Suppression
from numaru.facilities.messaging.moving import Row, Told
from numaru.facilities.messaging.outbox import carrier
from numaru.facilities.messaging.ports import Addresses, Attachment, Carrier, CarrierDown, Outcome, Outgoing
from numaru.facilities.messaging.rules import gate, label, render, states
from numaru.facilities.messaging.rules.channels import KIND, too_long
from numaru.facilities.messaging.rules.gate import ADVERTISING, Letter, Moment, Person, Verdict
from numaru.facilities.messaging.rules.suppressing import hard
from numaru.facilities.messaging.suppressing import Hit, suppress
from numaru.facilities.messaging.wording import Version
from numaru.kernel import clock, live, ports
from numaru.kernel.access import Actor
from numaru.kernel.faults import point
from numaru.kernel.jobs import Progress
from numaru.kernel.vault import api as vault
from numaru.values.text import Text

log = logging.getLogger(__name__)
HOUSE = Actor.system("messaging")
LOCK = 0x4E4D_5E4D  # advisory: one process a batch
CAPS = 0x4E4D_5CA9  # advisory: claims of advertising one after the other, so that a cap counts what others claim
CHUNK = 500
SWEEP = 20_000
DOWN = 60.0  # seconds before a carrier that is away is tried again, unless it says otherwise
LIVE = "messaging.batch"


@contextmanager
def alone(batch: int) -> Iterator[bool]:
    """Whether this process has the batch to itself; free again when the process is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, batch % 2**31])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, batch % 2**31])


@dataclass(slots=True)
class Work:
    """A batch being worked on: what holds for all its messages."""

    batch: MessageBatch
    version: Version
    facts: dict[str, str]
    chain: tuple[str, ...]


def work_of(batch: MessageBatch) -> Work:
    return Work(batch, wording.version(batch.version_id), writing.opened_facts(batch.facts), tuple(batch.chain))


def send(number: str, seconds: float = 15.0) -> bool:
    """Work on a batch for about ``seconds``. True when there is more to do now; then call again. Nothing where another process has it.

    A batch that is paused or stopped is only tidied: what a dead worker left is settled, what was stopped ends.
    """
    batch = MessageBatch.objects.get(number=number)
    with alone(batch.pk) as mine:
        if not mine or not begin(batch) or (batch.queued_at is None and batch.state == "running" and not fill(batch)):
            return False
        work = work_of(batch)
        until = time.monotonic() + seconds
        if not recover(work):
            return False
        more = _on(work, until) if batch.state == "running" else False
        sweep(batch)
        live.announce(LIVE, number)
        return more


def _on(work: Work, until: float) -> bool:
    """Chunk after chunk while it runs. True when the time is over and something is left."""
    while runs(work.batch):
        if not chunk(work):
            return not finish(work.batch)
        if time.monotonic() >= until:
            return True
    return False


def begin(batch: MessageBatch) -> bool:
    """Whether there may be something to do; a batch whose hour has come begins."""
    if batch.state == "approved" and batch.send_at is not None and batch.send_at <= clock.now():
        MessageBatch.objects.filter(pk=batch.pk, state="approved").update(state="running", started_at=clock.now())
        batch.refresh_from_db()
    return batch.state in ("running", "paused", "stopped")


def fill(batch: MessageBatch) -> bool:
    """Queue everybody of a batch; a notice shows how far it is. False when it was halted meanwhile."""
    progress = None
    if batch.kind == "notice":
        progress = Progress(LIVE, batch.number, actor=batch.started_name, staff=batch.started_by)
        progress.begin()
        progress.stage("queue", int(batch.counted.get("people", 0)), batch.total)
    done = queueing.fill(batch, progress)
    if progress is not None:
        progress.finish("done" if done else "paused")
    return done


def sweep(batch: MessageBatch) -> int:
    """What is still queued in a batch that was stopped ends; returns how many."""
    with transaction.atomic():
        if not MessageBatch.objects.select_for_update().filter(pk=batch.pk, state="stopped").exists():
            return 0
        rows = moving.read(
            "batch_id = %(batch)s AND state IN ('queued', 'waiting')", {"batch": batch.pk}, f"ORDER BY id LIMIT {SWEEP} FOR UPDATE"
        )
        now = clock.now()
        for row in rows:
            row.state, row.code = "stopped", ""
        moving.save(rows, [Told(row.id, "stopped", now, row.step) for row in rows], now)
    return len(rows) + (sweep(batch) if len(rows) == SWEEP else 0)


def runs(batch: MessageBatch) -> bool:
    """Asked between chunks: a pause or a stop holds from here on."""
    return MessageBatch.objects.filter(pk=batch.pk, state="running").exists()


def finish(batch: MessageBatch) -> bool:
    """Done when nothing is queued, waits or is on its way out. True when nothing is to do now. Unknown ones wait for a person."""
    with transaction.atomic():
        row = MessageBatch.objects.select_for_update().get(pk=batch.pk)
        open_ones = row.messages.filter(state__in=("queued", "waiting", "sending"))
        if row.state == "running" and not open_ones.exists():
            row.state, row.ended_at, row.trouble = "done", clock.now(), ""
            row.save(update_fields=["state", "ended_at", "trouble"])
    return not MessageBatch.objects.filter(
        pk=batch.pk, state="running", messages__state__in=("queued", "waiting"), messages__due_at__lte=clock.now()
    ).exists()


# ── what a dead worker left ──────────────────────────────────────────────────────────────────────────────────────────


def recover(work: Work) -> bool:
    """Settle what stands as sending: nobody else works on the batch, so whoever sent it is dead. False when the carrier cannot be asked now."""
    while True:
        rows = moving.read("batch_id = %(batch)s AND state = 'sending'", {"batch": work.batch.pk}, f"ORDER BY id LIMIT {CHUNK}")
        if not rows:
            return True
        known: dict[str, Outcome] = {}
        for channel, mine in _by_channel(rows).items():
            by = carrier(channel)
            asked = [r for r in mine if r.carrier == by.name]
            if not by.remembers or not asked:
                continue
            try:
                known |= by.ask([r.key for r in asked])
            except CarrierDown as down:
                _trouble(work.batch, "carrier_down", down.retry_after)
                return False
        with transaction.atomic():
            settle(work, rows, known, asked=True)


def _by_channel(rows: Sequence[Row]) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        out[row.channel].append(row)
    return out


def _trouble(batch: MessageBatch, code: str, seconds: float | None) -> None:
    """Note why it does not go on by itself. A heartbeat of the work, no act of a person."""
    MessageBatch.objects.filter(pk=batch.pk).exclude(trouble=code).update(trouble=code)
    log.warning("batch %s: %s, tried again in %s s", batch.number, code, round(seconds or DOWN))


# ── one chunk ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Claimed:
    """What a claim decided: the messages to hand over, by channel, and how many rows it touched."""

    ready: dict[str, list[tuple[Row, Outgoing]]] = field(default_factory=lambda: defaultdict(list))
    touched: int = 0


def chunk(work: Work) -> int:
    """Judge and send the next messages that are due; returns how many were looked at."""
    at = clock.now()
    standing = law.standing(at)
    size = _size(work, standing)
    with transaction.atomic():
        claimed = claim(work, standing, at, size)
    point("claimed")
    for channel, pairs in claimed.ready.items():
        by = carrier(channel)
        most = max(1, min(by.most, len(pairs)))
        for start in range(0, len(pairs), most):
            _hand_over(work, by, channel, pairs[start : start + most], standing)
    return claimed.touched


def _size(work: Work, standing: law.Standing) -> int:
    """As many as the slowest channel of the chain takes in a second, so that a pause holds at once."""
    rates = [r for r in (work.batch.rate, *(standing.rates.get(c, 0) for c in work.chain if carrier(c).name != "outbox")) if r > 0]
    return max(1, min(CHUNK, *rates)) if rates else CHUNK


def _hand_over(work: Work, by: Carrier, channel: str, pairs: Sequence[tuple[Row, Outgoing]], standing: law.Standing) -> None:
    rate = standing.rates.get(channel, 0) if by.name != "outbox" else 0
    if work.batch.rate and (not rate or work.batch.rate < rate):
        rate = work.batch.rate
    pause = pace(channel, len(pairs), rate)
    if pause > 0:
        time.sleep(pause)
    point("sending")
    rows = [row for row, _ in pairs]
    try:
        outcomes = {o.key: o for o in by.send([m for _, m in pairs])}
    except CarrierDown as down:
        with transaction.atomic():
            put_back(rows, clock.now() + timedelta(seconds=down.retry_after or DOWN))
        _trouble(work.batch, "carrier_down", down.retry_after)
        return
    point("sent")
    missing = [r.key for r in rows if r.key not in outcomes]  # a carrier that forgets one has said nothing of it
    for key in missing:
        outcomes[key] = Outcome(key, "unknown")
    with transaction.atomic():
        settle(work, rows, outcomes)
    if work.batch.trouble:
        MessageBatch.objects.filter(pk=work.batch.pk).update(trouble="")
        work.batch.trouble = ""
    point("noted")


def pace(channel: str, count: int, rate: int) -> float:
    """Take the channel's next ``count`` places at ``rate`` a second, whoever else sends by it; returns the seconds until they begin."""
    if rate <= 0:
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_channelpace AS p (channel, next_at) VALUES (%(c)s, clock_timestamp() + %(s)s * interval '1 second')"
            " ON CONFLICT (channel) DO UPDATE SET next_at = greatest(p.next_at, clock_timestamp()) + %(s)s * interval '1 second'"
            " RETURNING extract(epoch FROM next_at - clock_timestamp()) - %(s)s",
            {"c": channel, "s": count / rate},
        )
        return max(0.0, float(cursor.fetchone()[0]))


def put_back(rows: Sequence[Row], due: datetime) -> None:
    """Nothing of these was taken: they are queued again, and it was no try."""
    now, told = clock.now(), []
    for row in rows:
        row.state, row.due_at, row.tries, row.sent_at, row.code = "queued", due, max(0, row.tries - 1), None, "carrier_down"
        told.append(Told(row.id, "down", now, row.step, row.channel, carrier=row.carrier))
    moving.save(rows, told, now)


# ── judging and writing out ──────────────────────────────────────────────────────────────────────────────────────────


def claim(work: Work, standing: law.Standing, at: datetime, size: int) -> Claimed:
    """Take the next due messages, judge them, open what is needed of whoever may be sent to, write their messages out, and note them as sending."""
    if work.version.purpose == ADVERTISING:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CAPS])
    rows = moving.read(
        "batch_id = %(batch)s AND state IN ('queued', 'waiting') AND due_at <= %(at)s", {"batch": work.batch.pk, "at": at},
        f"ORDER BY due_at, id LIMIT {int(size)} FOR UPDATE SKIP LOCKED",
    )  # fmt: skip
    claimed = Claimed(touched=len(rows))
    if not rows:
        return claimed
    people = judging.people(sorted({r.party for r in rows}), work.chain, work.version.purpose, standing, at)
    plain = judging.letter(work.version, standing, work.batch.expires_at)
    rulings, moment = Rulings(standing), Moment(at, standing.law.operator_zone)
    told: list[Told] = []
    going: list[tuple[Row, Verdict]] = []
    counted: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        person = people.get(row.party)
        if person is None:
            _block(row, Verdict("block", "gone"), len(work.chain) - 1, work, rulings, told, at)
            continue
        for channel in counted[row.party]:  # of this very chunk
            person.sent = {**person.sent, "all": person.sent.get("all", 0) + 1, channel: person.sent.get(channel, 0) + 1}
        counted[row.party] = []
        about = _with_overrides(plain, row)
        step, verdict = gate.choose(person, about, standing.law, moment, work.chain, row.step)
        if _decide(row, step, verdict, work, rulings, told, at):
            going.append((row, verdict))
            counted[row.party].append(verdict.channel)
    _write_out(work, standing, going, people, plain, moment, rulings, told, at, claimed)
    moving.save(rows, told, at)
    return claimed


def _with_overrides(plain: Letter, row: Row) -> Letter:
    if not row.overrides:
        return plain
    return Letter(plain.purpose, plain.languages, plain.approved, plain.labelled, plain.any_hour, plain.expires, row.overrides)


def _decide(row: Row, step: int, verdict: Verdict, work: Work, rulings: Rulings, told: list[Told], at: datetime) -> bool:
    """Write a verdict onto the row. True for one that may go."""
    if verdict.act == "block":
        _block(row, verdict, step, work, rulings, told, at)
        return False
    if step != row.step:
        row.step, row.tries = step, 0
    row.channel, row.language, row.code, row.ruling = verdict.channel, verdict.language, verdict.code, rulings.of(verdict.code)
    row.receiver = verdict.to if verdict.to != row.party else None
    if verdict.act == "wait":
        assert verdict.until is not None
        if row.state != "waiting":
            told.append(Told(row.id, "waiting", at, row.step, row.channel, row.code, ruling=row.ruling))
        row.state, row.due_at = "waiting", verdict.until
        return False
    return True


def _block(row: Row, verdict: Verdict, step: int, work: Work, rulings: Rulings, told: list[Told], at: datetime) -> None:
    row.state, row.code, row.step = "blocked", verdict.code, step
    row.channel, row.language = verdict.channel or work.chain[step], verdict.language
    row.ruling, row.sent_at = rulings.of(verdict.code), None
    told.append(Told(row.id, "blocked", at, row.step, row.channel, row.code, ruling=row.ruling))


def _write_out(
    work: Work, standing: law.Standing, going: list[tuple[Row, Verdict]], people: dict[int, Person], plain: Letter, moment: Moment, rulings: Rulings,
    told: list[Told], at: datetime, claimed: Claimed,
) -> None:  # fmt: skip
    """Write the messages that may go. One that turns out not to fit its channel, or whose address is suppressed, tries the next channel at once."""
    names = {channel: carrier(channel).name for channel in work.chain}
    while going:
        opened = _opened(work, going)
        again: list[tuple[Row, Verdict]] = []
        for row, verdict in going:
            found = opened.get(row.receiver or row.party, {})
            made, why = _made(work, standing, row, verdict, found)
            if made is not None:
                _send(row, made, names[row.channel], claimed, told, at)
                continue
            person = people[row.party]
            person.suppressed = {**person.suppressed, verdict.channel: why}
            if row.step + 1 < len(work.chain):
                step, other = gate.choose(person, _with_overrides(plain, row), standing.law, moment, work.chain, row.step + 1)
                if other.act != "block":
                    if _decide(row, step, other, work, rulings, told, at):
                        again.append((row, other))
                    continue
            _block(row, Verdict("block", why, verdict.channel, verdict.language), row.step, work, rulings, told, at)
        going = again


def _opened(work: Work, going: list[tuple[Row, Verdict]]) -> dict[int, dict[str, str]]:
    """Names and addresses of whoever is written to, by party: put on record, then opened."""
    kinds = {KIND[v.channel] for _, v in going if v.channel in KIND}
    if any("name" in render.used(w.subject, w.text, w.html) for texts in work.version.wordings.values() for w in texts.values()):
        kinds.add("name")
    who = sorted({row.receiver or row.party for row, _ in going})
    words = parties_notice()
    vault.record_many(HOUSE, who, sorted(kinds), vault.Purpose(words.ko, "notice", service=work.batch.service, bulk=work.batch.number))
    found = {one.person: dict(one.values) for one in vault.read_many(who, kinds)}
    for channel in {v.channel for _, v in going} & {"push", "letter"}:
        mine = [row.receiver or row.party for row, v in going if v.channel == channel]
        for party, address in ports.get(Addresses).of(channel, mine).items():  # type: ignore[type-abstract]
            found.setdefault(party, {})[channel] = address
    _drop_suppressed(found)
    return found


def parties_notice() -> Text:
    from numaru.facilities.parties.api import PURPOSES

    return PURPOSES["notice"]


def _drop_suppressed(found: dict[int, dict[str, str]]) -> None:
    """Mark addresses that are suppressed by their token, whoever else they belonged to."""
    blinds = vault.asking()
    tokens: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for party, values in found.items():
        for kind in ("email", "phone"):
            if values.get(kind):
                for blind in blinds:
                    tokens[kind, blind.token(kind, values[kind].strip().lower())].append((party, kind))
    if not tokens:
        return
    hit = Suppression.objects.filter(token__in=[t for _, t in tokens], lifted_at__isnull=True).values_list("kind", "token")
    for kind, token in hit:
        for party, of in tokens.get((kind, token), []):
            found[party][of] = ""
            found[party][f"{of}!"] = "suppressed"


def _made(work: Work, standing: law.Standing, row: Row, verdict: Verdict, found: dict[str, str]) -> tuple[Outgoing | None, str]:
    """The message, or the rule that keeps it from this channel."""
    channel, language = verdict.channel, verdict.language
    kind = KIND.get(channel, channel)
    to = str(row.party) if channel == "inapp" else found.get(kind, "")
    if not to:
        return None, found.get(f"{kind}!", "no_address")
    facts = {**work.facts, **writing.opened_facts(row.facts)}
    if render.missing(work.version.variables, facts):
        return None, "no_value"
    try:
        files: list[Attachment] = attachments(row.enclosure, row.party, language) if row.enclosure else []
    except Missing:
        return None, "no_value"
    made = writing.write(work.version, standing, channel, language, facts, found.get("name", ""), row.party)
    if too_long(channel, made.rendered.subject, made.rendered.text, standing.limits):
        return None, "too_long"
    if work.version.purpose == ADVERTISING and not label.is_labelled(made.rendered, standing.sender, made.way_out):
        return None, "label"
    row.digest = render.digest(channel, language, made.rendered, [f.content for f in files])
    return writing.outgoing(work.version, standing, channel, language, made, key=row.key, to=to, attachments=files), ""


def _send(row: Row, made: Outgoing, by: str, claimed: Claimed, told: list[Told], at: datetime) -> None:
    row.sent_at = at
    if row.channel == "inapp":  # the row itself is what the receiver reads
        row.state, row.carrier, row.tries = "delivered", "portal", 1
        told.append(Told(row.id, "delivered", at, row.step, row.channel, row.code, row.carrier, ruling=row.ruling))
        return
    row.state, row.carrier, row.provider_id, row.tries = "sending", by, "", row.tries + 1
    told.append(Told(row.id, "sending", at, row.step, row.channel, row.code, row.carrier, ruling=row.ruling))
    claimed.ready[row.channel].append((row, made))


# ── what became of them ──────────────────────────────────────────────────────────────────────────────────────────────


def settle(work: Work, rows: Sequence[Row], outcomes: dict[str, Outcome], *, asked: bool = False) -> None:
    """Note the outcomes of messages that were handed over. ``asked``: they come from asking; one that is missing then was never taken, where the carrier
    remembers, and nobody knows where it does not."""
    now, told = clock.now(), []
    standing = law.standing(now)
    hits: list[Hit] = []
    still = _still(rows)
    by = {channel: carrier(channel) for channel in {row.channel for row in rows}}
    for row in rows:
        outcome = outcomes.get(row.key)
        if row.id not in still:  # a report was faster: it knows more
            if outcome is not None and outcome.state == "accepted":
                told.append(
                    Told(row.id, "accepted", now, row.step, row.channel, outcome.code, row.carrier, outcome.provider_id, cost=outcome.cost)
                )
            continue
        state = outcome.state if outcome is not None else "unknown"
        code = outcome.code if outcome is not None else ""
        if outcome is None and asked and by[row.channel].remembers and by[row.channel].name == row.carrier:
            told.append(Told(row.id, "not_taken", now, row.step, row.channel, carrier=row.carrier))
            row.state, row.due_at, row.sent_at, row.tries = "queued", now, None, max(0, row.tries - 1)
            continue
        kind = KIND.get(row.channel, row.channel)
        if state == "accepted" and outcome is not None:
            row.state, row.provider_id = "accepted", outcome.provider_id[:120]
        elif state == "refused" and outcome is not None:
            _refused(row, outcome, work, standing, now)
            if hard(kind, code, outcome.permanent):
                hits.append(Hit(row.receiver or row.party, kind, row.channel, "hard", code, row.id))
        else:
            _unknown(row, by[row.channel], standing, now)
        told.append(
            Told(row.id, state, now, row.step if state == "accepted" else _step_of(row), row.was[1], code, row.carrier, outcome.provider_id if outcome else "",
                 cost=outcome.cost if outcome else None)
        )  # fmt: skip
    moving.save([row for row in rows if row.id in still], told, now)
    if hits:
        suppress(hits, now)


def _still(rows: Sequence[Row]) -> set[int]:
    """Those that stand as they were handed over, locked in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, state, step FROM messaging_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [[r.id for r in rows]])
        now = {pk: (state, step) for pk, state, step in cursor.fetchall()}
    return {r.id for r in rows if now.get(r.id) == (r.state, r.step)}


def _step_of(row: Row) -> int:
    return row.step if row.state != "queued" or row.code != "next" else row.step - 1


def _refused(row: Row, outcome: Outcome, work: Work, standing: law.Standing, now: datetime) -> None:
    """For now: again later under the same key. For good, or too often: the next channel, or the end."""
    row.sent_at = None
    again = None if outcome.permanent else states.next_try(row.tries, standing.tries)
    if again is not None:
        row.state, row.due_at, row.code = "queued", now + timedelta(seconds=again), "again"
    elif states.falls_back("failed", row.step, len(work.chain)):
        row.state, row.step, row.tries, row.code, row.due_at = (
            "queued",
            row.step + 1,
            0,
            "next",
            now + timedelta(minutes=standing.fallback_minutes),
        )
    else:
        row.state, row.code = "failed", "refused_for_good" if outcome.permanent else "tries"


def _unknown(row: Row, by: Carrier, standing: law.Standing, now: datetime) -> None:
    """Nobody can say whether it was taken. A carrier that remembers is asked by and by; of one that does not, a service message goes again under its key and
    advertising waits for a person."""
    again = states.next_try(row.tries, standing.tries)
    if not by.remembers and row.purpose != ADVERTISING and again is not None:
        row.state, row.due_at, row.code = "queued", now + timedelta(seconds=again), "again"
        return
    row.state, row.code = "unknown", "unknown"
