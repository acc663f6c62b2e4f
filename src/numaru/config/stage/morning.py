"""What waits in the demo company on the morning of the day it is loaded: requests, approvals, an import, openings to look at.

Done by its people, each at a time of the last days; a part of the load.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path

from numaru.config import demo_stories as stories
from numaru.config import demo_world as plan
from numaru.config.stage.cast import HOUSE
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties import api as parties
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.imports import api as imports
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.staff import api as staff

type At = Callable[[datetime], AbstractContextManager[None]]

OPENED_LAST_MONTH = 14  # values that the subscriber clerk opened on callers' behalf, each with a case
OPENED_AT_NIGHT = 3  # yesterday late in the evening, without one
FILE = "bookfloor-partner-readers.csv"
ROWS = 12
BROKEN = 3
MAPPING = """
[import]
kind = "subscribers"
[service]
slug = "bookfloor"
name_ko = "책마루"
name_en = "Bookfloor"
zone = "Asia/Seoul"
currency = "KRW"
[offer]
slug = "partner-readers"
name_ko = "제휴 독자"
name_en = "Partner readers"
[[offer.charges]]
key = "monthly"
name_ko = "월정액"
name_en = "Monthly fee"
kind = "recurring"
tax = "included"
[fields.external_id]
column = "id"
unique = true
[fields.price]
column = "price"
min = "0"
[fields.started]
column = "start"
"""


def prepare(calendar: plan.Calendar, at: At) -> None:
    """Everything of the morning, in the order of time."""
    month, yesterday = calendar.billed[-1].start, calendar.day - timedelta(days=1)
    people = {key: person.actor for key, person in staff.faces.faces().items()}
    known = _known()
    _openings(people["clerk"], known, month, at)
    _requests(people["clerk"], known, calendar, at)
    with at(plan.moment(yesterday, 16, 20)):
        _import(calendar, people["billing"])
    with at(plan.moment(yesterday, 17, 5)):
        subscribers.open_many.ask(
            people["clerk"], numbers=sorted(card.number for name, card in known.items() if name.startswith(stories.CDN)), fields=["phone"],
            code="notice", case_ref="", reason="달빛극장 재생 장애를 겪은 사람들에게 안내",
        )  # fmt: skip
        billing_clerk = Staff.objects.get(as_face__key="billing").pk
        staff.grant.ask(
            people["operations"],
            staff=billing_clerk,
            role="subscriber_clerk",
            scope="",
            until=None,
            reason="연말까지 가입 창구를 함께 맡음",
        )
    for n in range(OPENED_AT_NIGHT):
        with at(plan.moment(yesterday, 22, 41 + 2 * n)):
            _open(people["clerk"], known[f"{stories.RING}{n + 1:02d}"], "")
    with at(plan.moment(calendar.day, 4, 10)):
        audit.prepare_review.do(HOUSE, month=month)


def _known() -> dict[str, subscribers.SubscriberCard]:
    """The subscribers of the stories by external id."""
    names = [f"{mark}{n:02d}" for mark in (stories.CDN, stories.RING, stories.CARD, stories.RISE) for n in range(1, 25)]
    return {name: card for studio in plan.STUDIOS for name, card in subscribers.of_references(studio.slug, names).items()}


def _open(clerk: Actor, card: subscribers.SubscriberCard, case: str) -> None:
    parties.open_contact(clerk, party=card.party_id, kind="phone", why=parties.Why("caller", case))


def _openings(clerk: Actor, known: dict[str, subscribers.SubscriberCard], month: date, at: At) -> None:
    """Last month's, in working hours and each with its case: what the privacy officer finds in the review."""
    day, n = month, 0
    while n < OPENED_LAST_MONTH:
        if day.weekday() < 5:
            with at(plan.moment(day, 10 + n % 7, 7 + 3 * n)):
                _open(clerk, known[f"{stories.CARD}{n + 1:02d}"], f"C-{day:%m%d}-{n + 1:02d}")
            n += 1
        day += timedelta(days=1)


def _requests(clerk: Actor, known: dict[str, subscribers.SubscriberCard], calendar: plan.Calendar, at: At) -> None:
    """One that must be answered tomorrow, and a fresh one."""
    for name, kind, channel, ago in (("RISE-01", "access", "mail", 9), ("RISE-10", "suspension", "phone", 2)):
        day = calendar.day - timedelta(days=ago)
        with at(plan.moment(day, 11, 15)):
            retention.take_request.do(
                clerk, person=known[name].party_id, subject=known[name].number, kind=kind, channel=channel, received_on=day
            )


def _import(calendar: plan.Calendar, billing_clerk: Actor) -> None:
    """A file that a partner sent, tested without writing: three of its rows need a look."""
    lines = ["id,price,start"]
    for n in range(1, ROWS + 1):
        price = {4: "팔천원", 9: "-8000"}.get(n, "8000")
        start = "2026-13-01" if n == 7 else f"{calendar.running:%Y-%m-%d}"
        lines.append(f"PR-{n:03d},{price},{start}")
    content = ("\n".join(lines) + "\n").encode()
    with tempfile.TemporaryDirectory(prefix="numaru-demo-") as folder:
        path = Path(folder, FILE)
        path.write_bytes(content)
        card = imports.start.do(
            billing_clerk, kind="subscribers", file_name=FILE, sha256=hashlib.sha256(content).hexdigest(), mapping_name="partner.toml", mapping_text=MAPPING,
            dry=True,
        )  # fmt: skip
        imports.execute(card.number, path)
