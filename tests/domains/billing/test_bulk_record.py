"""Recording one fact of many contracts: foreseen row by row, done once, refused by name."""

# ruff: noqa: F811
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from numaru.domains.billing.models import ContractFact
from numaru.domains.billing.permissions import CONTRACT_RECORD
from numaru.kernel.actions import Second
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.approvals.requests import preview
from numaru.kernel.desk import api as desk
from numaru.kernel.desk import bulk
from numaru.kernel.desk.models import BulkRow, BulkRun
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, Staff, StaffGrant, Work
from numaru.values.text import Text
from tests.domains.billing import world
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

CAST = ("haneul", "noeul", "gyeoul")  # two that run, one that has ended


def clerk(*roles: str) -> Staff:
    person = Staff.objects.create(login=f"c{Staff.objects.count()}", name="한누리", created_at=world.clock.now())
    for role in roles or ("subscriber_clerk", "basic"):
        StaffGrant.objects.create(staff=person, role=role, granted_at=world.clock.now())
    return person


def begin(naru: World, who: Staff, cast: Sequence[str] = CAST, kind: str = "paused", on: str = "2026-11-10") -> str:
    rows = [str(naru.subscriber(one).pk) for one in cast]
    return desk.begin.do(who.actor, key="billing.record", params={}, rows=rows, data={"kind": kind, "on": on, "reason": "장애 보상 협의"})


def outcomes(number: str) -> list[tuple[str, str]]:
    return list(BulkRow.objects.filter(run__number=number).order_by("ordinal").values_list("outcome", "code"))


def test_the_preview_names_each_change_and_each_refusal_and_changes_nothing(naru: World) -> None:
    facts, records = ContractFact.objects.count(), AuditRecord.objects.filter(object="billing.contract").count()
    number = begin(naru, clerk())
    rows = BulkRow.objects.filter(run__number=number).order_by("ordinal")
    assert outcomes(number) == [("will", ""), ("will", ""), ("refused", "contract.state")]
    assert (
        rows[0].before == ["이용 중", "Active"]
        and rows[0].after == ["일시 정지", "Paused"]
        and rows[0].shown == naru.subscriber("haneul").number
    )
    assert "해지" in rows[2].why[0] and "Ended" in rows[2].why[1]
    assert ContractFact.objects.count() == facts and AuditRecord.objects.filter(object="billing.contract").count() == records
    assert BulkRun.objects.get(number=number).state == "planned"


def test_it_is_done_as_foreseen_with_the_reason_on_every_row_and_once(naru: World) -> None:
    who = clerk()
    number = begin(naru, who)
    assert desk.carry_out.do(who.actor, number=number) == 2
    assert outcomes(number) == [("done", ""), ("done", ""), ("refused", "contract.state")]
    facts = ContractFact.objects.filter(kind="paused")
    assert {f.contract for f in facts} == {naru.contract("haneul"), naru.contract("noeul")}
    assert set(AuditRecord.objects.filter(object="billing.contract", after__fact="paused").values_list("reason", flat=True)) == {
        "장애 보상 협의"
    }
    with pytest.raises(Conflict):
        desk.carry_out.do(who.actor, number=number)
    assert ContractFact.objects.filter(kind="paused").count() == 2
    again = begin(naru, who)  # asked a second time: what is paused cannot be paused
    assert [o for o, _ in outcomes(again)] == ["refused"] * 3


def test_a_row_that_moved_after_the_preview_is_left_alone(naru: World) -> None:
    who = clerk()
    number = begin(naru, who)
    naru.fact("noeul", "suspended", "2026-11-05")
    desk.carry_out.do(who.actor, number=number)
    assert outcomes(number) == [("done", ""), ("failed", "bulk.moved"), ("refused", "contract.state")]
    assert not ContractFact.objects.filter(contract=naru.contract("noeul"), kind="paused").exists()


def test_an_end_leaves_the_month_to_its_last_day(naru: World) -> None:
    who = clerk()
    number = begin(naru, who, ("haneul",), "ended", "2026-12-09")
    assert BulkRow.objects.get(run__number=number).after == ["2027-01-01 해지", "Ends 1 Jan 2027"]
    desk.carry_out.do(who.actor, number=number)
    assert ContractFact.objects.get(contract=naru.contract("haneul"), kind="ended").effective_at == world.at("2027-01-01")


def test_who_may_not_record_begins_nothing_and_rows_of_other_services_are_not_told(naru: World) -> None:
    with pytest.raises(NotAllowed):
        begin(naru, clerk("auditor", "basic"))
    stranger = clerk("basic")
    StaffGrant.objects.create(staff=stranger, role="subscriber_clerk", service="another", granted_at=world.clock.now())
    number = begin(naru, Staff.objects.get(pk=stranger.pk))
    assert set(outcomes(number)) == {("refused", "bulk.gone")}
    assert set(BulkRow.objects.filter(run__number=number).values_list("shown", flat=True)) == {""}
    with pytest.raises(NotFound):
        desk.carry_out.do(clerk().actor, number=number)  # of somebody else


@pytest.mark.parametrize("reason", ["", "010-1234-2201 요청"])
def test_the_reason_is_asked_for_and_holds_nothing_personal(naru: World, reason: str) -> None:
    with pytest.raises(Invalid):
        desk.begin.do(
            clerk().actor, key="billing.record", params={}, rows=["1"], data={"kind": "paused", "on": "2026-11-10", "reason": reason}
        )
    assert not BulkRun.objects.exists()


def test_many_rows_are_foreseen_and_done_by_a_worker_that_may_die(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "INLINE", 1)
    monkeypatch.setattr(bulk, "CHUNK", 1)
    who = clerk()
    number = begin(naru, who)
    assert BulkRun.objects.get(number=number).state == "planning" and {o for o, _ in outcomes(number)} == {""}
    bulk.foresee(BulkRun.objects.get(number=number), desk.acts["billing.record"], who.actor)  # a worker that died after one chunk
    bulk.execute(number)
    assert [o for o, _ in outcomes(number)] == ["will", "will", "refused"] and BulkRun.objects.get(number=number).state == "planned"
    desk.carry_out.do(who.actor, number=number)
    bulk.work_off(BulkRun.objects.get(number=number), desk.acts["billing.record"], who.actor)
    bulk.execute(number)
    bulk.execute(number)  # delivered twice
    assert [o for o, _ in outcomes(number)] == ["done", "done", "refused"]
    assert ContractFact.objects.filter(kind="paused").count() == 2 and BulkRun.objects.get(number=number).state == "done"
    assert Work.objects.get(kind=desk.WORK, key=number).state == "done"


def test_a_worker_stops_when_a_person_asks_and_when_they_have_left(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "INLINE", 1)
    monkeypatch.setattr(bulk, "CHUNK", 1)
    who = clerk()
    number = begin(naru, who)
    bulk.execute(number)
    desk.carry_out.do(who.actor, number=number)
    Work.objects.filter(key=number).update(control="stop")
    run = BulkRun.objects.get(number=number)
    progress_begin = bulk.Progress.begin
    monkeypatch.setattr(
        bulk.Progress, "begin", lambda self: (progress_begin(self), Work.objects.filter(key=number).update(control="stop"))[0]
    )
    bulk.execute(number)
    run.refresh_from_db()
    assert run.state == "stopped" and [o for o, _ in outcomes(number)] == ["done", "will", "refused"]
    other = begin(naru, who, ("daon", "minsu"))
    Staff.objects.filter(pk=who.pk).update(is_active=False)
    bulk.execute(other)
    assert BulkRun.objects.get(number=other).state == "dropped"


def test_a_second_person_for_the_set_approves_the_whole_of_it(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    two = replace(
        desk.acts["billing.record"], second=lambda n: Second(Text("여럿", "Several"), approver=CONTRACT_RECORD) if n > 1 else None
    )
    monkeypatch.setitem(desk.acts._rows, "billing.record", two)
    who, other = clerk(), clerk("subscriber_clerk", "basic")
    number = begin(naru, who)
    asked = desk.carry_out.ask(who.actor, reason="두 사람이 봅니다", number=number)
    assert BulkRun.objects.get(number=number).state == "planned" and not ContractFact.objects.filter(kind="paused").exists()
    seen = preview(ApprovalRequest.objects.get(number=asked))[1]
    approvals.approve.do(other.actor, number=asked, seen=seen)
    assert [o for o, _ in outcomes(number)] == ["done", "done", "refused"]
    assert set(AuditRecord.objects.filter(object="billing.contract", after__fact="paused").values_list("actor_id", flat=True)) == {who.pk}


def test_the_floor_of_the_list_leads_to_the_preview_and_the_result(naru: World, sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    rows = "&".join(f"row={naru.subscriber(who).pk}" for who in CAST)
    page = client.get("/subscribers/").content.decode()
    assert 'name="bulk" value="billing.record"' in page and "계약 변경 미리보기" in page
    asked = client.get(f"/subscribers/?bulk=billing.record&{rows}").content.decode()
    assert "3명" in asked and "김*늘" in asked and "김하늘" not in asked
    wrong = client.post(f"/subscribers/?bulk=billing.record&{rows}", {"kind": "paused", "on": "2026-02-30", "reason": ""})
    assert wrong.status_code == 422 and "2026-02-30" in wrong.content.decode() and not BulkRun.objects.exists()
    said = client.post(
        f"/subscribers/?bulk=billing.record&{rows}",
        {"kind": "paused", "on": "x", "reason": "", "check": "on"},
        headers={"HX-Request": "true"},
    )
    assert said.status_code == 200 and "2026-11-22" in said.content.decode() and "<input" not in said.content.decode()
    sent = client.post(f"/subscribers/?bulk=billing.record&{rows}", {"kind": "paused", "on": "11/10", "reason": "장애 보상"})
    preview = client.get(sent["Location"]).content.decode()
    assert "2명의 계약에 기록" in preview and "<b>일시 정지</b>" in preview and "한*울" in preview
    done = client.post(sent["Location"] + "go/")
    client.post(sent["Location"] + "go/")  # pressed twice
    result = client.get(done["Location"]).content.decode()
    assert "<b>2명</b> 바뀌었습니다." in result and ContractFact.objects.filter(kind="paused").count() == 2
    lines = client.get(sent["Location"] + "rows/?outcome=done").content.decode()
    assert naru.subscriber("haneul").number in lines and naru.subscriber("gyeoul").number not in lines


def test_all_that_match_means_the_address(naru: World, sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    asked = client.get("/subscribers/?bulk=billing.record&all=1&served=ended").content.decode()
    assert "조건에 맞는 모두입니다" in asked and "한*울" in asked and "김*늘" not in asked
    sent = client.post("/subscribers/?bulk=billing.record&all=1&served=ended", {"kind": "paused", "on": "11/10", "reason": "확인"})
    run = BulkRun.objects.get()
    assert run.everything and run.params == {"served": "ended"} and sent["Location"].endswith(f"{run.number}/")
    assert client.get("/subscribers/?bulk=billing.record").status_code == 302  # nothing chosen
    assert client.get("/subscribers/?bulk=none&all=1").status_code == 404


def test_what_a_reader_may_not_do_is_not_offered(naru: World, sign_in: SignIn) -> None:
    client = sign_in("auditor", "basic")
    assert "계약 변경 미리보기" not in client.get("/subscribers/").content.decode()
    assert client.get("/subscribers/?bulk=billing.record&all=1").status_code == 403


def test_all_that_match_reaches_the_request_for_their_data(naru: World, sign_in: SignIn) -> None:
    client = sign_in("subscriber_clerk", "basic")
    form: Any = client.get(f"/privacy/exports/new/?all=1&served=ended&row={naru.subscriber('haneul').pk}").content.decode()
    assert naru.subscriber("gyeoul").number in form and naru.subscriber("haneul").number not in form
