"""``./numaru bill …``: what scripts read, what people read, and refusals in words for both."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from numaru.domains.billing.models import BillRun, Invoice
from numaru.faces.command.bill import main
from tests.domains.billing.world import TOTALS, World, used

pytestmark = pytest.mark.django_db
KEYS = {
    "run_id",
    "service",
    "period",
    "state",
    "accounts",
    "invoices",
    "totals",
    "parked",
    "zero_accounts",
    "idle_accounts",
    "usage",
    "manifest",
    "seconds",
    "failure",
}
type Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*words: str) -> tuple[int, str, str]:
        status = main(list(words))
        out = capsys.readouterr()
        return status, out.out, out.err

    return run


AUGUST = ("run", "--service", "naru-video", "--period", "2026-08", "--as-of", "2026-09-01")


def test_a_run_answers_scripts_with_every_figure(naru: World, said: Said) -> None:
    used(naru)
    status, out, err = said(*AUGUST, "--json")
    answer = json.loads(out)
    assert status == 0 and not err and set(answer) == KEYS
    assert answer["totals"] == {"KRW": str(TOTALS["2026-08"])} and answer["state"] == "posted" and answer["failure"] is None
    wanted = {"run_id": "R2026-08", "accounts": 6, "invoices": 4, "parked": 1, "zero_accounts": 1, "idle_accounts": 1}
    assert {k: answer[k] for k in wanted} == wanted and answer["seconds"] > 0 and len(answer["manifest"]) == 64
    again = json.loads(said(*AUGUST, "--json")[1])
    assert again == answer and Invoice.objects.count() == 4  # a second time is the same run


def test_people_read_a_sentence_in_their_language(naru: World, said: Said) -> None:
    status, out, _ = said(*AUGUST)
    assert status == 0 and out.startswith("R2026-08 확정: 계정 5, 청구서 3건, 합계 ") and "75" in out
    with translation.override("en"):
        assert said("show", "R2026-08")[1].startswith("R2026-08 Posted: 5 accounts, 3 invoices, total ")


def test_a_plan_changes_nothing(naru: World, said: Said) -> None:
    status, out, _ = said(*AUGUST, "--plan")
    assert status == 0 and "계약 7건" in out and not BillRun.objects.exists()


@pytest.mark.parametrize(
    ("words", "code", "ko"),
    [
        (
            ("run", "--service", "naru-video", "--period", "2026-08", "--as-of", "2026-08-31"),
            "run.open_month",
            "2026-08은 아직 끝나지 않았습니다.",
        ),
        (("run", "--service", "naru-video", "--period", "08"), "run.period", "‘08’은(는) 청구할 수 있는 달이 아닙니다."),
        (("run", "--service", "none", "--period", "2026-08"), "not_found", "서비스 ‘none’을(를) 찾지 못했습니다."),
        (("show", "R1999-01"), "not_found", "청구 실행 ‘R1999-01’을(를) 찾지 못했습니다."),
        (("pause", "R1999-01"), "not_found", "청구 실행 ‘R1999-01’을(를) 찾지 못했습니다."),
    ],
)
def test_a_refusal_has_words_for_people_and_findings_for_scripts(
    naru: World, said: Said, words: tuple[str, ...], code: str, ko: str
) -> None:
    status, out, err = said(*words)
    assert (status, out) == (1, "") and ko in err
    status, out, err = said(*words, "--json")
    refused = json.loads(out)["refused"]
    assert status == 1 and [f["code"] for f in refused] == [code] and refused[0]["message_ko"] == ko
    assert refused[0]["message_en"] and refused[0]["remedy_ko"] and refused[0]["remedy_en"]
    assert not BillRun.objects.exists()


def test_a_run_is_cancelled_with_a_reason_and_listed(naru: World, said: Said) -> None:
    said(*AUGUST)
    with pytest.raises(SystemExit) as usage:
        said("cancel", "R2026-08")
    assert usage.value.code == 2
    assert said("cancel", "R2026-08", "--reason", " ")[0] == 1
    assert said("cancel", "R2026-08", "--reason", "요금 오류")[0] == 0
    assert said("resume", "R2026-08")[0] == 1
    status, out, _ = said(*AUGUST, "--json")
    assert status == 0 and json.loads(out)["run_id"] == "R2026-08.2"
    listed = json.loads(said("list", "--json")[1])
    assert [(r["run_id"], r["state"]) for r in listed] == [("R2026-08.2", "posted"), ("R2026-08", "cancelled")]


def test_a_time_that_is_none_is_wrong_usage(naru: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        main(["run", "--service", "naru-video", "--period", "2026-08", "--as-of", "yesterday"])
    assert usage.value.code == 2 and "--as-of" in capsys.readouterr().err


def test_a_run_that_fails_says_why_and_exits_with_one(naru: World, said: Said, own_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    used(naru)
    from numaru.domains.billing import run_work

    def spoil(name: str) -> None:
        if name == "frozen":
            path = own_home / BillRun.objects.get().manifest["usage"][0]["path"]
            path.write_bytes(path.read_bytes() + b"!")

    monkeypatch.setattr(run_work, "point", spoil)
    status, out, err = said(*AUGUST)
    assert status == 1 and "실패" in out and "이용 기록 파일이 달라졌습니다" in err
    answer = json.loads(said("show", "R2026-08", "--json")[1])
    assert answer["state"] == "failed" and answer["failure"]["en"].startswith("A usage file has changed")
