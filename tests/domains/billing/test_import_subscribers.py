"""Import kind ``subscribers``: offers from the mapping, one contract a row, what is wrong told row by row, and nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from numaru.domains.billing.models import ChargeTerm, Contract, ContractFact
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.catalogue.models import OfferVersion, Service
from numaru.facilities.parties.models import Party
from numaru.kernel import duck
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid, NotAllowed
from numaru.kernel.imports import api as imports
from numaru.kernel.imports.source import Source
from numaru.kernel.jobs import WorkEnded
from numaru.kernel.models import OutboxEvent
from numaru.kernel.vault.models import VaultEntry
from tests.domains.billing.imported import HOUSE, bring, figures, findings, told

pytestmark = pytest.mark.django_db
HEAD = """
[import]
kind = "subscribers"
[service]
slug = "books"
name_ko = "누리책"
name_en = "Nuri Books"
zone = "Asia/Seoul"
currency = "KRW"
"""
OFFER = """
[offer]
slug = "monthly"
name_ko = "월정액"
name_en = "Monthly"
[[offer.charges]]
key = "fee"
name_ko = "월 이용료"
name_en = "Monthly fee"
kind = "recurring"
"""
FIELDS = """
[fields.external_id]
column = "id"
[fields.price]
column = "price"
[fields.started]
column = "start"
"""
BASIC = HEAD + OFFER + FIELDS
TWO = """
[[offer]]
slug = "light"
[[offer.charges]]
key = "fee"
kind = "recurring"
price = "4900"
tax = "included"
[[offer.charges]]
key = "join"
kind = "one_off"
price = "1000"
[[offer]]
slug = "steps"
price_of = "fee"
[[offer.charges]]
key = "fee"
kind = "recurring"
timing = "advance"
proration = "none"
[[offer.charges]]
key = "plays"
kind = "graduated"
meter = "play"
unit_ko = "편"
unit_en = "episodes"
tiers = [{ upper = "10", unit_price = "0" }, { unit_price = "12.5", flat = "100" }]
[fields.offer]
column = "plan"
values = { Light = "light", Steps = "steps", Old = "old" }
"""


@pytest.fixture(autouse=True)
def at_home(own_home: Path) -> None:
    """Files of a test lie in its own folder."""


def counts() -> tuple[int, ...]:
    """Rows of everything an import could make; that work has ended is told by an event of its own."""
    told = OutboxEvent.objects.exclude(name=WorkEnded.name)
    return (*(m.objects.count() for m in (Service, OfferVersion, Party, Subscriber, Contract, ContractFact, VaultEntry)), told.count())


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[[str, str], imports.Stage]]:
    """The stage of a file that was read and checked, before it is applied."""
    with ExitStack() as open_ones:

        def make(content: str, mapping: str) -> imports.Stage:
            path = tmp_path / "staged.csv"
            path.write_text(content)
            read = imports.read_mapping(mapping, "map.toml")
            stage = imports.Stage(open_ones.enter_context(duck.connection()), read)
            stage.load(Source(path, read.source))
            read.kind.check(stage)
            return stage

        yield make


def facts(reference: str) -> list[tuple[str, str, str, Decimal | None]]:
    rows = ContractFact.objects.filter(contract__reference=reference).order_by("id")
    return [(f.kind, f"{f.effective_at:%Y-%m-%d %H:%M}", f.charge_key, f.price) for f in rows]


def test_each_row_is_a_contract_with_its_own_price_and_days(tmp_path: Path) -> None:
    mapping = BASIC + '[fields.ended]\ncolumn = "end"\n'
    content = "id,price,start,end\n0007,9900,2026-10-15,\n0008,5900.5,2026-09-01,2026-10-01\n0009,1,2026-10-01,2026-10-01\n"
    dry = bring(tmp_path, content, mapping, dry=True)
    assert figures(dry) == ("done", 3, 3, 0, 0) and set(counts()) == {0}
    card = bring(tmp_path, content, mapping)
    assert figures(card) == figures(dry) and card.result == dry.result
    assert card.result == {"subscribers_created": 3, "contracts_created": 3, "service_created": True, "offer_versions_created": 1}
    assert facts("0007/monthly") == [("started", "2026-10-14 15:00", "", None), ("price_agreed", "2026-10-14 15:00", "fee", Decimal(9900))]
    assert facts("0008/monthly")[1:] == [
        ("price_agreed", "2026-08-31 15:00", "fee", Decimal("5900.5")),
        ("ended", "2026-09-30 15:00", "", None),
    ]
    term = ChargeTerm.objects.get()
    assert (term.tax_mode, term.price, term.timing, term.proration, term.name_en) == ("none", None, "arrears", "actual_days", "Monthly fee")


def test_the_same_rows_change_nothing_and_other_values_are_told(tmp_path: Path) -> None:
    bring(tmp_path, "id,price,start\na,9900,2026-10-01\nb,9900,2026-10-01\n", BASIC)
    before = counts()
    assert figures(bring(tmp_path, "price,id,start\n9900.00,b,2026-10-01\n9900,a,2026-10-01\n", BASIC)) == ("done", 2, 0, 2, 0)
    card = bring(tmp_path, "id,price,start\na,9900,2026-10-02\nb,9900,2026-10-01\n", BASIC)
    assert figures(card) == ("done", 2, 0, 1, 1) and told(card) == [(2, "id", "subscribers.differs")]
    assert counts() == before and findings(card)[0].value == "a/monthly"


def test_offers_of_every_kind_are_published_and_chosen_by_the_row(tmp_path: Path) -> None:
    content = (
        "id,price,start,plan\na,,2026-10-01,Light\nb,3300,2026-10-01,Steps\na,700,2026-10-01,Steps\nc,,2026-10-01,Steps\nd,1,2026-10-01,Old\n"
        "e,5,2026-10-01,Light\nf,5,2026-10-01,Gold\n"
    )
    card = bring(tmp_path, content, HEAD + TWO + FIELDS)
    assert figures(card) == ("done", 7, 3, 0, 4)
    assert told(card) == [
        (5, "price", "subscribers.no_price"), (6, "plan", "import.unknown_offer"), (7, "price", "subscribers.price_of_nothing"), (8, "plan", "import.unknown_value"),
    ]  # fmt: skip
    assert (
        sorted(Contract.objects.values_list("reference", flat=True)) == ["a/light", "a/steps", "b/steps"]
        and Subscriber.objects.count() == 2
    )
    terms = {(t.version.offer.slug, t.key): t for t in ChargeTerm.objects.select_related("version__offer")}
    steps = terms["steps", "plays"].tiers.order_by("number").values_list("upper", "unit_price", "flat")
    assert list(steps) == [(Decimal(10), Decimal(0), Decimal(0)), (None, Decimal("12.5"), Decimal(100))]
    assert (terms["steps", "plays"].unit_en, terms["steps", "fee"].timing, terms["light", "join"].price) == (
        "episodes",
        "advance",
        Decimal(1000),
    )
    assert terms["light", "fee"].tax_mode == "included" and terms["light", "fee"].tax_rate == Decimal("0.1")


def test_an_offer_that_is_there_needs_no_terms_in_the_mapping(tmp_path: Path) -> None:
    bring(tmp_path, "id,price,start\na,9900,2026-10-01\n", BASIC)
    mapping = HEAD + FIELDS + '[fields.offer]\nconstant = "monthly"\n'
    card = bring(tmp_path, "id,price,start\nb,100,2026-10-01\nc,,2026-10-01\n", mapping)
    assert figures(card) == ("done", 2, 1, 0, 1) and told(card) == [(3, "price", "subscribers.no_price")]
    assert OfferVersion.objects.count() == 1 and facts("b/monthly")[1][3] == Decimal(100)


def test_other_terms_are_the_next_version_for_new_contracts_only(tmp_path: Path) -> None:
    bring(tmp_path, "id,price,start\na,9900,2026-10-01\n", BASIC)
    card = bring(
        tmp_path,
        "id,price,start\na,9900,2026-10-01\nb,1,2026-10-01\n",
        BASIC.replace('kind = "recurring"', 'kind = "recurring"\nprice = "7"'),
    )
    assert figures(card) == ("done", 2, 1, 1, 0) and card.result["offer_versions_created"] == 1
    versions = dict(ContractFact.objects.filter(kind="started").values_list("contract__reference", "version__number"))
    assert versions == {"a/monthly": 1, "b/monthly": 2}


def test_people_are_sealed_and_what_is_wrong_in_them_is_told(tmp_path: Path) -> None:
    fields = "".join(f'[fields.{f}]\ncolumn = "{f}"\n' for f in ("name", "phone", "email", "language"))
    head = "id,price,start,name,phone,email,language\n"
    first = "a,1,2026-10-01,김하늘,010-1234-2201,ha@naru.kr,ko\n"
    card = bring(tmp_path, head + first + "b,1,2026-10-01,Kate,,,en\nc,1,2026-10-01,Jean,,,fr\n", BASIC + fields)
    assert figures(card) == ("done", 3, 2, 0, 1) and told(card) == [(4, "language", "subscribers.language")]
    party = Party.objects.get(pk=Subscriber.objects.get(external_id="a").party_id)
    assert (party.name_masked, party.phone_masked, party.language) == ("김*늘", "010-****-2201", "ko")
    digest = Contract.objects.get(reference="a/monthly").digest
    assert len(digest) == 32 and "2201" not in str(party.name_masked)
    assert figures(bring(tmp_path, head + first, BASIC + fields)) == ("done", 1, 0, 1, 0)
    card = bring(tmp_path, head + first.replace("2201", "2202"), BASIC + fields)
    assert told(card) == [(2, "id", "subscribers.differs")] and Party.objects.count() == 2


def test_rows_that_cannot_be_contracts_are_findings(tmp_path: Path) -> None:
    mapping = BASIC + '[fields.ended]\ncolumn = "end"\n[fields.reference]\ncolumn = "ref"\n'
    content = (
        "id,price,start,end,ref\n"
        f"{'x' * 81},1,2026-10-01,,r1\n"
        "b,-1,2026-10-01,,r2\n"
        "c,1,2026-10-01,2026-09-30,r3\n"
        "d,1,2026-10-01,,r4\n"
        "e,1,2026-10-01,,r4\n"
        f"f,1,2026-10-01,,{'r' * 121}\n"
        "g,1,2026-10-01,,\n"
    )
    card = bring(tmp_path, content, mapping)
    assert told(card) == [
        (2, "id", "import.too_long"), (3, "price", "import.negative"), (4, "end", "subscribers.ended_before_start"), (6, "ref", "import.duplicate_key"),
        (7, "ref", "import.too_long"),
    ]  # fmt: skip
    assert sorted(Contract.objects.values_list("reference", flat=True)) == ["g/monthly", "r4"]
    for found in findings(card):
        assert found.message.ko and found.remedy.en and found.message.ko != found.message.en


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (('kind = "recurring"', 'kind = "recurring"\npric = "1"'), "mapping.unknown_key", "offer.charges[0].pric"),
        (('kind = "recurring"', 'kind = "monthly"'), "mapping.wrong_value", "offer.charges[0].kind"),
        (('kind = "recurring"', 'kind = "recurring"\nprice = 9.9'), "mapping.wrong_value", "offer.charges[0].price"),
        (('kind = "recurring"', 'kind = "graduated"\nmeter = "m"'), "offer.tiers", "offer.charges.fee.tiers"),
        (('kind = "recurring"', 'kind = "per_unit"'), "mapping.missing_key", "offer.charges[0].meter"),
        (('slug = "monthly"', 'slug = "monthly"\nprice_of = "join"'), "mapping.price_of", "offer.price_of"),
        (('slug = "monthly"', 'slug = "monthly"\nvalid_from = "soon"'), "mapping.wrong_value", "offer.valid_from"),
        (('[fields.price]\ncolumn = "price"\n', ""), "mapping.charge_price", "offer.charges"),
        ((OFFER, ""), "mapping.offer", "offer"),
        ((OFFER, OFFER.replace("[offer]", "[[offer]]") * 2), "mapping.offer_twice", "offer[0].slug"),
    ],
)
def test_a_wrong_offer_is_told_with_its_key_before_a_row_is_read(change: tuple[str, str], code: str, field: str) -> None:
    mapping = BASIC.replace(*change)
    assert mapping != BASIC
    with pytest.raises(Invalid) as refused:
        imports.read_mapping(mapping, "m")
    assert (code, field) in [(f.code, f.field) for f in refused.value.findings], [(f.code, f.field) for f in refused.value.findings]


def test_a_service_in_another_zone_refuses_the_whole_file(tmp_path: Path) -> None:
    catalogue.open_service.do(HOUSE, slug="books", name_ko="책", name_en="Books", zone="Asia/Tokyo", currency="KRW")
    before = counts()
    card = bring(tmp_path, "id,price,start\na,9900,2026-10-01\n", BASIC)
    assert figures(card)[0] == "failed" and told(card) == [(None, "service", "catalogue.service_differs")] and counts() == before


def test_who_may_not_enrol_or_open_changes_nothing(tmp_path: Path, staged: Callable[[str, str], imports.Stage]) -> None:
    content = "id,price,start\na,9900,2026-10-01\n"
    with pytest.raises(NotAllowed):
        bring(tmp_path, content, BASIC, actor=Actor("staff", 1, "x", (("subscriber_clerk", None),)))
    clerk = Actor("client", 1, "x", (("billing_clerk", "books"),))
    with pytest.raises(NotAllowed):
        imports.kinds["subscribers"].apply(staged(content, BASIC), clerk, False)
    assert set(counts()) == {0}
    bring(tmp_path, content, BASIC)
    accepted = imports.kinds["subscribers"].apply(staged(content.replace("a,", "b,"), BASIC), clerk, False)
    assert accepted.accepted == 1 and Contract.objects.count() == 2
