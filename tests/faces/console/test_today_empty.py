"""The first page of a house that holds nothing yet."""

from __future__ import annotations

from django.test import Client

from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant


def test_an_empty_house_says_what_to_do_first(db: None) -> None:
    staff = Staff.objects.create(login="first", name="한누리", created_at=clock.now())
    StaffGrant.objects.create(staff=staff, role="administrator", granted_at=clock.now())
    client = Client()
    client.force_login(staff)
    page = client.get("/").content.decode()
    assert '<section id="firsts">' in page and page.index('id="firsts"') < page.index('id="todo"') and 'href="/imports/new/"' in page
    assert page[: page.index("</main>")].count("btn-primary") == 1
