"""The bill of materials: valid, complete, and true of the files as they lie here."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from numaru.config.commands import sbom


def test_the_bill_is_valid_and_names_everything_the_lock_installs(tmp_path: Path) -> None:
    target = tmp_path / "bill.json"
    assert sbom.main([str(target)]) == 0
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(target.read_text()) is None
    told = json.loads(target.read_text())
    by_name = {sbom._key(c["name"]): c for c in told["components"]}
    for name in ("django", "psycopg", "duckdb", "pyrage", "prometheus-client", "cryptography"):
        assert by_name[name]["version"] == version(name) and by_name[name]["scope"] == "required"
        assert by_name[name]["properties"], name
    assert by_name["mypy"]["scope"] == "excluded"  # a tool of this environment, not of the house
    without = [c["name"] for c in told["components"] if c["scope"] == "required" and not c.get("licenses")]
    assert not without
    fonts = [f for c in told["components"] for f in c.get("components", []) if f["name"].endswith((".woff2", ".otf", ".css", ".js"))]
    assert len(fonts) > 50
    for one in fonts[:5]:
        assert one["hashes"][0]["content"] == hashlib.sha256((sbom.UI / one["name"]).read_bytes()).hexdigest()


def test_a_changed_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    false = tmp_path / "VENDORED.toml"
    false.write_text(sbom.MANIFEST.read_text().replace('htmx.min.js" = "', 'htmx.min.js" = "0'))
    monkeypatch.setattr(sbom, "MANIFEST", false)
    assert sbom.main([]) == 1
    assert "htmx.min.js" in capsys.readouterr().err
