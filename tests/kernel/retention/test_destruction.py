"""Destroying a person: two people, what the law keeps, what is unreadable afterwards, and what a restore must not bring back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from numaru.domains.billing import api as billing
from numaru.domains.billing.models import Contract, Invoice
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.metering import api as metering
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, policies
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.backup import api as backup
from numaru.kernel.errors import Conflict, NotAllowed
from numaru.kernel.models import AuditRecord, OutboxEvent
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import journal
from numaru.kernel.retention.models import Destruction
from numaru.kernel.vault.models import PersonKey, VaultEntry
from numaru.values.period import Period
from tests.domains.billing import world
from tests.domains.billing.world import World
from tests.kernel.retention.cast import approve, destroyed, leave, party, staff
from tests.screens import naru, shared  # noqa: F401

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Path:
    """A journal of this test alone; the usage files stay where the company has them."""
    for name in ("usage", "files", "keys"):
        source = Path(str(settings.HOME)) / name  # type: ignore[attr-defined]
        if source.exists():
            (tmp_path / name).symlink_to(source)
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def gone(naru: World) -> World:  # noqa: F811
    """이노을 left on 25 September, and October was billed; today is 2 November."""
    with world.on("2026-10-20"):
        leave(naru, "noeul", "2026-09-25")
    naru.bill("2026-10")
    return naru


def test_one_asks_and_a_privacy_officer_approves(gone: World, home: Path) -> None:
    person, clerk = party(gone, "noeul"), staff("subscriber_clerk")
    with pytest.raises(NeedsSecond):
        retention.destroy_person.do(clerk, person=person, reason="본인이 삭제를 요구함")
    number = retention.destroy_person.ask(clerk, person=person, reason="본인이 삭제를 요구함")
    assert PersonKey.objects.filter(person=person).exists(), "asking destroys nothing"
    with pytest.raises(NotAllowed):
        approve(number, clerk)
    with pytest.raises(NotAllowed):
        approve(number, staff("subscriber_clerk"))
    officer = staff("privacy_officer")
    made = approve(number, officer)
    row = Destruction.objects.get(number=made)
    assert (row.asked_by, row.approved_by, row.approval) == (f"staff:{clerk.id}", f"staff:{officer.id}", number)
    record = AuditRecord.objects.get(object="retention.destruction", key=made)
    assert record.approval and record.after["hash"] == row.hash and record.actor_id == clerk.id
    assert OutboxEvent.objects.get(name="retention.PersonDestroyed").payload == {"number": made}


def test_one_privacy_officer_alone_cannot(gone: World) -> None:
    officer = staff("privacy_officer")
    with pytest.raises(NeedsSecond):
        retention.destroy_person.do(officer, person=party(gone, "noeul"), reason="삭제")
    number = retention.destroy_person.ask(officer, person=party(gone, "noeul"), reason="삭제")
    with pytest.raises(NotAllowed):
        approve(number, officer)


def test_what_the_law_keeps_stays_without_a_name(gone: World, home: Path) -> None:
    person, other = party(gone, "noeul"), party(gone, "haneul")
    before = Subscriber.objects.get(party=person)
    used = metering.events_of(gone.slug, {before.subject_key}, YEAR)
    assert used and parties.found(parties.search_tokens("이노을"))
    bills = list(Invoice.objects.filter(account__payer_id=person).values("total", "run_id", "ordinal"))
    made = destroyed(person)
    masked = parties.masked({person, other})
    assert (masked[person].name, masked[person].phone, masked[person].email) == ("", "", "")
    assert masked[other].name == "김*늘" and PersonKey.objects.filter(person=other).exists()
    assert not PersonKey.objects.filter(person=person).exists() and not VaultEntry.objects.filter(person=person).exists()
    assert not parties.found(parties.search_tokens("이노을")) and not parties.found(parties.search_tokens("3302"))
    after = Subscriber.objects.get(party=person)
    assert after.subject_key != before.subject_key
    assert metering.events_of(gone.slug, {after.subject_key}, YEAR) == []
    assert metering.events_of(gone.slug, {before.subject_key}, YEAR) == used, "the files are as they were, and nobody's"
    assert list(Invoice.objects.filter(account__payer_id=person).values("total", "run_id", "ordinal")) == bills
    row = Destruction.objects.get(number=made)
    assert {g["class"] for g in row.gone} == {"parties.contact", "subscribers.usage"}
    kept = {k["class"]: k["until"] for k in row.kept}
    issued = max(i.issued_at for i in Invoice.objects.filter(account__payer_id=person))
    assert kept == {
        "subscribers.record": "2031-09-25",
        "billing.records": issued.astimezone(world.SEOUL).date().replace(year=issued.year + 5).isoformat(),
    }
    with pytest.raises(Conflict) as again:
        retention.destroy_person.plan(staff("subscriber_clerk"), person=person)
    assert again.value.findings[0].code == "destruction.nothing"


def test_the_invoice_is_drawn_without_the_name(gone: World, home: Path) -> None:
    person = party(gone, "noeul")
    bill = Invoice.objects.filter(account__payer_id=person).select_related("run").first()
    assert bill is not None
    number = f"{bill.run.series}-{bill.ordinal:06d}"
    assert billing.invoice(number, None).payer.name == "이*" or billing.invoice(number, None).payer.name
    destroyed(person)
    shown = billing.invoice(number, None)
    assert shown.payer.name == "" and shown.total.minor == bill.total and shown.balanced


@pytest.mark.parametrize("who", ["haneul", "minsu"])
def test_whoever_is_still_served_is_not_destroyed(naru: World, who: str) -> None:  # noqa: F811
    with pytest.raises(Conflict) as refused:
        retention.destroy_person.ask(staff("subscriber_clerk"), person=party(naru, who), reason="삭제")
    assert refused.value.findings[0].code == "destruction.needed" and "이용 중인 계약" in refused.value.findings[0].message.ko


def test_the_last_bill_comes_first(naru: World) -> None:  # noqa: F811
    """October is not billed yet: what was used in it must still find its account."""
    with world.on("2026-10-20"):
        leave(naru, "minsu", "2026-10-15")
    with pytest.raises(Conflict) as refused:
        retention.destroy_person.plan(staff("subscriber_clerk"), person=party(naru, "minsu"))
    assert "마지막 청구" in refused.value.findings[0].message.ko
    naru.bill("2026-10")
    assert retention.destroy_person.plan(staff("subscriber_clerk"), person=party(naru, "minsu")).effects


def test_a_hold_on_the_person_stops_it_and_lifting_frees_it(gone: World) -> None:
    person, officer = party(gone, "noeul"), staff("privacy_officer")
    hold = retention.place_hold.do(officer, person=person, until=date(2027, 3, 31), reason="서울중앙지법 보존 명령")
    with pytest.raises(Conflict) as refused:
        retention.destroy_person.plan(staff("subscriber_clerk"), person=person)
    assert refused.value.findings[0].code == "destruction.held" and hold in refused.value.findings[0].message.ko
    retention.lift_hold.do(officer, number=hold, reason="명령이 취소됨")
    assert retention.destroy_person.plan(staff("subscriber_clerk"), person=person).effects


def test_a_hold_on_one_class_keeps_that_class_alone(gone: World, home: Path) -> None:
    person, officer = party(gone, "noeul"), staff("privacy_officer")
    hold = retention.place_hold.do(officer, person=person, klass="subscribers.usage", until=date(2027, 3, 31), reason="이용 내역 분쟁")
    key = Subscriber.objects.get(party=person).subject_key
    row = Destruction.objects.get(number=destroyed(person))
    assert [g["class"] for g in row.gone] == ["parties.contact"]
    assert {"class": "subscribers.usage", "until": "2027-03-31", "hold": f"파기 보류 {hold}"} in row.kept
    assert Subscriber.objects.get(party=person).subject_key == key


def test_the_log_cannot_be_changed(gone: World, home: Path) -> None:
    made = destroyed(party(gone, "noeul"))
    for change in (
        lambda: Destruction.objects.filter(number=made).update(basis="x"),
        lambda: Destruction.objects.filter(number=made).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# ── the journal ──


def test_a_line_cut_short_by_a_kill_is_left_out_and_written_again(gone: World, home: Path) -> None:
    made = destroyed(party(gone, "noeul"))
    assert retention.follow() == 1
    path = journal.place()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"before": "12')
    assert [e["number"] for e in journal.read(path)] == [made]
    other = destroyed(party(gone, "gyeoul"))
    assert retention.follow() == 1
    assert [e["number"] for e in journal.read(path)] == [made, other]
    assert path.read_bytes().startswith(whole) and (path.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("how", ["changed", "removed", "swapped"])
def test_a_damaged_journal_is_refused_and_nothing_is_replayed(gone: World, home: Path, how: str) -> None:
    for who in ("noeul", "gyeoul"):
        destroyed(party(gone, who))
    third = party(gone, "saebom")
    destroyed(third)
    retention.follow()
    path = journal.place()
    lines = path.read_bytes().splitlines(keepends=True)
    if how == "changed":
        lines[1] = lines[1].replace(b'"kind":"request"', b'"kind":"perioD!"')
    elif how == "removed":
        del lines[1]
    else:
        lines[0], lines[1] = lines[1], lines[0]
    path.write_bytes(b"".join(lines))
    with pytest.raises(retention.JournalDamaged, match="line"):
        retention.replay()


def test_the_journal_holds_numbers_and_nobody(gone: World, home: Path) -> None:
    destroyed(party(gone, "noeul"))
    retention.follow()
    text = journal.place().read_text()
    assert "노을" not in text and "3302" not in text and "한누리" not in text
    assert json.loads(text.splitlines()[0])["intended"]["person"] == party(gone, "noeul")


def test_the_certificate_says_what_is_true(gone: World, home: Path) -> None:
    made = destroyed(party(gone, "noeul"))
    paper = retention.certificate(made)
    assert paper.whole and paper.key_gone and paper.at.astimezone(world.SEOUL).date() == date(2026, 11, 2)
    assert {g.name.en for g in paper.gone} == {"Names and contact data", "The link between usage and a person"}
    assert {k.until for k in paper.kept} >= {date(2031, 9, 25)}
    kept = int(policies.value("backup.keys_days", clock.today()))
    assert paper.sealed_until == date(2026, 11, 2) + timedelta(days=kept + 1), "the night in which backups are forgotten counts"
    assert paper.sealed_until == backup.keys_gone_by(paper.at).astimezone(world.SEOUL).date()
    assert paper.traces_until == date(2026, 11, 2) + timedelta(days=int(policies.value("backup.keep_days", clock.today())) + 1)
    assert home == settings.HOME
    assert Contract.objects.exists()
