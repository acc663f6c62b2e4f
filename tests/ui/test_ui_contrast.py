"""The contrast that tokens.css states, recomputed from its hex values (WCAG 2.2: text 4.5, icons, bars and control borders 3).

The comments beside the tokens state ratios of light / dark; each row below names the pair behind such a comment. A row fails when the
ratio is below its floor, or differs from what the comment says.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import numaru.ui

STYLES = Path(numaru.ui.__file__).parent / "static" / "ui"
TOKENS = (STYLES / "tokens.css").read_text()
PAIRS = {name: (light, dark) for name, light, dark in re.findall(r"--nm-([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS)}
COMMENTS = dict(re.findall(r"--nm-([\w-]+):\s*light-dark\([^)]*\);[^\n]*?/\*(.*?)\*/", TOKENS))


def luminance(colour: str) -> float:
    def channel(value: int) -> float:
        c = value / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    r, g, b = (channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(front: str, back: str) -> tuple[float, float]:
    """The ratios of two tokens in light and in dark."""
    out = []
    for f, b in zip(PAIRS[front], PAIRS[back], strict=True):
        high, low = sorted((luminance(f), luminance(b)), reverse=True)
        out.append((high + 0.05) / (low + 0.05))
    return out[0], out[1]


TEXT, SHAPE = 4.5, 3.0
TONES = ("good", "info", "warn", "bad", "plum", "calm")
STATED: list[tuple[str, str, float, str, str]] = [  # front, back, floor, the token whose comment says it, what it says
    ("edge", "sheet", SHAPE, "edge", "3.5 / 3.6"),
    ("ink", "sheet", TEXT, "ink", "15.8 / 14.6"),
    ("ink-2", "sheet", TEXT, "ink-2", "8.1 / 9.0"),
    ("ink-3", "sheet", TEXT, "ink-3", "5.6 / 6.3"),
    ("ink-3", "ground-hover", TEXT, "ink-3", "4.5 / 6.2"),
    ("on-pine", "pine", TEXT, "on-pine", "8.6 / 8.7"),
    ("pine-text", "sheet", TEXT, "pine-text", "8.6 / 9.9"),
    ("pine-text", "pine-tint", TEXT, "pine-text", "7.7 / 8.0"),
    ("ink-3", "pine-tint", TEXT, "pine-tint", "5.1 / 5.1"),
    ("on-pillar", "pillar", TEXT, "on-pillar", "10.6 / 9.7"),
    ("on-pillar-2", "pillar", TEXT, "on-pillar-2", "6.7 / 6.7"),
    ("pillar-mark", "pillar", TEXT, "pillar-mark", "6.8 / 8.2"),
    ("timber", "sheet", SHAPE, "timber", "3.5 / 6.4"),
    ("timber", "ground", SHAPE, "timber", "3.0 / 6.9"),
    ("timber-text", "sheet", TEXT, "timber-text", "7.1 / 9.8"),
    ("timber-text", "floor", TEXT, "timber-text", "6.6 / 9.1"),
    ("ink-2", "timber-tint", TEXT, "timber-tint", "7.2 / 7.4"),
    ("ink-2", "floor", TEXT, "floor", "7.5 / 8.4"),
    ("good-text", "sheet", TEXT, "good-text", "7.2 / 9.8"),
    ("good-text", "good-tint", TEXT, "good-text", "6.5 / 8.0"),
    ("good-fill", "sheet", SHAPE, "good-fill", "4.1 / 6.5"),
    ("info-text", "sheet", TEXT, "info-text", "7.2 / 9.5"),
    ("info-text", "info-tint", TEXT, "info-text", "6.4 / 7.9"),
    ("info-fill", "sheet", SHAPE, "info-fill", "4.4 / 6.2"),
    ("warn-text", "sheet", TEXT, "warn-text", "7.2 / 9.4"),
    ("warn-text", "warn-tint", TEXT, "warn-text", "6.4 / 7.9"),
    ("warn-fill", "sheet", SHAPE, "warn-fill", "3.3 / 6.0"),
    ("bad-text", "sheet", TEXT, "bad-text", "7.1 / 8.9"),
    ("bad-text", "bad-tint", TEXT, "bad-text", "6.4 / 7.2"),
    ("bad-fill", "sheet", SHAPE, "bad-fill", "4.8 / 5.8"),
    ("plum-text", "sheet", TEXT, "plum-text", "7.6 / 9.2"),
    ("plum-text", "plum-tint", TEXT, "plum-text", "6.8 / 7.7"),
    ("plum-fill", "sheet", SHAPE, "plum-fill", "4.8 / 5.9"),
    ("calm-text", "sheet", TEXT, "calm-text", "6.8 / 9.5"),
    ("calm-text", "calm-tint", TEXT, "calm-text", "6.1 / 7.9"),
    ("calm-fill", "sheet", SHAPE, "calm-fill", "3.9 / 6.2"),
    ("chart-1", "sheet", SHAPE, "chart-1", "7.4 / 8.0"),
    ("chart-2", "sheet", SHAPE, "chart-2", "3.3 / 7.0"),
    ("chart-3", "sheet", SHAPE, "chart-3", "5.2 / 6.6"),
    ("chart-4", "sheet", SHAPE, "chart-4", "5.7 / 6.9"),
    ("chart-5", "sheet", SHAPE, "chart-5", "3.4 / 8.5"),
    ("chart-6", "sheet", SHAPE, "chart-6", "4.9 / 6.3"),
]
# Pairs that the parts use and no comment states; each must still reach its floor.
USED = (
    [("ink", back, TEXT) for back in ("ground", "inset", "raised", "floor", "pine-tint", "ground-hover")]
    + [("ink-2", back, TEXT) for back in ("ground", "inset", "raised", "ground-hover", "sheet", "calm-tint", "bad-tint")]
    + [("ink-3", back, TEXT) for back in ("ground", "inset", "raised", "sheet")]
    + [("pine-text", back, TEXT) for back in ("ground", "floor", "timber-tint", "inset", "raised", "bad-tint")]
    + [("on-pine", "pine-hover", TEXT), ("on-pillar", "pillar-hover", TEXT), ("timber-text", "ground", TEXT)]
    + [(f"{tone}-text", "raised", TEXT) for tone in TONES]
    + [(f"{tone}-fill", f"{tone}-tint", SHAPE) for tone in TONES if tone != "warn"]
)
# Everything against everything: a text role may stand on any surface, so each pair is promised, whether a screen uses it today or not.
SURFACES = ("ground", "ground-hover", "sheet", "inset", "raised", "floor", "pine-tint", "timber-tint", *(f"{tone}-tint" for tone in TONES))
WORDS = ("ink", "ink-2", "ink-3", "pine-text", "timber-text", *(f"{tone}-text" for tone in TONES))
READING = ("sheet", "inset", "raised", "floor")  # where icons, bars and inputs stand
SHAPES = ("edge", "pine", "timber", *(f"{tone}-fill" for tone in TONES), *(f"chart-{n}" for n in range(1, 7)))
# Tabler's own properties that we bind, as the parts that we take from it pair them: front, back, floor.
BOUND = [
    ("body-color", "body-bg", TEXT), ("heading-color", "body-bg", TEXT), ("emphasis-color", "bg-surface", TEXT), ("secondary-color", "bg-surface", TEXT),
    ("secondary", "body-bg", TEXT), ("tertiary-color", "bg-surface", TEXT), ("tertiary", "body-bg", TEXT), ("muted", "bg-surface", TEXT),
    ("disabled-color", "bg-surface-secondary", TEXT), ("icon-color", "bg-surface", SHAPE), ("primary-fg", "primary", TEXT), ("primary-fg", "primary-darken", TEXT),
    ("primary", "bg-surface", SHAPE), ("link-color", "bg-surface", TEXT), ("link-hover-color", "body-bg", TEXT), ("link-color", "primary-lt", TEXT),
    ("body-color", "bg-forms", TEXT), ("tertiary-color", "bg-forms", TEXT), ("border-active-color", "bg-forms", SHAPE), ("border-active-color", "bg-surface", SHAPE),
    ("code-color", "code-bg", TEXT), ("body-color", "active-bg", TEXT),
    *((f"{name}-text-emphasis", f"{name}-lt", TEXT) for name in ("success", "info", "warning", "danger")),
    *((name, "bg-surface", SHAPE) for name in ("success", "info", "warning", "danger")),
]  # fmt: skip
ROOT = TOKENS[: TOKENS.index("\n}\n")]  # buttons and inputs bind theirs below, to pairs of words and surfaces
BINDINGS = dict(re.findall(r"--tblr-([\w-]+):\s*var\(--nm-([\w-]+)\);", ROOT))
PAPER = "#ffffff"


@pytest.mark.parametrize(("front", "back", "floor", "token", "says"), STATED)
def test_stated_pairs(front: str, back: str, floor: float, token: str, says: str) -> None:
    light, dark = contrast(front, back)
    assert min(light, dark) >= floor - 0.05, (front, back, light, dark)  # the comments round to one place
    assert says in COMMENTS[token]
    said = [float(part) for part in says.split("/")]
    assert abs(light - said[0]) < 0.06 and abs(dark - said[1]) < 0.06, (front, back, light, dark)


@pytest.mark.parametrize(("front", "back", "floor"), USED)
def test_used_pairs(front: str, back: str, floor: float) -> None:
    assert min(contrast(front, back)) >= floor - 0.05, (front, back, contrast(front, back))


@pytest.mark.parametrize("front", WORDS)
def test_every_word_can_be_read_on_every_surface(front: str) -> None:
    thin = {back: contrast(front, back) for back in SURFACES if min(contrast(front, back)) < TEXT}
    assert not thin


@pytest.mark.parametrize("front", SHAPES)
def test_every_icon_bar_and_edge_is_seen_where_work_is_read(front: str) -> None:
    thin = {back: contrast(front, back) for back in READING if min(contrast(front, back)) < SHAPE}
    assert not thin


def test_the_focus_ring_is_seen_on_every_surface_and_beside_what_it_rings() -> None:
    ring = (re.findall(r"--nm-focus: 2px solid var\(--nm-([\w-]+)\)", TOKENS) or [""])[0]
    assert not [back for back in SURFACES if min(contrast(ring, back)) < SHAPE]
    assert min(contrast("pillar-mark", "pillar")) >= SHAPE  # on the pillar the ring is the mark's


def test_charts_are_seen_on_paper() -> None:
    for n in range(1, 7):
        bright, dark = luminance(PAPER), luminance(PAIRS[f"chart-{n}"][0])
        assert (bright + 0.05) / (dark + 0.05) >= SHAPE, n


@pytest.mark.parametrize(("front", "back", "floor"), BOUND)
def test_what_is_taken_from_tabler_is_bound_to_roles_that_can_be_seen(front: str, back: str, floor: float) -> None:
    assert min(contrast(BINDINGS[front], BINDINGS[back])) >= floor


def test_every_colour_that_is_bound_is_a_role_and_has_its_pair() -> None:
    colours = {name: role for name, role in BINDINGS.items() if role in PAIRS}
    lines = {"border-color", "border-color-translucent"}  # hairlines between rows: decoration
    surfaces = {"bg-surface-primary", "bg-surface-tertiary"}  # the same roles under other names
    assert set(colours) - {n for row in BOUND for n in row[:2]} - lines - surfaces == set()


def test_every_ratio_in_a_comment_is_recomputed() -> None:
    """No number beside a token is decoration: each "a / b" in a comment has its row above (chart-mute states that it is below)."""
    for token, comment in COMMENTS.items():
        stated = {row[4] for row in STATED if row[3] == token}
        found = set(re.findall(r"\d+\.\d / \d+\.\d", comment))
        assert found <= stated or token == "chart-mute", (token, found - stated)


def test_no_colour_stands_outside_the_tokens() -> None:
    sheets = [p for p in STYLES.parents[2].rglob("*.css") if "vendor" not in p.parts and p.name != "tokens.css"]
    assert len(sheets) > 3
    for sheet in sheets:
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
        assert not re.findall(r"(?<![\w&])#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text), sheet
