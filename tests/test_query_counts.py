"""How many questions each screen asks the database. The numbers are committed; a screen that asks more fails until a person agrees.

``./numaru budget`` writes them anew. Each screen is asked twice, with few and with more rows: the number must not grow with them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.domains.billing.world import World
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
    "bill runs": "/billing/runs/",
    "backups": "/backups/",
    "bill run": "/billing/runs/R2026-09/",
    "bill run, new": "/billing/runs/new/",
    "invoices": "/billing/invoices/",
    "invoices, of a run": "/billing/invoices/?run=R2026-08",
    "invoice": "/billing/invoices/R2026-08-000002/",
    "invoice, PDF": "/billing/invoices/R2026-08-000002/pdf",
}
FRAGMENTS = {"subscriber, bill so far", "subscriber, opening", "bill run, live"}

pytestmark = pytest.mark.budget


def counted(client: Client, path: str, *, part: bool) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, headers={"HX-Request": "true"} if part else {})
    assert answer.status_code == 200, path
    return len(asked)


def test_every_screen_asks_as_often_as_was_agreed(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    client = sign_in("administrator", "subscriber_clerk")
    paths = {name: path.format(noeul=naru.subscriber("noeul").number) for name, path in SCREENS.items()} | {
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
