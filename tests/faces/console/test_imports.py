"""Imports in the console: tested before they are done, watched, followed by the real import of the same file, and only by who may."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from numaru.domains.billing.models import Contract
from numaru.domains.subscribers.models import Subscriber
from numaru.kernel import clock
from numaru.kernel.files import store
from numaru.kernel.imports import api as imports
from numaru.kernel.imports.models import ImportRun
from numaru.kernel.models import AuditRecord, Staff, StaffGrant

pytestmark = pytest.mark.django_db
MAPPING = """
[import]
kind = "subscribers"
[service]
slug = "books"
name_ko = "누리책"
name_en = "Nuri Books"
zone = "Asia/Seoul"
currency = "KRW"
[offer]
slug = "monthly"
[[offer.charges]]
key = "fee"
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
CONTENT = b"id,price,start\n0001,9900,2026-10-01\n0002,<b>,2026-10-01\n0003,5900,2026-10-01\n"

type Make = Callable[..., Client]


@pytest.fixture
def somebody(settings: Any, tmp_path: Path) -> Make:
    """``somebody("billing_clerk", service="")``: a client of a person with that role; with none of somebody who may see nothing."""
    settings.HOME = tmp_path

    def make(*roles: str, service: str = "") -> Client:
        person = Staff.objects.create(login=f"p{Staff.objects.count()}", name="한누리", created_at=clock.now())
        StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, service=service, granted_at=clock.now()) for role in roles)
        client = Client()
        client.force_login(person)
        return client

    return make


def send(client: Client, content: bytes = CONTENT, mapping: str = MAPPING, *, dry: bool = True) -> Any:
    files = {"file": SimpleUploadedFile("people.csv", content), "mapping_file": SimpleUploadedFile("map.toml", mapping.encode())}
    return client.post("/imports/new/", files | {"mapping": "upload"} | ({"dry": "on"} if dry else {}))


def work_off() -> int:
    """Do what the worker does with the imports that the console queued; returns how many."""
    from numaru.kernel.imports.jobs import run_import

    jobs = list(ProcrastinateJob.objects.filter(task_name="imports.run", status="todo"))
    for job in jobs:
        run_import(**job.args)
        ProcrastinateJob.objects.filter(pk=job.pk).update(status="succeeded")
    return len(jobs)


def test_a_file_is_tested_and_then_imported(somebody: Make) -> None:
    client = somebody("administrator")
    assert "아직 들인 파일이 없습니다" in client.get("/imports/").content.decode()
    form = client.get("/imports/new/").content.decode()
    assert 'name="dry"' in form and "checked" in form and "Example" not in form and "예: telco" in form
    answer = send(client)
    assert (answer.status_code, answer["Location"]) == (302, "/imports/IMP-000001/")
    waiting = client.get("/imports/IMP-000001/").content.decode()
    assert "대기" in waiting and 'data-live="import:IMP-000001"' in waiting
    assert work_off() == 1
    page = client.get("/imports/IMP-000001/").content.decode()
    assert "시험만 함" in page and "2행 들이기" in page and "&lt;b&gt;" in page and "<b></td>" not in page
    assert not Subscriber.objects.exists() and not Contract.objects.exists()
    answer = client.post("/imports/IMP-000001/go/")
    assert (answer.status_code, answer["Location"]) == (302, "/imports/IMP-000002/")
    assert client.post("/imports/IMP-000001/go/")["Location"] == "/imports/IMP-000002/"  # pressed twice
    assert work_off() == 1
    assert sorted(Subscriber.objects.values_list("external_id", flat=True)) == ["0001", "0003"]
    real = client.get("/imports/IMP-000002/").content.decode()
    assert "완료" in real and "새 가입자" in real and "행 들이기" not in real
    tested = client.get("/imports/IMP-000001/").content.decode()
    assert "IMP-000002로 들였습니다" in tested and "행 들이기" not in tested
    rows = client.get("/imports/").content.decode()
    assert rows.index("IMP-000002") < rows.index("IMP-000001") and "people.csv" in rows and "한누리" in rows
    assert AuditRecord.objects.filter(object="billing.contracts", actor_name="한누리").count() == 1
    assert not store().exists(ImportRun.objects.get(number="IMP-000002").file_key)


def test_the_findings_can_be_downloaded(somebody: Make) -> None:
    client = somebody("administrator")
    send(client)
    assert client.get("/imports/IMP-000001/findings.csv").status_code == 404
    work_off()
    answer = client.get("/imports/IMP-000001/findings.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="IMP-000001.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(r["row"], r["field"], r["value"], r["code"]) for r in rows] == [("3", "price", "<b>", "import.not_a_number")]


def test_a_mapping_used_before_can_be_chosen_again(somebody: Make) -> None:
    client = somebody("administrator")
    send(client, dry=False)
    work_off()
    form = client.get("/imports/new/").content.decode()
    assert "books · 가입자 · map.toml" in form and form.count('value="run:') == 1
    file = SimpleUploadedFile("people.csv", CONTENT)
    assert client.post("/imports/new/", {"file": file, "mapping": "run:IMP-000001"}).status_code == 302
    work_off()
    card = imports.run("IMP-000002")
    assert (card.dry, card.state, card.accepted, card.unchanged, card.refused) == (False, "done", 0, 2, 1)


def test_what_is_wrong_is_told_and_nothing_is_kept(somebody: Make, tmp_path: Path) -> None:
    client = somebody("administrator")
    folder = tmp_path / "files"
    kept = sorted(folder.rglob("source"))
    wrong = send(client, mapping=MAPPING.replace('min = "0"', 'mini = "0"'))
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "fields.price.mini" in page and "들이지 않았습니다" in page
    for files in ({}, {"file": SimpleUploadedFile("f.csv", CONTENT)}):
        answer = client.post("/imports/new/", files | {"mapping": "upload", "dry": "on"})
        assert answer.status_code == 422 and "errsum" in answer.content.decode()
    answer = client.post("/imports/new/", {"file": SimpleUploadedFile("f.csv", CONTENT), "mapping": "run:IMP-999999"})
    assert answer.status_code == 422
    latin = {"file": SimpleUploadedFile("f.csv", CONTENT), "mapping": "upload", "mapping_file": SimpleUploadedFile("m.toml", b"# \xb1\xe8")}
    assert "UTF-8이 아닙니다" in client.post("/imports/new/", latin).content.decode()
    assert not ImportRun.objects.exists() and not ProcrastinateJob.objects.exists() and sorted(folder.rglob("source")) == kept


def test_a_file_that_does_not_fit_ends_in_words_with_a_next_step(somebody: Make) -> None:
    client = somebody("administrator")
    send(client, b"name,price,start\nx,1,2026-10-01\n")
    work_off()
    page = client.get("/imports/IMP-000001/").content.decode()
    assert "들이지 못했습니다" in page and "파일에 ‘id’ 열이 없습니다." in page and "다시 올리기" in page
    refused = client.post("/imports/IMP-000001/go/")
    assert refused.status_code == 409 and "끝난 시험 실행이 아닙니다" in refused.content.decode()


def test_a_file_that_was_deleted_meanwhile_must_come_again(somebody: Make) -> None:
    client = somebody("administrator")
    send(client)
    work_off()
    store().delete(ImportRun.objects.get().file_key)
    assert "올린 파일이 지워졌습니다" in client.get("/imports/IMP-000001/").content.decode()
    assert client.post("/imports/IMP-000001/go/").status_code == 409 and ImportRun.objects.count() == 1


def test_only_a_running_import_is_stopped(somebody: Make) -> None:
    client = somebody("administrator")
    send(client)
    work_off()
    answer = client.post("/imports/IMP-000001/stop/")
    assert answer.status_code == 409 and "지금 진행 중이 아닙니다" in answer.content.decode()
    assert client.get("/imports/IMP-000001/stop/").status_code == 405


def test_who_may_not_sees_and_changes_nothing(somebody: Make) -> None:
    send(somebody("administrator"))
    work_off()
    before = ImportRun.objects.count(), AuditRecord.objects.count(), ProcrastinateJob.objects.count()
    outsider, nobody, auditor = somebody("billing_clerk", service="other"), somebody(), somebody("auditor")
    for path in ("/imports/IMP-000001/", "/imports/IMP-000001/findings.csv", "/imports/IMP-999999/"):
        assert outsider.get(path).status_code == 404, path
        assert nobody.get(path).status_code in (403, 404), path
    assert "IMP-000001" not in outsider.get("/imports/").content.decode()
    assert send(outsider).status_code == 422
    assert outsider.post("/imports/IMP-000001/go/").status_code == 404
    assert auditor.get("/imports/IMP-000001/").status_code == 200
    assert "행 들이기" not in auditor.get("/imports/IMP-000001/").content.decode()
    assert auditor.post("/imports/IMP-000001/go/").status_code == 403
    assert auditor.get("/imports/new/").status_code == 403
    assert before == (ImportRun.objects.count(), AuditRecord.objects.count(), ProcrastinateJob.objects.count())
    assert not Subscriber.objects.exists()
