"""The stories of the demo company: what docs/demo.md and the page of faces promise is found on the house's own screens."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as house
from django.core.management import call_command
from django.test import Client

from numaru.config import demo, web
from numaru.config import demo_stories as planted
from numaru.config import demo_world as plan
from numaru.config.stage import cast, stories
from numaru.domains.subscribers import api as subscribers
from numaru.facilities.timeline import api as timeline
from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.models import Staff
from tests.config.test_faces import HERE, enter
from tests.conftest import ROOT
from tests.domains.billing.conftest import drop_run_tables

DAY = date(2026, 11, 24)  # a Tuesday: yesterday night was no day off
NOW = datetime(2026, 11, 24, 12, tzinfo=plan.ZONE)
PEOPLE = 160
ROW = re.compile(r"^\| `([a-z-]+)` \| `([^`]+)`(.*?) \| (.+?) \|$", re.M)
MONTHS = {"{last}": "2026-10", "{before}": "2026-09"}


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small demo company, loaded and sealed once for these tests."""
    kept, house.HOME = house.HOME, tmp_path_factory.mktemp("demo")
    (house.HOME / demo.MARK).write_text('{"wanted": false}')
    try:
        with django_db_blocker.unblock():
            with clock.pinned(NOW):
                demo.load(PEOPLE)
                audit.Sealer().all()
                audit.watch()
                for feed, _ in timeline.feeds:  # what a worker makes of the events of the load
                    timeline.rebuild(feed)
            yield house.HOME
    finally:
        house.HOME = kept
        with django_db_blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)
            drop_run_tables()


@pytest.fixture
def here(company: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(web, "bound", "127.0.0.1")
    with clock.pinned(NOW):
        yield company


def text(answer: Any) -> str:
    """What a reader sees of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def promises() -> list[tuple[str, str, bool, str]]:
    """(face, address, whether its first person is meant, what is shown) of every row of docs/demo.md."""
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    for mark, month in MONTHS.items():
        page = page.replace(mark, month)
    return [(face, path, "→" in more, shows) for face, path, more, shows in ROW.findall(page) if path.startswith("/")]


def test_every_promise_of_the_document_is_kept(here: Path, client: Client) -> None:
    rows = promises()
    assert len(rows) >= 24
    broken = []
    for face, path, first, shows in rows:
        assert enter(client, face).status_code == 302, face
        asked = {key: value[0] for key, value in parse_qs(urlsplit(path).query).items()}
        numbers = subscribers.numbers_of(None, 1_000, q=asked.get("q", ""), served=asked.get("served", ""))
        seen = client.get(f"/subscribers/{numbers[0]}/" if first else path, **HERE)
        if seen.status_code != 200:
            broken.append(f"{face} {path}: {seen.status_code}")
        elif shows.isdecimal():
            if len(numbers) != int(shows) or text(seen).count(numbers[0]) < 1:
                broken.append(f"{path}: {len(numbers)}, not {shows}")
        elif shows not in text(seen):
            broken.append(f"{face} {path}: no {shows!r}")
    assert not broken, "\n".join(broken)


def test_the_document_names_every_story_and_every_person(here: Path) -> None:
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    for story in stories.tell(DAY):
        assert f"{story.name.ko} · {story.name.en} {{#{story.key}}}" in page
    for part in cast.CAST:
        assert f"| `{part.key}` | {part.name} |" in page
    assert planted.TALEWOOD.titles[plan.VIRAL] in page


def test_every_way_of_the_page_is_open_to_its_face(here: Path, client: Client) -> None:
    shown = client.get("/faces/", **HERE)
    assert shown.status_code == 200
    told = stories.tell(DAY)
    assert [story.key for story in told] == [
        "price-rise", "cdn-fault", "coupon-ring", "guardian", "partner-dispute", "card-wave", "viral-title",
    ]  # fmt: skip
    for story in told:
        assert story.ways and str(story.name) in text(shown) and str(story.happened) in text(shown)
        for way in story.ways:
            answer = enter(client, way.face, next=way.url)
            assert answer["Location"] == way.url
            assert client.get(way.url, **HERE).status_code == 200, (story.key, way.url)


def test_the_figures_are_those_that_were_planted(here: Path) -> None:
    figures = {story.key: [value for _, value in story.figures] for story in stories.tell(DAY)}
    left = planted.LEFT_FIRST + planted.LEFT_NEXT
    assert figures["price-rise"] == [str(left + planted.GIVEN_BACK + planted.STAYED), str(left), str(planted.GIVEN_BACK)]
    assert figures["coupon-ring"] == [str(planted.RING_SIZE)] * 3
    assert figures["guardian"] == [str(planted.GUARDIANS)] * 2
    assert figures["partner-dispute"][0] == str(planted.PARTNER_LATE) and int(figures["partner-dispute"][1]) >= 1
    wave = planted.RESUMED + planted.SUSPENDED + planted.ENDED
    assert figures["card-wave"] == [str(wave), str(planted.RESUMED), str(planted.SUSPENDED), str(planted.ENDED)]


def test_the_fault_shows_in_the_records_of_use(here: Path) -> None:
    """Twelve known people each failed six times; in the region nobody watched that evening, and the evening before many did."""
    calendar = plan.Calendar(DAY)
    found = stories.fault(calendar)
    assert found.people >= planted.FAULTY and found.failed >= 6 * planted.FAULTY and found.failed / found.people > 3
    assert found.plays == 0 and found.plays_before >= planted.FAULTY
    assert planted.fault_day(calendar).weekday() == 4


def test_the_title_that_spread_takes_most_of_its_two_weeks(here: Path) -> None:
    hits, episodes = stories.title_reads(plan.Calendar(DAY))
    assert episodes > 50 and hits > episodes / 2


def test_the_child_is_billed_with_its_guardian(here: Path) -> None:
    cards = subscribers.of_references("moonlight", ["GUARD-01", "GUARD-01-CHILD"])
    assert cards["GUARD-01"].party_id == cards["GUARD-01-CHILD"].party_id
    (way,) = [way for story in stories.tell(DAY) if story.key == "guardian" for way in story.ways if "/invoices/" in way.url]
    from numaru.domains.billing import api as billing

    bill = billing.invoice(way.url.rstrip("/").rpartition("/")[2], None)
    assert len({line.row.contract_id for line in bill.lines}) == 2


def test_a_subscriber_is_one_click_away_and_the_seat_in_the_console_stays(here: Path, client: Client) -> None:
    enter(client, "privacy")
    for holder in cast.HOLDERS:
        number = subscribers.of_references("moonlight", [holder.external_id])[holder.external_id].number
        shown = client.get("/faces/", **HERE)
        assert number in text(shown) and str(holder.morning) in text(shown)
        answer = client.post("/faces/phone/", {"holder": holder.key}, **HERE)
        assert answer.status_code == 302 and number in answer["Location"]
        assert client.get(answer["Location"], **HERE).status_code == 200
        assert client.get("/account/", **HERE).status_code == 200
    assert client.post("/faces/phone/", {"holder": "S-0000001"}, **HERE).status_code == 404
    elsewhere = HERE | {"asgi.scope": {"numaru.direct": True, "client": ("192.0.2.7", 1)}}
    assert client.post("/faces/phone/", {"holder": cast.HOLDERS[0].key}, **elsewhere).status_code == 404


def test_nobody_opened_more_than_the_morning_tells(here: Path) -> None:
    clerk = Staff.objects.get(as_face__key="clerk")
    month = audit.lay_out(date(2026, 10, 1))
    assert month.state == "open" and month.figures["opened"] == 14 and month.figures["without_case"] == 0
    assert {finding.rule for finding in audit.AccessFinding.objects.filter(staff=clerk.pk)} == {"odd_hours"}


def test_people_of_the_stories_are_apart_from_all_others() -> None:
    """Whatever the day: invented numbers nobody shares, everything known before the day, and as many as the size allows for."""
    for day in (date(2026, 11, 24), date(2026, 11, 1), date(2026, 3, 31), date(2024, 2, 29)):
        calendar = plan.Calendar(day)
        lives = planted.cast(calendar)
        assert len(lives) == planted.PEOPLE and len({life.reference for life in lives}) == planted.PEOPLE
        everybody = [*lives, *plan.lives(calendar, 2_000 - planted.PEOPLE)]
        phones = [life.who.phone for life in everybody if life.who]
        assert len(set(phones)) == len(phones) and all(phone.startswith("010-0") for phone in phones)
        assert all(life.started < day and all(turn.recorded.date() < day for turn in life.turns) for life in lives)
        assert all(turn.recorded.date() >= life.started for life in lives for turn in life.turns)
