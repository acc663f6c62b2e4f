"""The line of time: the same source adds nothing, pages meet, nobody sees what they may not, and the records alone give the same entries."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numaru.domains.billing import api as billing
from numaru.domains.billing import handlers
from numaru.domains.billing.models import Contract
from numaru.facilities.parties import api as parties
from numaru.facilities.timeline import api as timeline
from numaru.facilities.timeline import rebuilding
from numaru.facilities.timeline.jobs import fill_feed
from numaru.facilities.timeline.models import Entry, Mention
from numaru.kernel import clock, outbox
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed
from numaru.kernel.models import HandlerRun, OutboxEvent, Work
from numaru.kernel.retention.api import Asking, classes
from numaru.kernel.retention.models import Destruction
from numaru.values.text import Text
from tests.domains.billing.world import CLERK, HOUSE, SLUG, D, World, at, enrolment, on, used

pytestmark = pytest.mark.django_db
SOME_CLERK = Actor("staff", 8, "가입 담당", (("subscriber_clerk", None),))


def handed_out() -> None:
    while outbox.dispatch_once():
        pass


def entry(n: int, **more: Any) -> timeline.New:
    return timeline.New(
        at("2026-08-01") + timedelta(minutes=n), "parties.corrected", f"test:{n}", **{"party": 7, "data": {"field": "phone"}} | more
    )


def kept() -> list[tuple[Any, ...]]:
    """Every entry as it matters, with what it mentions: without its own number and the event."""
    fields = (
        "source",
        "at",
        "recorded_at",
        "kind",
        "party",
        "object_kind",
        "object_key",
        "service",
        "data",
        "actor_kind",
        "actor_id",
        "pk",
    )
    mentioned: dict[int, list[tuple[str, str]]] = {}
    for pk, kind, key in Mention.objects.values_list("entry_id", "object_kind", "object_key"):
        mentioned.setdefault(pk, []).append((kind, key))
    return [(*row[:-1], sorted(mentioned.get(row[-1], []))) for row in Entry.objects.order_by("source").values_list(*fields)]


# ── putting in ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("many", [3, 120])  # as values, and through COPY
def test_the_same_source_adds_nothing(many: int) -> None:
    some = [entry(n, mentions=[("test.thing", "T-1"), ("test.thing", f"T-{n}")]) for n in range(many)]
    assert timeline.add(some) == many
    before = kept()
    assert timeline.add([*some, entry(many)]) == 1
    assert [row for row in kept() if row[0] != f"test:{many}"] == before
    assert len(timeline.of_object(HOUSE, "test.thing", "T-1", size=200).happened) == many


def test_both_roads_keep_the_same() -> None:
    few = [entry(n, object=("a.b", "X"), mentions=[("c.d", "Y")], service=SLUG, actor=CLERK) for n in range(3)]
    with on("2026-09-01"):
        timeline.add(few)
        by_values = kept()
        Entry.objects.all().delete()
        Mention.objects.all().delete()
        timeline.add([*few, *(entry(n) for n in range(100, 200))])
    assert [row for row in kept() if row[0] in {f"test:{n}" for n in range(3)}] == by_values
    assert by_values[0][9:11] == ("staff", 7)


def test_an_entry_needs_a_kind_and_a_zone() -> None:
    with pytest.raises(KeyError):
        timeline.add([timeline.New(clock.now(), "nobody.knows", "x:1")])
    with pytest.raises(ValueError, match="zone"):
        timeline.add([timeline.New(clock.now().replace(tzinfo=None), "parties.corrected", "x:1")])
    assert not Entry.objects.exists()


def test_a_handler_that_runs_again_adds_nothing(naru: World) -> None:
    used(naru)
    naru.bill("2026-08")
    naru.fact("haneul", "paused", "2026-08-20")
    handed_out()
    before = kept()
    kinds = {row[3] for row in before}
    assert {"billing.contract", "billing.invoice", "billing.parked", "billing.run"} <= kinds
    HandlerRun.objects.all().delete()
    OutboxEvent.objects.update(dispatched_at=None)
    handed_out()
    assert kept() == before
    assert Entry.objects.filter(source__startswith="billing.fact:", event__isnull=False).count() == 9  # eight of the enrolment, one pause


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_meet_whatever_their_size() -> None:
    """Entries of one instant, and such as concern the thing twice over, stand once each and in order."""
    rng = random.Random(5)
    made = []
    for n in range(300):
        ways = rng.choice(
            [{"object": ("t", "X")}, {"mentions": [("t", "X"), ("t", "Z")]}, {"object": ("t", "X"), "mentions": [("t", "X")]}, {"party": 9}]
        )
        made.append(timeline.New(at("2026-08-01") + timedelta(hours=rng.randrange(40)), rng.choice(["parties.corrected", "parties.portal"]), f"r:{n}",
                                 **{"party": None, "data": {"field": "phone"}} | ways))  # fmt: skip
    timeline.add(made)
    things = [timeline.thing("t", "X"), timeline.person(9)]
    ids = [pk for pk, _ in sorted(Entry.objects.values_list("pk", "at"), key=lambda row: (row[1], row[0]), reverse=True)]
    for size in (1, 7, 40, 299, 300, 500):
        seen: list[int | None] = []
        before = None
        while True:
            page = timeline.stretch(HOUSE, things, size=size, before=before)
            seen += [h.entry for h in page.happened]
            before = page.before
            if before is None:
                break
            assert timeline.parse_place(str(before)) == before
        assert seen == ids, size
    assert timeline.parse_place("gestern") is None and timeline.parse_place("2026-08-01T00:00:00") is None
    assert timeline.parse_place(f"{at('2026-08-01').isoformat()},x") is None


def test_kept_entries_and_computed_lines_meet_on_pages_of_any_size() -> None:
    timeline.add([entry(n // 3) for n in range(0, 90, 3)])
    more = [timeline.Happening(at("2026-08-01") + timedelta(minutes=n % 30), "use", "eye", words(n)) for n in range(45)]

    def read(before: Any, limit: int) -> list[timeline.Happening]:
        return sorted((h for h in more if before is None or h.at < before), key=lambda h: h.at, reverse=True)[:limit]

    computed = [timeline.Computed("use", words(0), 1, read)]
    for size in (3, 10, 50):
        seen: list[Any] = []
        before = None
        while True:
            page = timeline.merged(HOUSE, [timeline.person(7)], computed, size=size, before=before)
            seen += [(h.at, h.entry or h.what.en) for h in page.happened]
            before = page.before
            if before is None:
                break
        assert len(seen) == len(set(seen)) == 75, size
        assert [when for when, _ in seen] == sorted((when for when, _ in seen), reverse=True)


def words(n: int) -> Text:
    return Text(f"{n}", f"{n}")


def test_kinds_and_services_are_seen_only_by_who_may(naru: World) -> None:
    used(naru)
    naru.bill("2026-08")
    handed_out()
    card = naru.subscriber("noeul")

    def told(actor: Actor, **asked: Any) -> set[str]:
        return {h.what.en for h in timeline.of_object(actor, "subscribers.subscriber", card.number, **asked).happened}

    assert told(CLERK) == {"Invoice for 2026-08 issued", "The contract started"}
    assert told(Actor("staff", 3, "기술", (("support_engineer", None),))) == {"The contract started"}  # bills are not for them
    elsewhere = Actor("staff", 4, "다른 서비스", (("billing_clerk", "naru-toon"),))
    assert told(elsewhere) == {"The contract started"}  # clerk of another service only
    assert told(elsewhere, service="naru-toon") == told(elsewhere, service=SLUG) | {
        "Invoice for 2026-08 issued"
    }  # what the page vouches for


def test_the_first_page_costs_one_question_and_one_a_kind(naru: World) -> None:
    naru.bill("2026-08")
    for n in range(30):
        naru.fact("haneul", "price_agreed", f"2026-08-{16 + n % 10:02d}", charge_key="monthly", price=D(9000 + n))
    handed_out()
    party = naru.subscriber("haneul").party_id
    with CaptureQueriesContext(connection) as asked:
        page = timeline.of_party(HOUSE, party)
    assert len(page.happened) == 32
    assert len(asked) == 2  # the page, and the names of the plans


# ── what rooms tell ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bill_stands_on_the_line_of_everyone_it_pays_for(naru: World) -> None:
    """The payer's own subscription is what the entry is of; a child's of the same account is mentioned; of another service, not."""
    with on("2026-07-21"):
        party = naru.subscriber("noeul").party_id
        rows = enrolment(("kid", "kid", naru.versions["basic"], date(2026, 8, 1), None))
        rows = rows.append_column("party_id", [[naru.subscriber("haneul").party_id]])
        billing.enrol.do(HOUSE, service=SLUG, rows=rows, source="t")
    Contract.objects.filter(reference="kid").update(account=naru.contract("noeul").account)
    naru.bill("2026-08")
    handed_out()
    for who in ("noeul", "kid"):
        lines = timeline.of_object(HOUSE, "subscribers.subscriber", naru.subscriber(who).number).happened
        assert [h.what.en for h in lines if h.kind == "bill"] == ["Invoice for 2026-08 issued"], who
    assert [h.kind for h in timeline.of_party(HOUSE, party).happened] == ["bill", "contract"]


def test_a_run_that_is_taken_back_takes_its_lines(naru: World) -> None:
    used(naru)
    run = naru.bill("2026-08")
    handed_out()
    invoices = Entry.objects.filter(kind="billing.invoice")
    assert invoices.count() == run.invoices == 4
    billing.cancel_run.do(HOUSE, number=run.number, reason="시험")
    handed_out()
    assert invoices.count() == 0
    said = [h.what.en for h in timeline.of_object(HOUSE, "billing.run", run.number).happened]
    assert said == ["The bill run was cancelled", "4 invoices were made final", "The bill run was started"]


def test_a_parked_account_and_its_cure_stand_on_the_line(naru: World) -> None:
    run = naru.bill("2026-08")
    handed_out()
    card = naru.subscriber("onyu")
    line = timeline.of_object(HOUSE, "subscribers.subscriber", card.number).happened
    assert [(h.what.en, h.tone) for h in line if h.kind == "bill"] == [("Billing was set aside", "warn")]
    with on("2026-09-02"):
        naru.fact("onyu", "price_agreed", "2026-08-01", charge_key="fee", price=D(7000))
    with on("2026-09-03"):
        billing.bill_parked.do(CLERK, run=run.number, account=naru.contract("onyu").account.number)
    handed_out()
    line = timeline.of_object(HOUSE, "subscribers.subscriber", card.number).happened
    assert {h.what.en for h in line if h.kind == "bill"} == {
        "Billing was set aside",
        "What was set aside was billed",
        "Invoice for 2026-08 issued",
    }


def test_many_are_filled_in_by_a_job_that_may_die(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "FEW", 2)
    used(naru)
    run = naru.bill("2026-08")
    handed_out()
    assert not Entry.objects.filter(kind="billing.invoice").exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->'start', args->'end' FROM procrastinate_jobs WHERE task_name = 'timeline.fill' AND args->>'feed' = 'billing.invoices'"
        )
        assert cursor.fetchall() == [(f"[{run.pk}, 0]", f"[{run.pk}, 4]")]
    steps = []
    pull = rebuilding.pull

    def dying(feed: str, where: str, values: Any) -> int:
        steps.append(values)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return pull(feed, where, values)

    monkeypatch.setattr(rebuilding, "pull", dying)
    with pytest.raises(KeyboardInterrupt):
        rebuilding.fill("billing.invoices", [run.pk, 0], [run.pk, 4], chunk=1)
    assert Entry.objects.filter(kind="billing.invoice").count() == 2
    fill_feed("billing.invoices", [run.pk, 0], [run.pk, 4])
    assert Entry.objects.filter(kind="billing.invoice").count() == 4


def test_acts_on_people_are_read_from_the_chain_once_they_are_sealed(naru: World) -> None:
    card = naru.subscriber("noeul")
    with on("2026-09-01"):
        parties.accounts.invite.do(SOME_CLERK, party=card.party_id, how="call", service=SLUG)
    assert timeline.pass_over("timeline.audited", "r") == 0  # not sealed: it could still be passed over
    audit.Sealer().all()
    assert timeline.pass_over("timeline.audited", "r") == 1
    assert timeline.pass_over("timeline.audited", "r") == 0
    (line,) = [h for h in timeline.of_party(SOME_CLERK, card.party_id).happened if h.kind == "person"]
    assert (line.what.en, line.why and line.why.en) == ("Invited to the portal", "Verified on the telephone")
    with on("2026-09-02"):
        parties.correct_contact.do(SOME_CLERK, party=card.party_id, kind="phone", value="010-9999-0000", service=SLUG, reason="본인 요청")
    handed_out()
    lines = [h for h in timeline.of_party(SOME_CLERK, card.party_id).happened if h.kind == "person"]
    assert [h.what.en for h in lines] == ["Phone corrected", "Invited to the portal"]
    audit.Sealer().all()
    assert timeline.pass_over("timeline.audited", "r") == 0  # the handler was there first
    assert "9999" not in str(kept())


# ── made again ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _world_with_a_past(naru: World) -> None:
    used(naru)
    run = naru.bill("2026-08")
    naru.fact("haneul", "paused", "2026-08-20")
    with on("2026-09-02"):
        naru.fact("onyu", "price_agreed", "2026-08-01", charge_key="fee", price=D(7000))
    with on("2026-09-03"):
        billing.bill_parked.do(CLERK, run=run.number, account=naru.contract("onyu").account.number)
        parties.accounts.open_account.do(HOUSE, party=naru.subscriber("noeul").party_id)
    handed_out()
    audit.Sealer().all()
    timeline.pass_over("timeline.audited", "r")


def test_the_records_alone_give_the_same_entries(naru: World) -> None:
    _world_with_a_past(naru)
    before = kept()
    assert len(before) > 15
    Entry.objects.all().delete()
    Mention.objects.all().delete()
    for feed, _ in timeline.feeds:
        timeline.rebuild(feed)
    assert kept() == before


def test_a_rebuild_puts_right_what_is_wrong_and_leaves_the_rest(naru: World) -> None:
    _world_with_a_past(naru)
    before = kept()
    numbers = dict(Entry.objects.values_list("source", "pk"))
    wrong = Entry.objects.filter(kind="billing.invoice").order_by("pk").first()
    gone = Entry.objects.filter(kind="billing.invoice").order_by("pk").last()
    assert wrong and gone
    Entry.objects.filter(pk=wrong.pk).update(data={"month": "1999-01"})
    gone.delete()
    timeline.add([entry(1)])  # of no feed: a note, say
    done = timeline.rebuild("billing.invoices")
    assert (done.records, done.missing, done.wrong) == (5, 1, 1)
    assert [row for row in kept() if row[0] != "test:1"] == before
    unchanged = {s: pk for s, pk in Entry.objects.values_list("source", "pk") if s not in (wrong.source, gone.source, "test:1")}
    assert unchanged.items() <= numbers.items()
    assert timeline.rebuild("billing.invoices").missing == 0
    Mention.objects.create(
        object_kind="t", object_key="X", kind="billing.invoice", at=wrong.at, entry_id=Entry.objects.get(source=wrong.source).pk
    )
    assert timeline.rebuild("billing.invoices").wrong == 1
    assert [row for row in kept() if row[0] != "test:1"] == before


def test_a_rebuild_goes_on_where_it_was_cut_off(naru: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _world_with_a_past(naru)
    before = kept()
    Entry.objects.filter(kind="billing.contract").delete()
    mend, steps = rebuilding.mend, []

    def dying(feed: str, where: str, values: Any) -> tuple[int, int]:
        steps.append(values["after"])
        if len(steps) == 3:
            raise KeyboardInterrupt
        return mend(feed, where, values)

    monkeypatch.setattr(rebuilding, "mend", dying)
    with pytest.raises(KeyboardInterrupt):
        timeline.rebuild("billing.facts", chunk=2)
    assert Work.objects.get(kind=rebuilding.WORK, key="billing.facts").state == "failed"
    done = timeline.rebuild("billing.facts", chunk=2)
    assert steps[3] == steps[2] > steps[1]  # the step that died is made again, those before it are not
    assert (done.records, done.missing) == (10, 10)
    assert kept() == before


def test_who_may_not_rebuild_changes_nothing(naru: World) -> None:
    with pytest.raises(NotAllowed):
        rebuilding.order_rebuild.do(CLERK, feed="billing.facts")
    rebuilding.order_rebuild.do(Actor("staff", 2, "기술", (("support_engineer", None),)), feed="billing.facts")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'timeline.rebuild'")
        assert cursor.fetchone()[0] == 1


# ── retention ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_reads_their_line_and_it_ends(naru: World) -> None:
    _world_with_a_past(naru)
    klass = classes["timeline.entries"]
    party = naru.subscriber("noeul").party_id
    assert klass.export and klass.refs_of and klass.started
    (section,) = klass.export(party, Asking(HOUSE, "", ""))
    said = [row[1] for row in section.rows]
    assert said[0].startswith("포털 계정이 열렸습니다 (") and "이용을 시작했습니다 (The contract started)" in said
    assert klass.started(party) == date(2026, 9, 3)
    assert klass.destroy(klass.refs_of(party)) == 1  # the account; contract and bill stay as long as their records, by law
    assert set(Entry.objects.filter(party=party).values_list("kind", flat=True)) == {"billing.contract", "billing.invoice"}
    assert klass.count(date(2026, 8, 1), []) == len(klass.due(date(2026, 8, 1), [], None, 100)) > 0
    held = [row for row in Entry.objects.values_list("party", flat=True) if row]
    assert klass.count(date(2027, 1, 1), sorted(set(held))) == Entry.objects.filter(party__isnull=True).count()


def test_who_was_destroyed_has_no_line_again(naru: World) -> None:
    _world_with_a_past(naru)
    party = naru.subscriber("noeul").party_id
    assert Entry.objects.filter(party=party, kind="parties.portal").exists()
    Destruction.objects.create(
        number="D-1", mark=uuid4(), kind="request", person=party, basis="t", asked_by="t", at=at("2026-10-01"), gone=[], hash=""
    )
    Entry.objects.filter(party=party, kind="parties.portal").delete()
    assert timeline.rebuild("timeline.audited").missing == 0
