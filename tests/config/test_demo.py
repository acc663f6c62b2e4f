"""The demo company, small: complete, true to the won, the same each time, and never half of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import Client

from numaru.config import demo
from numaru.config import demo_world as plan
from numaru.config.words import Stop
from numaru.domains.billing.models import Account, BillRun, Contract, ContractFact, Invoice, ParkedAccount, Transfer
from numaru.domains.billing.rules.chart import Ledger
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering.models import UsageFile
from numaru.facilities.parties.models import Party
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.models import AuditRecord, Staff, Work
from numaru.kernel.staff.api import add_staff
from numaru.values.text import language

PEOPLE = 160
DAY = date(2026, 11, 22)


@pytest.fixture
def noon(db: None, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A home of its own on the day of loading."""
    settings.HOME = tmp_path
    with clock.pinned(datetime(2026, 11, 22, 12, tzinfo=plan.ZONE)):
        yield tmp_path


def world() -> dict[str, Any]:
    """Everything that two loads of the same day have in common: no ids, no random keys, no real times."""
    return {
        "runs": list(
            BillRun.objects.order_by("number").values_list(
                "number", "service__slug", "state", "accounts", "invoices", "parked", "zero", "idle", "totals", "usage"
            )
        ),
        "invoices": list(Invoice.objects.order_by("run__number", "ordinal").values_list("run__number", "ordinal", "total", "line_count")),
        "facts": sorted(ContractFact.objects.values_list("contract__reference", "kind", "effective_at", "recorded_at", "price"), key=str),
        "people": sorted(Party.objects.values_list("name_masked", "phone_masked", "email_masked")),
        "usage": list(UsageFile.objects.values_list("service_slug", "day").annotate(n=Sum("rows")).order_by("service_slug", "day")),
    }


class Cut(Exception):
    """The load is cut off."""


def test_a_load_is_complete_ties_out_and_is_not_repeated(noon: Path, client: Client) -> None:
    demo.load(PEOPLE)
    assert Subscriber.objects.count() == PEOPLE
    runs = list(BillRun.objects.all())
    assert len(runs) == 3 * plan.BILLED - 1 and {run.state for run in runs} == {"posted"}
    assert {f"{run.period_from:%Y-%m}" for run in runs} == {"2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"}
    for run in runs:
        sums = Invoice.objects.filter(run=run).aggregate(n=Count("ordinal"), total=Sum("total"))
        moved = Transfer.objects.filter(run=run)
        debit = moved.filter(debit=Ledger.RECEIVABLE).aggregate(s=Sum("amount"))["s"] or 0
        credit = moved.filter(credit=Ledger.RECEIVABLE).aggregate(s=Sum("amount"))["s"] or 0
        assert (sums["n"], sums["total"]) == (run.invoices, run.totals["KRW"]) and debit - credit == run.totals["KRW"], run.number
        assert run.posted_at is not None and run.posted_at.date() <= run.period_to
        assert all(check["broken"] == 0 for check in run.summary["checks"])
    assert set(ParkedAccount.objects.values_list("reason", flat=True)) >= {"missing_price", "negative_total"}
    assert any(run.zero for run in runs)
    assert ContractFact.objects.filter(recorded_at__gt=clock.now()).count() == 0
    assert UsageFile.objects.filter(day__gte=DAY).count() == 0 and UsageFile.objects.filter(day__gte=DAY.replace(day=1)).exists()
    shared = Account.objects.annotate(services=Count("contracts__service", distinct=True)).filter(services=2)
    assert shared.exists(), "nobody has two services"
    assert Contract.objects.exclude(account__payer=F("subscriber__party")).count() == 0

    before, audited = world(), AuditRecord.objects.count()
    demo.load(PEOPLE)
    assert world() == before and AuditRecord.objects.count() == audited

    _only_masked(client)


def _only_masked(client: Client) -> None:
    """The lists and pages show no name, number or address in the clear."""
    add_staff.do(Actor.system("test"), login="clerk", name="담당", roles=["administrator"], password="four words and more")
    client.force_login(Staff.objects.get(login="clerk"))
    people = [life.who for life in plan.lives(plan.Calendar(DAY), PEOPLE) if life.who]
    invoice = Invoice.objects.select_related("run").order_by("-run_id").first()
    assert invoice is not None
    number = Subscriber.objects.order_by("-pk")[0].number
    for address in (
        "/subscribers/",
        f"/subscribers/{number}/",
        "/billing/invoices/",
        f"/billing/invoices/{invoice.run.series}-{invoice.ordinal:06d}/",
    ):
        page = client.get(address)
        text = page.content.decode()
        assert page.status_code == 200, address
        assert "*" in text, address
        for person in people:
            assert person.name not in text and person.phone not in text and person.email not in text, address


@pytest.mark.slow
def test_a_load_that_is_cut_off_ends_as_one_that_was_not(noon: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same day and size give the same world; being cut off before, in and after a step changes nothing of it."""
    with _taken_back(settings, noon / "whole"):
        demo.load(PEOPLE)
        whole = world()
    settings.HOME = noon / "cut"
    steps = len(list(demo.World(plan.Calendar(DAY), PEOPLE).steps()))
    real = demo._advance
    cuts = {3, 15, 16, 17, steps - 1}

    def advance(work: Work, done: int, total: int) -> None:
        if done in cuts:  # the step has run, its count is not written
            cuts.remove(done)
            raise Cut
        real(work, done, total)

    monkeypatch.setattr(demo, "_advance", advance)
    while cuts:
        with pytest.raises(Cut):
            demo.load(PEOPLE)
        assert Work.objects.get(kind=demo.KIND).state == "running"
    with clock.pinned(datetime(2026, 12, 3, 12, tzinfo=plan.ZONE)):  # it goes on as the day it began on
        demo.load()
    assert world() == whole
    assert Work.objects.get(kind=demo.KIND).state == "done"


@contextmanager
def _taken_back(settings: Any, home: Path) -> Iterator[None]:
    """A load in a home of its own that leaves the database as it was."""
    settings.HOME = home
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_no_demo_comes_into_an_installation_with_services(noon: Path) -> None:
    catalogue.open_service.do(Actor.system("test"), slug="real", name_ko="진짜", name_en="Real", zone="Asia/Seoul", currency="KRW")
    with pytest.raises(Stop):
        demo.load(PEOPLE)
    assert [s.slug for s in catalogue.services()] == ["real"] and not Work.objects.filter(kind=demo.KIND).exists()


def test_a_demo_installation_says_so_over_every_page(noon: Path, client: Client) -> None:
    add_staff.do(Actor.system("test"), login="clerk", name="담당", roles=["administrator"], password="four words and more")
    client.force_login(Staff.objects.get(login="clerk"))
    assert demo.banner() is None and "시연 회사" not in client.get("/subscribers/").content.decode()
    (noon / demo.MARK).write_text('{"wanted": false}')
    told = client.get("/subscribers/").content.decode()
    assert str(demo.banner()) in told, language()


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 1), date(2026, 3, 31), date(2024, 2, 29), date(2026, 1, 1)])
def test_the_plan_covers_the_time_without_a_gap_and_ends_before_the_day(day: date) -> None:
    calendar = plan.Calendar(day)
    pieces = list(calendar.stretches())
    assert pieces[0].start == calendar.opened and pieces[-1].end == day
    assert all(a.end == b.start for a, b in pairwise(pieces))
    assert len(calendar.billed) == plan.BILLED and calendar.billed[-1].end == day.replace(day=1)
    people = plan.lives(calendar, 200)
    assert len(people) == 200 and people == plan.lives(calendar, 200)
    assert all(life.started < day and all(turn.recorded.date() < day for turn in life.turns) for life in people)
    assert all((life.who is None) == (life.also is not None) for life in people)
    phones = [life.who.phone for life in people if life.who]
    assert len(set(phones)) == len(phones) and all(phone.startswith("010-0") for phone in phones)


def test_use_has_evenings_weekends_and_a_title_that_spreads() -> None:
    calendar = plan.Calendar(DAY)
    readers = [life for life in plan.lives(calendar, 600) if life.studio.slug == "talewood"]
    uses = [use for piece in calendar.stretches() if piece.start >= calendar.billed[0].start for use in plan.used(readers, calendar, piece)]
    assert len({use.event_id for use in uses}) == len(uses)
    evening = sum(19 <= use.at.hour < 23 for use in uses) / 4
    night = sum(2 <= use.at.hour < 6 for use in uses) / 4
    assert evening > 6 * night
    calm = [use for use in uses if not plan.viral(calendar, use.at.date())]
    saturdays, tuesdays = (sum(use.at.weekday() == day for use in calm) for day in (5, 1))
    assert saturdays > 1.4 * tuesdays
    wild = [use for use in uses if plan.viral(calendar, use.at.date())]
    titled = sum(use.event_id.startswith(f"episode-{plan.VIRAL:02d}-") for use in wild)
    assert len(wild) / 14 > 2 * len(calm) / (len({use.at.date() for use in calm})) and titled > len(wild) / 2
