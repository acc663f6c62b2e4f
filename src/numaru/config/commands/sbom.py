"""``./numaru sbom [FILE]``: the bill of materials as CycloneDX 1.6 JSON: what is installed, and the front-end files and fonts that are shipped.

Python packages: name, version, licence as the package says it, and the SHA-256 sums that the lock allows (as properties: which of its files
was installed is not on record). Shipped files: each with its own SHA-256, computed from the file as it lies here, not copied from a list.
The same environment gives the same content but for the time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from numaru.config.home import ROOT
from numaru.config.metrics import program_version
from numaru.config.words import say
from numaru.kernel import clock
from numaru.values.text import Text

UI = ROOT / "src" / "numaru" / "ui"
MANIFEST = UI / "static" / "ui" / "vendor" / "VENDORED.toml"
SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
NAME = "urn:numaru:sbom"
UNSAID = {"pyrage": "MIT"}  # packages that say their licence only in words; read from the file they carry


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: Path) -> dict[str, list[str]]:
    """SHA-256 sums by package of a lock."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        head = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", line)
        if head:
            name = _key(head[1])
            found[name] = []
        for digest in re.findall(r"--hash=sha256:([0-9a-f]{64})", line):
            found[name].append(digest)
    return found


def _licences(package: Distribution) -> list[dict[str, Any]]:
    expression = package.metadata.get("License-Expression", "")
    if expression and SPDX.fullmatch(expression.replace("(", "").replace(")", "")):
        return [{"expression": expression}]
    named = [c.rpartition(" :: ")[2] for c in package.metadata.get_all("Classifier") or [] if c.startswith("License :: ")]
    named = [n for n in named if n != "OSI Approved"]
    if not named and (text := package.metadata.get("License", "").strip()):
        named = [text.splitlines()[0][:100]]
    if not named and (known := UNSAID.get(_key(package.metadata["Name"]))):
        return [{"license": {"id": known}}]
    return [{"license": {"name": name}} for name in named]


def _package(package: Distribution, sums: dict[str, list[str]]) -> dict[str, Any]:
    name, version = package.metadata["Name"], package.version
    purl = f"pkg:pypi/{_key(name)}@{version}"
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "scope": "required" if _key(name) in sums else "excluded",
        "properties": [{"name": "numaru:lock:sha256", "value": digest} for digest in sums.get(_key(name), [])],
    }
    licences = _licences(package)
    if licences:
        made["licenses"] = licences
    return made


def _shipped() -> list[dict[str, Any]]:
    """The vendored parts with their files. Raises ValueError for a file that is not what the manifest says."""
    found = []
    for key, part in tomllib.loads(MANIFEST.read_text(encoding="utf-8")).items():
        purl = f"pkg:npm/{part['name'].replace('@', '%40')}@{part['version']}"
        files = []
        for path, listed in sorted(part["files"].items()):
            digest = hashlib.sha256((UI / path).read_bytes()).hexdigest()
            if digest != listed:
                raise ValueError(f"{path} is not what VENDORED.toml says")
            files.append({"type": "file", "bom-ref": f"file:{path}", "name": path, "hashes": [{"alg": "SHA-256", "content": digest}]})
        found.append(
            {
                "type": "library", "bom-ref": purl, "name": part["name"], "version": part["version"], "purl": purl, "scope": "required",
                "licenses": [{"license": {"id": part["licence"]}}], "components": files,
                "properties": [{"name": "numaru:shipped", "value": key}],
            }
        )  # fmt: skip
    return found


def bill() -> dict[str, Any]:
    """The whole document."""
    sums = locked(ROOT / "requirements.lock")
    seen = {_key(p.metadata["Name"]): p for p in distributions() if p.metadata["Name"]}
    seen.pop("numaru", None)
    components = [_package(seen[name], sums) for name in sorted(seen)] + _shipped()
    house = {
        "type": "application", "bom-ref": f"numaru@{program_version()}", "name": "numaru", "version": program_version(),
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }  # fmt: skip
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, NAME + content)}",
        "version": 1,
        "metadata": {"timestamp": clock.now().isoformat(timespec="seconds"), "component": house},
        "components": components,
        "dependencies": [{"ref": house["bom-ref"], "dependsOn": [c["bom-ref"] for c in components if c["scope"] == "required"]}],
    }


def main(argv: list[str]) -> int:
    """Write the bill to FILE, or to standard output. 1 when a shipped file was changed."""
    words = argparse.ArgumentParser(prog="./numaru sbom")
    words.add_argument("file", nargs="?", type=Path)
    chosen = words.parse_args(argv)
    try:
        text = json.dumps(bill(), indent=1, ensure_ascii=False) + "\n"
    except ValueError as error:
        say(Text("함께 오는 파일이 바뀌었습니다: {why}", "A shipped file was changed: {why}").fill(why=error), error=True)
        return 1
    if chosen.file:
        chosen.file.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def installed(_argv: list[str]) -> int:
    """``python -m numaru install``: nothing is left to do once Python runs from the environment."""
    return 0
