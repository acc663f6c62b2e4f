"""How many questions each screen asks the database. The numbers are committed; a screen that asks more fails until a person agrees.

``./numaru budget`` writes them anew. Each screen is asked twice, with few and with more rows: the number must not grow with them.
"""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from numaru.kernel import clock
from numaru.kernel.leaks import api as leaks
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import runs
from tests.domains.billing.world import HOUSE, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

COMMITTED = Path(__file__).with_name("query_counts.json")
SCREENS = {
    "account": "/account/",
    "staff": "/access/staff/",
    "API keys": "/access/clients/",
    "access reviews": "/access/reviews/",
    "approvals": "/approvals/",
    "audit": "/audit/",
    "access log": "/audit/openings/",
    "access findings": "/audit/findings/",
    "subscribers": "/subscribers/",
    "subscribers, searched": "/subscribers/?q=2201&served=running",
    "subscriber": "/subscribers/{noeul}/",
    "subscriber, bill so far": "/subscribers/{noeul}/?part=bill",
    "subscriber, opening": "/subscribers/{noeul}/?open=phone",
    "subscriber, correction": "/subscribers/{noeul}/?correct=",
    "bulk openings": "/privacy/exports/",
    "bulk opening, new": "/privacy/exports/new/",
    "bill runs": "/billing/runs/",
    "backups": "/backups/",
    "bill run": "/billing/runs/R2026-09/",
    "bill run, new": "/billing/runs/new/",
    "invoices": "/billing/invoices/",
    "invoices, of a run": "/billing/invoices/?run=R2026-08",
    "invoice": "/billing/invoices/R2026-08-000002/",
    "invoice, PDF": "/billing/invoices/R2026-08-000002/pdf",
    "retention": "/privacy/retention/",
    "retention, class": "/privacy/retention/parties.contact/",
    "holds": "/privacy/holds/",
    "destructions": "/privacy/destruction/",
    "destruction": "/privacy/destruction/{destruction}/",
    "subject requests": "/privacy/requests/",
    "subject request": "/privacy/requests/{request}/",
    "leaks": "/leaks/",
    "leak": "/leaks/{case}/",
    "leak, people": "/leaks/{case}/people/1/",
    "leak, text": "/leaks/{case}/texts/notice/",
}
FRAGMENTS = {"subscriber, bill so far", "subscriber, opening", "subscriber, correction", "bill run, live"}

pytestmark = pytest.mark.budget


def counted(client: Client, path: str, *, part: bool) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, headers={"HX-Request": "true"} if part else {})
    assert answer.status_code == 200, path
    return len(asked)


def guarded(naru: World, people: int = 1) -> dict[str, str]:  # noqa: F811
    """A case of leak, a hold, requests and destructions, about the first ``people`` of the cast; numbers of the last of each."""
    case = leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now() - timedelta(hours=1), happened="확인 중")
    cast = [naru.subscriber(who) for who in ("gyeoul", "saebom", "haneul", "noeul", "minsu")][:people]
    for one in cast:
        leaks.find_affected.do(HOUSE, case=case, steps=[leaks.Step("add", "list", numbers=tuple(c.number for c in cast))])
        leaks.draft.do(HOUSE, case=case, kind="notice")
        leaks.describe.do(HOUSE, case=case, facts={"how": [one.number, one.number]})
        retention.place_hold.do(HOUSE, klass="parties.contact", person=one.party_id, until=date(2027, 3, 31), reason="명령")
        made = retention.take_request.do(
            HOUSE, person=one.party_id, subject=one.number, kind="access", channel="phone", received_on=clock.today()
        )
        gone = runs.write(kind="period", person=None, basis="시험", asked_by="system:test", gone=[
            {"class": "parties.contact", "refs": [10**9 + one.party_id], "rows": 1}
        ])  # fmt: skip
    for _, klass in retention.classes:
        retention.tally(klass, clock.today())
    return {"case": case, "request": made, "destruction": gone.number}


def test_every_screen_asks_as_often_as_was_agreed(naru: World, sign_in: SignIn, settings: Any, tmp_path: Path) -> None:  # noqa: F811
    client = sign_in("administrator", "subscriber_clerk", "privacy_officer")
    settings.HOME = tmp_path
    numbers = guarded(naru)
    paths = {name: path.format(noeul=naru.subscriber("noeul").number, **numbers) for name, path in SCREENS.items()} | {
        "bill run, live": "/billing/runs/R2026-09/"
    }
    found = {name: counted(client, path, part=name in FRAGMENTS) for name, path in sorted(paths.items())}
    if os.environ.get("NUMARU_WRITE_BUDGETS"):
        COMMITTED.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(COMMITTED.read_text())


@pytest.mark.parametrize(
    ("few", "many"), [("/subscribers/?q=noeul", "/subscribers/"), ("/billing/invoices/?q=R2026-08-000001", "/billing/invoices/")]
)
def test_more_rows_ask_no_more_often(sign_in: SignIn, few: str, many: str) -> None:  # noqa: F811
    client = sign_in("administrator")
    assert counted(client, many, part=False) <= counted(client, few, part=False)


def test_more_that_is_guarded_asks_no_more_often(naru: World, sign_in: SignIn, settings: Any, tmp_path: Path) -> None:  # noqa: F811
    settings.HOME = tmp_path
    client = sign_in("administrator", "subscriber_clerk", "privacy_officer")
    found = []
    for people in (1, 5):
        numbers = guarded(naru, people)
        paths = [path.format(**numbers) for path in SCREENS.values() if path.startswith(("/privacy/", "/leaks/"))]
        found.append([counted(client, path, part=False) for path in paths])
    assert all(many <= few for few, many in zip(*found, strict=True)), list(zip(paths, *found, strict=True))
