"""Script and formulas in everything a person or a program can write: shown again, they are words, in pages, sheets, CSV, PDF and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from numaru.domains.billing import api as billing
from numaru.facilities.parties import api as parties
from numaru.kernel import clock
from numaru.kernel.access import ROLES
from numaru.kernel.models import Staff, StaffGrant
from tests.attacks.conftest import MAPPING, Caller, SignIn, bring, staff
from tests.attacks.routes import ANY, OPEN, PORTAL, POST, ROUTES
from tests.attacks.test_reach import address, text
from tests.domains.billing.world import HOUSE, SLUG, World, enrolment, on

MARK = "zq7x"
PAYLOADS = [
    f"<script>{MARK}()</script>", f'"><img src=x onerror={MARK}()>', f"'><svg/onload={MARK}()>", f"</title><script src=//{MARK}.example></script>",
    f"javascript:{MARK}()", f'" autofocus onfocus={MARK}() x="', f"</script><script>{MARK}()</script>", f"{{{{{MARK}}}}}{{% {MARK} %}}",
    f"<!--{MARK}--><a href='javascript:{MARK}()'>", f"&lt;script&gt;{MARK}()&lt;/script&gt;", f"\u2028<{MARK}>\u2029", f"＜script＞{MARK}＜/script＞",
]  # fmt: skip
FORMULAS = ["=1+2", "+1+2", "-1+2", "@SUM(1)", "\t=1", "\r=1", "=cmd|'/c calc'!A1", '=HYPERLINK("http://evil.example")']


class Reader(HTMLParser):
    """What a browser would make of a page: elements and attributes that hold the mark, and where it stands in script or style."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.made: list[str] = []
        self.within = ""
        self.seen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag if tag in ("script", "style") else ""
        if MARK in tag:
            self.made.append(f"<{tag}>")
        for name, value in attrs:
            plain = re.sub(r"[\s\x00-\x1f]", "", value or "").lower()
            self.seen += MARK in plain
            if MARK in name or (name.startswith("on") and value) or (name == "style" and value):
                self.made.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and plain.startswith(
                ("javascript:", "data:text", "vbscript:", "//")
            ):
                self.made.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        self.seen += MARK in data
        if MARK in data and self.within:
            self.made.append(f"in {self.within}: {data[:60]}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.made.append(f"comment {data[:60]}")


def look(answer: Any) -> Reader:
    reader = Reader()
    reader.feed(text(answer))
    assert not reader.made, reader.made
    return reader


PAGES = sorted(
    name for name, route in ROUTES.items() if route.may not in (POST, PORTAL) and name not in ("billing:invoice-pdf", "imports:findings")
)
QUERY = [
    "q",
    "sort",
    "after",
    "before",
    "count",
    "density",
    "format",
    "row",
    "service",
    "state",
    "run",
    "kind",
    "why",
    "lang",
    "part",
    "open",
    "show",
    "period",
    "next",
    "served",
    "number",
    "page",
    "again",
    "changed",
    "key",
    "user",
    "month",
    "action",
    "actor",
    "object",
    "from",
    "to",
    "reason",
    "mapping",
    "scope",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_nothing_in_an_address_becomes_markup(name: str, house: World, sign_in: SignIn) -> None:
    client = sign_in(*ROLES)
    if ROUTES[name].may == OPEN:
        client.logout()
    path = address(name, house)
    for turn in range(0, len(PAYLOADS), 3):  # every parameter another payload, and each page begins with others
        given = {key: PAYLOADS[(turn + place + PAGES.index(name)) % len(PAYLOADS)] for place, key in enumerate(QUERY)}
        answer = client.get(path, given, headers={"HX-Request": "true"} if turn % 2 else {})
        assert answer.status_code < 500, (given, answer.status_code)
        if "html" in answer.get("Content-Type", ""):
            look(answer)
        assert MARK not in answer.get("Location", "") or answer["Location"].startswith("/")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(n for n, r in ROUTES.items() if r.may not in (OPEN, ANY, PORTAL)))
def test_nothing_in_a_path_becomes_markup(name: str, house: World, sign_in: SignIn) -> None:
    client, path = sign_in(*ROLES), address(name, house)
    part = next((p for p in path.split("/") if re.search(r"\d", p)), None)
    if part is None:
        return
    for payload in PAYLOADS:
        from urllib.parse import quote

        answer = client.get(path.replace(part, quote(payload, safe="")))
        assert answer.status_code in (302, 400, 404, 405, 409), (payload, answer.status_code)
        look(answer)


@pytest.mark.parametrize("payload", [*PAYLOADS, *FORMULAS[:2]])
def test_what_is_stored_is_shown_as_words(payload: str, house: World, sign_in: SignIn, caller: Caller) -> None:
    """Names, external ids, offers, entities, file names, mapping names and staff names, through every page that shows them."""
    person = Staff.objects.create(login="evil", name=payload[:80], created_at=clock.now())
    StaffGrant.objects.bulk_create(StaffGrant(staff=person, role=role, service="", granted_at=clock.now()) for role in ROLES)
    client = sign_in(*ROLES)
    client.force_login(person)
    with on("2026-11-02"):
        offer = billing.publish_offer.do(
            HOUSE, service=SLUG, slug="evil", name_ko=payload[:60], name_en=payload[:60], valid_from=clock.today(),
            charges=[billing.ChargeSpec("fee", payload[:60], payload[:60], "recurring", Decimal(1000))],
        )  # fmt: skip
        rows = enrolment((payload[:60], payload[:60], offer.version_id, clock.today(), None), digest="evil")
        billing.enrol.do(
            HOUSE, service=SLUG, rows=rows, source="test", people=[parties.Person(payload[:60], "010-9999-0001", "evil@example.kr")]
        )
        content = f'id,price,start\n"{payload.replace(chr(34), chr(34) * 2)}",x,2026-10-01\n'.encode()
        card = bring(content, name=f"{payload}.csv".replace("/", "_"))
        upload = {
            "file": SimpleUploadedFile("x.csv", content),
            "mapping": "upload",
            "mapping_file": SimpleUploadedFile(f"{payload}.toml", MAPPING.encode()),
        }
        client.post("/imports/new/", upload | {"dry": "on"})
    who = house.subscriber(payload[:60])
    seen = 0
    for path in (
        "/subscribers/", f"/subscribers/{who.number}/", f"/subscribers/?q={MARK}", "/imports/", f"/imports/{card.number}/", "/imports/new/",
        "/billing/runs/", "/approvals/", "/billing/invoices/",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        seen += look(answer).seen
    assert seen >= 3 or MARK not in payload, "the payload was shown nowhere: the test shows nothing"
    told = caller("administrator").get(f"/api/v1/subscribers/{who.number}")
    assert told["Content-Type"].startswith("application/json") and json.loads(told.content)["external_id"] == payload[:60]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_reason_and_a_note_are_words_for_who_decides(payload: str, house: World, sign_in: SignIn) -> None:
    from numaru.kernel.actions import Second
    from numaru.kernel.approvals.requests import raise_request
    from numaru.values.text import Text

    number = raise_request.do(
        staff("administrator").actor, reason=payload, action="numaru.domains.billing.actions.runs.cancel_run", arguments={"number": "R2026-09"},
        effects=[Text(payload, payload)], need=Second(Text(payload, payload)), service=SLUG,
    )  # fmt: skip
    client = sign_in("administrator")
    assert look(client.get(reverse("approvals:request", args=[number]))).seen
    look(client.post(reverse("approvals:refuse", args=[number]), {"note": payload * 50}))
    client.post(reverse("approvals:refuse", args=[number]), {"note": payload})
    assert look(client.get("/approvals/?show=decided")).seen and look(client.get(reverse("approvals:request", args=[number]))).seen


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_sheet_computes_nothing_that_somebody_wrote(formula: str, house: World, sign_in: SignIn) -> None:
    client = sign_in(*ROLES)
    with on("2026-11-02"):
        rows = enrolment((formula.strip() or formula, "f1", house.versions["free"], clock.today(), None), digest="f")
        billing.enrol.do(HOUSE, service=SLUG, rows=rows, source="test", people=[parties.Person(formula)])
        bring(f'id,price,start\n"{formula.replace(chr(34), chr(34) * 2)}",x,2026-10-01\n'.encode(), name=f"{formula}.csv".replace("/", "_"))
    for path in ("/subscribers/", "/imports/", "/billing/runs/", "/billing/invoices/", "/approvals/"):
        answer = client.get(path, {"format": "xlsx"})
        assert answer["Content-Disposition"].startswith("attachment") and "sheet" in answer["Content-Type"], path
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
            sheets = [book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
            names = book.namelist()
        assert sheets and not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet.lower() for sheet in sheets), path
        assert not any("vba" in name.lower() or "external" in name.lower() for name in names)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_csv_of_findings_begins_no_cell_like_a_formula(formula: str, house: World, sign_in: SignIn) -> None:
    with on("2026-11-02"):
        card = bring(f'id,price,start\nx1,"{formula.replace(chr(34), chr(34) * 2)}",2026-10-01\n'.encode())
    answer = sign_in("administrator").get(f"/imports/{card.number}/findings.csv")
    assert (
        answer.status_code == 200
        and answer["X-Content-Type-Options"] == "nosniff"
        and answer["Content-Disposition"].startswith("attachment")
    )
    for row in csv.reader(io.StringIO(text(answer).lstrip("\ufeff"))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row


def test_a_pdf_holds_words_and_nothing_that_runs(house: World, sign_in: SignIn) -> None:
    body = sign_in("administrator").get("/billing/invoices/R2026-08-000001/pdf").content
    assert body.startswith(b"%PDF") and not re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|SubmitForm|URI)\b", body)


def test_data_islands_can_not_be_left(house: World, sign_in: SignIn) -> None:
    """No page runs script of its own; the one that carries data for a script carries JSON in which no tag can begin or end."""
    client = sign_in(*ROLES)
    islands = 0
    for name in PAGES:
        if ROUTES[name].may != OPEN:
            for head, body in re.findall(r"<script([^>]*)>(.*?)</script>", text(client.get(address(name, house))), re.S):
                if body.strip():
                    islands += 1
                    assert 'type="application/json"' in head and not {"<", ">", "&"} & set(body), (name, body[:80])
                    json.loads(body)
    assert islands
