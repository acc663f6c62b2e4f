"""The first steps: known from the data, one next for whoever may do it, folded by one person alone, gone when the house has billed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from numaru.domains.billing.models import BillRun
from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant
from numaru.ui import first_steps
from numaru.ui import help as chapters
from tests.domains.billing import world

ORDER = ["service", "offer", "subscribers", "bill", "staff", "factor", "backup"]


def newcomer(role: str, login: str = "first") -> Client:
    person = Staff.objects.create(login=login, name="한누리", created_at=clock.now())
    StaffGrant.objects.create(staff=person, role=role, granted_at=clock.now())
    client = Client()
    client.force_login(person)
    return client


def stands(answer: Any) -> dict[str, str]:
    return {one.key: one.state for one in answer.context["steps"]}


@pytest.mark.django_db
def test_a_new_house_shows_all_steps_in_order_and_one_that_is_next(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    client = newcomer("administrator")
    for path in ("/", "/help/first-steps/"):
        answer = client.get(path)
        assert list(stands(answer)) == ORDER
        assert stands(answer) == dict.fromkeys(ORDER, "later") | {"service": "next"}
        assert answer.content.decode().count('class="is-next"') == 1


@pytest.mark.django_db
def test_who_may_not_do_a_step_is_told_who_can_and_is_led_to_the_own_next_one(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    answer = newcomer("auditor").get("/help/first-steps/")
    assert stands(answer)["factor"] == "next" and stands(answer)["service"] == "later"
    shown = answer.content.decode()
    assert "관리자" in shown and shown.count('href="/imports/new/"') == 0


@pytest.mark.django_db(transaction=True)
def test_steps_are_done_when_the_data_say_so_and_the_first_bill_settles_the_house(settings: Any, tmp_path: Any) -> None:
    from tests.domains.billing.conftest import drop_run_tables

    settings.HOME = tmp_path
    client = newcomer("administrator")
    made = world.company()
    assert [key for key, state in stands(client.get("/")).items() if state == "done"] == ["service", "offer", "subscribers"]
    assert stands(client.get("/"))["bill"] == "next"
    newcomer("auditor", "second")
    assert stands(client.get("/"))["staff"] == "done"
    made.bill("2026-08")
    assert BillRun.objects.filter(state="posted").exists()
    assert client.get("/").context["steps"] == []  # home is for the day now; the help still has them
    assert stands(client.get("/help/first-steps/"))["bill"] == "done"
    drop_run_tables()


@pytest.mark.django_db
def test_folding_is_for_one_person_and_can_be_taken_back(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    client, other = newcomer("administrator"), newcomer("administrator", "second")
    assert client.post("/preferences/", {"firsts": "off", "next": "/"}).status_code == 302
    other.cookies[first_steps.COOKIE] = client.cookies[first_steps.COOKIE].value  # the same browser, another person
    assert client.get("/").context["steps"] == [] and other.get("/").context["steps"]
    assert "다시 보이기" in client.get("/help/first-steps/").content.decode()
    client.post("/preferences/", {"firsts": "on", "next": "/help/first-steps/"})
    assert client.get("/").context["steps"]


def test_every_step_has_a_chapter_that_exists() -> None:
    from django.conf import settings

    from numaru.faces.console.help import manual

    for _, step in first_steps.steps:
        entry = manual.shelf(settings.ROOT, "en").get(step.chapter.page)
        assert entry is not None and f'id="{chapters.PREFIX}{step.chapter.anchor}"' in entry.paper.html, step.chapter
