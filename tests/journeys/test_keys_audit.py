"""The chain as its users have it: actions are done, the command seals and checks, somebody tampers as the owner of the tables, the command
names the record, and the nightly job puts it on the health page and on the audit screen."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from numaru.faces.command import audit as command
from numaru.kernel import clock, health
from numaru.kernel.audit import jobs
from numaru.kernel.audit.models import StaffTie
from numaru.kernel.models import AuditRecord, Staff
from tests.kernel.audit.conftest import owner
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401


@pytest.fixture
def run(naru: Any, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:  # noqa: F811
    """``run("verify")``: exit status and what the command printed as JSON."""
    shutil.rmtree(Path(settings.HOME) / "audit", ignore_errors=True)

    def call(*words: str) -> tuple[int, dict[str, Any]]:
        status = command.main([*words, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return call


def test_the_log_is_sealed_checked_and_a_change_is_named(run: Callable[..., Any], sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("auditor")
    written = AuditRecord.objects.count()
    assert written > 5
    status, before = run("verify")
    assert status == 0 and before["records"] == 0 and before["unsealed"] == written
    assert run("seal") == (0, {"sealed": written})
    status, whole = run("verify")
    assert status == 0 and whole["good"] and whole["records"] == written and whole["unsealed"] == 0
    status, head = run("head")
    assert status == 0 and head["last"] == written and len(head["hash"]) == 64
    assert json.loads((Path(settings.HOME) / "audit" / "head").read_text()) == head

    row = AuditRecord.objects.filter(object="billing.run").latest("id")
    with owner("kernel_auditrecord"):
        AuditRecord.objects.filter(pk=row.pk).update(after=row.after | {"total": 1})
    status, told = run("verify")
    assert status == 1 and not told["good"]
    (fault,) = told["faults"]
    assert (fault["kind"], fault["source"], fault["row"]) == ("changed", "r", row.pk)
    assert fault["ko"] == f"감사 기록 {row.pk}: 내용이 바뀌었습니다"

    jobs.verify_all(0)
    health.forget()
    line = next(line for line in health.look(fresh=True) if line.key == "audit")
    assert line.seen.state == "bad" and "1건" in line.seen.fact.ko
    assert "봉인과 다릅니다" in client.get("/audit/").content.decode()
    health.forget()


@pytest.mark.usefixtures("naru")
def test_the_command_speaks_to_people_and_refuses_to_seal_on_a_broken_chain(capsys: pytest.CaptureFixture[str]) -> None:
    head = Path(settings.HOME) / "audit" / "head"
    shutil.rmtree(head.parent, ignore_errors=True)
    assert command.main(["seal"]) == 0 and command.main(["verify"]) == 0
    out = capsys.readouterr().out
    assert "온전합니다" in out or "whole" in out
    head.write_text(head.read_text().replace('"number": ', '"number": 4'))
    assert command.main(["seal"]) == 1 and command.main(["verify"]) == 1
    told = capsys.readouterr()
    assert "audit verify" in told.err and ("잘렸습니다" in told.out or "was cut" in told.out)
    assert command.main(["verify", "--since", "2026-11-02"]) == 1
    shutil.rmtree(head.parent)


@pytest.mark.usefixtures("naru")
def test_relatives_are_given_on_standard_input_and_only_tokens_stay(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Staff.objects.create(login="garam", name="한가람", created_at=clock.now())
    monkeypatch.setattr("sys.stdin", io.StringIO("010-1234-2201\n\n"))
    assert command.main(["ties", "--staff", "garam", "--reason", "본인 신고", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == len(StaffTie.objects.get(staff=person.pk).tokens) > 0
    monkeypatch.setattr("sys.stdin", io.StringIO("010-1234-2201\n"))
    assert command.main(["ties", "--staff", "nobody", "--reason", "본인 신고"]) == 1
