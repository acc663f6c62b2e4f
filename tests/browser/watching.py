"""A browser page that is watched: what the browser complained about, what axe finds, whether anything runs off the side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 800}


def _no_events(message: Any) -> bool:
    """The live connection is served beside Django (config/server.py); the server of these tests answers it with 404."""
    return "404" in message.text and str(message.location.get("url", "")).endswith("/events")


class Watched:
    """A browser page that remembers everything the console of the browser complained about."""

    def __init__(self, page: Any, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") and not _no_events(m) else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def go(self, path: str) -> Any:
        answer = self.page.goto(self.base + path, wait_until="networkidle")
        assert answer is not None
        return answer

    def picture(self, name: str, *, full: bool = True) -> None:
        """Kept only when NUMARU_PICTURES names a folder."""
        folder = os.environ.get("NUMARU_PICTURES")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=full)

    def axe(self) -> list[str]:
        """What axe finds, as "rule: target" lines."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]]

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
