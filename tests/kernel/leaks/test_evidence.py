"""Files of evidence, texts without people, who is still to be told, and the end of a case."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client

from numaru.adapters.storage.local import FolderStore
from numaru.kernel import clock, ports
from numaru.kernel.access import Actor
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import Invalid
from numaru.kernel.files import FileStore, store
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import AffectedPerson, HandOver, LeakCase, LeakDuty, LeakEntry, SendingProof
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.retention import api as retention
from tests.domains.billing.world import SEOUL, World
from tests.kernel.leaks.test_affected import held
from tests.screens import naru, shared  # noqa: F401

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
NOTICE = {"ko": "개인정보 유출 안내\n\n문의\n고객센터 1588-0000", "en": "Notice\n\nContact\nService centre 1588-0000"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A file store of this test alone."""
    before = ports.get(FileStore)  # type: ignore[type-abstract]
    ports.bind(FileStore, FolderStore(tmp_path))  # type: ignore[type-abstract]
    yield tmp_path
    ports.bind(FileStore, before)  # type: ignore[type-abstract]


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def opened(kind: str = "leak") -> str:
    return leaks.open_case.do(HOUSE, kind=kind, known_at=clock.now() - timedelta(hours=2), happened="열람 기록에 이상한 점이 있음")


def officer() -> tuple[Staff, Client]:
    made = Staff.objects.create(login=f"e{Staff.objects.count()}", name="보호 담당", created_at=clock.now())
    StaffGrant.objects.create(staff=made, role="privacy_officer", granted_at=clock.now())
    client = Client()
    client.force_login(made)
    return made, client


def handed(case: str, *numbers: str) -> HandOver:
    leaks.find_affected.do(HOUSE, case=case, steps=[leaks.Step("add", "list", numbers=numbers)])
    leaks.edit.do(HOUSE, case=case, kind="notice", **NOTICE)
    leaks.freeze.do(HOUSE, case=case, kind="notice", version=1, reason="확인")
    return HandOver.objects.get(number=leaks.hand_over.do(HOUSE, case=case))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ\x00"), ("a.pdf", b"MZ not a pdf"), ("a.pdf", b""), ("a.svg", b"<svg onload='x'/>"), ("a.png", b"<html>")],
)
def test_a_file_that_is_no_evidence_is_refused_and_not_kept(home: Path, name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as refused, leaks.kept(io.BytesIO(content), name):
        raise AssertionError("it was taken")
    assert {f.field for f in refused.value.findings} == {"evidence"} and files(home) == []


def test_a_refused_report_leaves_no_file_and_a_good_one_leaves_one(home: Path) -> None:
    _, client = officer()
    case = opened()
    path = f"/leaks/{case}/report/report_leak/"
    at = f"{(clock.now() - timedelta(minutes=1)).astimezone(SEOUL):%Y-%m-%dT%H:%M}"

    def paper() -> SimpleUploadedFile:
        return SimpleUploadedFile("../../접수.pdf", b"%PDF-1.7 receipt")

    answer = client.post(path, {"at": at, "receipt": "PIPC-7", "evidence": paper()})
    assert answer.status_code == 422 and "승인한 신고 문안이 없습니다" in answer.content.decode()
    assert files(home) == [], "what the action refused left a file"
    leaks.edit.do(HOUSE, case=case, kind="report_leak", ko="신고서\n\n내용\n확인", en="Report\n\nWhat\nseen")
    leaks.freeze.do(HOUSE, case=case, kind="report_leak", version=1, reason="확인")
    assert client.post(path, {"at": at, "receipt": "PIPC-7", "evidence": paper()}).status_code == 302
    kept = LeakDuty.objects.get(key="report_leak")
    assert store().open(kept.evidence).read() == b"%PDF-1.7 receipt" and len(files(home)) == 1
    assert "접수" not in kept.evidence, "the key says nothing"


@pytest.mark.parametrize("text", ["김하늘 010-1234-2201", "haneul@naru.kr 로 보냄", "900101-1234567", "카드 4111-1111-1111-1111"])
def test_the_texts_of_a_case_name_nobody(text: str) -> None:
    with pytest.raises(Invalid):
        leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now(), happened=text)
    case = opened()
    for fact in ("how", "measures", "advice"):
        with pytest.raises(Invalid) as refused:
            leaks.describe.do(HOUSE, case=case, facts={fact: ["경위", text]})
        assert refused.value.findings[0].field == f"{fact}_en"
    with pytest.raises(Invalid):
        leaks.edit.do(HOUSE, case=case, kind="notice", ko=text, en="x")


def test_the_contact_of_the_house_may_stand_in_its_notice() -> None:
    case = opened()
    leaks.describe.do(
        HOUSE, case=case, facts={"contact": ["고객센터 02-1234-5678, privacy@naru.kr", "Service 02-1234-5678, privacy@naru.kr"]}
    )
    assert leaks.edit.do(HOUSE, case=case, kind="notice", ko="안내\n\n문의\n02-1234-5678, privacy@naru.kr", en="Notice") == 1
    with pytest.raises(Invalid):
        leaks.edit.do(HOUSE, case=case, kind="notice", ko="안내\n\n문의\n02-9999-5678", en="Notice")
    with pytest.raises(Invalid):
        leaks.describe.do(HOUSE, case=case, facts={"contact": ["privacy@naru.kr 900101-1234567", ""]})


def test_the_hand_over_holds_numbers_and_no_id_of_the_vault(naru: World, home: Path) -> None:  # noqa: F811
    haneul, noeul = naru.subscriber("haneul"), naru.subscriber("noeul")
    case = opened()
    over = handed(case, haneul.number, noeul.number)
    held(990_001, "phone")  # somebody of the vault who is no subscriber
    leaks.find_affected.do(HOUSE, case=case, steps=[leaks.Step("add", "everyone", kinds=("phone",))])
    over = HandOver.objects.get(number=leaks.hand_over.do(HOUSE, case=case))
    with zipfile.ZipFile(store().open(over.file)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("people.csv").decode())))[1:]
        told = archive.read("manifest.json").decode()
    nobody = AffectedPerson.objects.get(set=over.affected, person=990_001)
    assert [f"R-{nobody.pk}", "ko"] in rows and "990001" not in str(rows) + told
    assert {row[0] for row in rows} >= {haneul.number, noeul.number}
    at = clock.now()
    leaks.record_proof.do(
        HOUSE, case=case, handover=over.number, channel="post", at=at, reference="P-1", results={f"R-{nobody.pk}": "told"}
    )
    assert leaks.coverage(LeakCase.objects.get())["told"] == 1
    with pytest.raises(Invalid):
        leaks.record_proof.do(HOUSE, case=case, handover=over.number, channel="post", at=at, reference="P-2", results={"990001": "told"})


def test_contacts_are_asked_for_exactly_those_still_to_be_told(naru: World, home: Path) -> None:  # noqa: F811
    _, client = officer()
    haneul, noeul, minsu = (naru.subscriber(who) for who in ("haneul", "noeul", "minsu"))
    case = opened()
    over = handed(case, haneul.number, noeul.number, minsu.number)
    leaks.record_proof.do(HOUSE, case=case, handover=over.number, channel="email", at=clock.now(), reference="M", results={
        haneul.number: "told", noeul.number: "returned",
    })  # fmt: skip
    page = client.get(f"/leaks/{case}/").content.decode()
    assert f"/leaks/{case}/contacts/" in page
    answer = client.post(f"/leaks/{case}/contacts/", {"fields_wanted": ["phone"], "reason": "통지를 보낼 연락처"})
    asked = ApprovalRequest.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/approvals/{asked.number}/"
    assert set(asked.arguments["numbers"]) == {noeul.number, minsu.number} and asked.arguments["case_ref"] == case
    leaks.record_proof.do(HOUSE, case=case, handover=over.number, channel="sms", at=clock.now(), reference="S", results={
        noeul.number: "told", minsu.number: "told",
    })  # fmt: skip
    again = client.post(f"/leaks/{case}/contacts/", {"fields_wanted": ["phone"], "reason": "통지"})
    assert again.status_code == 422 and ApprovalRequest.objects.count() == 1


def test_a_closed_case_goes_whole_after_its_years_and_an_open_one_never(naru: World, home: Path) -> None:  # noqa: F811
    haneul = naru.subscriber("haneul")
    case, stays = opened(), opened("intrusion")
    over = handed(case, haneul.number)
    with leaks.kept(io.BytesIO(b"%PDF-1.7 x"), "x.pdf") as (key, digest):
        leaks.record_proof.do(
            HOUSE, case=case, handover=over.number, channel="email", at=clock.now(), reference="M", evidence=key, sha256=digest
        )
    leaks.exempt.do(HOUSE, case=case, key="report_leak", reason="해당 없음")
    leaks.close.do(HOUSE, case=case, reason="마침")
    sections = retention.classes["leaks.cases"].export(haneul.party_id, retention.Asking(HOUSE, "Q", "요구"))  # type: ignore[misc]
    assert case in str(sections) and "알림" in str(sections)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT x; DELETE FROM leaks_leakentry")
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK TO SAVEPOINT x")
    assert len(files(home)) == 2
    klass = retention.classes["leaks.cases"]
    closed = LeakCase.objects.get(number=case).closed_at
    assert closed is not None
    last = klass.span(clock.today()).last_day(clock.today())
    assert last == date(clock.today().year + 3, clock.today().month, clock.today().day)
    assert klass.count(klass.span(last).cut(last), []) == 0
    after = last + timedelta(days=1)
    assert klass.count(klass.span(after).cut(after), [haneul.party_id]) == 0, "somebody of it is held"
    refs = klass.due(klass.span(after).cut(after), [], None, 10)
    assert klass.destroy(refs) > 5
    assert list(LeakCase.objects.values_list("number", flat=True)) == [stays] and files(home) == []
    assert not SendingProof.objects.exists() and LeakEntry.objects.exclude(case__number=stays).count() == 0
