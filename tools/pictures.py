"""Pictures of every screen of a demo house, to be looked at beside the target pictures: Korean and English, light and dark, wide and narrow.

    ./numaru up --port 8600 &
    .venv/bin/python tools/pictures.py http://127.0.0.1:8600 pictures [--only billing] [--as clerk] [--quick]

Puts on each face of the demo (/faces/), follows the rooms, their places, the first row of each list and the first act of each page, and takes
every screen once, as the first face that reaches it. ``--quick`` takes Korean, light, 1440 alone. Writes PNG files and sheet-*.png with
eight of them side by side. Says what the browser complained about and what runs off the side; ends non-zero when anything did.
"""

from __future__ import annotations

import argparse
import itertools
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LINKS = ".pillar a[href], .room a[href], .portal-tabs a[href]"
INSIDE = "main table.list tbody tr:first-child a[href], main .pagehead .acts a[href], main .obj .acts a[href], main .views a:nth-child(2)"
LEAVE = re.compile(r"sign-out|/static/|\.pdf|/pdf|format=|/faces/|^https?:|^mailto:|#|/api/")


def kind(path: str) -> str:
    """The screen behind an address: numbers are all one."""
    plain = path.split("?")[0]
    return re.sub(r"/(?=[^/]*[\d._])[^/]+", "/one", plain)


def wear(page: Any, base: str, face: str) -> None:
    """Become that person of the demo."""
    page.goto(f"{base}/faces/")
    page.locator(f"button[name=face][value='{face}'], form:has(input[name=face][value='{face}']) button").first.click()
    page.wait_for_load_state()


class Round:
    """One walk through the house as one face."""

    def __init__(self, browser: Any, base: str, face: str, seen: dict[str, tuple[str, str]], only: str) -> None:
        self.base, self.face, self.seen, self.only = base, face, seen, only
        self.context = browser.new_context(viewport=WIDE, locale="ko")
        self.page = self.context.new_page()
        wear(self.page, base, face)

    def links(self, selector: str) -> Iterator[str]:
        for href in self.page.eval_on_selector_all(selector, "all => all.map(a => a.getAttribute('href'))"):
            if href and not LEAVE.search(href):
                yield href if href.startswith("/") else self.page.url.split("?")[0].removeprefix(self.base) + href

    def walk(self) -> None:
        """Note every screen that this face reaches and nobody before it did."""
        waiting = ["/"]
        tried: set[str] = set()
        while waiting:
            path = waiting.pop(0)
            if kind(path) in tried:
                continue
            tried.add(kind(path))
            answer = self.page.goto(self.base + path)
            if answer is None or answer.status != 200:
                continue
            self.seen.setdefault(kind(path), (self.face, path))
            waiting += [p for p in itertools.chain(self.links(LINKS), self.links(INSIDE)) if kind(p) not in tried]


def name_of(screen: str) -> str:
    return re.sub(r"\W+", "-", screen).strip("-") or "today"


def take(browser: Any, base: str, out: Path, screens: dict[str, tuple[str, str]], quick: bool) -> list[str]:
    """All pictures; what was wrong with them in lines."""
    wrong: list[str] = []
    looks = [("ko", "light", WIDE)] if quick else [*itertools.product(("ko", "en"), ("light", "dark"), (WIDE, NARROW))]
    for face in dict.fromkeys(face for face, _ in screens.values()):
        for lang, theme, viewport in looks:
            context = browser.new_context(viewport=viewport, locale=lang, has_touch=viewport is NARROW)
            page = context.new_page()
            page.on("console", lambda m, p=page: wrong.append(f"{p.url}: {m.text}") if m.type == "error" else None)
            wear(page, base, face)
            page.request.post(
                f"{base}/preferences/", form={"language": lang, "csrfmiddlewaretoken": _token(page)}, headers={"Referer": base + "/"}
            )
            context.add_cookies(
                [{"name": "nm_theme", "value": theme, "url": base}, {"name": "django_language", "value": lang, "url": base}]
            )
            for screen, (who, path) in screens.items():
                if who != face:
                    continue
                page.goto(base + path)
                page.wait_for_timeout(250)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wide > 0:
                    wrong.append(f"{path} {lang} {viewport['width']}: {wide} px too wide")
                page.screenshot(path=str(out / f"{name_of(screen)}-{lang}-{theme}-{viewport['width']}.png"))
            context.close()
    return wrong


def _token(page: Any) -> str:
    return page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? ''")


def sheets(browser: Any, out: Path) -> None:
    """Eight pictures a sheet, the pictures of one width together."""
    for width, across in (("1440", 2), ("390", 6)):
        files = sorted(out.glob(f"*-{width}.png"))
        for n, some in enumerate(itertools.batched(files, across * (3 if width == "1440" else 1)), 1):
            cells = "".join(f"<figure><img src='{f.name}'><figcaption>{f.stem}</figcaption></figure>" for f in some)
            style = f"body{{margin:8px;display:grid;grid-template-columns:repeat({across},1fr);gap:8px;font:12px sans-serif}}figure{{margin:0}}img{{width:100%;border:1px solid #888}}"
            (out / "sheet.html").write_text(f"<meta charset=utf-8><style>{style}</style>{cells}")
            page = browser.new_page(viewport={"width": 1900, "height": 400})
            page.goto(f"file://{(out / 'sheet.html').resolve()}")
            page.screenshot(path=str(out / f"sheet-{width}-{n:02d}.png"), full_page=True)
            page.close()
    (out / "sheet.html").unlink(missing_ok=True)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("base")
    words.add_argument("out", type=Path)
    words.add_argument("--only", default="", help="screens whose address holds this")
    words.add_argument("--as", dest="face", default="", help="one face alone")
    words.add_argument("--quick", action="store_true")
    chosen = words.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{chosen.base}/faces/")
        faces = page.eval_on_selector_all("[name=face]", "all => all.map(b => b.value)")
        page.close()
        seen: dict[str, tuple[str, str]] = {}
        for face in dict.fromkeys(faces):
            if chosen.face in ("", face):
                Round(browser, chosen.base, face, seen, chosen.only).walk()
        screens = {k: v for k, v in seen.items() if chosen.only in k}
        print(f"{len(screens)} screens")
        wrong = take(browser, chosen.base, chosen.out, screens, chosen.quick)
        sheets(browser, chosen.out)
        browser.close()
    print("\n".join(dict.fromkeys(wrong)) or "nothing was wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
