"""Handing the notice over to whoever sends it, and proving that it was sent: to whom, how, when, and what came back.

The house sends nothing itself yet. The hand-over holds the approved text and the list by number; the contact values come from a bulk opening
of the same numbers, which is approved and recorded on its own. What came of it is brought back as results by number.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from numaru.kernel import bulk, clock, policies, ports
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, NotFound
from numaru.kernel.files import store
from numaru.kernel.leaks.cases import open_one, refuse_field, tell
from numaru.kernel.leaks.duties import settle_notice
from numaru.kernel.leaks.models import AffectedPerson, AffectedSet, HandOver, LeakCase, LeakDraft, SendingProof
from numaru.kernel.leaks.permissions import LEAK_HANDLE
from numaru.kernel.leaks.policies import PUBLIC_COUNTS, PUBLIC_DAYS
from numaru.kernel.leaks.ports import PersonDirectory
from numaru.values.text import Text

CHANNELS: dict[str, Text] = {
    "email": Text("전자우편", "E-mail"), "sms": Text("문자", "Text message"), "post": Text("우편", "Post"), "phone": Text("전화", "Telephone"),
    "app": Text("앱 알림", "In the app"), "site": Text("누리집 공지", "Public notice on the site"),
}  # fmt: skip
RESULTS: dict[str, Text] = {
    "told": Text("알림", "Told"),
    "returned": Text("반송", "Returned"),
    "no_contact": Text("연락처 없음", "No contact"),
}
PART = 10_000
ROW = re.compile(r"R-[0-9]{1,18}")  # somebody of a set who has no number


def latest_set(row: LeakCase) -> AffectedSet:
    """The set in force. Raises Conflict when nobody was found yet."""
    found = AffectedSet.objects.filter(case=row).order_by("-version").first()
    if found is None:
        raise Conflict.because(
            "leak.no_set",
            Text("영향 받은 사람을 아직 확정하지 않았습니다.", "The affected people are not known yet."),
            Text("먼저 찾으십시오.", "Find them first."),
        )
    return found


def _parts(chosen: AffectedSet) -> Iterator[dict[int, int]]:
    """Row of the set by person, in the order of the persons."""
    after = -1
    while part := dict(AffectedPerson.objects.filter(set=chosen, person__gt=after).order_by("person").values_list("person", "pk")[:PART]):
        yield part
        after = max(part)


@dataclass(frozen=True, slots=True)
class Left:
    """Whom nobody has told yet: by number, and how many have no number (their contact can't be opened by one)."""

    numbers: list[str]
    unnumbered: int


def left_to_tell(row: LeakCase) -> Left:
    """Everybody of the latest set of ``row`` whom no proof says was told, in the order of their ids. Nothing is opened."""
    directory = ports.get(PersonDirectory)  # type: ignore[type-abstract]
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD, [row.pk, row.pk])
        people = [person for (person,) in cursor.fetchall()]
    numbers: list[str] = []
    for part in bulk.batches(people, PART):
        found = directory.numbers(part)
        numbers += [found[person] for person in part if person in found]
    return Left(numbers, len(people) - len(numbers))


@action(LEAK_HANDLE)
def hand_over(act: Act, *, case: str) -> str:
    """Make the hand-over of the latest set with the approved notice and return its number. A ZIP: notice-ko.txt, notice-en.txt, people.csv
    (number, language; no contact value and no id of the vault; who has no number stands as R- and their row of the set), manifest.json with
    the hash of each. Refuses without an approved notice. A plan writes no file."""
    row = open_one(case)
    chosen = latest_set(row)
    text = LeakDraft.objects.filter(case=row, kind="notice", state="approved").order_by("-version").first()
    if text is None:
        raise Conflict.because(
            "leak.unapproved",
            Text("승인한 통지문이 없습니다.", "The notice is not approved."),
            Text("초안을 승인받으십시오.", "Have the draft approved."),
        )
    number = f"{row.number}-{HandOver.objects.filter(case=row).count() + 1}"
    key, digest = f"leaks/{row.number}/{number}.zip", ""  # a name given again after a failure: what failed is written over
    if not act.dry:
        with tempfile.TemporaryFile() as file:
            _pack(file, number, row, chosen, text)
            file.seek(0)
            digest = store().put(key, file)  # type: ignore[arg-type]
    HandOver.objects.create(
        case=row,
        number=number,
        affected=chosen,
        draft=text,
        people=chosen.people,
        file=key,
        sha256=digest,
        made_at=clock.now(),
        made_by=act.actor.name[:80],
    )
    act.record("leaks.handover", number, after={"set": chosen.version, "draft": text.version, "people": chosen.people, "sha256": digest})
    tell(
        act,
        row,
        "handover",
        Text("{n}명에게 보낼 통지를 넘겼습니다 ({h}).", "The notice to {n} people was handed over ({h}).").fill(
            n=f"{chosen.people:,}", h=number
        ),
        digest[:16],
    )
    return number


def _pack(file: Any, number: str, row: LeakCase, chosen: AffectedSet, text: LeakDraft) -> None:
    directory = ports.get(PersonDirectory)  # type: ignore[type-abstract]
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("notice-ko.txt", text.ko), ("notice-en.txt", text.en)):
            archive.writestr(name, content)
            hashes[name] = hashlib.sha256(content.encode()).hexdigest()
        digest = hashlib.sha256()
        with archive.open("people.csv", "w", force_zip64=True) as out:

            def put(rows: Sequence[Sequence[str]]) -> None:
                buffer = io.StringIO()
                csv.writer(buffer).writerows(rows)
                data = buffer.getvalue().encode()
                digest.update(data)
                out.write(data)

            put([("number", "language")])
            for part in _parts(chosen):
                people = list(part)
                numbers, languages = directory.numbers(people), directory.languages(people)
                put([(numbers.get(p, f"R-{part[p]}"), languages.get(p, "ko")) for p in people])
        hashes["people.csv"] = digest.hexdigest()
        manifest = {"handover": number, "case": row.number, "set": chosen.version, "set_sha256": chosen.sha256, "people": chosen.people,
                    "draft": text.version, "draft_sha256": text.sha256, "files": hashes}  # fmt: skip
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))


def _handover(row: LeakCase, number: str) -> HandOver:
    found = HandOver.objects.filter(case=row, number=number).select_related("affected").first()
    if found is None:
        raise NotFound.named(Text("통지 넘김", "hand-over"), number)
    return found


def _evidence(evidence: str, sha256: str, reference: str) -> None:
    if (evidence and not store().exists(evidence)) or (not sha256 and not reference.strip()) or len(reference) > 80:
        raise refuse_field(
            "evidence",
            Text("참조 번호(80자까지)나 증빙 파일이 있어야 합니다.", "A reference (up to 80 characters) or a file is needed."),
            Text("발송 결과 파일이나 접수번호를 넣으십시오.", "Give the result file or the number of the dispatch."),
            "reference",
        )


@action(LEAK_HANDLE)
def record_proof(
    act: Act, *, case: str, handover: str, channel: str, at: datetime, results: dict[str, str] | None = None, reference: str = "", evidence: str = "",
    sha256: str = "",
) -> int:  # fmt: skip
    """What became of one dispatch of a hand-over; returns how many people it newly told. ``results`` gives told, returned or no_contact by
    number as the hand-over writes it; left out, everybody of the hand-over was told. Refuses numbers that are not in it.
    When nobody is left the duty to tell people is settled, as of the last proof."""
    row = open_one(case)
    sent = _handover(row, handover)
    if channel not in CHANNELS or channel == "site":
        raise refuse_field(
            "channel",
            Text("보낸 길을 고르십시오.", "Choose the channel."),
            Text("누리집 공지는 따로 기록합니다.", "A public notice is recorded on its own."),
            "channel",
        )
    if not sent.made_at <= at <= clock.now():
        raise refuse_field(
            "at",
            Text("넘긴 때와 지금 사이여야 합니다.", "It must lie between the hand-over and now."),
            Text("실제로 보낸 때를 적으십시오.", "Give the time of sending."),
            "at",
        )
    _evidence(evidence, sha256, reference)
    proof = SendingProof.objects.create(
        case=row, handover=sent, channel=channel, at=at, reference=reference.strip(), evidence=evidence, sha256=sha256, recorded_at=clock.now(),
        recorded_by=act.actor.name[:80],
    )  # fmt: skip
    before = coverage(row)["told"]
    with connection.cursor() as cursor:
        if results is None:
            cursor.execute(
                "INSERT INTO leaks_sendingresult (proof_id, person, result) SELECT %s, person, 'told' FROM leaks_affectedperson WHERE set_id = %s",
                [proof.pk, sent.affected_id],
            )
        else:
            bulk.copy_rows(
                "leaks_sendingresult", ["proof_id", "person", "result"], ((proof.pk, p, r) for p, r in _results(sent, results).items())
            )
        cursor.execute("SELECT result, count(*) FROM leaks_sendingresult WHERE proof_id = %s GROUP BY result", [proof.pk])
        counts = dict(cursor.fetchall())
    proof.told, proof.returned, proof.no_contact = (counts.get(key, 0) for key in ("told", "returned", "no_contact"))
    proof.save(update_fields=["told", "returned", "no_contact"])
    act.record("leaks.proof", f"{handover} {proof.pk}", after={"channel": channel, "at": at.isoformat(), "sha256": sha256, **counts})
    tell(act, row, "proof", Text("{c} 발송 결과: 알림 {t}, 반송 {r}, 연락처 없음 {n}", "{c}: {t} told, {r} returned, {n} without contact").fill(
        c=CHANNELS[channel], t=f"{proof.told:,}", r=f"{proof.returned:,}", n=f"{proof.no_contact:,}"), reference)  # fmt: skip
    _settle_when_all(act, row)
    return int(coverage(row)["told"] - before)


def _results(sent: HandOver, results: dict[str, str]) -> dict[int, str]:
    """Results by person. Raises Invalid for an unknown result or a number that is not in the hand-over."""
    directory = ports.get(PersonDirectory)  # type: ignore[type-abstract]
    found: dict[int, str] = {}
    wrong = sorted({r for r in results.values() if r not in RESULTS})
    keys = list(results)
    for part in bulk.batches(keys, PART):
        rows = {k: int(k[2:]) for k in part if ROW.fullmatch(k)}
        known = dict(AffectedPerson.objects.filter(set=sent.affected, pk__in=rows.values()).values_list("pk", "person"))
        ids: dict[str, int | None] = dict(directory.persons([k for k in part if rows.get(k) not in known]))
        ids = {k: known[rows[k]] if rows.get(k) in known else ids.get(k) for k in part}
        inside = set(
            AffectedPerson.objects.filter(set=sent.affected, person__in=[i for i in ids.values() if i is not None]).values_list(
                "person", flat=True
            )
        )
        wrong += [k for k, i in ids.items() if i not in inside]
        found |= {i: results[k] for k, i in ids.items() if i in inside and i is not None}
    if wrong or not found:
        shown = ", ".join(wrong[:5])
        raise refuse_field(
            "results",
            Text("넘긴 명단에 없거나 모르는 결과입니다: {s}", "Not in the hand-over, or an unknown result: {s}").fill(s=shown or "–"),
            Text(
                "가입번호와 told, returned, no_contact를 적은 CSV여야 합니다.",
                "It must be a CSV of number and told, returned or no_contact.",
            ),
            "results",
        )
    return found


@action(LEAK_HANDLE)
def record_public(act: Act, *, case: str, at: datetime, reference: str, evidence: str = "", sha256: str = "") -> None:
    """A public notice was put up on the site at ``at`` (``reference``: its address). For those who can't be reached it stands in for a
    notice, where the policy says so, for the days of the policy."""
    row = open_one(case)
    if not row.known_at <= at <= clock.now():
        raise refuse_field(
            "at",
            Text("안 때와 지금 사이여야 합니다.", "It must lie between the moment of knowing and now."),
            Text("공지를 올린 때를 적으십시오.", "Give the time when it was put up."),
            "at",
        )
    if not LeakDraft.objects.filter(case=row, kind="notice", state="approved").exists():
        raise Conflict.because(
            "leak.unapproved",
            Text("승인한 통지문이 없습니다.", "The notice is not approved."),
            Text("초안을 승인받으십시오.", "Have the draft approved."),
        )
    _evidence(evidence, sha256, reference)
    until = at + timedelta(days=int(policies.value(PUBLIC_DAYS.key, clock.today())))
    proof = SendingProof.objects.create(
        case=row, channel="site", at=at, until=until, reference=reference.strip(), evidence=evidence, sha256=sha256, recorded_at=clock.now(),
        recorded_by=act.actor.name[:80],
    )  # fmt: skip
    act.record(
        "leaks.proof",
        f"{row.number} {proof.pk}",
        after={"channel": "site", "at": at.isoformat(), "until": until.isoformat(), "sha256": sha256},
    )
    tell(act, row, "public", Text("누리집에 공지했습니다", "A public notice was put up"), reference)
    _settle_when_all(act, row)


def _settle_when_all(act: Act, row: LeakCase) -> None:
    found = coverage(row)
    if found["people"] and found["left"] == 0:
        settle_notice(act, row, found["last"])


UNTOLD = """
SELECT a.person FROM leaks_affectedperson a
WHERE a.set_id = (SELECT id FROM leaks_affectedset WHERE case_id = %s ORDER BY version DESC LIMIT 1)
  AND NOT EXISTS (SELECT 1 FROM leaks_sendingresult r JOIN leaks_sendingproof p ON p.id = r.proof_id AND p.case_id = %s
                  WHERE r.person = a.person AND r.result = 'told')
ORDER BY a.person
"""
COVERED = """
WITH best AS (
    SELECT a.person, bool_or(r.result = 'told') AS told, bool_or(r.result = 'returned') AS returned, bool_or(r.result = 'no_contact') AS none
    FROM leaks_affectedperson a
    LEFT JOIN (leaks_sendingresult r JOIN leaks_sendingproof p ON p.id = r.proof_id AND p.case_id = %s) ON r.person = a.person
    WHERE a.set_id = %s GROUP BY a.person
)
SELECT count(*), count(*) FILTER (WHERE told), count(*) FILTER (WHERE told IS NOT TRUE AND returned),
       count(*) FILTER (WHERE told IS NOT TRUE AND returned IS NOT TRUE AND none) FROM best
"""


def coverage(row: LeakCase) -> dict[str, Any]:
    """How far telling people is, of the latest set: people, told, returned, no_contact (each person once, by their best result), unsent, ``public``
    (unreachable people for whom the public notice stands), ``left`` (for whom nothing stands yet) and ``last``, the time of the last proof."""
    chosen = AffectedSet.objects.filter(case=row).order_by("-version").first()
    if chosen is None:
        return {"people": 0, "told": 0, "returned": 0, "no_contact": 0, "unsent": 0, "public": 0, "left": 0, "last": None}
    with connection.cursor() as cursor:
        cursor.execute(COVERED, [row.pk, chosen.pk])
        people, told, returned, none = cursor.fetchone()
    proofs = list(SendingProof.objects.filter(case=row).order_by("at"))
    site = any(p.channel == "site" for p in proofs) and bool(policies.value(PUBLIC_COUNTS.key, clock.today()))
    public = returned + none if site else 0
    unsent = people - told - returned - none
    return {
        "people": people, "told": told, "returned": returned, "no_contact": none, "unsent": unsent, "public": public, "left": people - told - public,
        "last": proofs[-1].at if proofs else None,
    }  # fmt: skip


def read_results(text: str) -> dict[str, str]:
    """A CSV of number and result (a head is allowed) as ``results``; a number twice takes its best. Raises Invalid for rows of another shape."""
    order = list(RESULTS)
    found: dict[str, str] = {}
    for n, line in enumerate(csv.reader(io.StringIO(text.lstrip("\ufeff")))):
        if not line or (n == 0 and len(line) > 1 and line[1].strip() not in RESULTS):
            continue
        key, result = (line[0].strip(), line[1].strip()) if len(line) > 1 else (line[0].strip(), "")
        if result not in RESULTS:
            raise refuse_field(
                "results",
                Text("{n}행을 읽지 못했습니다.", "Row {n} could not be read.").fill(n=n + 1),
                Text("가입번호,결과(told·returned·no_contact)로 적으십시오.", "Write number,result (told, returned, no_contact)."),
                "results",
            )
        if key not in found or order.index(result) < order.index(found[key]):
            found[key] = result
    return found
