"""The integrity checks find what they are for, and a check that breaks hides no other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from numaru.domains.billing.models import BillRun
from numaru.facilities.metering.models import UsageFile
from numaru.kernel import clock
from numaru.kernel.backup import checks as database
from numaru.kernel.backup import health
from numaru.kernel.backup.integrity import Check, Looked, checks, look_through
from numaru.kernel.files import store
from numaru.kernel.imports.models import ImportRun
from numaru.values.text import Text
from tests.domains.billing import world
from tests.screens import naru, shared  # noqa: F401

pytestmark = pytest.mark.django_db


def codes(run: Any) -> set[str]:
    return {finding["code"] for check in run.checks for finding in check["findings"]}


def test_a_sound_house_has_nothing_to_say(naru: world.World) -> None:  # noqa: F811
    run = look_through("test")
    assert (run.state, run.found) == ("good", 0), run.checks
    assert {c["key"] for c in run.checks} >= {
        "database.tables",
        "database.indexes",
        "database.sequences",
        "metering.files",
        "billing.runs",
        "imports.files",
        "retention.journal",
    }
    assert health.integrity().state == "ok"


def test_a_changed_usage_file_is_named(naru: world.World, settings: Any) -> None:  # noqa: F811
    row = UsageFile.objects.order_by("id")[0]
    path = Path(settings.HOME) / row.path
    held = path.read_bytes()
    changed = bytearray(held)
    changed[len(held) // 2] ^= 1
    path.write_bytes(changed)
    try:
        run = look_through("test")
    finally:
        path.write_bytes(held)
    assert codes(run) == {"integrity.changed"}
    (finding,) = (f for c in run.checks for f in c["findings"])
    assert row.path in finding["message_en"] and row.path in finding["message_ko"] and finding["remedy_ko"]
    assert health.integrity().state == "bad"


def test_a_changed_invoice_line_breaks_the_tie_out(naru: world.World) -> None:  # noqa: F811
    run = BillRun.objects.filter(state="posted").order_by("id")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
            [f"billing_line_r{run.pk}"],
        )
        for name, table in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
        cursor.execute(f'UPDATE "billing_line_r{run.pk}" SET amount = amount + 1 WHERE ordinal = 1 AND line = 1')
    found = codes(look_through("test"))
    assert "billing.lines" in found


def test_a_sequence_behind_its_table_is_found(naru: world.World) -> None:  # noqa: F811
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM billing_billrun_id_seq")
        (last,) = cursor.fetchone()
        cursor.execute("SELECT setval('billing_billrun_id_seq', 1, false)")
        try:
            looked = database.sequences()
        finally:
            cursor.execute("SELECT setval('billing_billrun_id_seq', %s)", [last])  # no transaction takes it back
    assert [f.code for f in looked.findings] == ["integrity.sequence"] and looked.findings[0].value == "billing_billrun"


def test_a_check_that_breaks_is_a_finding_and_hides_no_other() -> None:
    def break_down() -> Looked:
        raise RuntimeError("홍길동 010-1234-5678")

    checks.add("test.breaks", Check(Text("부서짐", "Breaks"), Text("개", "things"), break_down))
    try:
        run = look_through("test")
    finally:
        del checks._rows["test.breaks"]
    assert codes(run) == {"integrity.unable"} and len(run.checks) == len(checks) + 1
    assert "010-1234" not in str(run.checks)  # what the error held stays out of the record


def test_a_changed_and_a_missing_import_are_named_by_their_number() -> None:
    runs = [
        ImportRun(
            number=f"I-{n}", kind="usage", file_name="이용.csv", file_key=f"imports/{n}/source.csv", sha256=store().put(f"imports/{n}/source.csv", io.BytesIO(b"a,b")),
            mapping_name="m", mapping_text="", mapping_sha256="0" * 64, state="done", service_slug="video", actor_kind="system", actor_name="test", created_at=clock.now(),
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    ImportRun.objects.bulk_create(runs)
    assert checks["imports.files"].look().findings == []
    store().put("imports/1/source.csv", io.BytesIO(b"a,c"))
    store().delete("imports/2/source.csv")
    looked = checks["imports.files"].look()
    assert looked.count == 3 and {(f.code, f.value) for f in looked.findings} == {("integrity.changed", "I-1"), ("integrity.gone", "I-2")}
    assert "이용" not in str([f.as_dict() for f in looked.findings])


def test_a_damaged_journal_of_destructions_is_named(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    look = checks["retention.journal"].look
    assert look().findings == []
    place = tmp_path / "destroyed"
    place.mkdir()
    (place / "journal").write_text('{"before": "forged", "done": "x"}\n{"before": "forged", "done": "y"}\n')
    assert [f.code for f in look().findings] == ["integrity.journal"]
