"""The page of backups: how they stand, who may start one, and taking note of a restored house."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.backup import api as backup
from numaru.kernel.backup import runs
from numaru.kernel.backup.models import BackupRun, Restoration
from numaru.kernel.models import AuditRecord
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

HOUSE = Actor.system("test")


@pytest.fixture
def admin(sign_in: SignIn) -> Client:  # noqa: F811
    return sign_in("administrator")


def made(days_ago: int = 0) -> None:
    """A good full backup, as the nightly job records it."""
    with clock.pinned(clock.now() - timedelta(days=days_ago)):
        run = runs.begin.do(HOUSE, kind="full", folder="/backups")
        runs.end.do(HOUSE, run=run, made=[{"name": "numaru-x", "kind": "full", "bytes": 3 * 2**20, "verified": "opened"}])


def test_an_empty_house_says_what_to_do(admin: Client) -> None:
    page = admin.get("/backups/").content.decode()
    assert "백업이 아직 없습니다" in page and "NUMARU_BACKUP_TO" in page
    assert "지금 백업" not in page  # there is nowhere to put it
    refused = admin.post("/backups/now/")
    assert refused.status_code == 422 and "백업을 둘 폴더를 정하지 않았습니다" in refused.content.decode()


def test_the_last_backup_its_proof_and_its_age_are_shown(admin: Client) -> None:
    made(days_ago=3)
    page = admin.get("/backups/").content.decode()
    assert "다시 열어 확인" in page and "늦었습니다" in page and "numaru-x" in page
    made()
    assert "늦었습니다" not in admin.get("/backups/").content.decode()


def test_an_administrator_starts_one_and_only_one(admin: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMARU_BACKUP_TO", str(tmp_path / "b"))
    assert admin.post("/backups/now/").status_code == 302
    assert BackupRun.objects.get().state == "queued"
    assert ProcrastinateJob.objects.filter(task_name="backup.run").count() == 1
    assert admin.post("/backups/now/").status_code == 409
    assert AuditRecord.objects.filter(object="backup.run").count() == 1


def test_others_see_it_or_not_and_start_nothing(sign_in: SignIn) -> None:  # noqa: F811
    auditor, clerk = sign_in("auditor"), sign_in("billing_clerk")
    assert auditor.get("/backups/").status_code == 200
    assert "지금 검사" not in auditor.get("/backups/").content.decode()
    assert auditor.post("/backups/now/").status_code == auditor.post("/backups/check/").status_code == 403
    assert clerk.get("/backups/").status_code == clerk.get("/backups/restored/").status_code == 403
    assert not BackupRun.objects.exists()


def test_a_check_is_started_made_and_its_findings_named(admin: Client, naru: Any, settings: Any) -> None:  # noqa: F811
    assert admin.post("/backups/check/").status_code == 302
    assert admin.post("/backups/check/").status_code == 409
    run = backup.carry_out_check(HOUSE)
    assert run.state == "good", run.checks
    page = admin.get("/backups/").content.decode()
    assert "확정한 청구 실행의 검산" in page and "정상" in page
    file = next((Path(settings.HOME) / "usage").rglob("*.parquet"))
    file.rename(file.with_suffix(".away"))
    try:
        assert backup.carry_out_check(HOUSE).state == "bad"
    finally:
        file.with_suffix(".away").rename(file)
    page = admin.get("/backups/").content.decode()
    assert "파일이 없습니다" in page and file.name in page and "이상 있음" in page


def test_a_restored_house_says_so_on_every_page_until_somebody_takes_note(
    admin: Client,
    sign_in: SignIn,  # noqa: F811
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    mark = Path(settings.HOME) / backup.RESTORED
    mark.write_text("{}")
    try:
        runs.note_restoration.do(HOUSE, source="numaru-x", made_at=clock.now(), missing=[["키 백업 없이 되돌렸습니다.", "Without keys."]])
        assert "이 집은 백업에서 되돌렸습니다" in admin.get("/imports/").content.decode()
        page = admin.get("/backups/restored/").content.decode()
        assert "키 백업 없이 되돌렸습니다" in page and "numaru-x" in page
        assert sign_in("auditor").post("/backups/restored/", {"reason": "봄"}).status_code == 422
        assert admin.post("/backups/restored/", {"reason": " "}).status_code == 422
        with django_capture_on_commit_callbacks(execute=True):
            assert admin.post("/backups/restored/", {"reason": "빠진 이용 기록을 다시 받았음"}).status_code == 302
        assert Restoration.objects.get().acknowledged_by == "한누리"
        assert not mark.exists()
        assert "이 집은 백업에서 되돌렸습니다" not in admin.get("/imports/").content.decode()
        assert admin.get("/backups/restored/").status_code == 404
    finally:
        mark.unlink(missing_ok=True)
