"""Batches of letters: one PDF with the address in the envelope's window, handed to the post, and what came back.

The PDF is made of the sealed letters each time it is asked for and is the same to the byte: its SHA-256 stands on the batch and in its list.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from numaru.adapters.carrying import MessageReports, Report
from numaru.adapters.letters.addresses import marks
from numaru.adapters.letters.models import Letter, LetterBatch, PostalAddress
from numaru.adapters.letters.permissions import LETTER_PRINT
from numaru.adapters.letters.policies import WINDOW
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel import clock, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.ui import formats, paper
from numaru.values.text import Text

MOST = 500  # letters of a batch
TURNED = 1_000  # letters that came back, noted at once
REASONS: dict[str, Text] = {
    "unknown": Text("수취인 불명", "Receiver unknown"), "moved": Text("이사", "Moved"), "address": Text("주소 불명", "No such address"),
    "refused": Text("수취 거절", "Refused"), "absent": Text("폐문 부재", "Absent"),
}  # fmt: skip
LASTING = ("unknown", "moved", "address")  # the address itself
NUMBER = re.compile(r"L-?([0-9]{1,12})\Z", re.IGNORECASE)


def _number(batch: str) -> LetterBatch:
    digits = batch.removeprefix("LB-")
    row = LetterBatch.objects.filter(pk=int(digits)).first() if digits.isascii() and digits.isdigit() and len(digits) < 18 else None
    if row is None:
        raise NotFound.named(Text("인쇄 묶음", "print batch"), batch[:20])
    return row


@action(LETTER_PRINT)
def make_batch(act: Act) -> str:
    """Take the letters that wait, oldest first and at most 500, into a batch; returns its number."""
    rows = list(Letter.objects.select_for_update().filter(state="waiting").order_by("pk")[:MOST])
    if not rows:
        raise Conflict.because(
            "letters.none",
            Text("기다리는 우편이 없습니다.", "No letter waits."),
            Text("발송이 끝난 뒤 다시 여십시오.", "Look again after the next sending."),
        )
    batch = LetterBatch.objects.create(made_at=clock.now(), made_name=act.actor.name[:80], count=len(rows), pages=0, digest="")
    pdf, firsts, pages = _made(batch, rows)
    for row in rows:
        row.batch, row.state, row.page = batch, "printed", firsts[row.number]
    Letter.objects.bulk_update(rows, ["batch", "state", "page"])
    batch.pages, batch.digest = pages, sha256(pdf).hexdigest()
    batch.save(update_fields=["pages", "digest"])
    act.record("letters.batch", batch.number, after={"count": batch.count, "pages": pages, "sha256": batch.digest})
    return batch.number


@action(LETTER_PRINT)
def open_batch(act: Act, *, number: str) -> bytes:
    """The PDF of a batch. Names, addresses and words of everybody in it are in the clear there: that it was opened is on record."""
    batch = _number(number)
    pdf, _, _ = _made(batch, list(batch.letters.order_by("pk")))
    act.record("letters.batch", batch.number, after={"opened": batch.count, "same": sha256(pdf).hexdigest() == batch.digest})
    return pdf


@action(LETTER_PRINT)
def send_batch(act: Act, *, number: str) -> None:
    """The printed letters were handed to the post."""
    batch = _number(number)
    if batch.sent_at is None:
        batch.sent_at = clock.now()
        batch.save(update_fields=["sent_at"])
        batch.letters.filter(state="printed").update(state="sent", sent_at=batch.sent_at)
    act.record("letters.batch", batch.number, after={"sent": True})


@action(LETTER_PRINT)
def note_returns(act: Act, *, numbers: Sequence[str], why: str) -> tuple[int, list[str]]:
    """Letters that the post brought back: their messages are told, their addresses become doubtful where the reason says so. Returns how many were new, and
    what is no number of a letter that was sent."""
    if why not in REASONS or len(numbers) > TURNED:
        raise Invalid.because(
            "letters.returns",
            Text("사유를 고르고 1,000통까지 적으십시오.", "Choose a reason; at most 1,000 at once."),
            Text("나누어 적으십시오.", "Split them."),
            field="why",
        )
    asked = {n: int(m[1]) for n in numbers if (m := NUMBER.fullmatch(n.strip()))}
    found = {
        row.pk: row
        for row in Letter.objects.select_for_update().filter(pk__in=set(asked.values())).exclude(state__in=("waiting", "printed"))
    }
    strange = [n for n in numbers if n not in asked or asked[n] not in found]
    fresh = [row for row in found.values() if row.state != "returned"]
    for row in fresh:
        row.state, row.why, row.returned_at = "returned", why, clock.now()
    Letter.objects.bulk_update(fresh, ["state", "why", "returned_at"])
    if why in LASTING:
        lines = {mark for row in fresh for mark in (row.mark, *marks(json.loads(row.content)["to"]))}
        PostalAddress.objects.filter(mark__in=lines).update(doubtful=True)
    reports = [
        Report("returned", key=row.key, provider_id=row.number, code=why, permanent=why in LASTING, at=row.returned_at) for row in fresh
    ]
    if reports:
        MessageReports().take("letter", reports)
    act.record("letters.return", why, after={"count": len(fresh), "strange": len(strange)})
    return len(fresh), strange


def listed(number: str) -> str:
    """The list that goes with a batch: how many letters and pages, the hash of the PDF, then each letter with its first page. No names."""
    batch = _number(number)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["batch", "letters", "pages", "sha256"])
    sheet.writerow([batch.number, batch.count, batch.pages, batch.digest])
    sheet.writerow(["letter", "first page"])
    sheet.writerows([row.number, row.page] for row in batch.letters.order_by("pk").only("id", "page"))
    return out.getvalue()


def _made(batch: LetterBatch, rows: Sequence[Letter]) -> tuple[bytes, dict[str, int], int]:
    """The PDF, the first page of each letter, and the number of pages."""
    day = formats.local(batch.made_at).date()
    window: Mapping[str, Any] = policies.value(WINDOW.key, day)
    service = next(iter(catalogue.services()), None)
    house = catalogue.entity(service.entity_id) if service else None
    sender = [str(x) for x in (house.name, house.address, house.contact) if str(x)] if house else ["Numaru"]
    letters = []
    for row in rows:
        content = json.loads(row.content)
        letters.append(
            {"number": row.number, "lang": row.language, "to": content["to"].split("\n"), "subject": content["subject"] or row.number,
             "day": formats.day(day, row.language), "paragraphs": [p for p in content["text"].split("\n") if p.strip()]}
        )  # fmt: skip
    data = {
        "lang": "ko",
        "date": day.isoformat(),
        "title": "우편",
        "number": batch.number,
        "from": sender,
        "window": dict(window),
        "letters": letters,
    }
    pdf = paper.render("letter", data)
    places = paper.places("letter", data)
    return pdf, {number: page for number, page in places if number}, max(page for _, page in places)
