"""The rooms before anything is in them: each screen says what comes next."""

from __future__ import annotations

from django.test import Client

from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant


def test_an_empty_house_says_how_to_begin(db: None) -> None:
    person = Staff.objects.create(login="first", name="처음", created_at=clock.now())
    StaffGrant.objects.create(staff=person, role="administrator", granted_at=clock.now())
    client = Client()
    client.force_login(person)
    page = client.get("/subscribers/").content.decode()
    assert "아직 가입자가 없습니다" in page and ("./numaru import subscribers" in page or "/imports/" in page)
    assert "아직 청구를 실행하지 않았습니다" in client.get("/billing/runs/").content.decode()
    assert "청구할 서비스가 없습니다" in client.get("/billing/runs/new/").content.decode()
    assert "확정한 청구서가 없습니다" in client.get("/billing/invoices/").content.decode()
