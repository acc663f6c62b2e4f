"""The page of the system's state."""

from __future__ import annotations

import pytest

from numaru.kernel import health
from numaru.values.text import Text
from tests.screens import *  # noqa: F403
from tests.screens import SignIn


def test_what_is_broken_stands_first_with_its_remedy(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    health.forget()
    text = sign_in("auditor").get("/system/").content.decode()
    worker, database = text.index("작업자"), text.index(">데이터베이스<")
    assert worker < database  # no worker runs beside the tests
    assert "일하는 작업자가 없습니다" in text and "작업자 기록(worker.log)을 보고" in text
    assert "No worker is at work" in sign_in("administrator", language="en").get("/system/").content.decode()
    assert health.parts["worker"].title == Text("작업자", "Worker")


def test_the_page_is_for_those_who_run_the_house(sign_in: SignIn) -> None:
    assert sign_in("billing_clerk").get("/system/").status_code == 403
    assert sign_in("billing_clerk").post("/system/again/").status_code == 403
    client = sign_in("administrator")
    assert client.post("/system/again/").status_code == 302
    assert client.get("/system/again/").status_code == 405
