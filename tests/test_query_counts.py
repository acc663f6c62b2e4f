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

from numaru.facilities.clocks import api as clocks
from numaru.facilities.clocks.jobs import house
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message
from numaru.facilities.parties.api import consents
from numaru.facilities.work import api as work
from numaru.facilities.work.models import Process
from numaru.kernel import clock, health
from numaru.kernel.desk import api as desk
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import runs
from tests.attacks.routes import asked
from tests.domains.billing.world import HOUSE, World
from tests.screens import SignIn, naru, shared, sign_in, subscriber  # noqa: F401

COMMITTED = Path(__file__).with_name("query_counts.json")
SCREENS = {
    "today": "/",
    "today, the list alone": "/?part=todo",
    "notices": "/notices/",
    "notices, menu": "/notices/menu/",
    "search, nothing asked": "/find/",
    "search, acts": "/find/?q=%3E",
    "search, by a number": "/find/?q={noeul}&stay=1",
    "search, by initials": "/find/?q=%E3%84%B1%E3%85%8E%E3%84%B4",
    "search, by a word": "/find/?q=%EC%B2%AD%EA%B5%AC",
    "search, by a telephone number": "/find/?q=010-1234-2201",
    "search, by the number of an invoice": "/find/?q=R2026-08-000002&stay=1",
    "glance at a run": "/find/billing.run/R2026-08/",
    "glance at an invoice": "/find/billing.invoice/R2026-08-000002/",
    "glance at a subscriber": "/find/subscribers.subscriber/{noeul}/",
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
    "subscribers, under a saved view": "/subscribers/?served=running&view={view}",
    "subscribers, bulk act": "/subscribers/?bulk=billing.record&all=1",
    "bulk acts": "/desk/bulk/",
    "bulk act": "/desk/bulk/{bulk}/",
    "bulk act, rows": "/desk/bulk/{bulk}/rows/",
    "downloads": "/desk/downloads/",
    "master data": "/records/",
    "records": "/records/services/",
    "record": "/records/services/naru-video/",
    "record, new": "/records/new/services/",
    "record, change": "/records/services/naru-video/change/",
    "subscriber": "/subscribers/{noeul}/",
    "subscriber, sixty days": "/subscribers/{noeul}/?part=life",
    "subscriber, bill so far": "/subscribers/{noeul}/?part=bill",
    "subscriber, opening": "/subscribers/{noeul}/?open=phone",
    "subscriber, correction": "/subscribers/{noeul}/?correct=",
    "bulk openings": "/privacy/exports/",
    "bulk opening, new": "/privacy/exports/new/",
    "board of a room": "/boards/billing/?span=12m",
    "boards": "/boards/",
    "board, new": "/boards/new/",
    "indicator": "/boards/indicator/subscribers.1-active/",
    "bill runs": "/billing/runs/",
    "backups": "/backups/",
    "bill run": "/billing/runs/R2026-09/",
    "bill run, new": "/billing/runs/new/",
    "bill run, report": "/billing/runs/R2026-09/report.pdf",
    "invoices": "/billing/invoices/",
    "invoices, of a run": "/billing/invoices/?run=R2026-08",
    "invoice": "/billing/invoices/R2026-08-000002/",
    "invoice, line": "/billing/invoices/R2026-08-000002/lines/4/",
    "invoice, PDF": "/billing/invoices/R2026-08-000002/pdf",
    "help": "/help/",
    "help, chapter": "/help/billing/",
    "help, first steps": "/help/first-steps/",
    "retention": "/privacy/retention/",
    "retention, class": "/privacy/retention/parties.contact/",
    "holds": "/privacy/holds/",
    "destructions": "/privacy/destruction/",
    "destruction": "/privacy/destruction/{destruction}/",
    "subject requests": "/privacy/requests/",
    "subject request": "/privacy/requests/{request}/",
    "gallery": "/gallery/",
    "leaks": "/leaks/",
    "leak": "/leaks/{case}/",
    "leak, people": "/leaks/{case}/people/1/",
    "leak, text": "/leaks/{case}/texts/notice/",
    "my tasks": "/tasks/mine/",
    "tasks": "/tasks/",
    "tasks, bulk act": "/tasks/?bulk=work.assign&all=1",
    "new task": "/tasks/new/",
    "task": "/tasks/{task}/",
    "processes": "/processes/",
    "process": "/processes/{process}/",
    "process, start": "/processes/start/",
    "process, step": "/tasks/{step}/step/",
    "definitions of processes": "/processes/definitions/",
    "definition of a process": "/processes/definitions/tidy/",
    "clocks": "/clocks/",
    "clock": "/clocks/{clock}/",
    "business calendars": "/calendars/",
    "business calendar": "/calendars/office/",
    "business calendar, tried": "/calendars/office/?day=2026-12-24&at=16:00&hours=12",
    "business calendar, new version": "/calendars/office/change/",
    "calendar": "/calendar/?at=2026-11-02",
    "calendar, agenda": "/calendar/?at=2026-11-02&view=agenda",
    "calendar, year": "/calendar/?at=2026-11-02&view=year",
    "batches": "/batches/",
    "batch": "/batches/{batch}/",
    "batch, act": "/batches/{batch}/stop/",
    "messages": "/messages/",
    "messages of a batch": "/messages/?batch={batch}&state=queued",
    "message": "/messages/{message}/",
    "window": "/calendar/{window}/",
    "window, new": "/calendar/new/",
    "calendar, address": "/calendar/address/",
    "calendar, file": "/calendar/file/",
    "letters": "/letters/",
    "letters, address": "/letters/address/",
    "documents of consent": "/consents/",
    "proof of consent": "/consents/people/{noeul}/",
    "subscriber, portal account": "/subscribers/{noeul}/portal/",
}
PORTAL = {
    "portal, bill": "/my/{noeul}/",
    "portal, use": "/my/{noeul}/use/",
    "portal, one bill": "/my/{noeul}/bills/R2026-08-000002/",
    "portal, PDF": "/my/{noeul}/bills/R2026-08-000002/pdf",
    "portal, my data": "/my/me/",
    "portal, messages": "/my/messages/",
    "portal, consents": "/my/consents/",
    "portal, agreeing": "/my/consents/agree/?purpose=advertising&medium=email",
    "portal, stopping": "/my/stop/{token}/",
    "portal, ask": "/my/help/",
    "portal, answers": "/my/ask/?q=bill&q=why&q=next&q=plan&q=seen",
    "portal, door": "/my/sign-in/",
}
FRAGMENTS = {
    "today, the list alone",
    "glance at a run",
    "glance at an invoice",
    "glance at a subscriber",
    "subscriber, bill so far",
    "subscriber, sixty days",
    "subscriber, opening",
    "subscriber, correction",
    "bill run, live",
}

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


def desked(naru: World, client: Client) -> dict[str, str]:  # noqa: F811
    """A saved view and a bulk act of whoever ``client`` is."""
    actor = Staff.objects.get(pk=client.session["_auth_user_id"]).actor
    view = desk.save_view.do(actor, list_key="subscribers", name="이용 중만", params={"served": "running"}, shared=True)
    rows = [str(naru.subscriber(who).pk) for who in ("haneul", "noeul", "gyeoul")]
    data = {"kind": "paused", "on": "2026-12-01", "reason": "시험"}
    task = work.open_task.do(actor, title="확인")
    steps = "".join(f'[[steps]]\nkey="{k}"\nname_ko="{k}"\nname_en="{k}"\nrole="billing_clerk"\nminutes=60\n' for k in "ab")
    work.keep_process.do(HOUSE, source=f'key="tidy"\nname_ko="정리"\nname_en="Tidy"\n{steps}')
    process, _ = (work.start_process.do(HOUSE, process="tidy", title=f"정리 {n}") for n in (1, 2))
    pk = clocks.start.do(house(), kind="approvals.answer", subject=asked({})["number"])
    begin = clock.now() + timedelta(days=1)
    plan = {"starts_at": begin, "ends_at": begin + timedelta(hours=2), "rrule": "FREQ=WEEKLY"}
    window = [work.plan_window.do(actor, kind=kind, title="점검", reason="겹침을 봄", **plan) for kind in ("maintenance", "release")]
    return {
        "window": window[0],
        "task": task,
        "process": process,
        "step": Process.objects.get(number=process).task,
        "clock": str(pk),
        "view": str(view),
        "bulk": desk.begin.do(actor, key="billing.record", params={}, rows=rows, data=data),
    }


def sent(naru: World) -> dict[str, str]:  # noqa: F811
    """A batch that waits to go out to three of the cast, and one of its messages."""
    who = [naru.subscriber(name).party_id for name in ("haneul", "minsu", "gyeoul")]
    batch = messaging.post(template="messaging.note", actor=HOUSE, people=who, same={"text": "알림"})
    return {"batch": batch, "message": Message.objects.filter(batch__number=batch).latest("pk").number}


def test_every_screen_asks_as_often_as_was_agreed(naru: World, sign_in: SignIn, settings: Any, tmp_path: Path) -> None:  # noqa: F811
    client = sign_in("administrator", "subscriber_clerk", "privacy_officer")
    told = sent(naru)  # sealed with the keys of this home
    (tmp_path / "usage").symlink_to(settings.HOME / "usage")  # what was used stays readable
    settings.HOME = tmp_path
    numbers = guarded(naru) | desked(naru, client) | told
    health.look(fresh=True)  # the first page lives with answers of a minute
    paths = {name: path.format(noeul=naru.subscriber("noeul").number, **numbers) for name, path in SCREENS.items()} | {
        "bill run, live": "/billing/runs/R2026-09/"
    }
    found = {name: counted(client, path, part=name in FRAGMENTS) for name, path in sorted(paths.items())}
    reader = subscriber(naru, "noeul")
    token = consents.token_for(naru.subscriber("noeul").party_id, "advertising", "email")
    own = {name: path.format(noeul=naru.subscriber("noeul").number, token=token) for name, path in PORTAL.items()}
    found |= {name: counted(Client() if "door" in name else reader, path, part=False) for name, path in sorted(own.items())}
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
