"""A clerk's account reads people en masse; the house finds out, tells them, reports it and can prove it, by the screens that people use."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.files import store
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import AffectedPerson, AffectedSet, HandOver, LeakCase, LeakDraft, LeakDuty, SendingProof
from numaru.kernel.models import AuditRecord, Staff, StaffGrant
from numaru.kernel.vault import api as vault
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing.world import CAST, World, at, on
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db


def person(name: str, *roles: str) -> tuple[Staff, Client]:
    made = Staff.objects.create(login=f"l{Staff.objects.count()}", name=name, created_at=clock.now())
    StaffGrant.objects.bulk_create(StaffGrant(staff=made, role=role, granted_at=clock.now()) for role in roles)
    client = Client()
    client.force_login(made)
    return made, client


def send(client: Client, path: str, **fields: Any) -> str:
    answer = client.post(path, fields)
    assert answer.status_code == 302, (
        path,
        answer.status_code,
        re.findall(r'class="err">.*?</p>|<b>[^<]*</b><p>[^<]*', answer.content.decode())[:6],
    )
    return str(answer["Location"])


def approve(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen, page[:3000]
    send(client, f"{address}approve/", seen=seen.group(1))


def file(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.mark.capability("PRO-19")
def test_a_leak_from_the_first_doubt_to_the_proof(naru: World, settings: Any, tmp_path: Any) -> None:  # noqa: F811
    thief, _ = person("가입 담당", "subscriber_clerk")
    honest, _ = person("정직한 담당", "subscriber_clerk")
    officer, one = person("보호 담당", "privacy_officer")
    _, two = person("보호 책임", "privacy_officer")
    truth: dict[int, set[str]] = defaultdict(set)
    for n, (who, *_rest) in enumerate(CAST):  # what the account read, by night; saebom by somebody else, gyeoul by it on another day
        party = naru.subscriber(who).party_id
        reader, day = (honest, "2026-11-01") if who == "saebom" else (thief, "2026-10-20" if who == "gyeoul" else "2026-11-01")
        for kind in ("name", "phone", "email"):
            with on(f"{day}T02:{n:02d}"):
                if vault.open_value(reader.actor, party, kind, "고객 확인") is not None and reader is thief and who != "gyeoul":
                    truth[party].add(kind)
    assert len(truth) == 5 and VaultOpening.objects.filter(outcome="opened").count() > sum(map(len, truth.values()))

    with on("2026-11-02T09:00"):
        case = send(one, "/leaks/new/", kind="both", known_at="2026-11-02T08:00", happened="한 직원 계정이 새벽에 여러 사람을 열람함")
        page = one.get(case).content.decode()
        assert "본인 통지" in page and "침해 신고" in page and re.search(r"23<small>시간</small> 0<small>분</small>", page)
        due = dict(LeakDuty.objects.values_list("key", "due_at"))
        assert due == {"report_intrusion": at("2026-11-03T08:00"), "notice": at("2026-11-05T08:00"), "report_leak": at("2026-11-05T08:00")}
        found = send(
            one, f"{case}people/", source="openings", staff=str(thief.pk), since="2026-11-01T00:00", until="2026-11-02T00:00", op="new"
        )
        assert found == f"{case}people/1/"
        assert {row.person: set(row.kinds) for row in AffectedPerson.objects.all()} == truth
        for row in AffectedPerson.objects.all():
            proved = VaultOpening.objects.filter(pk__in=row.openings)
            assert (
                {o.kind for o in proved} == set(row.kinds)
                and {o.staff for o in proved} == {thief.pk}
                and {o.person for o in proved} == {row.person}
            )
        listed = one.get(found).content.decode()
        assert naru.subscriber("haneul").number in listed and naru.subscriber("saebom").number not in listed and "김하늘" not in listed

    with on("2026-11-03T03:00"):  # nobody reported the intrusion; the house warns, then marks it
        assert leaks.tick() == 1 and leaks.tick() == 0
    with on("2026-11-03T08:30"):
        assert leaks.tick() == 1 and leaks.tick() == 0
        page = one.get(case).content.decode()
        assert "기한 초과" in page and "기한을 넘겼습니다" in page and re.search(r"0<small>시간</small> 30<small>분 넘김</small>", page)

        assert "[[" in one.get(send(one, f"{case}texts/notice/write/")).content.decode()  # nothing is known yet: gaps, and no approval
        with pytest.raises(AssertionError):
            send(one, f"{case}texts/notice/approve/", reason="아직")
        pairs = {f"{k}_{lang}": f"{k} {lang} 알림" for k in ("how", "advice", "measures", "contact") for lang in ("ko", "en")}
        send(
            one,
            f"{case}facts/",
            kind="both",
            fields_=["name", "phone", "email"],
            happened_from="2026-11-01T02:00",
            happened_to="2026-11-01T02:10",
            **pairs,
        )
        for kind in ("notice", "report_leak", "report_intrusion"):
            send(one, f"{case}texts/{kind}/write/")
        last = LeakDraft.objects.filter(kind="notice").latest("version")
        send(
            one,
            f"{case}texts/notice/edit/",
            ko=last.ko + "\n\n덧붙임\n<b>문의를 기다립니다</b>",
            en=last.en + "\n\nP.S.\nWe wait for your questions",
        )
        for kind in ("notice", "report_leak", "report_intrusion"):
            asked = send(one, f"{case}texts/{kind}/approve/", reason="내용 확인")
            assert one.post(f"{asked}approve/", {"seen": "x"}).status_code == 403  # not by who asked
            approve(two, asked)
        notice = LeakDraft.objects.filter(kind="notice").latest("version")
        assert (notice.state, notice.approved_by, notice.version) == ("approved", "보호 책임", 3)
        shown = one.get(f"{case}texts/notice/").content.decode()
        assert ("&lt;b&gt;문의를 기다립니다&lt;/b&gt;" in shown and "이름, 휴대전화 번호" in shown) or "전자우편 주소" in shown
        for lang in ("ko", "en"):
            pdf = one.get(f"{case}texts/notice/{lang}.pdf")
            assert pdf.content.startswith(b"%PDF") and one.get(f"{case}texts/notice/{lang}.txt").content.decode() == getattr(notice, lang)

        send(one, f"{case}report/report_intrusion/", at="2026-11-03T08:20", receipt="KISA-1", evidence=file("접수증.txt", "접수 KISA-1"))
        send(one, f"{case}report/report_leak/", at="2026-11-03T08:25", receipt="PIPC-7", evidence=file("receipt.txt", "PIPC-7"))
        states = dict(LeakDuty.objects.values_list("key", "state"))
        assert states == {"report_intrusion": "late", "report_leak": "done", "notice": "due"}
        kept = LeakDuty.objects.get(key="report_leak")
        assert store().open(kept.evidence).read() == b"PIPC-7"

        send(one, f"{case}hand-over/")
        over = HandOver.objects.get()
        with zipfile.ZipFile(io.BytesIO(b"".join(one.get(f"{case}hand-over/{over.number}.zip").streaming_content))) as archive:  # type: ignore[attr-defined]
            manifest = json.loads(archive.read("manifest.json"))
            rows = list(csv.DictReader(io.StringIO(archive.read("people.csv").decode())))
            assert archive.read("notice-ko.txt").decode() == notice.ko
        assert all(set(r) == {"number", "language"} for r in rows)
        assert {naru.subscriber(w).party_id for w, *_ in CAST if naru.subscriber(w).number in {r["number"] for r in rows}} == set(truth)
        assert len(rows) == len(truth) and manifest["set_sha256"] == AffectedSet.objects.get().sha256
        assert not any(name in archive_text(rows) for name in ("김하늘", "010-1234"))

    with on("2026-11-04T10:00"):
        numbers = [r["number"] for r in rows]
        results = "number,result\n" + "".join(f"{n},{'returned' if i == 0 else 'told'}\n" for i, n in enumerate(numbers[:-1]))
        send(
            one,
            f"{case}proof/",
            handover=over.number,
            channel="email",
            at="2026-11-04T09:00",
            reference="MAIL-1",
            results=file("r.csv", results),
        )
        cover = leaks.coverage(LeakCase.objects.get())
        assert (cover["people"], cover["told"], cover["returned"], cover["unsent"], cover["left"]) == (5, 3, 1, 1, 2)
        with pytest.raises(AssertionError):  # a number that was never handed over proves nothing
            send(
                one,
                f"{case}proof/",
                handover=over.number,
                channel="sms",
                at="2026-11-04T09:30",
                reference="X",
                results=file("r.csv", f"{naru.subscriber('saebom').number},told"),
            )
        assert SendingProof.objects.count() == 1
        send(
            one,
            f"{case}proof/",
            handover=over.number,
            channel="sms",
            at="2026-11-04T09:40",
            reference="SMS-2",
            results=file("r.csv", f"{numbers[-1]},told"),
        )
        assert LeakDuty.objects.get(key="notice").state == "due"
        assert one.post(f"{case}close/", {"reason": "끝"}).status_code == 422  # one person is not told yet
        send(one, f"{case}public/", at="2026-11-04T09:50", reference="/notice/1")
        assert LeakDuty.objects.get(key="notice").state == "done"
        page = one.get(case).content.decode()
        assert re.search(r"<dt>알림</dt><dd>4</dd><dd>5명 가운데", page) and re.search(r"공지로 대신</dt><dd>1</dd>", page)

        asked = send(one, f"{case}close/", reason="모두 마침")
        assert LeakCase.objects.get().state == "open"
        approve(two, asked)
        closed = one.get(case).content.decode()
        assert LeakCase.objects.get().state == "closed" and "종결" in closed and "늦게 마침" in closed and "사람 찾기" not in closed
        assert one.post(f"{case}texts/notice/write/").status_code == 409
    record = AuditRecord.objects.get(object="leaks.set")
    assert record.after["people"] == 5 and record.actor_id == officer.pk
    assert AuditRecord.objects.filter(object="leaks.case", after__state="closed", approval__isnull=False).exists()


def archive_text(rows: list[dict[str, str]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def test_who_may_not_sees_nothing_and_an_auditor_only_looks(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    _, officer = person("보호 담당", "privacy_officer")
    known = (clock.now() - timedelta(hours=1)).isoformat()[:16]
    case = send(officer, "/leaks/new/", kind="leak", known_at=known, happened="시험")
    auditor, clerk = sign_in("auditor"), sign_in("subscriber_clerk")
    for path in ("/leaks/", case, f"{case}texts/notice/"):
        assert auditor.get(path).status_code == 200 and clerk.get(path).status_code == 403
    for path in ("facts/", "people/", "proof/", "public/", "close/", "report/report_leak/", "exempt/notice/"):
        assert auditor.get(case + path).status_code == 403 == clerk.get(case + path).status_code
    assert auditor.post(f"{case}hand-over/").status_code == 403 and auditor.get("/leaks/new/").status_code == 403
    assert officer.get("/leaks/L-9999999/").status_code == 404


def test_a_duty_that_does_not_apply_is_exempt_by_two(naru: World) -> None:  # noqa: F811
    _, one = person("보호 담당", "privacy_officer")
    _, two = person("보호 책임", "privacy_officer")
    known = clock.now() - timedelta(hours=1)
    case = send(
        one, "/leaks/new/", kind="intrusion", known_at=f"{known.astimezone(at('2026-11-02').tzinfo):%Y-%m-%dT%H:%M}", happened="시험"
    )
    assert LeakDuty.objects.count() == 1
    asked = send(one, f"{case}exempt/report_intrusion/", reason="고객사 서버의 일로 확인됨")
    assert LeakDuty.objects.get().state == "due"
    approve(two, asked)
    assert LeakDuty.objects.get().state == "exempt" and LeakDuty.objects.get().note == "고객사 서버의 일로 확인됨"
    assert "고객사 서버의 일로 확인됨" in one.get(case).content.decode()


@pytest.mark.parametrize(("field", "typed"), [("kind", "x"), ("known_at", "2030-01-01T00:00"), ("known_at", "어제"), ("happened", " ")])
def test_what_is_wrong_with_a_new_case_comes_back(naru: World, field: str, typed: str) -> None:  # noqa: F811
    _, one = person("보호 담당", "privacy_officer")
    answer = one.post("/leaks/new/", {"kind": "leak", "known_at": "2026-11-01T00:00", "happened": "시험"} | {field: typed})
    assert answer.status_code == 422 and "errsum" in answer.content.decode() and not LeakCase.objects.exists()
