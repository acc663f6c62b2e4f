"""The manual says what the program does: every code, key and example in it exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from numaru.kernel.imports.mapping import read_mapping
from numaru.kernel.imports.wording import wordings

from .conftest import HEAD

ROOT = Path(__file__).resolve().parents[3]
MANUALS = [ROOT / "docs" / "manual" / language / "import.md" for language in ("ko", "en")]


@pytest.mark.parametrize("manual", MANUALS, ids=["ko", "en"])
def test_codes_in_the_manual_are_told_by_the_program(manual: Path) -> None:
    codes = set(re.findall(r"`(import\.\w+)`", manual.read_text()))
    assert len(codes) > 10
    assert codes - {code for code, _ in wordings} == {"import.missing_column"}  # told for the file, not for a row


def test_both_manuals_have_the_same_codes_and_examples() -> None:
    korean, english = (path.read_text() for path in MANUALS)
    assert set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)*)`", korean)) == set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)*)`", english))
    assert korean.count("```") == english.count("```") and korean.count("\n|") == english.count("\n|")


@pytest.mark.parametrize("manual", MANUALS, ids=["ko", "en"])
def test_the_example_of_the_manual_is_a_mapping(manual: Path) -> None:
    example = next(block for block in re.findall(r"```toml\n(.*?)```", manual.read_text(), re.S) if "[import]" in block)
    content = tomllib.loads(example)
    assert set(content) == {"import", "source", "service", "fields"}
    rest = '[fields.external_id]\ncolumn = "a"\n[fields.started]\ncolumn = "b"\n'
    mapping = read_mapping(example.replace('kind = "subscribers"', 'kind = "test-contracts"') + rest, "manual")
    assert mapping.source.header == 1 and mapping.service.currency == "KRW"


def test_every_key_of_a_field_is_in_the_manual() -> None:
    """The keys that the program knows are told by the finding about an unknown one."""
    from numaru.kernel.errors import Invalid

    with pytest.raises(Invalid) as caught:
        read_mapping(HEAD + '[fields.external_id]\ncolumn = "a"\nnonsense = 1\n[fields.started]\ncolumn = "b"\n', "m")
    remedy = next(f.remedy.en for f in caught.value.findings if f.code == "mapping.unknown_key")
    keys = remedy.split("Known: ")[1].split(", ")
    for manual in MANUALS:
        text = manual.read_text()
        assert [key for key in keys if key not in text] == []
