"""What the manual says of offers and fields is what the kinds read; every code it names is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from numaru.domains.billing.actions.import_offer import written_offers
from numaru.kernel.errors import Invalid
from numaru.kernel.imports import api as imports
from numaru.kernel.imports.wording import wordings
from numaru.values.finding import Finding

ROOT = Path(__file__).resolve().parents[3]
MANUALS = [ROOT / "docs" / "manual" / language / "import.md" for language in ("ko", "en")]
HEAD = '[import]\nkind = "{kind}"\n[service]\nslug = "s"\nzone = "Asia/Seoul"\ncurrency = "KRW"\n'
FIELDS = {
    "subscribers": '[fields.external_id]\ncolumn = "a"\n[fields.started]\ncolumn = "b"\n[fields.price]\ncolumn = "c"\n',
    "usage": "".join(f'[fields.{f}]\ncolumn = "{f}"\n' for f in ("event_id", "subject", "meter", "at", "quantity"))
    + '[identity]\nsource = "x"\n',
}


def blocks(manual: Path, holding: str) -> str:
    return next(block for block in re.findall(r"```toml\n(.*?)```", manual.read_text(encoding="utf-8"), re.S) if holding in block)


@pytest.mark.parametrize("manual", MANUALS, ids=["ko", "en"])
def test_the_offer_of_the_manual_is_read_and_names_every_key(manual: Path) -> None:
    offer = blocks(manual, "[[offer.charges]]")
    findings: list[Finding] = []
    mapping = imports.read_mapping(HEAD.format(kind="subscribers") + offer + FIELDS["subscribers"], "manual")
    (written,) = written_offers(mapping, findings)
    assert not findings and [c.key for c in written.charges] == ["fee", "plays"] and len(written.charges[1].tiers) == 2
    made = imports.read_mapping(HEAD.format(kind="usage") + blocks(manual, "create = true") + offer + FIELDS["usage"], "manual")
    assert made.kind.key == "usage"
    broken = offer.replace('key = "fee"', 'key = "fee"\nnonsense = 1').replace('slug = "monthly"', 'slug = "monthly"\nnonsense = 1')
    with pytest.raises(Invalid) as refused:
        imports.read_mapping(HEAD.format(kind="subscribers") + broken + FIELDS["subscribers"], "manual")
    unknown = [f for f in refused.value.findings if f.code == "mapping.unknown_key"]
    assert len(unknown) == 2
    for found in unknown:
        assert [key for key in found.remedy.en.split("Known: ")[1].split(", ") if key not in offer] == []


@pytest.mark.parametrize("manual", MANUALS, ids=["ko", "en"])
def test_every_field_and_code_of_the_kinds_is_in_the_manual_and_none_besides(manual: Path) -> None:
    text = manual.read_text(encoding="utf-8")
    for kind in ("subscribers", "usage"):
        assert [spec.name for spec in imports.kinds[kind].fields if f"`{spec.name}`" not in text] == []
    codes = set(re.findall(r"`((?:import|subscribers|usage)\.\w+)`", text))
    assert codes - {code for code, _ in wordings} == {"import.missing_column"}
