"""Files that attack: bombs, entities, names that climb, pages in disguise. Each is refused in words, and nothing of it is left or served."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from numaru.adapters.storage.local import FolderStore
from numaru.domains.subscribers.models import Subscriber
from numaru.kernel.access import ROLES
from numaru.kernel.errors import NotFound, Refused
from numaru.kernel.imports import api as imports
from numaru.kernel.imports import bytesource
from numaru.kernel.imports.models import ImportRun
from tests.attacks.conftest import CONTENT, MAPPING, SignIn, bring, written
from tests.attacks.test_markup import look
from tests.domains.billing.world import World

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY l2 "&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;&l1;"><!ENTITY l3 "&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;">
<!ENTITY l4 "&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;"><!ENTITY l5 "&l4;&l4;&l4;&l4;&l4;&l4;&l4;&l4;&l4;&l4;">
<!ENTITY l6 "&l5;&l5;&l5;&l5;&l5;&l5;&l5;&l5;&l5;&l5;"><!ENTITY l7 "&l6;&l6;&l6;&l6;&l6;&l6;&l6;&l6;&l6;&l6;">
<!ENTITY l8 "&l7;&l7;&l7;&l7;&l7;&l7;&l7;&l7;&l7;&l7;"><!ENTITY l9 "&l8;&l8;&l8;&l8;&l8;&l8;&l8;&l8;&l8;&l8;">]>"""
SECRET = "secret-of-the-machine"
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>price</t></is></c><c r="C1" t="inlineStr"><is><t>start</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>{what}</t></is></c><c r="B2"><v>100</v></c><c r="C2" t="inlineStr"><is><t>2026-10-01</t></is></c></row>'
    "</sheetData></worksheet>"
)


def workbook(**parts: bytes) -> bytes:
    """A workbook of three columns with parts replaced or added, by their paths."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("id", "price", "start"), ("x1", 100, "2026-10-01")):
        sheet.append(row)
    plain = io.BytesIO()
    book.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return made.getvalue()


def refused(content: bytes, name: str = "people.xlsx") -> str:
    """What is told of the file; it must end within seconds and write nothing of a subscriber."""
    people = Subscriber.objects.count()
    began = time.monotonic()
    told = tried(content, name, dry=False)
    assert time.monotonic() - began < 20
    assert Subscriber.objects.count() == people and told
    return told


def tried(content: bytes, name: str = "people.xlsx", *, dry: bool = True) -> str:
    """Everything that is told of a file, by the upload's check or by the import."""
    try:
        card = bring(content, name=name, dry=dry)
    except Refused as at_once:
        return "\n".join(f"{f.code} {f.message.ko} {f.value}" for f in at_once.findings)
    found = "\n".join(f"{f.code} {f.message.ko} {f.value}" for f in imports.first_findings(card.number))
    return found if card.state == "failed" or not card.accepted else f"{found} {card.result}"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(house: World) -> None:
    assert "too_large" in refused(workbook(**{"xl/worksheets/sheet1.xml": b"<a>" + b" " * (300 * 2**20)}))


def test_a_zip_that_lies_about_its_sizes_is_refused(house: World) -> None:
    content = bytearray(workbook(**{"xl/media/a.bin": bytes(40 * 2**20)}))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/media/a.bin"))
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the size in the directory
    assert refused(bytes(content))


def test_a_zip_with_a_crowd_of_entries_is_refused(house: World) -> None:
    crowd = {f"xl/media/{n}.bin": b"x" for n in range(20_000)}
    assert refused(workbook(**crowd))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_entities_of_xml_are_never_expanded(house: World, part: str) -> None:
    bomb = LAUGHS + SHEET.format(what="&l9;").encode() if part.endswith("sheet1.xml") else LAUGHS + b"<sst><si><t>&l9;</t></si></sst>"
    told = tried(workbook(**{part: bomb}))
    assert "lollol" not in told


def test_an_entity_reads_no_file_of_the_machine(house: World, tmp_path: Path, sign_in: SignIn) -> None:
    (tmp_path / "secret").write_text(SECRET)
    for url in (f"file://{tmp_path}/secret", "http://127.0.0.1:1/x"):
        xxe = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]>' + SHEET.format(what="&x;")
        told = tried(workbook(**{"xl/worksheets/sheet1.xml": xxe.encode()}))
        assert SECRET not in told
        page = sign_in("administrator").get(f"/imports/{ImportRun.objects.latest('pk').number}/")
        assert SECRET not in page.content.decode()


def test_a_gzip_bomb_is_cut_off(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"id,price,start\n" + b"x1,100,2026-10-01\n" * 8_000_000)
    assert len(bomb) < 2**20
    assert "too_large" in refused(bomb, "people.csv.gz")
    nested = gzip.compress(gzip.compress(b"id,price,start\nx1,100,2026-10-01\n"))
    assert refused(nested, "people.csv.gz")


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>zq7x()</script></html>", b'<svg xmlns="http://www.w3.org/2000/svg" onload="zq7x()"/>', b"\x7fELF\x02\x01\x01", b"MZ\x90\x00",
        b"#!/bin/sh\nid\n", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"GIF89a<script>zq7x()</script>", b"\xff" * 1000, b"\x00" * 1000,
    ],
)  # fmt: skip
def test_what_is_no_table_is_never_served_back(house: World, sign_in: SignIn, content: bytes) -> None:
    client = sign_in("administrator")
    runs = ImportRun.objects.count()
    refused(content, "page.html")
    refused(content, "page.csv")
    for run in ImportRun.objects.order_by("pk")[runs:]:
        look(client.get(f"/imports/{run.number}/"))
        answer = client.get(f"/imports/{run.number}/findings.csv")
        if answer.status_code == 200:
            assert answer["Content-Type"].startswith("text/csv") and answer["Content-Disposition"].startswith("attachment")
            assert answer["X-Content-Type-Options"] == "nosniff"


CLIMBING = [
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\boot.ini", "a/../../b.csv", "%2e%2e%2fpasswd", "....//x", "\x00.csv", "a\r\nX-Evil: 1.csv",
    'a";filename="evil.html', "한글\u202efdp.csv", "." * 300, "CON", "-rf", "$(id).csv", "`id`.csv", "a" * 5000 + ".csv",
]  # fmt: skip


@pytest.mark.parametrize("name", CLIMBING)
def test_the_name_of_an_upload_is_a_name(house: World, sign_in: SignIn, settings: Any, name: str) -> None:
    """It is shown and never part of a path; nothing appears outside of the store's own folder."""
    client = sign_in(*ROLES)
    outside = {p for p in settings.HOME.parent.iterdir() if not p.name.startswith("numaru-")}
    before = {p.relative_to(settings.HOME) for p in settings.HOME.rglob("*")}
    file = SimpleUploadedFile("x.csv", CONTENT)
    file._name = name  # what a sender writes; Django would clean what a browser sends
    mapping = SimpleUploadedFile("m.toml", MAPPING.encode())
    mapping._name = name
    answer = client.post("/imports/new/", {"file": file, "mapping": "upload", "mapping_file": mapping, "dry": "on"})
    assert answer.status_code in (302, 400, 422)
    after = {p.relative_to(settings.HOME) for p in settings.HOME.rglob("*")}
    assert all(p.parts[0] == "files" and (len(p.parts) < 3 or len(p.parts[2]) == 32) for p in after - before), after - before
    assert {p for p in settings.HOME.parent.iterdir() if not p.name.startswith("numaru-")} - outside == set()
    if answer.status_code == 302:
        run = ImportRun.objects.latest("pk")
        assert ("/" not in run.file_name and "\\" not in run.file_name) or "\\" in name
        assert len(run.file_name) <= 200 and not {"\r", "\n", "\0"} & set(run.file_name)
        shown = client.get(answer["Location"])
        look(shown)
        assert "X-Evil" not in shown


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/passwd", "", "..", "a/../..", "\x00", "a\x00b"])
def test_no_key_leaves_the_store(tmp_path: Path, key: str) -> None:
    store = FolderStore(tmp_path / "files")
    for call in (
        lambda: store.put(key, io.BytesIO(b"x")),
        lambda: store.open(key),
        lambda: store.local(key),
        lambda: store.exists(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(ValueError):
            call()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_link_in_the_store_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError):
        FolderStore(tmp_path / "files").open("link")


@pytest.mark.parametrize(
    "choice", ["shipped:../../etc", "shipped:telco/../../x", "run:../../x", "run:IMP-000001' OR 1=1", "/etc/passwd", "shipped:"]
)
def test_a_mapping_is_one_of_those_offered(house: World, sign_in: SignIn, choice: str) -> None:
    client = sign_in("administrator")
    before = written()
    answer = client.post("/imports/new/", {"file": SimpleUploadedFile("x.csv", CONTENT), "mapping": choice, "dry": "on"})
    assert answer.status_code == 422 and written() == before


@pytest.mark.parametrize("path", ["../", "..%2f", "%2e%2e/", "IMP-000001/../../", "..\\", "IMP-000001%00", "IMP-000001%2ffindings.csv%3f"])
def test_findings_are_found_by_number_alone(house: World, sign_in: SignIn, path: str) -> None:
    assert sign_in("administrator").get(f"/imports/{path}findings.csv").status_code in (301, 302, 400, 404)
    with pytest.raises(NotFound):
        imports.findings_file("../../secret")


def test_limits_stand() -> None:
    """What the bombs above run against: lowered by nobody without this test."""
    assert bytesource.MAX_EXPANDED <= 50 * 2**30 and bytesource.MAX_RATIO <= 1000 and bytesource.MAX_LINE <= 8 * 2**20
