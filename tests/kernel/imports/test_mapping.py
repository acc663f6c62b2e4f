"""A wrong mapping says which key is wrong and what would be right, all faults at once."""

from __future__ import annotations

import pytest

from numaru.kernel.errors import Invalid
from numaru.kernel.imports.api import read_mapping

from .conftest import FIELDS, HEAD


def faults(text: str, kind: str | None = None) -> dict[str | None, str]:
    """Key path → code."""
    with pytest.raises(Invalid) as caught:
        read_mapping(text, "m", kind)
    for finding in caught.value.findings:
        assert finding.message.ko and finding.message.en and finding.remedy.ko and finding.remedy.en
        assert "{" not in finding.remedy.ko.replace("{Yes", "").replace('{"', "")
    return {f.field: f.code for f in caught.value.findings}


def test_a_good_mapping_is_read() -> None:
    mapping = read_mapping(HEAD + FIELDS, "m", "test-contracts")
    assert [rule.name for rule in mapping.fields] == ["external_id", "price", "started"]
    assert mapping.service.zone == "Asia/Seoul" and mapping.fields[0].unique and len(mapping.digest) == 64


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("[import]\nkind = ", None, "mapping.not_toml"),
        (FIELDS, "import", "mapping.missing_key"),
        (HEAD.replace("test-contracts", "test-contract") + FIELDS, "import.kind", "mapping.wrong_value"),
        (HEAD.replace("Asia/Seoul", "Asia/Seol") + FIELDS, "service.zone", "mapping.wrong_value"),
        (HEAD.replace("KRW", "won") + FIELDS, "service.currency", "mapping.wrong_value"),
        (HEAD.replace('slug = "s"', 'slug = "S s"') + FIELDS, "service.slug", "mapping.wrong_value"),
        (HEAD + FIELDS + 'colum = "x"\n', "fields.started.colum", "mapping.unknown_key"),
        (HEAD + FIELDS + '[fields.prise]\ncolumn = "x"\n', "fields.prise", "mapping.unknown_field"),
        (HEAD + FIELDS.replace('column = "start"', ""), "fields.started", "mapping.one_origin"),
        (HEAD + FIELDS + 'constant = "2026-01-01"\n', "fields.started", "mapping.one_origin"),
        (HEAD + FIELDS.split("[fields.started]")[0], "fields.started", "mapping.missing_field"),
        (HEAD + FIELDS + 'formats = ["DD/MM"]\n', "fields.started.formats", "mapping.wrong_value"),
        (HEAD + FIELDS + 'formats = ["DD/MM/YYYY", "MM/DD/YYYY"]\n', "fields.started.formats", "mapping.wrong_value"),
        (HEAD + FIELDS.replace('min = "0"', "min = 0.5"), "fields.price.min", "mapping.wrong_value"),
        (HEAD + FIELDS.replace('min = "0"', 'decimal_mark = ","\ngrouping = ","'), "fields.price.grouping", "mapping.wrong_value"),
        (
            HEAD + FIELDS + '[fields.ended]\nbase = "2026-02-30"\nminus_months = "n"\n[inputs.n]\ncolumn = "n"\ntype = "integer"\n',
            "fields.ended",
            "mapping.expression",
        ),
        (HEAD + FIELDS + '[fields.ended]\nbase = "2026-02-01"\nminus_months = "n"\n', "fields.ended", "mapping.expression"),
        (HEAD + FIELDS + '[fields.ended]\ncolumn = "e"\nwhen = { column = "c" }\n', "fields.ended.when.equals", "mapping.wrong_value"),
        (HEAD + FIELDS + "[sauce]\nx = 1\n", "sauce", "mapping.unknown_key"),
    ],
)
def test_each_fault_names_its_key(text: str, key: str | None, code: str) -> None:
    assert faults(text).get(key) == code


def test_all_faults_come_at_once() -> None:
    found = faults(HEAD.replace("KRW", "won").replace("Asia/Seoul", "Mars") + FIELDS + 'colum = "x"\n')
    assert set(found) == {"service.zone", "service.currency", "fields.started.colum"}


def test_another_kind_than_asked_is_refused() -> None:
    assert faults(HEAD + FIELDS, "test-events") == {"import.kind": "mapping.other_kind"}


def test_events_need_an_identity() -> None:
    events = (
        HEAD.replace("test-contracts", "test-events")
        + '[fields.subject]\ncolumn = "s"\n[fields.meter]\nconstant = "m"\n[fields.at]\ncolumn = "t"\n[fields.quantity]\ncolumn = "q"\n'
    )
    assert faults(events)["identity"] == "mapping.identity"
    assert faults(events + '[identity]\nsource = "x"\nfields = ["subjekt"]\n')["identity.fields"] == "mapping.wrong_value"
    assert read_mapping(events + '[identity]\nsource = "x"\nfields = ["subject", "at"]\n', "m").identity is not None
    assert (
        faults(events + '[fields.event_id]\ncolumn = "id"\n[identity]\nsource = "x"\nfields = ["subject"]\n')["identity"]
        == "mapping.identity"
    )
