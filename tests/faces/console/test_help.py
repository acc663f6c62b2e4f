"""The manual inside: every screen has its chapter, every link and anchor leads somewhere, searching finds, nothing of a file runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from numaru.faces.console.help import finding, manual, paper
from numaru.kernel.access import ROLES
from numaru.ui import help as chapters
from numaru.ui import shell
from numaru.ui.help import PREFIX
from numaru.values.text import LANGUAGES
from tests.attacks.conftest import house, world
from tests.attacks.routes import OPEN, POST, ROUTES
from tests.attacks.test_reach import address
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in

__all__ = ["house", "naru", "shared", "sign_in", "world"]
ROOT: Path = settings.ROOT


def shelves() -> Iterator[manual.Shelf]:
    for lang in LANGUAGES:
        yield manual.shelf(ROOT, lang)


def ids(entry: manual.Entry) -> set[str]:
    return set(re.findall(r'<h[1-6] id="([^"]+)"', entry.paper.html))


def test_every_place_of_every_room_has_a_chapter_and_every_chapter_exists() -> None:
    missing = [f"{room}.{place.key}" for room, one in shell.rooms for place in one.places if chapters.chapter("", room, place.key) is None]
    assert not missing, f"add them to ui.help beside the place: {missing}"
    for shelf in shelves():
        for key, chapter in chapters.places:
            entry = shelf.get(chapter.page)
            assert entry is not None, f"{key}: docs/manual/{shelf.lang}/{chapter.page}.md is missing"
            assert not chapter.anchor or PREFIX + chapter.anchor in ids(entry), f"{key}: {chapter.page}.md has no heading {chapter.anchor}"


def test_every_key_of_the_register_is_a_place_or_a_view() -> None:
    places = {f"{room}.{place.key}" for room, one in shell.rooms for place in one.places} | {room for room, _ in shell.rooms}
    strange = [key for key, _ in chapters.places if key not in places and key not in ROUTES]
    assert not strange, strange


def test_both_languages_have_the_same_pages_and_headings() -> None:
    """Anchors are those of the English page, by their order: a heading more on one side would shift them all."""
    folders = [ROOT / "docs" / "manual" / lang for lang in LANGUAGES]
    names = [{path.name for path in folder.glob("*.md")} for folder in folders]
    assert names[0] == names[1]
    for name in sorted(names[0]):
        levels = [re.findall(r"^(#{1,6}) ", (folder / name).read_text(encoding="utf-8"), re.M) for folder in folders]
        assert levels[0] == levels[1], name


def test_every_page_stands_in_the_contents_and_every_link_leads_somewhere() -> None:
    for shelf in shelves():
        listed = set(manual._table(ROOT / "docs" / "manual" / shelf.lang / "README.md"))
        assert listed == {entry.name for entry in shelf.entries}, shelf.lang
        known = {entry.url: ids(entry) for entry in shelf.entries}
        behind = {one.url for one in manual.background(ROOT).values()}
        for entry in shelf.entries:
            for href in re.findall(r'<a href="([^"]+)"', entry.paper.html):
                if href.startswith("http"):
                    continue
                url, _, anchor = href.partition("#")
                assert not url or url in known or url in behind or url == reverse("help:index"), f"{shelf.lang}/{entry.name}: {href}"
                if anchor and (not url or url in known):
                    assert anchor in known[url or entry.url], f"{shelf.lang}/{entry.name}: {href}"


def test_a_link_by_a_korean_heading_leads_to_the_shared_anchor() -> None:
    url = manual.follow(ROOT, Path("docs/manual/ko/import.md"), "billing.md#보류-계정")
    assert url == f"/help/billing/#{PREFIX}parked-accounts"
    assert manual.follow(ROOT, Path("docs/manual/ko/start.md"), "../../roles.md") == "/help/background/roles/"
    assert manual.follow(ROOT, Path("docs/manual/ko/start.md"), "../../../src/numaru/__init__.py") is None


def test_nothing_of_a_file_runs_and_nothing_needs_a_style() -> None:
    source = "# T\n\n<script>alert(1)</script>\n\n## <b>x</b>\n\n[a](javascript:alert(1)) [b](gone.md)\n\n| a | b |\n|--:|:-:|\n| 1 | 2 |\n"
    made = paper.read(source, lambda href: None)
    assert "<script" not in made.html and "<b>" not in made.html and "style=" not in made.html and "<a " not in made.html
    assert '<td class="wrap num">1</td>' in made.html and made.title == "T"
    for shelf in shelves():
        for entry in shelf.entries:
            assert "style=" not in entry.paper.html and "<script" not in entry.paper.html


@pytest.mark.parametrize(
    ("lang", "q", "first"),
    [
        ("ko", "보류 계정", "/help/billing/#m-parked-accounts"),
        ("ko", "패스키를", "/help/account/#m-second-factors"),
        ("ko", "되돌리기", "/help/backup/#m-restoring"),
        ("en", "parked", "/help/billing/#m-parked-accounts"),
        ("en", "RECOVERY codes", "/help/account/#m-second-factors"),
    ],
)
def test_searching_finds_the_section_that_is_about_it(lang: str, q: str, first: str) -> None:
    hits = finding.find(ROOT, lang, q)
    assert first in [hit.url for hit in hits[:2]], [hit.url for hit in hits]
    assert all("<mark>" in hit.said or q.casefold() in hit.title.casefold() or hit.said for hit in hits)


def test_words_that_stand_nowhere_together_find_nothing_and_markup_is_escaped() -> None:
    assert finding.find(ROOT, "ko", "보류 우주선") == [] == finding.find(ROOT, "ko", "")
    assert all("<script" not in hit.said for hit in finding.find(ROOT, "en", "<script"))


def test_the_manual_is_read_in_the_readers_language(sign_in: SignIn) -> None:
    for lang, word in (("ko", "청구"), ("en", "Billing")):
        client = sign_in("auditor", language=lang)
        shown = client.get("/help/billing/").content.decode()
        assert f"<h1>{word}</h1>" in shown and f'id="{PREFIX}parked-accounts"' in shown
        part = client.get("/help/billing/", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part and "<h1>" not in part and f'id="{PREFIX}parked-accounts"' in part
        assert client.get("/help/").status_code == 200 and client.get("/help/nothing/").status_code == 404
        assert client.get("/help/background/decisions/screens-kit/").status_code == 200
        assert client.get("/help/background/../pyproject/").status_code == 404
    shown = sign_in("basic").get("/help/background/glossary/").content.decode()
    assert '<article lang="en">' in shown


def test_an_installation_without_its_manual_says_so(sign_in: SignIn, settings: object, tmp_path: Path) -> None:
    settings.ROOT = tmp_path  # type: ignore[attr-defined]
    client = sign_in("basic")
    assert "이 설치에는 설명서가 없습니다" in client.get("/help/").content.decode()
    assert client.get("/help/billing/").status_code == 404


def test_every_screen_leads_to_its_own_chapter(house: World, sign_in: SignIn) -> None:
    """Each address that a person reads in the console's frame: its "help" names a chapter, not the contents."""
    client = sign_in(*ROLES)
    seen: dict[str, str] = {}
    for name, route in ROUTES.items():
        if route.may in (OPEN, POST):
            continue
        answer = client.get(address(name, house), follow=True)
        if answer.status_code != 200 or getattr(answer, "streaming", False) or not answer["Content-Type"].startswith("text/html"):
            continue
        shown = answer.content.decode()
        found = re.search(r'class="helplink" href="([^"]+)"', shown)
        if found is None:
            assert 'class="pillar-foot"' not in shown, name
            continue
        seen[name] = found[1]
    bare = [name for name, url in seen.items() if not url.startswith("/help/") or url == "/help/"]
    assert not bare, f"add their chapters to ui.help: {bare}"
    assert len(seen) > 40


def test_looking_at_the_steps_changes_nothing(naru: World, sign_in: SignIn) -> None:
    from tests.attacks.conftest import written

    client = sign_in("administrator")
    client.get("/help/first-steps/")
    before = written()
    assert client.get("/help/first-steps/").status_code == 200
    assert written() == before
