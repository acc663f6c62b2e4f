"""The screens of the two rooms in Chromium, on Naru Video: both languages, light and dark, three widths, axe, and the clerk's journey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.domains.billing.models import BillRun
from numaru.kernel import clock
from numaru.kernel.models import Staff, StaffGrant
from tests.domains.billing import world
from tests.domains.billing.conftest import drop_run_tables

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLET = {"width": 768, "height": 1024}


@pytest.fixture
def naru(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[world.World]:
    """Two months billed; October can be."""
    settings.HOME = tmp_path
    made = world.company()
    world.used(made)
    made.bill("2026-08")
    with world.on("2026-09-05"):
        made.fact("saebom", "ended", "2026-08-25")
    made.bill("2026-09")
    yield made
    drop_run_tables()


def paths(made: world.World) -> dict[str, str]:
    """Every screen of the two rooms, by a short name."""
    person = f"/subscribers/{made.subscriber('noeul').number}/"
    august, september = (BillRun.objects.get(period_from=day).number for day in ("2026-08-01", "2026-09-01"))
    numbered = f"/billing/invoices/{august}-000002/"
    return {
        "people": "/subscribers/", "found": "/subscribers/?q=3302", "nobody": "/subscribers/?q=nobody", "person": person, "why-open": f"{person}?open=phone",
        "runs": "/billing/runs/", "new": "/billing/runs/new/", "run": f"/billing/runs/{september}/", "cancel": f"/billing/runs/{september}/cancel/",
        "parked": f"/billing/runs/{september}/parked/A-{made.contract('saebom').account_id:07d}/",
        "invoices": "/billing/invoices/", "invoice": f"{numbered}?why=4", "records": f"{numbered}lines/4/",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, naru: world.World, lang: str, theme: str
) -> None:
    for viewport in (DESK, TABLET, PHONE):
        seen = open_page(lang=lang, theme=theme, viewport=viewport, user=staff)
        for name, path in paths(naru).items():
            answer = seen.go(path)
            assert answer.status == 200, path
            seen.picture(f"{name}-{lang}-{theme}-{viewport['width']}", full=viewport is not DESK)
            assert seen.axe() == [], (path, viewport)
            assert seen.overflow() <= 0, (path, viewport)
            assert seen.page.locator("h1").count() == 1
        assert [c for c in seen.complaints if "404" not in c] == []  # this server has no /events


def test_a_clerk_bills_a_month_watches_it_and_opens_an_invoice(
    open_page: Callable[..., Any], staff: Staff, naru: world.World, monkeypatch: Any
) -> None:
    """Sign in, start October from its dry form, see it go from waiting to posted, open an invoice, ask why, download the paper."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    from numaru.domains.billing.jobs import bill

    seen = open_page()
    page = seen.page
    seen.go("/billing/runs/")
    page.locator("#id_username").fill("nuri")
    page.locator("#id_password").fill("한옥마루 창가 자리")
    page.locator("#id_password").press("Enter")
    page.wait_for_url("**/billing/runs/")
    seen.go("/")
    assert page.locator("h1").inner_text().startswith("오늘")  # where everybody begins
    seen.go("/billing/runs/")
    BillRun.objects.filter(number="R2026-09").update(parked=77)
    page.evaluate(
        "document.querySelector('#rows-runs').dispatchEvent(new CustomEvent('nm:live'))"
    )  # as live.js tells a part that something changed
    page.locator("#rows-runs td", has_text="77").wait_for()
    assert page.locator("h1").count() == page.locator("#rows-runs").count() == 1
    page.locator(".pagehead .btn-primary").click()
    page.wait_for_url("**/billing/runs/new/")
    assert page.locator(".willdo").inner_text().count("R2026-10") == 1
    page.locator("#id_period").fill("2030-01")
    page.locator("#id_service").focus()  # leaving the field asks for the dry form again
    page.locator(".errsum").wait_for()
    assert "아직 끝나지 않았습니다" in page.locator("#plan").inner_text()
    page.locator("#id_period").fill("2026-10")
    page.locator("#id_service").focus()
    page.locator(".willdo").wait_for()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/billing/runs/R2026-10/")
    assert page.locator(".obj .st").inner_text() == "대기"
    page.locator(".floor .btn-danger").click()
    assert page.locator("#stop").is_visible()  # it asks before it stops, and "keep running" changes nothing
    seen.picture("run-waiting", full=False)
    page.locator("#stop .btn-ghost").click()
    page.locator(".floor form .btn").focus()
    job = ProcrastinateJob.objects.get(task_name="billing.run")
    bill(**job.args)  # what the worker does with the job that the console queued
    page.locator(".obj .st-good").wait_for(timeout=15_000)  # the page learns of it by itself
    assert page.locator(".big b").inner_text() == "100.0%" and "24,900" in page.locator(".runhead .figs").inner_text()
    assert page.locator(".floor").inner_text().startswith("확정되었습니다.")
    seen.picture("run-posted", full=False)
    page.locator(".obj .btn:not(.btn-ghost)").click()
    page.wait_for_url("**/billing/invoices/?run=R2026-10")
    page.locator("table.list tbody tr", has_text="R2026-10-000002").locator("a").first.click()
    page.wait_for_url("**/R2026-10-000002/**")
    why = page.locator(".whylink").first
    why.click()
    body = page.locator(f"#{why.get_attribute('aria-controls')}")
    assert body.is_visible() and "금액 일치" in body.inner_text() and why.get_attribute("aria-expanded") == "true"
    assert "/R2026-10-000002/" in page.url and "why=" not in page.url  # opened in place
    with page.expect_download() as waiting:
        page.locator("main .acts .btn-primary").click()
    content = open(waiting.value.path(), "rb").read()  # noqa: SIM115
    assert content.startswith(b"%PDF") and waiting.value.suggested_filename == "R2026-10-000002-ko.pdf"
    assert [c for c in seen.complaints if "404" not in c] == []


def test_an_opened_value_stands_alone_and_goes_by_itself(
    open_page: Callable[..., Any], staff: Staff, naru: world.World, monkeypatch: Any
) -> None:
    from numaru.domains.subscribers.web import views

    monkeypatch.setattr(views, "SHOWN", 2)
    for role in ("subscriber_clerk", "privacy_officer"):  # an administrator alone opens nobody
        StaffGrant.objects.create(staff=staff, role=role, granted_at=clock.now())
    seen = open_page(user=staff)
    page = seen.page
    seen.go(f"/subscribers/{naru.subscriber('haneul').number}/")
    page.locator(".sofar .sum").wait_for()  # the bill so far arrives as a part
    page.locator(".facts .unmask").first.click()
    page.locator("#why").select_option("bill")
    page.locator(".reason .btn").last.click()
    page.locator(".opened .value").wait_for()
    seen.picture("person-opened", full=False)
    assert page.locator(".opened .value").inner_text() == "010-1234-2201" and seen.axe() == []
    page.locator("#seen li").wait_for()  # and who saw it stands beside it at once
    page.locator(".opened").wait_for(state="detached", timeout=8_000)
    assert "1234-2201" not in page.content()
    assert [c for c in seen.complaints if "404" not in c] == []


def test_a_bill_is_followed_down_to_an_event_by_keyboard(open_page: Callable[..., Any], staff: Staff, naru: world.World) -> None:
    """The strip, its line, the records behind the line, the row of one record: without a mouse."""
    seen = open_page(user=staff)
    page = seen.page
    seen.go(paths(naru)["invoice"].partition("?")[0])
    pieces = page.locator(".strip a")
    assert pieces.count() == 4
    pieces.nth(3).focus()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "저장 4,000원, 10.3%"
    page.keyboard.press("Enter")
    page.wait_for_url("**?why=4#line4")
    assert page.locator("#why4").is_visible() and page.locator("#why1").is_hidden()
    page.locator("#why4 .inputs a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/lines/4/")
    assert page.locator(".records tbody tr").count() == 2
    page.locator(".strip").last.locator("a").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#e2")
    assert "1,600" in page.locator(".records tr:target").inner_text()
    assert seen.axe() == [] and [c for c in seen.complaints if "404" not in c] == []


def test_the_journey_is_filtered_and_read_on(open_page: Callable[..., Any], staff: Staff, naru: world.World, monkeypatch: Any) -> None:
    from numaru.facilities.timeline import api as timeline

    monkeypatch.setitem(timeline.line.__kwdefaults__, "size", 2)
    for feed, _ in timeline.feeds:
        timeline.rebuild(feed)
    with clock.pinned(world.at("2026-10-20T09:00")):
        seen = open_page(user=staff)
        page = seen.page
        seen.go(f"/subscribers/{naru.subscriber('noeul').number}/")
        page.locator(".life .lane-plot").wait_for()  # the picture arrives as a part
        assert page.locator(".lane-plot .mk").count() >= 1
        page.locator(".plot-table summary").click()
        assert page.locator(".plot-table tbody tr").count() >= 1
        lines = page.locator("#journey .tl li")
        assert lines.count() == 2
        page.locator("#older a").focus()
        page.keyboard.press("Enter")
        page.locator("#journey .tl li").nth(2).wait_for()
        assert "이용을 시작했습니다" in page.locator("#journey").inner_text()
        page.locator(".chips .chip", has_text="청구").click()
        page.wait_for_url("**?show=bill#journey")
        assert "이용을 시작했습니다" not in page.locator("#journey .tl").inner_text()
        assert seen.axe() == [] and [c for c in seen.complaints if "404" not in c] == []
