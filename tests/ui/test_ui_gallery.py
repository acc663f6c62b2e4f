"""The gallery shows every part there is and every tag that draws, and each with what it is called and how it is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import numaru.ui
from numaru.faces.console.gallery.specimens import GROUPS, ON_A_LIST
from numaru.ui.templatetags import kit, nm
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

PARTS = Path(numaru.ui.__file__).parent / "templates" / "ui" / "parts"
ELSEWHERE = {"t"}  # says words, draws nothing
SPECIMENS = [s for _, _, specimens in GROUPS for s in specimens]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_part_is_shown(sign_in: SignIn, lang: str) -> None:  # noqa: F811
    answer = sign_in("administrator").get(f"/gallery/?lang={lang}")
    assert answer.status_code == 200
    drawn = {template.name for template in answer.templates if template.name}
    shown = {name.rpartition("/")[2] for name in drawn if name.startswith("ui/parts/")}
    there, elsewhere = {p.name for p in PARTS.glob("*.html")}, {f"{name}.html" for name in ON_A_LIST}
    assert elsewhere <= there and not elsewhere & shown
    missing = there - shown - elsewhere
    assert not missing, f"no specimen of {sorted(missing)}: add one to faces/console/gallery/specimens.py"


def test_every_tag_is_used() -> None:
    used = set(re.findall(r"{%\s*(\w+)", "".join(s.source for s in SPECIMENS)))
    tags = set(nm.register.tags) | set(kit.register.tags)
    assert not tags - used - ELSEWHERE, f"no specimen of {sorted(tags - used - ELSEWHERE)}: add one to faces/console/gallery/specimens.py"


def test_each_specimen_has_a_name_of_its_own_and_stands_in_both_themes(sign_in: SignIn) -> None:  # noqa: F811
    keys = [s.key for s in SPECIMENS]
    assert len(keys) == len(set(keys)) and all(s.name.ko and s.name.en and s.when.ko and s.when.en for s in SPECIMENS)
    page = sign_in("administrator").get("/gallery/").content.decode()
    for theme in ("light", "dark"):
        assert page.count(f'class="pane" data-bs-theme="{theme}"') == len(SPECIMENS)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), {i for i in ids if ids.count(i) > 1}


def test_anybody_who_is_signed_in_may_look(sign_in: SignIn) -> None:  # noqa: F811
    assert sign_in("billing_clerk").get("/gallery/").status_code == 200
