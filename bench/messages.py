"""``./numaru bench messages [--people 1000000] [--quick] [--json]``: what it costs to reach many people.

- *asked*: people a second whom an audience finds and the law judges, of a service notice and of advertising (consents, caps and the hour of each);
- *queued*: seconds to queue a message to everybody, beside a plain COPY of as many finished rows into a table without an index;
- *sent*: messages a second that are claimed, judged again, opened, written out, handed to a carrier in memory and noted, with no limit of rate.

Nothing else may run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging import audiences, counting, queueing, sending
from numaru.facilities.messaging.models import MessageBatch
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.api import consents
from numaru.kernel import bulk, clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.models import Policy
from numaru.values.text import Text

HOUSE = Actor.system("bench")
NOON = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)  # in Seoul, a Friday
ASKED, QUEUED = 20_000, 120.0  # goals: people a second, seconds for a million
BLOCK = 50_000


class Takes:
    """A carrier that takes everything and remembers nothing but how much."""

    name, most, remembers = "bench", 500, True

    def __init__(self) -> None:
        self.taken = 0

    def send(self, messages: Sequence[messaging.Outgoing]) -> list[messaging.Outcome]:
        self.taken += len(messages)
        return [messaging.Outcome(m.key, "accepted", m.key) for m in messages]

    def ask(self, keys: Sequence[str]) -> dict[str, messaging.Outcome]:
        return {}

    def reports(self, cursor: str) -> tuple[list[messaging.Report], str]:
        return [], cursor


class All:
    """It takes every channel."""

    def __init__(self) -> None:
        self.one = Takes()

    def of(self, channel: str) -> messaging.Carrier | None:
        return self.one


def lay(people: int) -> int:
    """People with a telephone and an address; every second agreed to advertising. Returns the first id."""
    first = 0
    for start in range(0, people, BLOCK):
        made = [
            parties.Person("김하늘" if n % 2 else "박새봄", f"0100{n:07d}", f"p{n}@naru.kr", "ko")
            for n in range(start, min(people, start + BLOCK))
        ]
        at = parties.register(made)
        first = first or at
        yes = [consents.Statement(p, "advertising", "yes", datetime(2026, 6, 1, tzinfo=UTC)) for p in range(at, at + len(made), 2)]
        consents.say_many.do(HOUSE, statements=yes, reason="bench")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return first


def _template(key: str, purpose: str, chain: Sequence[str], text: str) -> str:
    wordings: dict[str, dict[str, dict[str, str]]] = {
        c: {"ko": {"subject": "" if c == "sms" else "알림", "text": text, "code": "", **({"markdown": text} if c == "email" else {})}}
        for c in chain
    }
    messaging.open_template.do(
        HOUSE, key=key, purpose=purpose, name_ko="재기", name_en="Bench", chain=list(chain), any_hour=purpose == "service"
    )
    messaging.write_draft.do(HOUSE, key=key, variables=[], wordings=wordings)
    messaging.publish_template.do(HOUSE, key=key, reason="bench")
    return key


def _page(service: str, after: int, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM parties_party WHERE id > %s ORDER BY id LIMIT %s", [after, limit])
        return [row for (row,) in cursor.fetchall()]


def _draft(template: str) -> MessageBatch:
    number = messaging.draft_batch.do(HOUSE, title="bench", template=template, audience="bench.all")
    return MessageBatch.objects.get(number=number)


def asked(people: int, template: str) -> dict[str, Any]:
    """How many people a second an audience finds and the law judges."""
    batch = _draft(template)
    began = time.perf_counter()
    found = counting.count(batch)
    spent = time.perf_counter() - began
    assert found["people"] == people
    began = time.perf_counter()
    assert sum(len(page) for page in audiences.pages(batch)) == people
    bare = time.perf_counter() - began
    going = sum(found["going"].values())
    return {"per_second": round(people / spent), "ratio_to_audience_alone": round(spent / bare, 1), "going": going}


def queued(people: int, template: str) -> tuple[dict[str, Any], str]:
    """Seconds to queue everybody, and of the plainest way to write as many rows."""
    batch = _draft(template)
    MessageBatch.objects.filter(pk=batch.pk).update(state="running", started_at=clock.now())
    batch.refresh_from_db()
    began = time.perf_counter()
    assert queueing.fill(batch)
    spent = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (LIKE messaging_message INCLUDING DEFAULTS)")
        cursor.execute(
            "SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'messaging_message'"
        )
        columns = cursor.fetchone()[0].split(",")
        cursor.execute(f"SELECT {','.join(columns)} FROM messaging_message WHERE batch_id = %s LIMIT %s", [batch.pk, BLOCK])
        some = [[json.dumps(v) if isinstance(v, dict) else v for v in row] for row in cursor.fetchall()]
    began = time.perf_counter()
    for start in range(0, people, BLOCK):
        bulk.copy_rows("bare", columns, some[: min(BLOCK, people - start)])
    plain = time.perf_counter() - began
    return {"seconds": round(spent, 1), "per_second": round(people / spent), "plain_copy_seconds": round(plain, 2), "ratio_to_copy": round(spent / plain, 2)}, batch.number  # fmt: skip


def sent(number: str, most: int, plain: float) -> dict[str, Any]:
    """Messages a second through the whole of sending, for the first ``most``, and how much of ``plain`` rows a second by COPY that is."""
    all_of_them = All()
    ports.bind(messaging.Carriers, all_of_them)  # type: ignore[type-abstract]
    began = time.perf_counter()
    while all_of_them.one.taken < most and sending.send(number, 5.0):
        pass
    spent = time.perf_counter() - began
    speed = all_of_them.one.taken / spent
    return {"messages": all_of_them.one.taken, "per_second": round(speed), "ratio_to_copy": round(speed / plain, 3)}


def main(argv: list[str] | None = None) -> int:
    """Print the figures; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="numaru bench messages")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    people = 20_000 if options.quick else options.people
    messaging.audiences.add("bench.all", messaging.Audience(Text("모두", "Everybody"), "messaging.message.send", _page))
    with clock.pinned(NOON):
        Policy.objects.create(
            key="messaging.rates", value={"sms": 0, "email": 0}, basis="bench", valid_from=NOON.date(), recorded_at=clock.now()
        )
        lay(people)
        notice = _template("bench.notice", "service", ("sms",), "{name}님께 알립니다")
        offer = _template("bench.offer", "advertising", ("email",), "{name}님께 드리는 소식")
        found: dict[str, Any] = {"people": people}
        found |= {f"asked_service_{k}": v for k, v in asked(people, notice).items()}
        found |= {f"asked_advertising_{k}": v for k, v in asked(people, offer).items()}
        told, number = queued(people, notice)
        found |= {f"queued_{k}": v for k, v in told.items()}
        found |= {f"sent_{k}": v for k, v in sent(number, min(people, 50_000), people / told["plain_copy_seconds"]).items()}
    print(json.dumps(found) if options.json else "\n".join(f"{key:<32} {value:,}" for key, value in found.items()))
    slow = min(found["asked_service_per_second"], found["asked_advertising_per_second"]) < ASKED
    if slow or found["queued_seconds"] > QUEUED * max(1.0, people / 1_000_000):
        print("slower than the goal", file=sys.stderr)
        return 1
    return 0
