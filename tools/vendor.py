"""Fetch the front-end files we ship and write down what they are: name, version, licence and sha256 of each.

    python tools/vendor.py            # needs npm and the network; for maintainers, never for users
    python tools/vendor.py vega       # one of them again, the rest as it is

Takes exactly the versions below from the npm registry, copies only the files that the pages and papers use, builds the icon
sprite from ``numaru.ui.icons.ICONS`` and rewrites ``VENDORED.toml``. Run twice, it changes nothing.

Of Tabler's style sheet only the rules that we use are kept (tools/subset.py).

The chart library is not fetched: vl-convert, which draws charts on paper, carries it, so page and paper are one version. Only its
licences come from npm.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

from subset import subset

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "src" / "numaru" / "ui"
SCREEN = UI / "static" / "ui" / "vendor"
PAPER = UI / "paper" / "fonts"
VENDORED = SCREEN / "VENDORED.toml"

PACKAGES = {
    "tabler": ("@tabler/core", "1.6.1", "MIT"),
    "pretendard": ("pretendard", "1.3.9", "OFL-1.1"),
    "htmx": ("htmx.org", "4.0.1", "0BSD"),
    "icons": ("@tabler/icons", "3.51.0", "MIT"),
    "vega": ("vega-lite", "6.4.1", "BSD-3-Clause"),
}
INSIDE_VEGA = (
    ("vega-lite", "6.4.1"),
    ("vega", "6.2.0"),
    ("vega-embed", "7.0.2"),
    ("d3", "7.9.0"),
)  # whose licences stand beside the bundle


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


def vega_bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed in one module, as vl-convert carries them. Refuses other versions than those written down."""
    import vl_convert

    text = str(vl_convert.javascript_bundle("export { vegaEmbed };", vl_version="6.4"))
    carried = {"vega": vl_convert.get_vega_version(), "vega-embed": vl_convert.get_vega_embed_version()}
    for name, version in INSIDE_VEGA:
        if carried.get(name, version) != version or (name == "vega-lite" and f'"{version}"' not in text):
            raise SystemExit(f"vl-convert carries {name} {carried.get(name, 'of another version')}, not {version}: change tools/vendor.py")
    return text


def licences(into: Path) -> str:
    """The licences of what the bundle holds, one under another."""
    out = []
    for name, version in INSIDE_VEGA:
        folder = into / f"licence-{name}"
        folder.mkdir()
        out.append(f"{name} {version}\n\n{(fetch(name, version, folder) / 'LICENSE').read_text().strip()}\n")
    return "\n\n".join(out)


def main() -> None:
    sys.path.insert(0, str(ROOT / "src"))
    from numaru.ui.icons import ICONS

    wanted = sys.argv[1:] or list(PACKAGES)
    listed = VENDORED.read_text() if VENDORED.exists() else ""
    for path in (UI / name for key in wanted for name in files_of(listed, key)):
        path.unlink(missing_ok=True)
    written: dict[str, list[Path]] = {key: [UI / name for name in files_of(listed, key)] for key in PACKAGES if key not in wanted}
    written |= {key: [] for key in wanted}

    def put(key: str, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written[key].append(path)

    with tempfile.TemporaryDirectory() as temp:
        got = {key: fetch(*PACKAGES[key][:2], Path(temp)) for key in wanted if key != "vega"}
        if "tabler" in wanted:
            ours = "".join(p.read_text() for p in sorted((ROOT / "src").rglob("*.css")) if "vendor" not in p.parts)
            sheet = subset(without_map((got["tabler"] / "dist/css/tabler.min.css").read_text()), ours)
            put("tabler", SCREEN / "tabler.min.css", sheet.encode())
        if "htmx" in wanted:
            put("htmx", SCREEN / "htmx.min.js", without_map((got["htmx"] / "dist/htmx.min.js").read_text()).encode())
            put("htmx", SCREEN / "htmx.LICENSE", (got["htmx"] / "LICENSE").read_bytes())
        if "pretendard" in wanted:
            web = got["pretendard"] / "dist/web/variable"
            css = (web / "pretendardvariable-dynamic-subset.css").read_text().replace("./woff2-dynamic-subset/", "./pretendard/")
            put("pretendard", SCREEN / "pretendard.css", css.encode())
            for font in sorted((web / "woff2-dynamic-subset").glob("*.woff2")):
                put("pretendard", SCREEN / "pretendard" / font.name, font.read_bytes())
            for weight in ("Regular", "Bold"):
                name = f"Pretendard-{weight}.otf"
                put("pretendard", PAPER / name, (got["pretendard"] / "dist/public/static" / name).read_bytes())
            put("pretendard", SCREEN / "pretendard" / "LICENSE.txt", (got["pretendard"] / "dist/LICENSE.txt").read_bytes())
        if "icons" in wanted:
            put("icons", SCREEN / "icons.svg", sprite(got["icons"], ICONS).encode())
            put("icons", SCREEN / "icons.LICENSE", (got["icons"] / "LICENSE").read_bytes())
        if "vega" in wanted:
            put("vega", SCREEN / "vega.js", vega_bundle().encode())
            put("vega", SCREEN / "vega.LICENSE", licences(Path(temp)).encode())

    lines = ["# What is shipped from others, written by tools/vendor.py. Paths are relative to src/numaru/ui.", ""]
    for key, (name, version, licence) in PACKAGES.items():
        lines += [f"[{key}]", f'name = "{name}"', f'version = "{version}"', f'licence = "{licence}"', f"[{key}.files]"]
        for path in sorted(written[key]):
            lines.append(f'"{path.relative_to(UI).as_posix()}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
        lines.append("")
    VENDORED.write_text("\n".join(lines))


def files_of(listed: str, key: str) -> list[str]:
    """The files that VENDORED.toml has for one package."""
    return list(tomllib.loads(listed).get(key, {}).get("files", {}))


if __name__ == "__main__":
    main()
