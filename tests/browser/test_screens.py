"""The screens of the two rooms in Chromium, on Naru Video: both languages, light and dark, three widths, axe, and the clerk's journey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.domains.billing.models import BillRun
from numaru.kernel import clock
from numaru.kernel.models import Staff
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
        "runs": "/billing/runs/", "new": "/billing/runs/new/", "run": f"/billing/runs/{august}/", "cancel": f"/billing/runs/{september}/cancel/",
        "invoices": "/billing/invoices/", "invoice": f"{numbered}?why=3",
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(open_page: Callable[..., Any], staff: Staff, naru: world.World, lang: str, theme: str) -> None:
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
