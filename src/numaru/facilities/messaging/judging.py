"""What the gate needs to know of people, loaded set by set, and its verdicts over many of them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import connection

from numaru.facilities.messaging.law import Standing
from numaru.facilities.messaging.models import Ruling
from numaru.facilities.messaging.ports import Addresses, Customers
from numaru.facilities.messaging.rules import gate, label
from numaru.facilities.messaging.rules.channels import KIND, MEDIA
from numaru.facilities.messaging.rules.checking import longest
from numaru.facilities.messaging.rules.gate import ADVERTISING, RULES, Letter, Moment, Person, Verdict, within
from numaru.facilities.messaging.wording import Version
from numaru.facilities.messaging.writing import ways_out
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.kernel import clock, ports

NOTHING: Mapping[str, str] = MappingProxyType({})
NOBODY_SENT: Mapping[str, int] = MappingProxyType({})
COUNTED = ("sending", "accepted", "delivered", "bounced", "failed", "returned", "unknown")  # a message that counts against a cap


def letter(version: Version, standing: Standing, expires: datetime | None = None, overrides: frozenset[str] = frozenset()) -> Letter:
    """What the gate must know of a message; which texts carry the label is found by writing each out at its longest."""
    languages = version.languages()
    whole: set[str] = set()
    if version.purpose == ADVERTISING:
        for channel, known in languages.items():
            if known and all(_labelled(version, standing, channel, language) for language in known):
                whole.add(channel)
    return Letter(version.purpose, languages, version.approved, frozenset(whole), version.any_hour, expires, overrides)


def _labelled(version: Version, standing: Standing, channel: str, language: str) -> bool:
    out = ways_out(standing, language).get(channel, "")
    made = longest(channel, version.wordings[channel][language], version.variables, standing.sender, out)
    return label.is_labelled(made, standing.sender, out)


def people(who: Sequence[int], chain: Collection[str], purpose: str, standing: Standing, at: datetime) -> dict[int, Person]:
    """What is known of each of ``who``; a party that there is not is left out. A fixed number of queries, whatever the number of people."""
    traits = consents.traits(who)
    guarded = (
        {t.guardian for t in traits.values() if t.child and t.guardian is not None}
        if purpose != ADVERTISING and standing.law.child_to_guardian
        else set()
    )
    everyone = [*traits, *(g for g in guarded if g not in traits)]
    reach = _reach(everyone, chain)
    suppressed = _suppressed(everyone, chain)
    advertising = purpose == ADVERTISING
    media = {MEDIA[c] for c in chain}
    stands = consents.standing(list(traits), at) if advertising else {}
    sent = _sent(list(traits), standing, at) if advertising and standing.law.caps else {}
    bought = ports.get(Customers).last_bought(list(traits)) if advertising and standing.law.existing else {}  # type: ignore[type-abstract]
    found: dict[int, Person] = {}
    none: frozenset[str] = frozenset()
    moment, law = Moment(at, standing.law.operator_zone), standing.law
    for party, t in traits.items():
        holder = t.guardian if t.child and t.guardian in guarded and t.guardian is not None else party
        ad = night = NOTHING
        if advertising and (where := stands[party]).said.answers:
            ad = {m: where.of("advertising", m).state for m in media}
            if within(moment.local(t.zone).time(), law.night_from, law.night_to):  # by day nothing asks for it
                night = {m: where.of("advertising_night", m).state for m in media}
        found[party] = Person(
            party, t.language, t.do_not_contact, t.child, t.guardian, t.zone, bought.get(party), ad, night, reach.get(holder, none),
            suppressed.get(holder, NOTHING), sent.get(party, NOBODY_SENT),
        )  # fmt: skip
    return found


def _reach(who: Sequence[int], chain: Collection[str]) -> dict[int, frozenset[str]]:
    """The channels by which each can be reached; nothing is opened for it."""
    by_shape: dict[tuple[bool, ...], frozenset[str]] = {}
    other = [c for c in chain if c in ("push", "letter")]
    known = {c: ports.get(Addresses).known(c, who) for c in other}  # type: ignore[type-abstract]
    users = parties.portal_users(who) if "inapp" in chain else set()
    kinds = {c: KIND.get(c) for c in chain}
    out: dict[int, frozenset[str]] = {}
    for party, phone, email in parties.reachable(who):
        shape = (phone, email, party in users, *(party in known[c] for c in other))
        channels = by_shape.get(shape)
        if channels is None:
            channels = by_shape[shape] = frozenset(
                c
                for c in chain
                if (kinds[c] == "phone" and phone)
                or (kinds[c] == "email" and email)
                or (c == "inapp" and party in users)
                or (c in other and party in known[c])
            )
        out[party] = channels
    return out


def _suppressed(who: Sequence[int], chain: Collection[str]) -> dict[int, dict[str, str]]:
    """Suppressed channels of each, by the person whose address it was. Whether the address that is used carries the token is asked once more when it is
    open."""
    out: dict[int, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT party, kind, reason FROM messaging_suppression WHERE party = ANY(%s) AND lifted_at IS NULL ORDER BY id", [list(who)]
        )
        rows = cursor.fetchall()
    for party, kind, reason in rows:
        for channel in chain:
            if KIND.get(channel, channel) == kind:
                out[party][channel] = reason
    return out


def _sent(who: Sequence[int], standing: Standing, at: datetime) -> dict[int, dict[str, int]]:
    """Advertising within the window of each cap. One query for all windows."""
    caps = standing.law.caps
    longest_window = max(hours for hours, _ in caps.values())
    out: dict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT party, channel, sent_at FROM messaging_message WHERE party = ANY(%s) AND purpose = 'advertising' AND sent_at > %s AND sent_at <= %s"
            " AND state = ANY(%s)",
            [list(who), at - timedelta(hours=longest_window), at, list(COUNTED)],
        )
        for party, channel, sent_at in cursor.fetchall():
            mine = out[party]
            for key in ("all", channel):
                cap = caps.get(key)
                if cap is not None and sent_at > at - timedelta(hours=cap[0]):
                    mine[key] = mine.get(key, 0) + 1
    return out


@dataclass(frozen=True, slots=True)
class Judged:
    """One person and what the gate says: the place in the chain and the verdict."""

    party: int
    step: int
    verdict: Verdict


def judge(who: Sequence[int], chain: Sequence[str], about: Letter, standing: Standing, at: datetime) -> Iterator[Judged]:
    """The verdict for each of ``who`` in their order; a party that there is not is blocked as gone."""
    known = people(who, chain, about.purpose, standing, at)
    moment = Moment(at, standing.law.operator_zone)
    for party in who:
        person = known.get(party)
        if person is None:
            yield Judged(party, len(chain) - 1, Verdict("block", "gone"))
            continue
        step, verdict = gate.choose(person, about, standing.law, moment, chain)
        yield Judged(party, step, verdict)


class Rulings:
    """Verdicts as messages point at them: each is written once, and remembered."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._known: dict[str, int] = {}

    def of(self, code: str) -> int:
        """The number of the ruling of a code under the policies that hold."""
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = self._keep(code)
        return found

    def _keep(self, code: str) -> int:
        key = RULES[code].policy
        version, value, basis = self._standing.sources.get(key, (0, None, ""))
        kept = value if not isinstance(value, (set, frozenset)) else sorted(value)
        mark = hashlib.sha256(
            json.dumps([code, key, version, kept, basis], ensure_ascii=False, sort_keys=True, default=str).encode()
        ).hexdigest()
        row, _ = Ruling.objects.get_or_create(
            mark=mark,
            defaults={
                "code": code,
                "policy": key,
                "version": version,
                "value": json.loads(json.dumps(kept, default=str)),
                "basis": basis[:400],
                "first_at": clock.now(),
            },
        )
        return int(row.pk)


def by_rule(found: Mapping[tuple[str, str, str], int]) -> dict[str, dict[str, int]]:
    """Counts of (act, channel, code) as the dry form keeps them: {"send": {channel: n}, "wait": {code: n}, "block": {code: n}}."""
    out: dict[str, dict[str, int]] = {"send": {}, "wait": {}, "block": {}}
    for (act, channel, code), n in found.items():
        key = channel if act == "send" else code
        out[act][key] = out[act].get(key, 0) + n
    return out
