"""The count of what is shown: markers are found, unknown ids are named, and a test without teeth shows nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from numaru.config.commands import capabilities


def test_markers_are_found_on_functions_and_classes(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "room"
    folder.mkdir(parents=True)
    (folder / "test_room.py").write_text(
        "import pytest\n\n@pytest.mark.capability('PRO-1')\ndef test_one(): ...\n\n"
        "@pytest.mark.capability('PRO-2')\nclass TestTwo:\n    def test_a(self): ...\n    @pytest.mark.capability('PRO-1')\n    def test_b(self): ...\n\n"
        "def test_unmarked(): ...\n"
    )
    assert capabilities.shown_by(tmp_path / "tests") == {
        "PRO-1": ["tests/room/test_room.py::test_one", "tests/room/test_room.py::TestTwo::test_b"],
        "PRO-2": ["tests/room/test_room.py::TestTwo::test_a", "tests/room/test_room.py::TestTwo::test_b"],
    }


def test_a_day_of_a_role_names_what_it_passes_through(tmp_path: Path) -> None:
    (tmp_path / "clerk.md").write_text("1. Opens a phone (PRO-12).\n2. Bills the month (MON-3.1).\n")
    assert capabilities.in_days(tmp_path) == {"PRO-12", "MON-3.1"}


@pytest.mark.slow
def test_a_test_that_passes_with_its_room_refused_shows_nothing() -> None:
    biting = "tests/facilities/catalogue/test_services.py::test_a_service_is_opened_once_and_told_once"
    soft = "tests/config/test_capabilities.py::test_a_day_of_a_role_names_what_it_passes_through"
    assert capabilities.passed([biting, soft]) == {biting, soft}
    assert capabilities.toothless([{"id": "X-1", "room": "catalogue"}], {"X-1": [biting, soft]}) == {soft}


@pytest.mark.slow
def test_for_an_entry_of_a_face_the_package_that_the_test_mirrors_is_refused() -> None:
    biting = "tests/facilities/catalogue/test_services.py::test_a_service_is_opened_once_and_told_once"
    assert capabilities.toothless([{"id": "X-1", "room": "console"}], {"X-1": [biting]}) == set()
