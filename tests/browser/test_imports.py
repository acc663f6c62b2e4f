"""The import screens in Chromium: both languages, light and dark, three widths, axe; and a clerk's way from a file to its subscribers."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.access import Actor
from numaru.kernel.imports import api as imports
from numaru.kernel.models import Staff
from tests.faces.console.test_imports import CONTENT, MAPPING, work_off

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TABLET = {"width": 768, "height": 1024}


@pytest.fixture(autouse=True)
def nothing_waits(transactional_db: None) -> Iterator[None]:
    """Emptying the database leaves the queue, which is not ours to empty: its jobs are done before that."""
    yield
    work_off()


def bring(content: bytes, name: str, tmp_path: Path, *, dry: bool = False, done: bool = True) -> str:
    """An import made by the house itself: its number."""
    key, sha = imports.keep(io.BytesIO(content))
    card = imports.start.do(
        Actor.system("worker"),
        kind="subscribers",
        file_name=name,
        sha256=sha,
        mapping_name="map.toml",
        mapping_text=MAPPING,
        file_key=key,
        dry=dry,
    )
    if done:
        work_off()
    return card.number


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Path, lang: str, theme: str
) -> None:
    settings.HOME = tmp_path
    faulty = b"id,price,start\n" + b"".join(b"%04d,%s,2026-10-%02d\n" % (n, b"12.5.0" if n % 3 else b"9900", 1 + n % 40) for n in range(60))
    paths = {"empty": "/imports/", "new": "/imports/new/"}
    seen = {v["width"]: open_page(lang=lang, theme=theme, viewport=v, user=staff) for v in (DESK, TABLET, PHONE)}

    def look(names: dict[str, str]) -> None:
        for width, window in seen.items():
            for name, path in names.items():
                assert window.go(path).status == 200, path
                window.picture(f"imports-{name}-{lang}-{theme}-{width}", full=width != DESK["width"])
                assert window.axe() == [], (path, width)
                assert window.overflow() <= 0, (path, width)
                assert window.page.locator("h1").count() == 1

    look(paths)
    tested = bring(CONTENT, "people.csv", tmp_path, dry=True)
    done = bring(faulty, "나루책 가입자 2026-10.csv", tmp_path)
    failed = bring(b"name,price\nx,1\n", "wrong.csv", tmp_path)
    waiting = bring(CONTENT, "next.csv", tmp_path, done=False)
    look(
        {"list": "/imports/"}
        | {n: f"/imports/{number}/" for n, number in {"tested": tested, "done": done, "failed": failed, "waiting": waiting}.items()}
    )
    for window in seen.values():
        assert [c for c in window.complaints if "404" not in c] == []  # this server has no /events


def test_a_clerk_tests_a_file_and_imports_it(open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Path) -> None:
    """Upload with a mapping that has a fault, mend it, watch the dry run end, look at the finding, import, and find the subscriber."""
    settings.HOME = tmp_path
    file, mapping = tmp_path / "people.csv", tmp_path / "map.toml"
    file.write_bytes(CONTENT)
    seen = open_page(user=staff)
    page = seen.page
    seen.go("/imports/")
    page.locator(".pagehead .btn-primary").click()
    page.wait_for_url("**/imports/new/")
    mapping.write_text(MAPPING.replace('column = "price"', 'colum = "price"'))
    page.locator("#id_file").set_input_files(str(file))
    page.locator("#id_mapping_file").set_input_files(str(mapping))
    page.locator(".floor .btn-primary").click()
    page.locator(".fail code", has_text="fields.price.colum").first.wait_for()
    seen.picture("imports-wrong-mapping", full=False)
    assert seen.axe() == []
    mapping.write_text(MAPPING)
    page.locator("#id_file").set_input_files(str(file))
    page.locator("#id_mapping_file").set_input_files(str(mapping))
    assert page.locator("#id_dry").is_checked()
    page.locator(".floor .btn-primary").click()
    page.wait_for_url("**/imports/IMP-000001/")
    assert page.locator(".obj .st").inner_text() == "대기"
    work_off()
    page.locator(".floor .btn-primary", has_text="2행 들이기").wait_for(timeout=15_000)  # the page learns of it by itself
    assert "숫자가 아닙니다" in page.locator("table").inner_text() and not Subscriber.objects.exists()
    with page.expect_download() as saved:
        page.locator(".obj .btn").click()
    assert saved.value.suggested_filename == "IMP-000001.csv"
    page.locator(".floor .btn-primary").click()
    page.wait_for_url("**/imports/IMP-000002/")
    work_off()
    page.locator(".obj .st-good").wait_for(timeout=15_000)
    assert page.locator("main aside").inner_text().count("새 가입자") == 1
    seen.go("/subscribers/?q=0001")
    assert page.locator("table.list tbody tr").count() == 1
    assert [c for c in seen.complaints if "404" not in c and "422" not in c] == []
