"""Bulk opening: values of many people in one encrypted file, for the one who asked, for a day, every opening on record.

The room that knows the set (subscribers by number) asks for it in an action with a second person; this is its part below.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyrage
from django.db import transaction

from numaru.facilities.parties.actions.opening import not_a_field
from numaru.facilities.parties.actions.people import KINDS
from numaru.facilities.parties.models import ContactExport
from numaru.facilities.parties.permissions import CONTACT_EXPORT
from numaru.facilities.parties.purposes import Why
from numaru.kernel import clock, numbering, policies
from numaru.kernel.access import Actor, staff_actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.faults import point
from numaru.kernel.files import store
from numaru.kernel.jobs import Progress
from numaru.kernel.staff.api import Departure, departures
from numaru.kernel.vault import api as vault
from numaru.ui.excel import Sheet
from numaru.values.masked import phone_grouped
from numaru.values.text import Text

WORK = "parties.export"
WHAT = Text("일괄 열람", "bulk opening")
NAMES = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
HOURS = policies.policy(
    "parties.export_hours", Text("일괄 열람 파일을 두는 시간", "Hours for which the file of a bulk opening is kept"), 24,
    "Operator's own rule: a file that left the vault is not left lying.",
)  # fmt: skip
MOST = policies.policy(
    "parties.export_most", Text("한 번에 열 수 있는 사람 수", "People in one bulk opening"), 20_000,
    "Operator's own rule: more is split, and each part has its own approval.",
)  # fmt: skip
WORDS = [
    "ga",
    "na",
    "da",
    "ra",
    "ma",
    "ba",
    "sa",
    "ja",
    "cha",
    "ka",
    "ta",
    "pa",
    "ha",
    "go",
    "no",
    "do",
    "ro",
    "mo",
    "bo",
    "so",
    "jo",
    "ko",
    "to",
    "po",
    "ho",
    "gu",
    "nu",
    "du",
    "ru",
    "mu",
    "bu",
    "su",
]


def most() -> int:
    """How many people one bulk opening may hold today."""
    return int(policies.value(MOST.key, clock.today()))


def begin_export(act: Act, *, persons: Sequence[int], numbers: Sequence[str], kinds: Sequence[str], why: Why, service: str) -> str:
    """A part of the action that a second person approved: keep what was approved and queue the file. Returns its number.

    Raises Invalid for no people, too many of them, no field or one that cannot be opened.
    """
    limit = most()
    if not persons or len(persons) > limit:
        raise Invalid.because(
            "parties.export_size", Text("한 번에 1명부터 {n}명까지 열 수 있습니다.", "One bulk opening is about 1 to {n} people.").fill(n=f"{limit:,}"),
            Text("가입번호를 확인하거나 나누어 올리십시오.", "Check the numbers, or ask in parts."), field="numbers",
        )  # fmt: skip
    for kind in kinds or [""]:
        if kind not in KINDS:
            raise not_a_field(kind)
    purpose = why.reason()
    fields = Text(", ".join(NAMES[k].ko for k in kinds), ", ".join(NAMES[k].en for k in kinds))
    act.effect(
        Text("{n}명의 {f}을(를) 암호화한 파일로 엽니다. 한 사람마다 열람 기록이 남습니다.",
             "Opens {f} of {n} people into an encrypted file; the opening of each person is recorded.").fill(n=f"{len(persons):,}", f=fields)
    )  # fmt: skip
    act.effect(Text("사유: {p}", "Purpose: {p}").fill(p=purpose))
    number = "" if act.dry else f"X-{numbering.take('contact export'):07d}"
    if not act.dry:
        ContactExport.objects.create(
            number=number, persons=list(persons), numbers=list(numbers), kinds=list(kinds), service=service, code=why.code,
            case_ref=why.case_ref.strip(), purpose=purpose[:200], asked_by=act.actor.staff_id or 0, asked_name=act.actor.name,
            asked_at=clock.now(), approval=act.approval,
        )  # fmt: skip
    act.record("parties.export", number, after={"people": len(persons), "fields": list(kinds), "purpose": why.code, "case": why.case_ref})

    def queue() -> None:
        from numaru.facilities.parties.jobs import run_export

        run_export.defer(number=number)

    act.job(queue)
    return number


def write_export(number: str) -> None:
    """Make the file of one bulk opening; finished already means nothing happens. Killed at any point it is made anew: an unfinished file has
    a passphrase that nobody knows. The openings are on record before the file can be fetched."""
    row = ContactExport.objects.get(number=number)
    if row.state != "queued":
        return
    actor = staff_actor(row.asked_by) or Actor("staff", row.asked_by, row.asked_name)
    progress = Progress(WORK, number, f"staff:{row.asked_name}", staff=row.asked_by or None)
    progress.begin()
    progress.stage("write", total=len(row.persons))
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(row.persons), 1_000):
        part = row.persons[start : start + 1_000]
        found |= {one.person: one.values for one in vault.read_many(part, row.kinds)}
        progress.advance(len(part))
    passphrase = "-".join(secrets.choice(WORDS) + secrets.choice(WORDS) + f"{secrets.randbelow(100):02d}" for _ in range(5))
    sealed = pyrage.passphrase.encrypt(_workbook(row, found), passphrase)
    key = f"exports/{number}.xlsx.age"
    store().put(key, io.BytesIO(sealed))
    point("parties.export")
    with transaction.atomic():
        row = ContactExport.objects.select_for_update().get(number=number)
        if row.state == "deleted":  # whoever asked was cut off while the file was made
            store().delete(key)
            progress.finish("stopped")
        if row.state != "queued":
            return
        why = vault.Purpose(row.purpose, row.code, row.case_ref, row.service, number)
        vault.record_many(actor, [p for p in row.persons if p in found], row.kinds, why)
        now = clock.now()
        row.state, row.file_key, row.size, row.passphrase, row.ready_at = "ready", key, len(sealed), passphrase, now
        row.expires_at = now + timedelta(hours=int(policies.value(HOURS.key, clock.today())))
        row.save(update_fields=["state", "file_key", "size", "passphrase", "ready_at", "expires_at"])
    progress.finish("done", people=len(found))


def _workbook(row: ContactExport, found: dict[int, dict[str, str]]) -> bytes:
    """The workbook, in memory alone: nothing of it touches a disk before it is encrypted."""
    target = io.BytesIO()
    sheet = Sheet(target, row.number, [str(Text("가입번호", "Number")), *(str(NAMES[k]) for k in row.kinds)], in_memory=True)
    for line, (person, number) in enumerate(zip(row.persons, row.numbers, strict=True), start=1):
        values = found.get(person, {})
        cells = [number, *(phone_grouped(values.get(k, "")) if k == "phone" else values.get(k, "") for k in row.kinds)]
        for column, cell in enumerate(cells):
            sheet.sheet.write_string(line, column, cell)
    sheet.book.close()
    return target.getvalue()


def _service_of(*, number: Any = "", **_: Any) -> str | None:
    return ContactExport.objects.filter(number=str(number)).values_list("service", flat=True).first() or None


def _own(act: Act, number: str) -> ContactExport:
    """The export, locked, of the one who asked for it; NotFound for everybody else's."""
    row = ContactExport.objects.select_for_update().filter(number=number, asked_by=act.actor.staff_id or -1).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if row.state != "ready" or (row.expires_at and row.expires_at <= clock.now()):
        raise Conflict.because(
            "parties.export_gone", Text("파일이 아직 없거나 이미 지워졌습니다.", "The file is not ready, or deleted already."),
            Text("지워졌으면 결재를 다시 올리십시오.", "Ask again if it is deleted and still needed."),
        )  # fmt: skip
    return row


@action(CONTACT_EXPORT, service=_service_of)
def fetch_export(act: Act, *, number: str) -> str:
    """The key of the encrypted file in the store. Only for who asked; each download is on record."""
    row = _own(act, number)
    row.downloads, row.fetched_at = row.downloads + 1, clock.now()
    row.save(update_fields=["downloads", "fetched_at"])
    act.record("parties.export", number, after={"downloaded": row.downloads})
    return row.file_key


@action(CONTACT_EXPORT, service=_service_of)
def show_passphrase(act: Act, *, number: str) -> str:
    """The passphrase, once: it is forgotten with the showing. Raises Conflict when it was shown before. A plan shows nothing."""
    row = _own(act, number)
    found = str(row.passphrase)
    if not found:
        raise Conflict.because(
            "parties.passphrase_shown", Text("암호를 이미 보여 주었습니다. 다시 볼 수 없습니다.", "The passphrase was shown already; it is shown once."),
            Text("적어 두지 못했으면 결재를 다시 올리십시오.", "If it is lost, ask for the bulk opening again."),
        )  # fmt: skip
    act.record("parties.export", number, after={"passphrase": "shown"})
    if act.dry:
        return ""
    row.passphrase = ""
    row.save(update_fields=["passphrase"])
    return found


def die_with(staff: int, by: Actor) -> int:
    """A leaver's bulk openings die with the account: what waits to be fetched is deleted with its passphrase, what is queued is not made.
    Returns how many; a part of cutting off."""
    rows = list(ContactExport.objects.select_for_update().filter(asked_by=staff, state__in=("queued", "ready")))
    for row in rows:
        key, row.state, row.file_key, row.passphrase = row.file_key, "deleted", "", ""
        row.save(update_fields=["state", "file_key", "passphrase"])
        if key:
            transaction.on_commit(lambda key=key: store().delete(key))  # type: ignore[misc]
    return len(rows)


departures.add("exports", Departure(Text("여러 명 열람 파일 (지움)", "Files of bulk openings (deleted)"), die_with))


def delete_old() -> int:
    """Delete the files whose day is over, with their passphrases; returns how many. A tick of the periodic queue."""
    count = 0
    for row in ContactExport.objects.filter(state="ready", expires_at__lte=clock.now()):
        store().delete(row.file_key)
        row.state, row.file_key, row.passphrase = "deleted", "", ""
        row.save(update_fields=["state", "file_key", "passphrase"])
        count += 1
    return count
