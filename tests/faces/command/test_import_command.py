"""``numaru import``: what it prints, in which language, with which exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from numaru.domains.billing.models import Contract
from numaru.faces.command.imports import main
from numaru.kernel.imports.models import ImportRun
from tests.faces.console.test_imports import CONTENT, MAPPING

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> tuple[str, str]:
    settings.HOME = tmp_path
    file, mapping = tmp_path / "people.csv", tmp_path / "map.toml"
    file.write_bytes(CONTENT)
    mapping.write_text(MAPPING)
    return str(file), str(mapping)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "ko",
            [
                "IMP-000001: 3행 가운데 2행 들임, 0행은 그대로, 1행은 들이지 않음",
                "새 가입자 2",
                "3행 · price: 숫자가 아닙니다",
                "시험 실행",
            ],
        ),
        ("en", ["IMP-000001: of 3 rows 2 accepted, 0 unchanged, 1 refused", "New subscribers 2", "row 3 · price: Not a number", "dry run"]),
    ],
)
def test_people_read_figures_and_findings(files: tuple[str, str], capsys: Any, language: str, said: list[str]) -> None:
    with translation.override(language):
        assert main(["subscribers", files[0], "--mapping", files[1], "--dry-run"]) == 0
    out = capsys.readouterr().out
    for words in said:
        assert words in out, out
    assert not Contract.objects.exists()


def test_programs_read_json_alone(files: tuple[str, str], capsys: Any) -> None:
    assert main(["subscribers", files[0], "--mapping", files[1], "--json"]) == 0
    said = capsys.readouterr()
    card = json.loads(said.out)
    assert said.err == "" and (card["run"], card["kind"], card["dry_run"], card["state"]) == ("IMP-000001", "subscribers", False, "done")
    assert (card["rows"], card["accepted"], card["unchanged"], card["refused"], card["findings_total"]) == (3, 2, 0, 1, 1)
    assert card["findings"][0]["remedy_en"] and card["contracts_created"] == 2 and card["seconds"] >= 0


def test_findings_go_where_they_are_asked_and_nothing_is_left_without_any(files: tuple[str, str], capsys: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["subscribers", files[0], "--mapping", files[1], "--findings", str(out)]) == 0
    assert out.read_text(encoding="utf-8-sig").splitlines()[1].startswith("3,price,<b>,import.not_a_number")
    Path(files[0]).write_bytes(CONTENT.replace(b"0002,<b>,2026-10-01\n", b""))
    assert main(["subscribers", files[0], "--mapping", files[1], "--findings", str(out)]) == 0 and not out.exists()


def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(files: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(OSError):
        main(["subscribers", files[0], "--mapping", files[1], "--findings", str(tmp_path / "no" / "such" / "out.csv")])
    assert not ImportRun.objects.exists()


def test_a_refusal_of_the_whole_is_status_1_with_words(files: tuple[str, str], capsys: Any, tmp_path: Path) -> None:
    assert main(["usage", files[0], "--mapping", files[1], "--json"]) == 1
    said = capsys.readouterr()
    assert [f["code"] for f in json.loads(said.out)["refused"]] == ["mapping.other_kind"] and "‘usage’" in said.err
    assert main(["subscribers", str(tmp_path / "none.csv"), "--mapping", files[1]]) == 1 and "파일이 없습니다" in capsys.readouterr().err
    Path(files[0]).write_bytes(b"name,price,start\nx,1,2026-10-01\n")
    assert main(["subscribers", files[0], "--mapping", files[1]]) == 1
    assert "fields.external_id.column" in capsys.readouterr().err and not Contract.objects.exists()


@pytest.mark.parametrize("line", [[], ["people", "f.csv", "--mapping", "m.toml"], ["usage", "f.csv"]])
def test_wrong_usage_is_status_2(line: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(line)
    assert stopped.value.code == 2
