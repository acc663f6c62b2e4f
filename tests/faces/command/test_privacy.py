"""`./numaru privacy`: counting, walking, asking to destroy, fetching a package, by the same actions as the console."""

# ruff: noqa: F811  (fixtures are asked for by their names)
from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from numaru.faces.command import privacy
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.vault.models import PersonKey
from tests.domains.billing import world
from tests.domains.billing.world import World
from tests.kernel.retention.cast import party, staff
from tests.screens import naru, shared  # noqa: F401


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    capsys.readouterr()
    status = privacy.main(list(argv))
    said = capsys.readouterr()
    return status, said.out + said.err


def login(role: str) -> str:
    return Staff.objects.get(pk=staff(role).id).login


def test_a_dry_run_counts_and_a_walk_destroys(naru: World, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = run(capsys, "retention", "--dry-run", "--json")
    rows = {row["class"]: row for row in json.loads(said)["classes"]}
    assert status == 0 and rows["parties.contact"] == {"class": "parties.contact", "due": 2, "soon": 0, "held": 0}
    assert set(rows) == {key for key, _ in retention.classes}
    _, early = run(capsys, "retention", "--dry-run", "--json", "--class", "parties.contact", "--as-of", "2026-10-01")
    assert json.loads(early)["classes"][0]["due"] == 1, "한겨울 alone"
    assert PersonKey.objects.filter(person=party(naru, "gyeoul")).exists()
    status, said = run(capsys, "retention", "--class", "parties.contact", "--json")
    assert status == 0 and json.loads(said)["classes"][0]["destroyed"] == 2
    assert run(capsys, "retention", "--as-of", "2027-01-01", "--class", "parties.contact")[0] == 1, "not as of a day that has not come"
    assert run(capsys, "retention", "--class", "no.such")[0] == 1


def test_destroying_from_the_terminal_needs_two_people_as_well(naru: World, capsys: pytest.CaptureFixture[str]) -> None:
    number = naru.subscriber("gyeoul").number
    status, said = run(capsys, "destroy", number, "--plan")
    assert status == 0 and "되돌릴 수 없습니다" in said
    assert run(capsys, "destroy", number, "--reason", "요구")[0] == 1, "nobody asks namelessly"
    status, said = run(capsys, "destroy", number, "--as", login("subscriber_clerk"), "--reason", "본인 요구", "--json")
    assert status == 0 and json.loads(said)["approval"] == ApprovalRequest.objects.get().number
    assert PersonKey.objects.filter(person=party(naru, "gyeoul")).exists()


def test_a_package_is_fetched_into_a_file_that_only_its_owner_reads(
    naru: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    clerk, row = staff("subscriber_clerk"), naru.subscriber("noeul")
    number = retention.take_request.do(
        clerk, person=row.party_id, subject=row.number, kind="access", channel="visit", received_on=world.at("2026-11-02").date()
    )
    retention.verify_identity.do(clerk, number=number, identity="document")
    file = tmp_path / "p.zip"
    status, said = run(capsys, "package", number, "--to", str(file), "--as", login("privacy_officer"))
    assert status == 0, said
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as found:
        assert "이노을" in found.read("data.json").decode()
    assert file.stat().st_mode & 0o777 == 0o600
