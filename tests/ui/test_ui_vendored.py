"""What we ship from others is what VENDORED.toml says, to the byte; nothing lies beside it unlisted."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import numaru.ui
from numaru.ui.icons import ICONS

UI = Path(numaru.ui.__file__).parent
VENDOR = UI / "static" / "ui" / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDORED.toml").read_text())


def files() -> dict[str, str]:
    return {path: digest for package in LISTED.values() for path, digest in package["files"].items()}


def test_each_file_is_the_one_written_down() -> None:
    wrong = [path for path, digest in files().items() if hashlib.sha256((UI / path).read_bytes()).hexdigest() != digest]
    assert not wrong


def test_nothing_is_shipped_unlisted() -> None:
    there = {p.relative_to(UI).as_posix() for folder in (VENDOR, UI / "paper" / "fonts") for p in folder.rglob("*") if p.is_file()}
    assert there - {"static/ui/vendor/VENDORED.toml"} == set(files())


def test_each_package_names_version_and_licence() -> None:
    for package in LISTED.values():
        assert package["name"] and re.fullmatch(r"\d+\.\d+\.\d+", package["version"]) and package["licence"]


def test_the_sprite_holds_exactly_our_icons() -> None:
    assert tuple(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text())) == ICONS


def test_no_file_points_to_a_source_map_or_another_host() -> None:
    for path in [VENDOR / "tabler.min.css", VENDOR / "htmx.min.js", VENDOR / "pretendard.css"]:
        text = path.read_text()
        assert "sourceMappingURL" not in text
        assert not re.search(r"""(url\(|@import )\s*["']?https?:""", text)


def test_every_font_named_by_the_style_sheet_is_there() -> None:
    named = set(re.findall(r"url\(\./pretendard/([^)]+)\)", (VENDOR / "pretendard.css").read_text()))
    assert named == {p.name for p in (VENDOR / "pretendard").glob("*.woff2")} and len(named) > 80
