"""The nightly walk: what is due and nothing else, class by class, chunk by chunk, through kills, holds and faults."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps

from numaru.domains.billing.models import Contract
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, policies
from numaru.kernel.access import Actor
from numaru.kernel.declare import Holds
from numaru.kernel.errors import Conflict, Invalid
from numaru.kernel.models import ApiClient, IdempotentCall
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.models import Destruction, RetentionRun
from numaru.kernel.vault.models import PersonKey
from tests.domains.billing import world
from tests.domains.billing.world import World
from tests.kernel.retention.cast import party, staff
from tests.screens import naru, shared  # noqa: F401

HOUSE = Actor.system("test")
PERSONAL = {Holds.PSEUDONYMOUS, Holds.MASKED, Holds.VAULT, Holds.TEXT}


def walk(key: str, day: str) -> RetentionRun:
    with world.on(day):
        found = retention.execute(key, clock.today(), HOUSE)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def journal_apart(tmp_path: Any, settings: Any, request: pytest.FixtureRequest) -> None:
    if "naru" in request.fixturenames:
        request.getfixturevalue("naru")
    (tmp_path / "keys").symlink_to(settings.HOME / "keys")
    settings.HOME = tmp_path


# ── the register ──


def test_every_table_about_people_has_a_class_or_a_reason() -> None:
    named = {table for _, klass in retention.classes for table in klass.tables} | {label for label, _ in retention.exempt}
    wanted = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("numaru.") and PERSONAL & set(getattr(model, "declared", {}).values())
    }
    assert wanted - named == set(), "give each a class (numaru.kernel.retention.api.keep) or a reason (leave)"
    assert {label for label in named if label.split(".")[0] not in {c.label for c in apps.get_app_configs()}} == set()


def test_no_table_is_named_twice_with_two_minds() -> None:
    kept = {table for _, klass in retention.classes for table in klass.tables}
    assert kept & {label for label, _ in retention.exempt} == set()


def test_every_class_says_its_basis_in_both_languages_and_reads_its_period_from_a_policy(db: None) -> None:
    for key, klass in retention.classes:
        assert klass.basis.ko and klass.basis.en and klass.start.ko and klass.start.en and klass.period.basis, key
        assert klass.period.key in policies.shipped and klass.span(date(2026, 11, 2)).count >= 0, key
        assert klass.by_law <= (klass.apart is not None), f"{key}: what a law keeps says how it stands apart"


# ── what is due ──


def test_the_day_on_which_contact_data_go(naru: World) -> None:  # noqa: F811
    """한겨울 left on 1 August: kept through 30 September (60 days), gone on 1 October. Nobody else is touched."""
    person = party(naru, "gyeoul")
    assert walk("parties.contact", "2026-09-30").destroyed == 0
    with world.on("2026-09-30"):
        found = retention.outlook(retention.named("parties.contact"), clock.today())
        assert (found.due, found.soon, found.held) == (0, 2, 0), "정새봄 left on 25 August and goes in the same month"
    with world.on("2026-10-01"):
        assert retention.outlook(retention.named("parties.contact"), clock.today()).due == 1
    assert PersonKey.objects.filter(person=person).exists()
    before = PersonKey.objects.count()
    run = walk("parties.contact", "2026-10-01")
    assert (run.state, run.destroyed) == ("done", 1)
    assert not PersonKey.objects.filter(person=person).exists() and PersonKey.objects.count() == before - 1
    assert parties.masked({person})[person].name == ""
    assert walk("parties.contact", "2026-10-02").destroyed == 0


def test_a_longer_period_of_the_policy_is_heard(naru: World) -> None:  # noqa: F811
    from numaru.kernel.models import Policy

    Policy.objects.create(key="retention.contact_days", value=90, basis="시험", valid_from=date(2026, 1, 1), recorded_at=clock.now())
    assert walk("parties.contact", "2026-10-30").destroyed == 0
    assert walk("parties.contact", "2026-10-31").destroyed == 1


def test_the_link_to_usage_is_cut_once_and_again_only_after_a_new_contract(naru: World) -> None:  # noqa: F811
    row = naru.subscriber("gyeoul")
    assert walk("subscribers.usage", "2026-11-01").destroyed == 0
    assert walk("subscribers.usage", "2026-11-02").destroyed == 1
    cut = naru.subscriber("gyeoul").subject_key
    assert cut != row.subject_key
    assert walk("subscribers.usage", "2026-11-03").destroyed == 0 and naru.subscriber("gyeoul").subject_key == cut
    assert walk("subscribers.usage", "2026-11-26").destroyed == 1, "정새봄's"
    Subscriber.objects.filter(pk=row.pk).update(served_to=date(2026, 12, 1))  # came back and left again
    assert walk("subscribers.usage", "2027-03-01").destroyed == 0
    assert walk("subscribers.usage", "2027-03-02").destroyed == 1


def test_records_go_after_five_years_from_the_end_or_the_last_bill(naru: World) -> None:  # noqa: F811
    contract = naru.contract("gyeoul")
    assert walk("billing.records", "2031-08-01").destroyed == 0
    assert walk("billing.records", "2031-08-02").destroyed == 1
    assert Contract.objects.get(pk=contract.pk).reference == ""
    with world.on("2026-10-20"):
        naru.fact("noeul", "ended", "2026-09-25")
    issued = retention.named("billing.records").started(party(naru, "noeul"))  # type: ignore[misc]
    assert issued == date(2026, 10, 1), "the bill of September came after the end"
    assert walk("billing.records", "2031-10-01").destroyed == 1, "정새봄's: the last bill was on 1 September"
    assert walk("billing.records", "2031-10-02").destroyed == 1
    assert walk("subscribers.record", "2031-10-02").destroyed == 3
    assert Subscriber.objects.filter(external_id__in=["gyeoul", "noeul", "saebom"]).count() == 0


def test_kept_answers_go_after_thirty_days(db: None) -> None:
    client = ApiClient.objects.create(name="p", token_hash="x", created_at=clock.now())
    with world.on("2026-11-02"):
        for n, days in enumerate((29, 30, 31, 400)):
            IdempotentCall.objects.create(
                client=client, route="r", key=str(n), body_hash="h", status=200, answer={}, at=clock.now() - timedelta(days=days)
            )
        run = retention.execute("kernel.answers", clock.today(), HOUSE)
        assert run is not None and run.destroyed == 2
    assert set(IdempotentCall.objects.values_list("key", flat=True)) == {"0", "1"}
    assert not Destruction.objects.exists(), "rows about nobody are not logged one by one"


# ── holds, chunks, faults ──


def test_holds_keep_persons_and_classes(naru: World) -> None:  # noqa: F811
    officer = staff("privacy_officer")
    with world.on("2026-10-01"):
        hold = retention.place_hold.do(officer, person=party(naru, "gyeoul"), until=date(2026, 10, 10), reason="분쟁 조정")
    run = walk("parties.contact", "2026-10-05")
    assert (run.destroyed, run.held) == (0, 1)
    with world.on("2026-10-11"):
        assert retention.outlook(retention.named("parties.contact"), clock.today()).due == 1, "the hold has ended by itself"
        retention.place_hold.do(officer, klass="parties.contact", until=date(2026, 12, 31), reason="자료 보존 명령")
    run = walk("parties.contact", "2026-10-12")
    assert (run.state, run.destroyed, run.held) == ("done", 0, 1)
    with world.on("2026-10-12"), pytest.raises(Conflict):
        retention.lift_hold.do(officer, number=hold, reason="이미 끝남")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"until": date(2026, 12, 1)}, "hold.of_nothing"),
        ({"person": 1, "until": date(2026, 11, 1)}, "hold.until"),
        ({"person": 1, "until": date(2036, 11, 1)}, "hold.until"),
        ({"klass": "no.such", "until": date(2026, 12, 1)}, "not_found"),
    ],
)
def test_a_hold_needs_something_to_hold_and_an_end(db: None, arguments: dict[str, Any], code: str) -> None:
    from numaru.kernel.errors import Refused

    with world.on("2026-11-02"), pytest.raises(Refused) as refused:
        retention.place_hold.do(HOUSE, reason="시험", **arguments)
    assert refused.value.findings[0].code == code


def test_nothing_is_destroyed_as_of_tomorrow(db: None) -> None:
    with world.on("2026-11-02"), pytest.raises(Invalid):
        retention.execute("parties.contact", date(2026, 11, 3), HOUSE)
