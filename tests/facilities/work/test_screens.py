"""The screens of tasks: opened, worked on, handed over and assigned by pressing what is there."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from numaru.facilities.work import api as work
from numaru.facilities.work.models import Task
from numaru.kernel.models import Staff
from tests.domains.billing.world import HOUSE, SLUG, World
from tests.screens import SignIn

pytestmark = pytest.mark.django_db


def test_a_task_is_opened_about_an_object_and_leads_to_it(naru: World, sign_in: SignIn) -> None:
    client = sign_in("billing_clerk")
    form = {
        "title": "보류 확인",
        "owner": "role:billing_clerk",
        "priority": "1",
        "about": "r2026-08",
        "due_on": "2026-11-03",
        "checklist": "가\n나",
    }
    answer = client.post("/tasks/new/", form)
    number = Task.objects.get().number
    assert answer.url == f"/tasks/{number}/"  # type: ignore[attr-defined]
    page = client.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert 'href="/billing/runs/R2026-08/"' in page
    assert page.count('class="tickbox"') == 2
    assert "내가 맡기" in page


def test_what_nobody_has_heard_of_is_asked_again(naru: World, sign_in: SignIn) -> None:
    form = {"title": "확인", "owner": "role:auditor", "priority": "2", "about": "R1999-01"}
    answer = sign_in("billing_clerk").post("/tasks/new/", form)
    assert answer.status_code == 422
    assert "이 번호를 찾지 못했습니다" in answer.content.decode()
    assert not Task.objects.exists()


def test_a_task_waits_on_the_first_page_of_its_role_alone(naru: World, sign_in: SignIn) -> None:
    work.open_task.do(HOUSE, title="보류 계정 정리", role="billing_clerk")
    assert "보류 계정 정리" in sign_in("billing_clerk").get("/").content.decode()
    assert "보류 계정 정리" not in sign_in("subscriber_clerk").get("/").content.decode()


def test_many_are_assigned_after_a_preview(naru: World, sign_in: SignIn) -> None:
    numbers = [work.open_task.do(HOUSE, title=f"일 {n}", service=SLUG, role="billing_clerk") for n in range(3)]
    client = sign_in("billing_clerk")
    other = Staff.objects.create(login="other", name="문가온", created_at="2026-01-01T00:00:00Z")
    query = urlencode({"bulk": "work.assign", "row": numbers[:2]}, doseq=True)
    preview = client.post(f"/tasks/?{query}", {"to": f"staff:{other.pk}", "reason": "나눔"})
    page = client.get(preview.url).content.decode()  # type: ignore[attr-defined]
    assert "문가온" in page
    assert not Task.objects.filter(staff=other.pk).exists()
    client.post(f"{preview.url}go/", {"seen": "2"})  # type: ignore[attr-defined]
    assert set(Task.objects.filter(staff=other.pk).values_list("number", flat=True)) == set(numbers[:2])


def test_a_refusal_is_told_on_the_page(naru: World, sign_in: SignIn) -> None:
    number = work.open_task.do(HOUSE, title="확인", service=SLUG, role="billing_clerk")
    client = sign_in("billing_clerk")
    client.post(f"/tasks/{number}/take/")
    answer = client.post(f"/tasks/{number}/take/")
    assert answer.status_code == 409
    assert "이미 맡은 사람이 있습니다" in answer.content.decode()
