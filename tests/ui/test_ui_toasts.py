"""Notices never lie: told by the server after it did the thing, shown once, gone with the request that failed."""

from __future__ import annotations

import re

from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from numaru.domains.billing.models import BillRun
from numaru.ui import toasts
from numaru.ui.toasts import Toast, Undo
from numaru.values.text import Text
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

DONE = Text("6명에게 태그를 추가했습니다", "Tag added to 6 people")


def test_what_was_told_is_taken_once_whole_and_in_order() -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    assert toasts.take(request) == []
    first = Toast(DONE, undo=Undo("/undo/", {"number": "7"}))
    second = Toast(Text("문자 2건이 도착하지 않았습니다", "2 messages did not arrive"), "bad", "/messages/", Text("보기", "Show"))
    toasts.tell(request, first)
    toasts.tell(request, second)
    assert toasts.take(request) == [first, second] and toasts.take(request) == []
    assert (first.seconds, second.seconds, Toast(DONE).seconds, Toast(DONE, stays=True).seconds) == (10, 0, 6, 0)
    for n in range(9):
        toasts.tell(request, Toast(Text(f"{n}", f"{n}")))
    assert [t.text.ko for t in toasts.take(request)] == ["4", "5", "6", "7", "8"]


def test_an_act_is_told_on_the_next_page_and_only_there(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    assert client.post("/billing/runs/new/", {"service": "naru-video", "period": "2026-10"}).status_code == 302
    page = client.get("/billing/runs/R2026-10/").content.decode()
    assert "R2026-10 실행을 시작했습니다" in page and 'data-passing="6"' in page
    assert "실행을 시작했습니다" not in client.get("/billing/runs/R2026-10/").content.decode()


def test_the_answer_to_htmx_carries_it_beside_its_part(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    client.post("/billing/runs/new/", {"service": "naru-video", "period": "2026-10"})
    part = client.get("/billing/runs/R2026-10/", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'<div id="toasts" hx-swap-oob="beforeend">.*R2026-10 실행을 시작했습니다', part, re.S) and "<html" not in part


def test_a_resumed_run_can_be_paused_from_the_notice(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    client.post("/billing/runs/new/", {"service": "naru-video", "period": "2026-10"})
    BillRun.objects.filter(number="R2026-10").update(state="paused")
    client.get("/billing/runs/R2026-10/")
    assert client.post("/billing/runs/R2026-10/resume/").status_code == 302
    page = client.get("/billing/runs/R2026-10/").content.decode()
    assert 'action="/billing/runs/R2026-10/pause/"' in page[page.index('id="toasts"') :] and "되돌리기" in page


def test_a_refused_act_tells_nothing(sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    assert client.post("/billing/runs/new/", {"service": "naru-video", "period": "2027-05"}).status_code == 422
    assert '<div class="toasts" id="toasts"></div>' in client.get("/billing/runs/").content.decode().replace("\n", "")
