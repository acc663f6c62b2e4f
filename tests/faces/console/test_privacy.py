"""The screens of retention, destruction and subject requests: what each role sees, and a whole way through each of them."""

# ruff: noqa: F811  (fixtures are asked for by their names)
from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from numaru.kernel import clock
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.files import store
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import jobs
from numaru.kernel.retention.models import Destruction, RetentionRun, SubjectRequest
from numaru.kernel.staff import api as access
from numaru.kernel.vault.models import PersonKey, VaultOpening
from tests.domains.billing import world
from tests.domains.billing.world import World
from tests.kernel.retention.cast import approve, destroyed, party, staff
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401


def words(pdf: bytes, tmp_path: Path) -> str:
    """The text of a PDF as one line, as a reader would copy it."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (tmp_path / "x.pdf").write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-raw", str(tmp_path / "x.pdf"), "-"], check=True, capture_output=True, text=True).stdout
    return " ".join(out.split())


@pytest.fixture
def gone(naru: World) -> World:
    with world.on("2026-10-20"):
        naru.fact("noeul", "ended", "2026-09-25")
    naru.bill("2026-10")
    return naru


# ── the calendar ──


@pytest.mark.parametrize("role", ["billing_clerk", "subscriber_clerk", "support_engineer"])
def test_the_calendar_is_for_privacy_officers_and_auditors(sign_in: SignIn, role: str) -> None:
    for path in ("/privacy/retention/", "/privacy/retention/parties.contact/", "/privacy/holds/", "/privacy/destruction/"):
        assert sign_in(role).get(path).status_code == 403, path


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_calendar_says_what_goes_when_and_why(sign_in: SignIn, language: str) -> None:
    page = html.unescape(sign_in("privacy_officer", language=language).get("/privacy/retention/").content.decode())
    for _, klass in retention.classes:
        assert klass.name.pick(language) in page and klass.basis.pick(language) in page, klass.key
    assert "60일" in page if language == "ko" else "60 days" in page


def test_the_calendar_shows_what_was_counted_and_when(naru: World, sign_in: SignIn) -> None:
    officer = sign_in("privacy_officer")
    shown = html.unescape(officer.get("/privacy/retention/").content.decode())
    assert "아직 세지 않은 종류가 있습니다" in shown and "에 센 수입니다" not in shown
    assert officer.post("/privacy/retention/count/").status_code == 302
    jobs.count_classes()
    shown = html.unescape(officer.get("/privacy/retention/").content.decode())
    assert "에 센 수입니다" in shown and "아직 세지 않은" not in shown
    figure = r'parties.contact/">연락처와 이름</a></td><td class="num">(?:<[^>]*>)?(\d+)<'
    assert re.findall(figure, shown) == ["2"], "한겨울과 정새봄"
    for _, klass in retention.classes:
        run = retention.execute(klass.key, clock.today(), world.HOUSE)
        assert run is not None and run.state == "done"
    assert re.findall(figure, html.unescape(officer.get("/privacy/retention/").content.decode())) == ["0"], "the walk counts anew"
    assert sign_in("auditor").post("/privacy/retention/count/").status_code == 403


def test_the_page_of_a_subscriber_says_destroyed_and_starts_requests(gone: World, sign_in: SignIn, tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    noeul = gone.subscriber("noeul")
    path = f"/subscribers/{noeul.number}/"
    clerk, biller = sign_in("subscriber_clerk"), sign_in("billing_clerk")
    page = clerk.get(path).content.decode()
    assert f"/privacy/requests/new/?subject={noeul.number}" in page and f"/privacy/destruction/new/?subject={noeul.number}" in page
    assert "/privacy/destruction/new/" not in biller.get(path).content.decode() and "파기됨" not in page
    with world.on("2026-11-02"):
        made = destroyed(noeul.party_id)
    page = sign_in("subscriber_clerk", "privacy_officer").get(path).content.decode()
    assert "파기됨" in page and f'href="/privacy/destruction/{made}/"' in page
    assert f"/privacy/destruction/new/?subject={noeul.number}" not in page
    assert "destroyed" in sign_in("subscriber_clerk", language="en").get(path).content.decode()


def test_a_walk_can_be_had_now_from_the_page_of_its_class(naru: World, sign_in: SignIn) -> None:
    officer, auditor = sign_in("privacy_officer"), sign_in("auditor")
    path = "/privacy/retention/parties.contact/"
    assert "2건 파기" in officer.get(path).content.decode(), "한겨울과 정새봄"
    assert "건 파기" not in auditor.get(path).content.decode()
    assert auditor.post(path + "run/").status_code == 403
    answer = officer.post(path + "run/")
    assert answer.status_code == 302 and PersonKey.objects.filter(person=party(naru, "gyeoul")).exists(), "the work is a job's"
    done = retention.execute("parties.contact", clock.today(), world.HOUSE)
    assert done is not None and done.destroyed == 2 and RetentionRun.objects.get().state == "done"
    assert not PersonKey.objects.filter(person=party(naru, "gyeoul")).exists()
    assert officer.post(path + "run/").status_code == 409, "nothing is left"


def test_a_hold_is_placed_and_lifted_on_its_screens(naru: World, sign_in: SignIn) -> None:
    officer = sign_in("privacy_officer")
    assert "보류한 것이 없습니다" in officer.get("/privacy/holds/").content.decode()
    wrong = officer.post("/privacy/holds/new/", {"subject": "S-9999999", "until": "2027-01-31", "reason": "명령"})
    assert wrong.status_code == 422 and "S-9999999" in wrong.content.decode()
    number = naru.subscriber("gyeoul").number
    made = officer.post(
        "/privacy/holds/new/", {"subject": number, "klass": "", "until": "2027-01-31", "reason": "보존 명령", "reference": "2026카단1"}
    )
    assert made.status_code == 302
    page = officer.get("/privacy/holds/").content.decode()
    assert "2026카단1" in page and "모든 종류" in page
    (hold,) = retention.active(clock.today())
    assert "1건 파기" in officer.get("/privacy/retention/parties.contact/").content.decode()
    assert officer.post(f"/privacy/holds/{hold.number}/lift/", {"reason": "명령 취소"}).status_code == 302
    assert not retention.active(clock.today()).exists()


# ── destroying ──


def test_a_clerk_asks_an_officer_approves_and_the_certificate_tells_the_truth(
    gone: World,
    sign_in: SignIn,
    tmp_path: Path,
) -> None:
    clerk, number = sign_in("subscriber_clerk"), gone.subscriber("noeul").number
    seen = clerk.get(f"/privacy/destruction/new/?subject={number}").content.decode()
    for text in ("연락처와 이름: 지금 없어집니다", "계약·청구·공급 기록", "2031-09-25까지 남습니다"):
        assert text in seen, text
    assert clerk.post("/privacy/destruction/new/", {"subject": number, "reason": ""}).status_code == 422
    asked = clerk.post("/privacy/destruction/new/", {"subject": number, "reason": "전화로 삭제를 요구함"})
    assert asked.status_code == 302 and asked["Location"].startswith("/approvals/A-")
    request = ApprovalRequest.objects.get()
    made = approve(request.number, staff("privacy_officer"))
    officer = sign_in("privacy_officer")
    assert made in officer.get("/privacy/destruction/").content.decode()
    page = officer.get(f"/privacy/destruction/{made}/").content.decode()
    row = Destruction.objects.get(number=made)
    assert row.hash in page and str(row.mark) in page
    found = retention.certificate(made)
    for lang, promised in (
        ("ko", "운영 중인 데이터에서는 지금부터 읽을 수 없습니다"),
        ("en", "In live data it cannot be read from now on"),
    ):
        answer = officer.get(f"/privacy/destruction/{made}/certificate.pdf?lang={lang}")
        assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
        text = words(answer.content, tmp_path)
        assert promised in text and made in text and str(row.mark) in text and request.number in text
        assert row.hash in text.replace(" ", "")
        assert "전자상거래법" in text or "E-Commerce Act" in text
        for name in ("노을", "이*을", "3302", "한누리", number):
            assert name not in text, "nobody can be known from it"
        if found.sealed_until:
            assert (f"{found.sealed_until}" in text) or (f"{found.sealed_until:%-d %b %Y}" in text)
    assert "이노을" not in page and "3302" not in page


def test_whoever_is_served_is_refused_with_the_reason_on_the_page(naru: World, sign_in: SignIn) -> None:
    clerk, number = sign_in("subscriber_clerk"), naru.subscriber("haneul").number
    answer = clerk.post("/privacy/destruction/new/", {"subject": number, "reason": "삭제"})
    assert answer.status_code == 422 and "이용 중인 계약" in answer.content.decode() and not ApprovalRequest.objects.exists()
    assert clerk.post("/privacy/destruction/new/", {"subject": "S-1x", "reason": "삭제"}).status_code == 422


# ── requests and packages ──


def take(client: Client, subject: str, kind: str) -> str:
    answer = client.post("/privacy/requests/new/", {"subject": subject, "kind": kind, "channel": "phone", "received_on": "2026-11-02"})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).rstrip("/").rpartition("/")[2]


def test_a_request_has_a_clock_that_turns_late(naru: World, sign_in: SignIn) -> None:
    clerk = sign_in("subscriber_clerk")
    assert "받은 요구가 없습니다" in clerk.get("/privacy/requests/").content.decode()
    number = take(clerk, naru.subscriber("haneul").number, "correction")
    assert SubjectRequest.objects.get().due_on == date(2026, 11, 12)
    for day, word in (("2026-11-03", "받음"), ("2026-11-10", "기한 임박"), ("2026-11-13", "기한 초과")):
        with world.on(day):
            assert word in clerk.get("/privacy/requests/").content.decode()
    path = f"/privacy/requests/{number}/"
    assert clerk.post(path + "answer/", {"outcome": "done", "reason": "고침"}).status_code == 409, "identity comes first"
    assert clerk.post(path + "verify/", {"identity": "nonsense"}).status_code == 422
    assert clerk.post(path + "verify/", {"identity": "document"}).status_code == 302
    assert clerk.post(path + "answer/", {"outcome": "done", "reason": "고침"}).status_code == 302
    page = clerk.get(path).content.decode()
    assert "요구하신 대로 처리했습니다" in page and "We did what you asked" in page
    assert clerk.post(path + "withdraw/").status_code == 409
    assert clerk.post(path + "nonsense/").status_code == 404


def test_a_package_holds_all_of_one_person_and_nothing_of_anybody_else(
    naru: World,
    sign_in: SignIn,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    officer, clerk = sign_in("privacy_officer"), sign_in("subscriber_clerk")
    subscriber, person = naru.subscriber("noeul"), party(naru, "noeul")
    number = take(clerk, subscriber.number, "access")
    path = f"/privacy/requests/{number}/"
    assert officer.post(path + "order/").status_code == 409, "nobody's package without a checked identity"
    clerk.post(path + "verify/", {"identity": "phone"})
    assert clerk.post(path + "order/").status_code == 403
    assert officer.post(path + "order/").status_code == 302
    assert retention.make(number) and not retention.make(number)
    row = SubjectRequest.objects.get()
    sealed = store().open(row.package_key).read()
    assert row.package_state == "ready" and b"PK\x03\x04" not in sealed and sealed.startswith(b"age-encryption.org")
    assert "AGE-SECRET-KEY" not in bytes(row.package_box).decode("latin1")
    with django_capture_on_commit_callbacks(execute=True):
        answer = officer.post(path + "package.zip")
    assert answer["Content-Type"] == "application/zip" and not store().exists(f"packages/{number}.zip.age")
    assert officer.post(path + "package.zip").status_code == 409, "once"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        data, papers = json.loads(file.read("data.json")), {lang: words(file.read(f"data-{lang}.pdf"), tmp_path) for lang in ("ko", "en")}
    text = json.dumps(data, ensure_ascii=False)
    for planted in ("이노을", "010-5678-3302", subscriber.number, naru.contract("noeul").number, "R2026-08-000002", "39000 KRW", "save"):
        assert planted in text, planted
    for planted in ("이노을", "010-5678-3302", "R2026-08-000002"):
        assert all(planted in paper for paper in papers.values()), planted
    for other in ("김하늘", "남궁민수", "2201", "haneul", "minsu", naru.subscriber("haneul").number, "rental", "R2026-08-000001"):
        assert other not in text and all(other not in paper for paper in papers.values()), other
    usage = next(s for s in data["sections"] if s["class"] == "subscribers.usage")
    assert [r[3] for r in usage["rows"]] == ["18", "7"], "two events of August, exact"
    opened = VaultOpening.objects.filter(person=person, case_ref=number, outcome="opened")
    assert sorted(opened.values_list("kind", flat=True)) == ["name", "phone"] and "subject request" in opened[0].purpose
    assert not VaultOpening.objects.filter(case_ref=number).exclude(person=person).exists()
    records = AuditRecord.objects.filter(object="retention.request", key=number).order_by("id")
    assert "이노을" not in json.dumps([r.after for r in records], ensure_ascii=False)
    assert [r.after["package"] for r in records if "package" in r.after] == ["queued", "ready", "delivered"]


def test_a_package_dies_with_the_leaver_who_ordered_it_and_can_be_ordered_anew(
    naru: World, sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    officer, boss = sign_in("privacy_officer"), sign_in("administrator")
    number = take(officer, naru.subscriber("haneul").number, "access")
    path = f"/privacy/requests/{number}/"
    officer.post(path + "verify/", {"identity": "phone"})
    officer.post(path + "order/")
    assert retention.make(number)
    assert store().exists(f"packages/{number}.zip.age")
    leaver, by = (Staff.objects.get(pk=c.session["_auth_user_id"]) for c in (officer, boss))
    foretold = access.cut_off.plan(by.actor, staff=leaver.pk)
    assert foretold.result["packages"] == 1 and store().exists(f"packages/{number}.zip.age"), "a plan deletes nothing"
    with django_capture_on_commit_callbacks(execute=True):
        assert access.cut_off.do(by.actor, staff=leaver.pk, reason="퇴사")["packages"] == 1
    row = SubjectRequest.objects.get(number=number)
    assert (row.package_state, bytes(row.package_box), store().exists(f"packages/{number}.zip.age")) == ("deleted", b"", False)
    other = sign_in("privacy_officer")
    assert other.post(path + "package.zip").status_code == 409
    assert other.post(path + "order/").status_code == 302
    assert retention.make(number)
    assert SubjectRequest.objects.get(number=number).package_state == "ready"


def test_a_package_nobody_fetches_goes_after_its_days(naru: World, sign_in: SignIn, django_capture_on_commit_callbacks: Any) -> None:
    from numaru.kernel.retention.packages import forget_old

    officer = sign_in("privacy_officer")
    number = take(officer, naru.subscriber("noeul").number, "portability")
    officer.post(f"/privacy/requests/{number}/verify/", {"identity": "phone"})
    officer.post(f"/privacy/requests/{number}/order/")
    retention.make(number)
    with world.on("2026-11-09"), django_capture_on_commit_callbacks(execute=True):
        assert forget_old() == 0
    with world.on("2026-11-10"):
        assert officer.post(f"/privacy/requests/{number}/package.zip").status_code == 409
        with django_capture_on_commit_callbacks(execute=True):
            assert forget_old() == 1
    assert not store().exists(f"packages/{number}.zip.age") and SubjectRequest.objects.get().package_state == "deleted"


def test_a_deletion_is_answered_only_after_it_was_done(gone: World, sign_in: SignIn) -> None:
    clerk = sign_in("subscriber_clerk")
    number = take(clerk, gone.subscriber("noeul").number, "deletion")
    path = f"/privacy/requests/{number}/"
    form = {"subject": gone.subscriber("noeul").number, "request": number, "reason": "본인 요구"}
    assert "본인 확인" in clerk.post("/privacy/destruction/new/", form).content.decode()
    clerk.post(path + "verify/", {"identity": "account"})
    assert clerk.post(path + "answer/", {"outcome": "partly", "reason": "파기"}).status_code == 409
    asked = clerk.post("/privacy/destruction/new/", form)
    assert asked.status_code == 302, asked.content.decode()
    made = approve(ApprovalRequest.objects.get().number, staff("privacy_officer"))
    assert clerk.post(path + "answer/", {"outcome": "partly", "reason": "파기"}).status_code == 302
    assert made in clerk.get(path).content.decode()
