"""The page of backups in Chromium: both languages, light and dark, three widths, axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.backup import api as backup
from numaru.kernel.backup import runs
from numaru.kernel.models import Staff
from numaru.values.text import Text

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
HOUSE = Actor.system("worker")
TABLET = {"width": 768, "height": 1024}


def lived_in() -> None:
    """A month of backups, one of which failed, a check, and a restore of which nobody took note."""
    for days in (3, 2, 1):
        with clock.pinned(clock.now() - timedelta(days=days)):
            run = runs.begin.do(HOUSE, kind="full", folder="/backups/naru")
            names = [("full", "numaru-20261119T181002Z-7f3a9c", 412 * 2**20), ("keys", "numaru-keys-20261119T181240Z-0be211", 9 * 2**20)]
            made = [{"name": n, "kind": k, "bytes": b, "verified": "opened"} for k, n, b in names]
            full = Text(
                "백업할 공간이 모자랍니다: 612MB가 필요하고 80MB가 남았습니다.",
                "There is too little space for a backup: 612 MB are needed.",
            )
            runs.end.do(HOUSE, run=run, made=[] if days == 2 else made, failure=full if days == 2 else None)
    backup.carry_out_check(HOUSE)
    missing = [["키 백업 없이 되돌렸습니다.", "Restored without a backup of keys."]]
    runs.note_restoration.do(HOUSE, source="numaru-20261119T181002Z-7f3a9c", made_at=clock.now(), missing=missing)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, theme: str
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setenv("NUMARU_BACKUP_TO", "/backups/naru")
    seen = {v["width"]: open_page(lang=lang, theme=theme, viewport=v, user=staff) for v in (DESK, TABLET, PHONE)}

    def look(names: dict[str, str]) -> None:
        for width, window in seen.items():
            for name, path in names.items():
                window.go(path)
                window.picture(f"backups-{name}-{lang}-{theme}-{width}")
                assert window.axe() == [], (name, width)
                assert window.overflow() <= 0, (name, width)

    look({"empty": "/backups/"})
    lived_in()
    look({"overview": "/backups/", "restored": "/backups/restored/"})
