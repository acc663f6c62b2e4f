"""Fetch the front-end files we ship and write down what they are: name, version, licence and sha256 of each.

    python tools/vendor.py            # needs npm and the network; for maintainers, never for users

Takes exactly the versions below from the npm registry, copies only the files that the pages and papers use, builds the icon
sprite from ``numaru.ui.icons.ICONS`` and rewrites ``VENDORED.toml``. Run twice, it changes nothing.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "src" / "numaru" / "ui"
SCREEN = UI / "static" / "ui" / "vendor"
PAPER = UI / "paper" / "fonts"

PACKAGES = {
    "tabler": ("@tabler/core", "1.6.1", "MIT"),
    "pretendard": ("pretendard", "1.3.9", "OFL-1.1"),
    "htmx": ("htmx.org", "4.0.1", "0BSD"),
    "icons": ("@tabler/icons", "3.51.0", "MIT"),
}


def fetch(package: str, version: str, into: Path) -> Path:
    """The unpacked ``package/`` folder of one npm release."""
    done = subprocess.run(["npm", "pack", "--silent", f"{package}@{version}"], cwd=into, check=True, capture_output=True, text=True)
    target = into / re.sub(r"\W", "-", package)
    with tarfile.open(into / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return next(target.iterdir())


def without_map(text: str) -> str:
    """The text without its pointer to a source map, which we do not ship."""
    return re.sub(r"\s*(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$", "\n", text)


def sprite(icons: Path, names: tuple[str, ...]) -> str:
    """One SVG with a symbol a name, in the order of ``names``."""
    out = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in names:
        root = ET.parse(icons / "icons" / "outline" / f"{name}.svg").getroot()
        shapes = []
        for shape in root:
            tag = shape.tag.rsplit("}", 1)[-1]
            shapes.append(f"<{tag} " + " ".join(f'{k}="{v}"' for k, v in shape.attrib.items()) + "/>")
        out.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" '
            f'stroke-linecap="round" stroke-linejoin="round">{"".join(shapes)}</symbol>'
        )
    return "\n".join([*out, "</svg>", ""])


def main() -> None:
    sys.path.insert(0, str(ROOT / "src"))
    from numaru.ui.icons import ICONS

    for folder in (SCREEN, PAPER):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    written: dict[str, list[Path]] = {key: [] for key in PACKAGES}

    def put(key: str, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written[key].append(path)

    with tempfile.TemporaryDirectory() as temp:
        got = {key: fetch(name, version, Path(temp)) for key, (name, version, _) in PACKAGES.items()}
        put("tabler", SCREEN / "tabler.min.css", without_map((got["tabler"] / "dist/css/tabler.min.css").read_text()).encode())
        put("htmx", SCREEN / "htmx.min.js", without_map((got["htmx"] / "dist/htmx.min.js").read_text()).encode())
        put("htmx", SCREEN / "htmx.LICENSE", (got["htmx"] / "LICENSE").read_bytes())
        web = got["pretendard"] / "dist/web/variable"
        css = (web / "pretendardvariable-dynamic-subset.css").read_text().replace("./woff2-dynamic-subset/", "./pretendard/")
        put("pretendard", SCREEN / "pretendard.css", css.encode())
        for font in sorted((web / "woff2-dynamic-subset").glob("*.woff2")):
            put("pretendard", SCREEN / "pretendard" / font.name, font.read_bytes())
        for weight in ("Regular", "Bold"):
            name = f"Pretendard-{weight}.otf"
            put("pretendard", PAPER / name, (got["pretendard"] / "dist/public/static" / name).read_bytes())
        put("pretendard", SCREEN / "pretendard" / "LICENSE.txt", (got["pretendard"] / "dist/LICENSE.txt").read_bytes())
        put("icons", SCREEN / "icons.svg", sprite(got["icons"], ICONS).encode())
        put("icons", SCREEN / "icons.LICENSE", (got["icons"] / "LICENSE").read_bytes())

    lines = ["# What is shipped from others, written by tools/vendor.py. Paths are relative to src/numaru/ui.", ""]
    for key, (name, version, licence) in PACKAGES.items():
        lines += [f"[{key}]", f'name = "{name}"', f'version = "{version}"', f'licence = "{licence}"', f"[{key}.files]"]
        for path in sorted(written[key]):
            lines.append(f'"{path.relative_to(UI).as_posix()}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
        lines.append("")
    (SCREEN / "VENDORED.toml").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
