"""From two real customers' files to their bills, by the commands that a person types: every total equals the file's own sum.

The files lie beside the project and are no part of it. What they must come to is reckoned here from the files with nothing but the
standard library, and beside it stand the figures that were counted by others.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from numaru.domains.billing.models import Contract, Invoice, Line, Transfer
from numaru.domains.subscribers.models import Subscriber
from numaru.faces.command import bill, imports
from numaru.facilities.metering import api as metering
from numaru.kernel import clock, duck
from numaru.values.period import Period
from tests.domains.billing.conftest import drop_run_tables

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "customer_marketing"
TELCO, CDNOW = DATA / "telco_churn_dev.csv", DATA / "cdnow_orders_dev.csv"
TELCO_MAP, CDNOW_MAP = ROOT / "examples" / "telco" / "mapping.toml", ROOT / "examples" / "cdnow" / "mapping.toml"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
MONTHS = [f"{y}-{m:02d}" for y in (1997, 1998) for m in range(1, 13)][:18]

pytestmark = [
    pytest.mark.django_db,  # what a test adds to the house is taken back
    pytest.mark.slow,
    pytest.mark.pg15,
    pytest.mark.skipif(not TELCO.exists(), reason="the real files (../shared/data/customer_marketing) are not here"),
]

type Said = dict[str, Any]


def say(main: Callable[[list[str]], int], *words: str | Path) -> tuple[int, Said]:
    """Type one command with --json: (exit status, what it printed)."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main([*map(str, words), "--json"])
    return status, json.loads(out.getvalue())


@dataclass
class House:
    """What the commands said on the way: imports by name, runs by month."""

    telco: Said = field(default_factory=dict)
    telco_dry: Said = field(default_factory=dict)
    telco_run: Said = field(default_factory=dict)
    cdnow: Said = field(default_factory=dict)
    cdnow_dry: Said = field(default_factory=dict)
    runs: dict[str, Said] = field(default_factory=dict)
    untouched: tuple[int, ...] = ()


def counted() -> tuple[int, ...]:
    """Rows of the tables that an import may fill; that a run ended is told whatever it did."""
    with connection.cursor() as cursor:
        tables = ("catalogue_service", "catalogue_offer", "catalogue_offerversion", "subscribers_subscriber", "parties_party", "billing_account",
                  "billing_contract", "billing_contractfact", "metering_file", "kernel_outboxevent WHERE name <> 'kernel.WorkEnded'")  # fmt: skip
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """Both files imported, dry and for real, and every month billed; the database is empty again afterwards."""
    kept = settings.HOME
    made = House()
    with django_db_blocker.unblock(), clock.pinned(NOW), tempfile.TemporaryDirectory(prefix="numaru-j-") as folder:
        assert str(connection.settings_dict["NAME"]).startswith("test_"), "this empties its database, so it must be one made for tests"
        settings.HOME = Path(folder)
        try:
            made.telco_dry = say(imports.main, "subscribers", TELCO, "--mapping", TELCO_MAP, "--dry-run")[1]
            made.cdnow_dry = say(imports.main, "usage", CDNOW, "--mapping", CDNOW_MAP, "--dry-run")[1]
            made.untouched = counted()
            made.telco = say(imports.main, "subscribers", TELCO, "--mapping", TELCO_MAP)[1]
            made.telco_run = say(bill.main, "run", "--service", "telco", "--period", "2026-10")[1]
            made.cdnow = say(imports.main, "usage", CDNOW, "--mapping", CDNOW_MAP)[1]
            for month in MONTHS:
                made.runs[month] = say(bill.main, "run", "--service", "cdnow", "--period", month)[1]
            yield made
        finally:
            settings.HOME = kept
            call_command("flush", verbosity=0, interactive=False)
            drop_run_tables()


def customers() -> list[dict[str, str]]:
    with TELCO.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def orders() -> list[tuple[str, str, str, Decimal]]:
    """(customer, day, count, amount) of each order; the stray second header is left out."""
    with CDNOW.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[1] == ["customer_id", "date--", "number_of_cds", "dollar_value"]
    return [(who, day, count, Decimal(amount)) for who, day, count, amount in rows[2:]]


def figures(said: Said) -> tuple[int, int, int, int]:
    return said["rows"], said["accepted"], said["unchanged"], said["refused"]


def test_a_dry_run_writes_nothing_and_says_the_same(house: House) -> None:
    assert set(house.untouched) == {0}
    for dry, real in ((house.telco_dry, house.telco), (house.cdnow_dry, house.cdnow)):
        assert dry["dry_run"] and not real["dry_run"]
        own = {"run", "dry_run", "seconds", "files"}
        assert {k: v for k, v in dry.items() if k not in own} == {k: v for k, v in real.items() if k not in own}


def test_the_telephone_company_is_billed_for_october(house: House) -> None:
    assert figures(house.telco) == (3_522, 3_522, 0, 0) and house.telco["findings_total"] == 0
    staying = [row for row in customers() if row["Churn"] == "No"]
    due = sum(Decimal(row["MonthlyCharges"]) for row in staying)
    run = house.telco_run
    assert (run["state"], run["invoices"], run["parked"], run["zero_accounts"]) == ("posted", 2_568, 0, 0) and len(staying) == 2_568
    assert run["totals"] == {"USD": "157410.25"} == {"USD": str(due)}


def test_who_has_no_total_charges_is_billed_in_full(house: House) -> None:
    new = {row["customerID"]: Decimal(row["MonthlyCharges"]) for row in customers() if not row["TotalCharges"].strip()}
    contracts = {
        c.pk: c for c in Contract.objects.filter(reference__in=[f"{who}/telco-monthly" for who in new]).select_related("subscriber")
    }
    lines = Line.objects.filter(run__number=house.telco_run["run_id"], contract_id__in=contracts)
    billed = {contracts[line.contract_id].subscriber.external_id: Decimal(line.amount).scaleb(-2) for line in lines}
    assert len(new) == 9 and billed == new


def test_every_month_of_the_shop_equals_the_file(house: House) -> None:
    assert figures(house.cdnow) == (62_741, 62_740, 0, 1)
    assert (house.cdnow["subscribers_created"], house.cdnow["service_created"]) == (21_213, True)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    accounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for who, day, _, amount in orders():
        sums[day[:7]] += amount
        accounts[day[:7], who] += amount
    assert sorted(sums) == MONTHS
    assert {m: run["totals"] for m, run in house.runs.items()} == {m: {"USD": str(total)} for m, total in sums.items()}
    assert {run["state"] for run in house.runs.values()} == {"posted"} and not any(run["parked"] for run in house.runs.values())
    for month in MONTHS:
        nothing = sum(1 for (m, _), total in accounts.items() if m == month and not total)
        some = sum(1 for (m, _), total in accounts.items() if m == month and total)
        assert (house.runs[month]["invoices"], house.runs[month]["zero_accounts"]) == (some, nothing), month


def test_the_figures_that_others_counted(house: House) -> None:
    assert house.runs["1997-01"]["totals"] == {"USD": "270467.47"} and house.runs["1998-06"]["totals"] == {"USD": "70518.43"}
    assert sum(Decimal(run["totals"]["USD"]) for run in house.runs.values()) == Decimal("2256223.69")
    assert sum(run["invoices"] for run in house.runs.values()) == 49_851 and sum(run["zero_accounts"] for run in house.runs.values()) == 68


def test_what_was_billed_is_what_was_moved(house: House) -> None:
    for number in (house.telco_run["run_id"], *(run["run_id"] for run in house.runs.values())):
        totals = Invoice.objects.filter(run__number=number).aggregate(n=Sum("total"))["n"]
        lines = Line.objects.filter(run__number=number).aggregate(n=Sum("amount"))["n"]
        moved = Transfer.objects.filter(run__number=number).aggregate(n=Sum("amount"))["n"]
        assert totals == lines == moved, number


def test_billing_a_month_again_changes_nothing(house: House) -> None:
    before = counted(), Invoice.objects.count(), Transfer.objects.count()
    status, again = say(bill.main, "run", "--service", "cdnow", "--period", "1997-01")
    assert status == 0 and (again["run_id"], again["totals"], again["manifest"]) == tuple(
        house.runs["1997-01"][k] for k in ("run_id", "totals", "manifest")
    )
    assert before == (counted(), Invoice.objects.count(), Transfer.objects.count())


def test_equal_orders_of_one_day_all_count(house: House) -> None:
    again = {row: n for row, n in Counter(orders()).items() if n > 1}
    assert (len(again), sum(n - 1 for n in again.values()), sum(row[3] * (n - 1) for row, n in again.items())) == (
        196,
        234,
        Decimal("3921.81"),
    )
    files = metering.files("cdnow", Period(date(1997, 1, 1), date(1998, 7, 1)), clock.now())
    with duck.connection() as con:
        stored = metering.usage_frame(con, files).to_native()  # noqa: F841 (read by name below)
        twins = con.sql("SELECT count(*) AS n, amount FROM stored GROUP BY subject, day, quantity, amount HAVING count(*) > 1").fetchall()
        (ids,) = con.sql("SELECT count(DISTINCT event_id) FROM stored").fetchall()[0]
    assert (len(twins), sum(n - 1 for n, _ in twins), sum((n - 1) * amount for n, amount in twins)) == (196, 234, Decimal("3921.81"))
    assert ids == 62_740


def test_the_stray_header_is_a_finding_with_its_line(house: House) -> None:
    assert house.cdnow["counts"] == {"import.header_repeated": 1} and house.cdnow["findings_total"] == 1
    (finding,) = house.cdnow["findings"]
    assert (finding["row"], finding["code"]) == (2, "import.header_repeated") and finding["remedy_ko"] and finding["remedy_en"]


def test_who_first_orders_begins_on_that_day(house: House) -> None:
    first: dict[str, str] = {}
    for who, day, _, _ in orders():
        first[who] = min(day, first.get(who, day))
    served = dict(Subscriber.objects.filter(service__slug="cdnow").values_list("external_id", "served_from"))
    assert {who: str(day) for who, day in served.items()} == first and "00001" in served


def test_the_file_in_another_order_brings_nothing(house: House, tmp_path: Path) -> None:
    lines = CDNOW.read_bytes().splitlines()
    rest = lines[1:]
    random.Random(7).shuffle(rest)
    path = tmp_path / "resorted.csv"
    path.write_bytes(b"\r\n".join([lines[0], *rest]))
    before = counted()
    status, said = say(imports.main, "usage", path, "--mapping", CDNOW_MAP)
    assert status == 0 and figures(said) == (62_741, 0, 62_740, 1) and said["counts"] == {"import.header_repeated": 1}
    assert counted()[:-1] == before[:-1] and said["subscribers_created"] == said["conflicts"] == 0


def workbook(path: Path, rows: list[list[Any]], texts: frozenset[int]) -> Path:
    """An XLSX of ``rows``: the columns in ``texts`` as text, the others as the numbers and days that they are."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            if m not in texts and isinstance(cell, date):
                sheet.write_datetime(n, m, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 (a sheet has no zones)
            elif m not in texts and isinstance(cell, float):
                sheet.write_number(n, m, cell)
            else:
                sheet.write_string(n, m, str(cell))
    book.close()
    return path


def test_the_same_files_as_workbooks_are_unchanged(house: House, tmp_path: Path) -> None:
    heads = [["customer_id", "order_date", "cds", "amount_usd"], ["customer_id", "date--", "number_of_cds", "dollar_value"]]
    cells = [[who, date.fromisoformat(day), float(count), float(amount)] for who, day, count, amount in orders()]
    status, said = say(imports.main, "usage", workbook(tmp_path / "orders.xlsx", [*heads, *cells], frozenset({0})), "--mapping", CDNOW_MAP)
    assert status == 0 and figures(said) == (62_741, 0, 62_740, 1) and [f["row"] for f in said["findings"]] == [2]
    people = customers()
    rows: list[list[Any]] = [list(people[0])]
    rows += [[float(v) if k in ("tenure", "MonthlyCharges") else v for k, v in person.items()] for person in people]
    status, said = say(imports.main, "subscribers", workbook(tmp_path / "people.xlsx", rows, frozenset({0})), "--mapping", TELCO_MAP)
    assert status == 0 and figures(said) == (3_522, 0, 3_522, 0) and not said["findings"]


def test_the_same_list_again_changes_nothing_and_another_price_is_told(house: House, tmp_path: Path) -> None:
    before = counted()
    status, said = say(imports.main, "subscribers", TELCO, "--mapping", TELCO_MAP)
    assert status == 0 and figures(said) == (3_522, 0, 3_522, 0) and counted() == before
    people = customers()
    people[3]["MonthlyCharges"] = "1.00"
    path = tmp_path / "dearer.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    status, said = say(imports.main, "subscribers", path, "--mapping", TELCO_MAP)
    assert status == 0 and figures(said) == (3_522, 0, 3_521, 1) and counted() == before
    (finding,) = said["findings"]
    assert (finding["row"], finding["code"], finding["field"]) == (5, "subscribers.differs", "customerID")


def test_other_customers_in_a_file_of_the_same_shape(house: House, tmp_path: Path) -> None:
    people = customers()[:200]
    draw = random.Random(11)
    for n, person in enumerate(people):
        person |= {
            "customerID": f"{n:04d}-NEWER",
            "tenure": str(draw.randrange(73)),
            "MonthlyCharges": f"{draw.randrange(1, 20_000) / 100:.2f}",
        }
    path = tmp_path / "others.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    status, said = say(imports.main, "subscribers", path, "--mapping", TELCO_MAP)
    assert status == 0 and figures(said) == (200, 200, 0, 0) and not said["service_created"] and not said["offer_versions_created"]
    bought = [f"9{n:05d},1998-0{1 + n % 6}-1{n % 9},{n % 4},{n * 7 % 500}.{n % 100:02d}" for n in range(300)]
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,order_date,cds,amount_usd\n" + "\n".join(bought) + "\n")
    status, said = say(imports.main, "usage", path, "--mapping", CDNOW_MAP)
    assert status == 0 and figures(said) == (300, 300, 0, 0) and said["subscribers_created"] == 300


FAULTY = """
[import]
kind = "subscribers"
[service]
slug = "telco"
zone = "America/Los_Angeles"
currency = "USD"
[fields.external_id]
column = "id"
unique = true
[fields.offer]
column = "plan"
[fields.price]
column = "price"
min = "0"
[fields.started]
column = "start"
formats = ["YYYY-MM-DD", "YYYY.MM.DD"]
"""


def test_ten_kinds_of_fault_are_ten_findings_and_the_good_rows_stay(house: House, tmp_path: Path) -> None:
    lines = [
        b"\xef\xbb\xbfid,price,start,plan",  # 1: a byte order mark
        b"f0001,10.50,2026-11-01,telco-monthly",
        b"f0002,\xb1\xe8,2026-11-01,telco-monthly",  # 3: another encoding
        b'f0003,"12,50",2026-11-01,telco-monthly',  # 4: a decimal comma
        b"f0004,10,2026.11.01,telco-monthly",  # the second form of dates is declared
        b"f0005,10,01/11/2026,telco-monthly",  # 6: the third is not
        b"f0001,11,2026-11-02,telco-monthly",  # 7: the key again
        b"f0006,10,2026-11-01,platinum",  # 8: an unknown offer
        b"f0007,-1,2026-11-01,telco-monthly",  # 9: negative
        b"f0008,1234567890123,2026-11-01,telco-monthly",  # 10: overflow
        b",,,",  # 11: an empty row
        b"f0009,=A1+1,2026-11-01,telco-monthly",  # 12: a formula
        b"f0010,0.000001,2026-11-30,telco-monthly",
    ]
    path, mapping, out = tmp_path / "faulty.csv", tmp_path / "map.toml", tmp_path / "findings.csv"
    path.write_bytes(b"\n".join(lines) + b"\n")
    mapping.write_text(FAULTY)
    status, said = say(imports.main, "subscribers", path, "--mapping", mapping, "--findings", out)
    assert status == 0 and figures(said) == (12, 3, 0, 9)
    assert [(f["row"], f["field"], f["code"]) for f in said["findings"]] == [
        (1, None, "import.bom"), (3, None, "import.encoding"), (4, "price", "import.decimal_mark"), (6, "start", "import.date_form"),
        (7, "id", "import.duplicate_key"), (8, "plan", "import.unknown_offer"), (9, "price", "import.negative"), (10, "price", "import.overflow"),
        (11, None, "import.empty_row"), (12, "price", "import.formula"),
    ]  # fmt: skip
    assert said["findings_total"] == 10 and all(
        f["remedy_ko"] and f["remedy_en"] and f["message_ko"] != f["message_en"] for f in said["findings"]
    )
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(r["row"]), r["code"]) for r in rows] == [(f["row"], f["code"]) for f in said["findings"]]
    assert next(r for r in rows if r["row"] == "12")["value"] == "'=A1+1"  # shown, never computed
    people = set(Subscriber.objects.filter(external_id__startswith="f0").values_list("external_id", flat=True))
    assert people == {"f0001", "f0004", "f0010"}
