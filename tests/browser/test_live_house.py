"""A real house, run by the one command, seen in Chromium: the stream tells open pages while somebody types in another field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.running import House, call, up

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "마루 끝 볕드는 창가 자리"
MAPPING = """
[import]
kind = "subscribers"
[service]
slug = "tested"
name_ko = "시험 서비스"
name_en = "Tested service"
zone = "Asia/Seoul"
currency = "KRW"
[offer]
slug = "plan"
name_ko = "요금제"
name_en = "Plan"
[[offer.charges]]
key = "fee"
name_ko = "월정액"
name_en = "Monthly fee"
kind = "recurring"
price = "9900"
tax = "included"
[fields.external_id]
column = "id"
unique = true
[fields.started]
column = "start"
"""


def sign_in(page: Any, base: str, login: str, password: str) -> None:
    page.goto(f"{base}/sign-in/")
    page.locator("#id_username").fill(login)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(re.compile(rf"{base}/(?!sign-in)"))


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    """An empty house into which four thousand people came by a file."""
    rows = "".join(f"x{n},2026-01-01\n" for n in range(4000))
    (home / "people.csv").write_text("id,start\n" + rows)
    (home / "map.toml").write_text(MAPPING)
    with up(home, "--empty") as running:
        running.healthy()
        done = call("import", "subscribers", str(home / "people.csv"), "--mapping", str(home / "map.toml"), home=home)
        assert done.returncode == 0, done.stdout + done.stderr
        yield running


def test_progress_and_an_approval_arrive_while_somebody_types(house: House, chromium: Any) -> None:
    password = house.said(r"password: (\S+)").group(1)
    base = f"http://127.0.0.1:{house.port}"
    context = chromium.new_context(locale="ko", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, base, "admin", password)

    # a bill run: its page goes from waiting to final by itself, and what is being typed in the palette stays
    page.goto(f"{base}/billing/runs/new/")
    page.locator("#id_period").fill("2026-01")
    page.locator("#id_service").focus()
    page.locator(".willdo").wait_for()
    page.locator("main .btn-primary:visible").first.click()
    page.wait_for_url("**/billing/runs/R2026-01/")
    page.locator("html[data-live-open]").wait_for()
    before = page.url
    box = page.locator("#palette-q")
    page.keyboard.press("Control+k")
    box.press_sequentially("가나")
    page.locator(".obj .st-good").wait_for(timeout=90_000)
    assert page.locator("html[data-live-polling]").count() == 0  # told by the stream, not by asking every three seconds
    assert any(url.endswith("/events") for url in asked)
    box.press_sequentially("다")
    assert box.input_value() == "가나다" and page.url == before
    assert page.evaluate("document.activeElement.id") == "palette-q"

    # an approval: it comes into the open list of whoever can decide it
    added = call("manage", "staff", "second", "--name", "두 번째", "--role", "administrator", home=house.home)
    assert added.returncode == 0, added.stdout + added.stderr
    given = added.stdout.strip().splitlines()[-1]
    other = chromium.new_context(locale="ko", viewport={"width": 1440, "height": 900})
    theirs = other.new_page()
    theirs.goto(f"{base}/sign-in/")
    theirs.locator("#id_username").fill("second")
    theirs.locator("#id_password").fill(given)
    theirs.locator("#id_password").press("Enter")
    theirs.wait_for_url("**/account/password/**")
    theirs.locator("input[type=password]").nth(0).fill(given)
    for field in theirs.locator("input[type=password]").all()[1:]:
        field.fill(PASSWORD)
    theirs.locator("main .btn-primary:visible").first.click()
    theirs.wait_for_url(lambda url: "/account/password/" not in url)

    page.goto(f"{base}/approvals/")
    page.locator("html[data-live-open]").wait_for()
    page.keyboard.press("Control+k")
    box.press_sequentially("라")
    theirs.goto(f"{base}/policies/leaks.warn_hours/change/")
    theirs.locator("#id_value").fill("8")
    for name, text in (("basis", "교대 근무"), ("source", "내부 기준"), ("reason", "교대 근무에 맞춤")):
        theirs.locator(f"#id_{name}").fill(text)
    theirs.locator("main .btn-primary:visible").first.click()
    theirs.wait_for_url("**/approvals/A-*/")
    page.locator("#rows-approvals tbody tr").wait_for(timeout=30_000)
    box.press_sequentially("마")
    assert box.input_value() == "라마" and page.evaluate("document.activeElement.id") == "palette-q"
    assert page.locator("html[data-live-polling]").count() == 0
    for one in (context, other):
        one.close()
