"""Personal values stand nowhere in the clear: a person is planted by import and goes through screens, bills, refusals, failures and keys;
then every column of every table, every file of the home, every log record and every page but the opened one is searched."""

from __future__ import annotations

import gzip
import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.testing import InMemoryConnector
from prometheus_client import generate_latest

from numaru.config import logs, metrics
from numaru.domains.subscribers.api import SubscriberStory
from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.parties import api as parties
from numaru.kernel import clock, health, ports
from numaru.kernel.access import Actor
from numaru.kernel.events import Event, handlers
from numaru.kernel.files import store
from numaru.kernel.gauges import gauges
from numaru.kernel.imports.jobs import run_import
from numaru.kernel.models import AuditRecord, OutboxEvent
from numaru.kernel.outbox import dispatch_once
from numaru.kernel.staff.api import make_client
from numaru.kernel.vault import api as vault
from tests.config.running import apart
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
NAME, PHONE, EMAIL, LATER = "홍카나리", "010-7391-4826", "canary.bird@nest.example", "010-8264-1937"
CANARIES = [NAME, PHONE, PHONE.replace("-", ""), PHONE[4:], EMAIL, LATER, LATER.replace("-", ""), LATER[4:]]
MAPPING = """
[import]
kind = "subscribers"
[service]
slug = "naru-video"
name_ko = "나루 비디오"
name_en = "Naru Video"
zone = "Asia/Seoul"
currency = "KRW"
[offer]
slug = "canary"
[[offer.charges]]
key = "fee"
kind = "recurring"
tax = "included"
price = "9900"
[fields.external_id]
column = "id"
unique = true
[fields.started]
column = "start"
[fields.name]
column = "name"
[fields.phone]
column = "phone"
[fields.email]
column = "email"
"""
ROWS = f"id,start,name,phone,email\nk1,2026-08-01,{NAME},{PHONE},{EMAIL}\nk2,nonsense,{NAME},{PHONE},{EMAIL}\n"


@dataclass(frozen=True)
class Sang(Event):
    name: ClassVar[str] = "test.Sang"
    party: int

    @property
    def aggregate(self) -> str:
        return f"party:{self.party}"


def spellings() -> list[str]:
    """The canaries as text, as JSON writes them, and as bytes in hex."""
    return sorted({form for c in CANARIES for form in (c, c.encode("unicode_escape").decode(), c.encode().hex())})


def in_tables() -> Iterator[str]:
    """Tables with a row that holds a canary, whatever the column and the schema."""
    forms = spellings()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{schema}"."{table}" t WHERE EXISTS (SELECT 1 FROM unnest(%s::text[]) c WHERE position(c IN t::text) > 0)',
                [forms],
            )
            if cursor.fetchone()[0]:
                yield f"{schema}.{table}"


def in_workbook(content: bytes) -> str:
    """Every cell of every sheet, and what stands in the archive besides."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(cells + [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()])


def in_files(home: Path) -> Iterator[str]:
    for path in (p for p in home.rglob("*") if p.is_file()):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if path.suffix == ".parquet":
            words = str(pq.read_table(path).to_pylist())
        else:
            words = in_workbook(content) if path.suffix == ".xlsx" else content.decode("utf-8", "replace")
        if any(c in words for c in spellings()):
            yield str(path.relative_to(home))


def in_records(records: list[logging.LogRecord]) -> Iterator[str]:
    """Records that say a canary: in their message before any net, or anywhere in the lines that are written of them."""
    shapes = (logs.Lines(), logs.Plain())
    for record in records:
        said = record.getMessage() + repr(record.args) + "".join(shape.format(record) for shape in shapes)
        if any(c in said for c in CANARIES):
            yield record.name


def import_them(clerk: Client) -> None:
    files = {"file": SimpleUploadedFile("people.csv", ROWS.encode()), "mapping_file": SimpleUploadedFile("map.toml", MAPPING.encode())}
    assert clerk.post("/imports/new/", files | {"mapping": "upload"}).status_code == 302
    for job in ProcrastinateJob.objects.filter(task_name="imports.run", status="todo"):
        run_import(**job.args)


def by_the_database() -> None:
    """An error that repeats the row under its first line."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS perch (name text NOT NULL, number int NOT NULL)")
        cursor.execute("INSERT INTO perch VALUES (%s, NULL)", [f"{NAME} {PHONE}"])


def by_its_first_line() -> None:
    said = f"{NAME} <{EMAIL}> {PHONE} is not to be reached"
    raise ValueError(said)


def park(party: int, fail: Callable[[], None], error: type[Exception]) -> None:
    """A handler that fails for the fifth time: its event is parked with what is kept of the error."""

    def trip(event: Sang) -> None:
        fail()

    handlers.add("test.Sang → canary", (Sang, trip))
    try:
        now = clock.now()
        OutboxEvent.objects.create(
            name="test.Sang", version=1, aggregate=f"party:{party}:{error.__name__}", payload={"party": party}, occurred_at=now, recorded_at=now, actor="system:test",
            attempts=4,
        )  # fmt: skip
        dispatch_once()
    finally:
        handlers._rows.pop("test.Sang → canary")
    parked = OutboxEvent.objects.filter(name="test.Sang").latest("id")
    assert parked.parked_at is not None and error.__name__ in parked.error


class Croaking:
    """A story of subscribers that fails with the person in the first line of what it says."""

    def contracts(self, subscriber: int) -> list[object]:
        by_its_first_line()
        return []


def broken_page(login: Client, address: str) -> Any:
    """The page of a fault of ours, status 500."""
    kept = ports.get(SubscriberStory)  # type: ignore[type-abstract]
    ports.bind(SubscriberStory, Croaking())  # type: ignore[type-abstract,arg-type]
    login.raise_request_exception = False
    try:
        answer = login.get(address)
    finally:
        ports.bind(SubscriberStory, kept)  # type: ignore[type-abstract]
        login.raise_request_exception = True
    assert answer.status_code == 500
    return answer


def failing_job(party: int) -> None:
    """A job that fails on a worker, which tells its log."""
    memory = InMemoryConnector()
    with app.replace_connector(memory) as mine:
        task = mine.task(name="test.sing", queue="test")(lambda party: by_its_first_line())
        try:
            task.defer(party=party)
            apart(mine.run_worker_async(queues=["test"], wait=False, install_signal_handlers=False))
        finally:
            del mine.tasks["test.sing"]
    (job,) = (one for one in memory.jobs.values() if one["task_name"] == "test.sing")
    assert job["status"] == "failed" and not any(c in str(memory.jobs) for c in CANARIES)


def probes() -> list[str]:
    """What /health and /metrics are made of, with all that the token's holder may read; here, where the test's rows are seen."""
    parts = [health._look(key, part) for key, part in health.parts]
    figures = []
    for _, gauge in gauges:
        with suppress(LookupError):  # nothing was measured yet
            figures.append(str(gauge.read()))
    return [*map(str, parts), *figures, generate_latest(metrics.registry).decode()]


def test_a_person_goes_through_the_house_and_is_nowhere_in_the_clear(
    naru: World,  # noqa: F811
    sign_in: SignIn,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    import_them(sign_in("administrator"))
    subscriber = Subscriber.objects.get(external_id="k1")
    clerk, address = sign_in("subscriber_clerk"), f"/subscribers/{subscriber.number}/"
    naru.bill("2026-10")
    pages = [
        clerk.get(address),
        clerk.get("/subscribers/"),
        clerk.get(address + "?part=bill"),
        sign_in("billing_clerk").get("/billing/invoices/"),
    ]
    found = clerk.get("/subscribers/", {"q": PHONE}).content.decode()
    assert subscriber.number in found  # the canary sings: it is found, and only masked
    assert PHONE in clerk.post(f"{address}open/phone/", {"reason": "caller"}).content.decode()
    pages.append(clerk.post(f"{address}open/email/", {"reason": EMAIL}))
    pages.append(clerk.post(f"{address}open/name/", {"reason": "caller", "case_ref": PHONE}))
    assert [p.status_code for p in pages[-2:]] == [422, 422]
    parties.correct_contact.do(HOUSE, party=subscriber.party_id, kind="phone", value=LATER, reason="고객 요청")
    program = Client(
        headers={"Authorization": f"Bearer {make_client.do(HOUSE, name='canary', roles=['subscriber_clerk'], scope='').token}"}
    )
    pages += [program.get("/api/v1/subscribers"), program.get(f"/api/v1/subscribers/{subscriber.number}"), program.get("/api/v1/nothing")]
    park(subscriber.party_id, by_the_database, IntegrityError)
    park(subscriber.party_id, by_its_first_line, ValueError)
    failing_job(subscriber.party_id)
    pages.append(broken_page(clerk, address))
    books = [
        b"".join(clerk.get(place, {"format": "xlsx"}).streaming_content)  # type: ignore[attr-defined]
        for place in ("/subscribers/", "/privacy/exports/")
    ]
    vault.begin_reindex.do(HOUSE, reason="교체")
    vault.reindex()
    vault.finish_reindex.do(HOUSE)

    assert list(in_tables()) == []
    for place in (Path(django_settings.HOME), store().root):  # type: ignore[attr-defined]
        assert list(in_files(place)) == []
    assert list(in_records(caplog.records)) == []
    assert {"procrastinate.worker", "django.request"} <= {r.name for r in caplog.records if r.exc_info}, "the failures were told"
    assert not [c for c in CANARIES for said in probes() if c in said]
    for content in books:
        said = in_workbook(content)
        assert not [c for c in CANARIES if c in said]
    for page in pages:
        said = page.content.decode()
        assert not [c for c in CANARIES if c in said], page.request["PATH_INFO"]


def test_the_net_bites(db: None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One leak each, in a table, in bytes, in a file and in the log: all are found."""
    assert list(in_tables()) == [] and list(in_files(tmp_path)) == []
    AuditRecord.objects.create(
        at=clock.now(), actor_kind="system", actor_name="x", action="x", object="x", key="x", after={"phone": PHONE.replace("-", "")}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_entry (person, kind, version, sealed, at) VALUES (987654321, 'name', 1, %s, now())", [b"xx" + NAME.encode()]
        )
    assert sorted(in_tables()) == ["public.kernel_auditrecord", "public.vault_entry"]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(EMAIL.encode()))
    (tmp_path / "log").write_text(f"opened {PHONE}")
    assert sorted(in_files(tmp_path)) == ["a.csv.gz", "log"]
    logging.getLogger("test.leak").warning("could not call %s", PHONE)
    assert list(in_records(caplog.records)) == ["test.leak"]
