"""Every address of the house, as the attack tests see it: what stands in it, who may read it and who may change something by it.

A view without a row here fails ``test_reach``: nobody adds an address without saying who may reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from numaru.adapters.letters import permissions as letter
from numaru.adapters.letters import printing
from numaru.adapters.letters.carrier import LetterCarrier
from numaru.adapters.letters.models import LetterBatch
from numaru.domains.billing.permissions import CONTRACT_ENROL, INVOICE_VIEW, PARKED_BILL, RUN_CANCEL, RUN_CONTROL, RUN_START, RUN_VIEW
from numaru.domains.subscribers import api as subscribers
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.catalogue.models import LegalEntity
from numaru.facilities.catalogue.permissions import ENTITY_DESCRIBE
from numaru.facilities.clocks import api as clocks
from numaru.facilities.indicators.permissions import BOARD_KEEP, BOARD_VIEW, TARGET_SET
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import HeldMessage, Message
from numaru.facilities.parties import permissions as people
from numaru.facilities.parties.api import consents
from numaru.facilities.parties.permissions import CONTACT_CORRECT, CONTACT_OPEN, PORTAL_MANAGE
from numaru.facilities.work import api as work
from numaru.kernel import clock
from numaru.kernel.actions import Second
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.approvals.requests import raise_request
from numaru.kernel.audit.permissions import FINDING_DECIDE, RECORD_VIEW, REVIEW_SIGN
from numaru.kernel.backup.permissions import RESTORATION_NOTE
from numaru.kernel.backup.permissions import RUN_START as BACKUP_START
from numaru.kernel.backup.permissions import RUN_VIEW as BACKUP_VIEW
from numaru.kernel.desk import api as desk
from numaru.kernel.imports.permissions import RUN_START as IMPORT_START
from numaru.kernel.imports.permissions import RUN_VIEW as IMPORT_VIEW
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks import permissions as leak
from numaru.kernel.leaks.models import LeakCase
from numaru.kernel.models import ApiClient, AuditRecord, StaffGrant
from numaru.kernel.notices.permissions import NOTICE_READ
from numaru.kernel.permissions import SYSTEM_VIEW
from numaru.kernel.policies.permissions import POLICY_CHANGE, POLICY_VIEW
from numaru.kernel.retention import api as retention
from numaru.kernel.retention import permissions as keep
from numaru.kernel.staff import api as access
from numaru.kernel.staff import permissions as may
from numaru.kernel.staff.models import StaffSession
from numaru.values.text import Text
from tests.attacks.conftest import CONTENT, MAPPING, staff
from tests.domains.billing.world import HOUSE, SLUG

OPEN = "open"  # before sign-in
ANY = "any member of staff"
PORTAL = "a subscriber signed in to the portal, and no member of staff"  # tried in test_portal.py
POST = "only by POST"  # nothing to read: a GET is told 405 or led back
NOBODY = "nobody by role"  # no role alone gives it here: only who it belongs to, or a permission asked for beyond this table
REASON = "사유 7f3a"


@dataclass(frozen=True)
class Route:
    """One address. ``may`` is the permission to read it, OPEN, ANY or POST; ``secret`` finds in the world what a stranger must not read
    there, told to who has ``tells`` (else ``may``). ``change`` is the permission behind a POST with ``form``; ``works`` says that such a
    POST by who may does something in this world, so that a refusal is known to be one."""

    may: str
    args: Callable[[Any], dict[str, str]] = lambda w: {}
    secret: Callable[[Any], str] = lambda w: ""
    scoped: bool = True  # the thing shown belongs to a service: a grant for another one shows nothing of it
    tells: str = ""
    change: str = ""
    form: Callable[[Any], dict[str, Any]] = lambda w: {}
    works: bool | None = True  # None: what it does for who may is shown elsewhere
    also: str = ""  # a second permission that the change needs
    status: int = 200  # of the page, for who may read it
    post: bool = False  # an address of the portal that takes POST alone


def _who(w: Any) -> dict[str, str]:
    return {"number": w.subscriber("haneul").number}


def _number(text: str) -> Callable[[Any], dict[str, str]]:
    return lambda w: {"number": text}


def asked(w: Any) -> dict[str, str]:
    """A request that waits: somebody wants to take the run of September back."""
    asker = staff("administrator", service=SLUG).actor
    number = raise_request.do(
        asker, reason=REASON, action="numaru.domains.billing.actions.runs.cancel_run", arguments={"number": "R2026-09"}, effects=[],
        need=Second(Text("시험", "Test")), service=SLUG,
    )  # fmt: skip
    return {"number": number}


ROUTES: dict[str, Route] = {
    "console:home": Route(ANY),
    "console:seen": Route(POST, scoped=False, form=lambda w: {"upto": "0"}, change=NOTICE_READ),
    "gallery:parts": Route(ANY),
    "console:sign-in": Route(OPEN),
    "console:stay": Route(ANY),
    "console:sign-out": Route(POST),
    "console:prefer": Route(OPEN),
    "console:find": Route(ANY),
    "console:peek": Route(RUN_VIEW, lambda w: {"kind": "billing.run", "number": "R2026-08"}, status=302),  # what it tells: tests/faces/console/test_find.py
    "subscribers:list": Route(SUBSCRIBER_VIEW, secret=lambda w: w.subscriber("haneul").number),
    "subscribers:subscriber": Route(SUBSCRIBER_VIEW, _who, secret=lambda w: w.subscriber("haneul").external_id),
    "subscribers:open": Route(POST, lambda w: _who(w) | {"kind": "phone"}, lambda w: "1234-2201", change=CONTACT_OPEN, form=lambda w: {"reason": "caller"}),
    "subscribers:correct": Route(POST, _who, change=CONTACT_CORRECT, form=lambda w: {"kind": "phone", "value": "010-2222-3333", "reason": "통화로 확인"}),
    "billing:runs": Route(RUN_VIEW, secret=lambda w: "R2026-08"),
    "billing:new-run": Route(RUN_START, change=RUN_START, form=lambda w: {"service": SLUG, "period": "2026-10"}),
    "billing:run": Route(RUN_VIEW, _number("R2026-08"), secret=lambda w: "89,029"),
    "billing:run-report": Route(RUN_VIEW, _number("R2026-08"), secret=lambda w: "%PDF"),
    "billing:cancel-run": Route(RUN_CANCEL, _number("R2026-09"), secret=lambda w: "26,400", change=RUN_CANCEL, form=lambda w: {"reason": "시험"}),
    "billing:bill-parked": Route(PARKED_BILL, lambda w: {"number": "R2026-09", "account": f"A-{w.contract('onyu').account_id:07d}"}, change=PARKED_BILL, works=False, status=409),
    "billing:control-run": Route(POST, lambda w: {"number": w.start("2026-10").number, "verb": "pause"}, change=RUN_CONTROL),
    "billing:invoices": Route(INVOICE_VIEW, secret=lambda w: "R2026-08-000001"),
    "billing:invoice": Route(INVOICE_VIEW, _number("R2026-08-000001"), secret=lambda w: "5,429"),
    "billing:invoice-line": Route(INVOICE_VIEW, lambda w: {"number": "R2026-08-000002", "line": "4"}, secret=lambda w: "4,000"),
    "billing:invoice-pdf": Route(INVOICE_VIEW, _number("R2026-08-000001"), secret=lambda w: "%PDF"),
    "indicators:billing": Route(INVOICE_VIEW),
    "indicators:subscribers": Route(SUBSCRIBER_VIEW),
    "indicators:shared": Route(BOARD_VIEW, scoped=False),
    "indicators:boards": Route(BOARD_VIEW, scoped=False),
    "indicators:new": Route(BOARD_KEEP, scoped=False, change=BOARD_KEEP, form=lambda w: {"name": "시험", "indicators": ["house.4-waited"]}),
    "indicators:board": Route(NOBODY, lambda w: {"number": "BD-00001"}, status=404),
    "indicators:change": Route(NOBODY, lambda w: {"number": "BD-00001"}, status=404),
    "indicators:drop": Route(POST, lambda w: {"number": "BD-00001"}, change=NOBODY),
    "indicators:back": Route(POST, lambda w: {"number": "BD-00001"}, change=NOBODY),
    "indicators:indicator": Route(
        INVOICE_VIEW, lambda w: {"key": "billing.1-billed"}, scoped=False, change=TARGET_SET, also=INVOICE_VIEW,
        form=lambda w: {"month": "2026-12", "value": "1000", "reason": REASON},
    ),
    "imports:list": Route(IMPORT_VIEW, secret=lambda w: "IMP-000001"),
    "imports:new": Route(
        IMPORT_START, change=IMPORT_START, also=CONTRACT_ENROL,
        form=lambda w: {"file": SimpleUploadedFile("a.csv", CONTENT), "mapping": "upload", "dry": "on", "mapping_file": SimpleUploadedFile("m.toml", MAPPING.encode())},
    ),
    "imports:run": Route(IMPORT_VIEW, _number("IMP-000001"), secret=lambda w: "people.csv"),
    "imports:findings": Route(IMPORT_VIEW, _number("IMP-000001"), secret=lambda w: "import.formula"),
    "imports:go": Route(POST, _number("IMP-000001"), change=IMPORT_START, also=CONTRACT_ENROL),
    "imports:stop": Route(POST, _number("IMP-000001"), change=IMPORT_START, works=False),
    "notices:list": Route(NOTICE_READ, scoped=False),
    "notices:bell": Route(NOTICE_READ, scoped=False),
    "notices:menu": Route(NOTICE_READ, scoped=False),
    "notices:read": Route(POST, scoped=False, form=lambda w: {"upto": "0"}, change=NOTICE_READ),
    "notices:follow": Route(POST, lambda w: {"number": "1"}, change=NOBODY),
    "approvals:list": Route(REQUEST_USE, asked, secret=lambda w: REASON, tells=RUN_CANCEL),
    "approvals:request": Route(RUN_CANCEL, asked, secret=lambda w: REASON),
    "approvals:approve": Route(POST, asked, change=RUN_CANCEL, form=lambda w: {"seen": "x"}, works=False),
    "approvals:refuse": Route(POST, asked, change=RUN_CANCEL, form=lambda w: {"note": "아니요"}),
    "approvals:withdraw": Route(POST, asked, change=NOBODY),
}  # fmt: skip


def somebody(w: Any) -> dict[str, str]:
    return {"number": str(staff("billing_clerk", name="김비밀").pk)}


def _grant(w: Any) -> dict[str, str]:
    held = StaffGrant.objects.get(staff=staff("billing_clerk", name="김비밀"))
    return {"number": str(held.staff_id), "grant": str(held.pk)}


def _client(w: Any) -> dict[str, str]:
    from tests.attacks.conftest import token

    token("billing_clerk")
    return {"number": str(ApiClient.objects.latest("pk").pk)}


def _review(w: Any) -> dict[str, str]:
    staff("billing_clerk", name="김비밀")
    return {"number": access.open_review.do(HOUSE), "item": "1"}


def _session(w: Any) -> dict[str, str]:
    """A session of somebody else."""
    client = Client()
    client.force_login(staff("billing_clerk"))
    return {"session": str(StaffSession.objects.latest("pk").pk)}


def _record(w: Any) -> dict[str, str]:
    return {"pk": str(AuditRecord.objects.filter(object="import").latest("pk").pk)}


def _entity(w: Any) -> dict[str, str]:
    return {"key": "entities", "row": LegalEntity.objects.earliest("pk").slug}


def _bulk(w: Any) -> dict[str, str]:
    """A bulk act of somebody else."""
    who = staff("administrator")
    data = {"kind": "paused", "on": "2026-12-01", "reason": "시험"}
    return {"number": desk.begin.do(who.actor, key="billing.record", params={}, rows=[str(w.subscriber("haneul").pk)], data=data)}


ROUTES |= {
    # the door and the own account
    "account_login": Route(OPEN),
    "mfa_authenticate": Route(OPEN),
    "mfa_login_webauthn": Route(OPEN),
    "account_link": Route(OPEN, lambda w: {"secret": "guessed"}),
    **{name: Route(ANY) for name in (
        "mfa_index", "account_start", "account_password", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_list_webauthn", "mfa_add_webauthn",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    )},
    "mfa_remove_webauthn": Route(ANY, lambda w: {"pk": "1"}),
    "account_end_others": Route(POST),
    "account_end_session": Route(POST, _session, change=NOBODY),
    # staff, keys, reviews
    "access:list": Route(may.PERSON_VIEW, somebody, lambda w: "김비밀", scoped=False),
    "access:add": Route(may.PERSON_ADD, scoped=False, change=may.PERSON_ADD, form=lambda w: {"login": "newcomer", "name": "새사람", "language": "ko"}),
    "access:person": Route(may.PERSON_VIEW, somebody, lambda w: "김비밀", scoped=False),
    "access:give": Route(may.GRANT_CHANGE, somebody, scoped=False, change=may.GRANT_CHANGE, form=lambda w: {"role": "auditor", "scope": "", "reason": "시험"}),
    "access:end-grant": Route(may.GRANT_CHANGE, _grant, scoped=False, change=may.GRANT_CHANGE, form=lambda w: {"reason": "시험"}, works=None),
    "access:act": Route(may.PERSON_LEAVE, lambda w: somebody(w) | {"what": "leave"}, scoped=False, change=may.PERSON_LEAVE, form=lambda w: {"reason": "시험"}),
    "access:clients": Route(may.CLIENT_ADD, _client, lambda w: "program ", scoped=False),
    "access:client-new": Route(may.CLIENT_ADD, scoped=False, change=may.CLIENT_ADD, form=lambda w: {"name": "new", "role": "auditor", "scope": "", "reason": "시험"}),
    "access:client": Route(may.CLIENT_ADD, _client, lambda w: "program ", scoped=False),
    "access:client-act": Route(may.CLIENT_CHANGE, lambda w: _client(w) | {"what": "revoke"}, scoped=False, change=may.CLIENT_CHANGE, form=lambda w: {"reason": "시험"}),
    "access:reviews": Route(may.REVIEW_HOLD, scoped=False),
    "access:review-open": Route(POST, scoped=False, change=may.REVIEW_HOLD),
    "access:review": Route(may.REVIEW_HOLD, _review, lambda w: "김비밀", scoped=False),
    "access:decide": Route(POST, _review, scoped=False, change=may.REVIEW_HOLD, form=lambda w: {"decision": "end", "reason": "시험"}, works=None),
    # audit, policies, backups, the system
    "audit:records": Route(RECORD_VIEW, secret=lambda w: "IMP-000001", scoped=False),
    "audit:record": Route(RECORD_VIEW, _record, lambda w: "IMP-000001", scoped=False),
    "audit:openings": Route(RECORD_VIEW, scoped=False),
    "audit:findings": Route(RECORD_VIEW, scoped=False),
    "audit:finding": Route(RECORD_VIEW, lambda w: {"number": "F-0000001"}, scoped=False, status=404),
    "audit:decide": Route(POST, lambda w: {"number": "F-0000001"}, scoped=False, change=FINDING_DECIDE, form=lambda w: {"as": "explained", "reason": "시험"}, works=None),
    "audit:reviews": Route(RECORD_VIEW, scoped=False),
    "audit:review": Route(RECORD_VIEW, lambda w: {"year": "2026", "month": "10"}, scoped=False, status=404, change=REVIEW_SIGN, form=lambda w: {"reason": "시험"}, works=None),
    "policies:list": Route(POLICY_VIEW),
    "policies:policy": Route(POLICY_VIEW, lambda w: {"key": "access.mfa_required"}),
    "policies:change": Route(POLICY_CHANGE, lambda w: {"key": "access.mfa_required"}, change=POLICY_CHANGE, form=lambda w: {"value": "none", "scope": "", "valid_from": "2026-12-01", "basis": "b", "source": "s", "reason": "시험"}, works=None),
    "backups:overview": Route(BACKUP_VIEW, scoped=False),
    "backups:now": Route(POST, scoped=False, change=BACKUP_START, works=None),
    "backups:check": Route(POST, scoped=False, change=BACKUP_START),
    "backups:restored": Route(BACKUP_VIEW, scoped=False, status=404, change=RESTORATION_NOTE, form=lambda w: {"reason": "시험"}, works=None),
    "faces:index": Route(OPEN, status=404),  # no demo, no page: tests/config/test_faces.py
    "faces:put-on": Route(OPEN, status=404),
    "faces:phone": Route(OPEN, status=404),
    "system:parts": Route(SYSTEM_VIEW, scoped=False),
    "help:index": Route(ANY),
    "help:page": Route(ANY, lambda w: {"name": "billing"}),
    "help:first-steps": Route(ANY),
    "help:background": Route(ANY, lambda w: {"name": "glossary"}),
    "system:again": Route(POST, scoped=False, change=SYSTEM_VIEW, works=None),
    # master data
    "records:index": Route(catalogue.RECORD_VIEW),
    "records:list": Route(catalogue.RECORD_VIEW, _entity),
    "records:one": Route(catalogue.RECORD_VIEW, _entity),
    "records:add": Route(ENTITY_DESCRIBE, _entity, scoped=False, change=ENTITY_DESCRIBE, form=lambda w: {}, works=None),
    "records:change": Route(ENTITY_DESCRIBE, _entity, scoped=False, change=ENTITY_DESCRIBE, form=lambda w: {}, works=None),
    "records:retire": Route(ENTITY_DESCRIBE, _entity, scoped=False, change=ENTITY_DESCRIBE, form=lambda w: {"reason": "시험"}, works=None),
    "records:restore": Route(ENTITY_DESCRIBE, _entity, scoped=False, change=ENTITY_DESCRIBE, form=lambda w: {"reason": "시험"}, works=None),
    # the own desk
    "desk:downloads": Route(may.ACCOUNT_USE, scoped=True),
    "desk:file": Route(POST, lambda w: {"number": "D-0000001"}, change=NOBODY),
    "desk:bulk-list": Route(may.ACCOUNT_USE),
    "desk:bulk": Route(NOBODY, _bulk),
    "desk:rows": Route(NOBODY, _bulk),
    "desk:go": Route(POST, _bulk, change=NOBODY),
    "desk:stop": Route(POST, _bulk, change=NOBODY),
}  # fmt: skip


def _case(w: Any) -> dict[str, str]:
    number = leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now(), happened="사고 7f3a")
    return {"number": number, "version": "1", "kind": "notice", "lang": "ko", "handover": "H-1", "key": "notice"}


def _request(w: Any) -> dict[str, str]:
    card = w.subscriber("haneul")
    number = retention.take_request.do(
        HOUSE, person=card.party_id, subject=card.number, kind="access", channel="phone", received_on=clock.today()
    )
    return {"number": number, "step": "verify"}


def _class(w: Any) -> dict[str, str]:
    return {"key": next(key for key, _ in retention.classes)}


def _hold(w: Any) -> dict[str, str]:
    return {
        "number": retention.place_hold.do(
            HOUSE, until=clock.today() + timedelta(days=30), person=w.subscriber("haneul").party_id, reason="시험"
        )
    }


def _task(w: Any) -> dict[str, str]:
    return {
        "number": work.open_task.do(HOUSE, title="업무 7f3a", service=SLUG, role="billing_clerk", checklist=["가"]),
        "verb": "cancel",
        "ordinal": "1",
    }


ROUTES |= {
    "work:mine": Route(work.TASK_DO),
    "work:tasks": Route(work.TASK_VIEW, _task, lambda w: "업무 7f3a"),
    "work:new": Route(work.TASK_OPEN, change=work.TASK_OPEN, form=lambda w: {"title": "새 업무", "owner": "role:auditor", "priority": "2", "service": SLUG}),
    "work:task": Route(work.TASK_VIEW, _task, lambda w: "업무 7f3a"),
    **{f"work:{name}": Route(POST, _task, change=work.TASK_ASSIGN, works=None) for name in ("begin", "take", "accept", "withdraw", "tick")},
    "work:comment": Route(POST, _task, change=work.TASK_ASSIGN, form=lambda w: {"words": "시험"}, works=None),
    **{f"work:{name}": Route(work.TASK_ASSIGN, _task, lambda w: "업무 7f3a", change=work.TASK_ASSIGN, form=lambda w: {"reason": "시험", "to": "role:auditor", "note": "시험"}, works=None)
       for name in ("finish", "hand", "assign", "change", "ask")},
}  # fmt: skip


def _held(w: Any) -> dict[str, str]:
    messaging.OUTBOX.send([messaging.Outgoing("test.7f3a", "email", "secret@naru.kr", "ko", "제목 7f3a", "글 7f3a")])
    HeldMessage.objects.update(service=SLUG)
    return {"key": "test.7f3a"}


def _post(w: Any, **more: Any) -> str:
    who = [w.subscriber("haneul").party_id]
    return messaging.post(template="messaging.note", actor=HOUSE, people=who, same={"text": "글"}, service=SLUG, title="발송 7f3a", **more)


def _message(w: Any) -> dict[str, str]:
    """A message that went out for the service, told by the title of its batch."""
    row = Message.objects.filter(batch__title="발송 7f3a").first()
    if row is None:
        number = _post(w, channels=["email"])
        messaging.send(number)
        row = Message.objects.get(batch__number=number)
    return {"number": row.number}


def _batch(w: Any) -> dict[str, str]:
    """A batch that still waits to go out: it may be stopped."""
    return {"number": _post(w), "verb": "stop"}


def _undecided(w: Any) -> dict[str, str]:
    """A message whose outcome nobody knows."""
    number = _message(w)["number"]
    Message.objects.filter(pk=int(number[2:])).update(state="unknown")
    return {"number": number, "verb": "again"}


ROUTES |= {
    "messaging:batches": Route(messaging.BATCH_VIEW, _batch, lambda w: "발송 7f3a"),
    "messaging:messages": Route(messaging.BATCH_VIEW, _message, lambda w: "발송 7f3a"),
    "messaging:batch": Route(messaging.BATCH_VIEW, _batch, lambda w: "발송 7f3a"),
    "messaging:act": Route(messaging.BATCH_CONTROL, _batch, lambda w: "발송 7f3a", change=messaging.BATCH_CONTROL, form=lambda w: {"reason": REASON}, works=None),
    "messaging:message": Route(messaging.BATCH_VIEW, _message, lambda w: "발송 7f3a"),
    "messaging:open": Route(POST, _message, change=messaging.MESSAGE_OPEN, form=lambda w: {"reason": "caller"}, works=None),
    "messaging:prove": Route(POST, _message, change=messaging.MESSAGE_PROVE, form=lambda w: {"reason": REASON}, works=None),
    "messaging:decide": Route(messaging.MESSAGE_DECIDE, _undecided, change=messaging.MESSAGE_DECIDE, form=lambda w: {"reason": REASON}, works=None),
    "messaging:outbox": Route(messaging.OUTBOX_VIEW, _held, lambda w: "se***@n***.kr"),
    "messaging:held": Route(messaging.OUTBOX_VIEW, _held, lambda w: "se***@n***.kr", change=messaging.OUTBOX_OPEN, form=lambda w: {"reason": REASON}),
}  # fmt: skip


def _asked_clock(w: Any) -> dict[str, str]:
    from numaru.facilities.clocks.approvals import KEY
    from numaru.facilities.clocks.jobs import house

    number = asked(w)["number"]
    return {"pk": str(clocks.start.do(house(), kind=KEY, subject=number, service=SLUG))}


def _calendar(w: Any) -> dict[str, str]:
    from numaru.facilities.clocks.jobs import house

    house()
    return {"key": "office"}


HOURS = {
    "day0": "09:00-18:00", "zone": "Asia/Seoul", "policy": "begins", "country": "", "name_ko": "시험", "name_en": "Test", "key": "attack", "reason": "시험",
}  # fmt: skip
ROUTES |= {
    "clocks:list": Route(clocks.CLOCK_VIEW, scoped=False),
    "clocks:clock": Route(NOBODY, _asked_clock),
    "clocks:calendars": Route(clocks.CALENDAR_VIEW, _calendar, scoped=False),
    "clocks:calendar": Route(clocks.CALENDAR_VIEW, _calendar, scoped=False),
    "clocks:new": Route(clocks.CALENDAR_CHANGE, scoped=False, change=clocks.CALENDAR_CHANGE, form=lambda w: HOURS),
    "clocks:change": Route(clocks.CALENDAR_CHANGE, _calendar, scoped=False, change=clocks.CALENDAR_CHANGE, form=lambda w: HOURS, works=None),
}  # fmt: skip


def _window(w: Any) -> dict[str, str]:
    begin = clock.now() + timedelta(days=1)
    return {
        "number": work.plan_window.do(
            HOUSE, kind="release", title="일정 7f3a", service=SLUG, starts_at=begin, ends_at=begin + timedelta(hours=1)
        )
    }


PLANNED = {"kind": "other", "title": "새 일정", "service": SLUG, "starts_on": "2026-11-05"}
ROUTES |= {
    "work:calendar": Route(work.WINDOW_VIEW, _window, lambda w: "일정 7f3a"),
    "work:window": Route(work.WINDOW_VIEW, _window, lambda w: "일정 7f3a"),
    "work:plan": Route(work.WINDOW_PLAN, change=work.WINDOW_PLAN, form=lambda w: PLANNED),
    "work:replan": Route(work.WINDOW_PLAN, _window, lambda w: "일정 7f3a", change=work.WINDOW_PLAN, form=lambda w: PLANNED),
    "work:cancel-window": Route(work.WINDOW_PLAN, _window, change=work.WINDOW_PLAN, form=lambda w: {"reason": "시험"}),
    "work:address": Route(work.WINDOW_VIEW, change=work.WINDOW_VIEW, scoped=False, works=None),
    "work:bring": Route(work.WINDOW_PLAN, change=work.WINDOW_PLAN, form=lambda w: {"kind": "other", "file": SimpleUploadedFile("a.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR")}, works=None),
    "work:file": Route(NOBODY, lambda w: {"number": "CF-000001"}, status=404),
    "work:feed": Route(OPEN, lambda w: {"token": "guessed"}, status=404),
}  # fmt: skip


def _process(w: Any) -> dict[str, str]:
    work.ship(HOUSE)
    number = work.start_process.do(HOUSE, process="after-incident", title="절차 7f3a", service=SLUG)
    return {"number": number, "key": "after-incident"}


def _step(w: Any) -> dict[str, str]:
    from numaru.facilities.work.models import Process

    row = Process.objects.get(number=_process(w)["number"])
    work.finish_step.do(HOUSE, number=row.task, outcome="charged", note="시험", reason="시험")  # on to a role that may assign
    row.refresh_from_db()
    return {"number": row.task}


def _definition(w: Any) -> dict[str, str]:
    work.ship(HOUSE)
    return {"key": "after-incident"}


DEFINED = {"source": 'key = "x"'}
ROUTES |= {
    "work:processes": Route(work.PROCESS_VIEW, _process, lambda w: "절차 7f3a"),
    "work:process": Route(work.PROCESS_VIEW, _process, lambda w: "절차 7f3a"),
    "work:start": Route(work.PROCESS_START, _definition, change=work.PROCESS_START, form=lambda w: {"process": "after-incident", "title": "새 절차", "service": SLUG}, works=None),
    "work:cancel-process": Route(work.PROCESS_START, _process, lambda w: "절차 7f3a", change=work.PROCESS_START, form=lambda w: {"reason": "시험"}),
    "work:step": Route(work.TASK_ASSIGN, _step, lambda w: "절차 7f3a", change=work.TASK_ASSIGN, form=lambda w: {"outcome": "done", "note": "시험", "reason": "시험"}, works=None),
    "work:definitions": Route(work.PROCESS_VIEW, _definition, scoped=False),
    "work:definition": Route(work.PROCESS_VIEW, _definition, scoped=False),
    "work:define": Route(work.PROCESS_DEFINE, change=work.PROCESS_DEFINE, form=lambda w: DEFINED, scoped=False, works=None),
    "work:redefine": Route(work.PROCESS_DEFINE, _definition, change=work.PROCESS_DEFINE, form=lambda w: DEFINED, scoped=False, works=None),
}  # fmt: skip


GONE = {"number": "X-0000001"}  # nothing has this number: who may is told 404, who may not 403 or 404
ROUTES |= {
    "leaks:list": Route(leak.LEAK_VIEW, _case, lambda w: LeakCase.objects.latest("pk").number, scoped=False),
    "leaks:new": Route(leak.LEAK_HANDLE, scoped=False, change=leak.LEAK_HANDLE, form=lambda w: {"kind": "leak", "known_at": "2026-11-01T09:00", "happened": "x"}, works=None),
    "leaks:case": Route(leak.LEAK_VIEW, _case, lambda w: "사고 7f3a", scoped=False),
    **{f"leaks:{name}": Route(POST, _case, scoped=False, change=leak.LEAK_HANDLE, form=lambda w: {"reason": "시험"}, works=None) for name in ("write",)},
    **{f"leaks:{name}": Route(NOBODY, _case, scoped=False, change=leak.LEAK_HANDLE, form=lambda w: {"reason": "시험"}, works=None) for name in (
        "describe", "affected", "edit", "approve", "hand-over", "contacts", "proof", "public", "report", "exempt", "close", "take-over",
    )},
    **{f"leaks:{name}": Route(NOBODY, _case, scoped=False) for name in ("people", "text", "paper", "plain", "handover-file")},
    "exports:list": Route(people.CONTACT_EXPORT),
    "exports:new": Route(people.CONTACT_EXPORT, change=people.CONTACT_EXPORT, form=lambda w: {"numbers": w.subscriber("haneul").number, "fields": "phone"}, works=None),
    "exports:export": Route(NOBODY, lambda w: GONE),
    "exports:file": Route(POST, lambda w: GONE, change=people.CONTACT_EXPORT, works=None),
    "exports:passphrase": Route(POST, lambda w: GONE, change=people.CONTACT_EXPORT, works=None),
    "retention:calendar": Route(keep.CALENDAR_VIEW, scoped=False),
    "retention:class": Route(keep.CALENDAR_VIEW, _class, scoped=False),
    "retention:count": Route(POST, scoped=False, change=keep.RUN_START, works=None),
    "retention:run": Route(POST, _class, scoped=False, change=keep.RUN_START, works=None),
    "retention:holds": Route(keep.CALENDAR_VIEW, scoped=False),
    "retention:hold": Route(keep.HOLD_PLACE, scoped=False, change=keep.HOLD_PLACE, form=lambda w: {"reason": "시험"}, works=None),
    "retention:lift": Route(POST, _hold, scoped=False, change=keep.HOLD_PLACE, form=lambda w: {"reason": "시험"}),
    "destruction:list": Route(NOBODY, scoped=False),
    "destruction:new": Route(keep.PERSON_DESTROY, scoped=False, change=keep.PERSON_DESTROY, form=lambda w: {"subject": w.subscriber("haneul").number, "reason": "시험"}, works=None),
    "destruction:one": Route(NOBODY, lambda w: GONE, scoped=False),
    "destruction:paper": Route(NOBODY, lambda w: GONE, scoped=False),
    "subject:list": Route(keep.REQUEST_HANDLE, _request, lambda w: w.subscriber("haneul").number, scoped=False),
    "subject:new": Route(keep.REQUEST_HANDLE, scoped=False, change=keep.REQUEST_HANDLE, form=lambda w: {"subject": w.subscriber("haneul").number, "kind": "access", "channel": "phone", "received_on": "2026-11-01"}, works=None),
    "subject:one": Route(keep.REQUEST_HANDLE, _request, lambda w: w.subscriber("haneul").number, scoped=False),
    "subject:package": Route(POST, _request, scoped=False, change=keep.REQUEST_HANDLE, works=None),
    "subject:step": Route(POST, _request, scoped=False, change=keep.REQUEST_HANDLE, form=lambda w: {"identity": "x"}, works=None),
}  # fmt: skip


def _bill(w: Any) -> dict[str, str]:
    return _who(w) | {"invoice": "R2026-09-000001"}


def _printed(w: Any) -> dict[str, str]:
    """A print batch with one letter."""
    if not LetterBatch.objects.exists():
        LetterCarrier().send([messaging.Outgoing("M-0000000001.0", "letter", "김하늘\n길 1\n03172", "ko", "안내", "글")])
        printing.make_batch.do(HOUSE)
    return {"number": LetterBatch.objects.latest("pk").number}


ROUTES |= {
    "letters:home": Route(letter.LETTER_VIEW, lambda w: (_printed(w), {})[1], lambda w: LetterBatch.objects.latest("pk").number, scoped=False),
    "letters:make": Route(POST, scoped=False, change=letter.LETTER_PRINT, works=None),
    "letters:returns": Route(POST, scoped=False, change=letter.LETTER_PRINT, form=lambda w: {"why": "moved", "numbers": "x"}, works=None),
    "letters:address": Route(letter.ADDRESS_SET, change=letter.ADDRESS_SET, form=lambda w: {"number": w.subscriber("haneul").number, "receiver": "김하늘", "postcode": "03172", "road": "세종대로 209"}),
    "letters:pdf": Route(POST, _printed, scoped=False, change=letter.LETTER_PRINT, works=None),
    "letters:list": Route(letter.LETTER_VIEW, _printed, lambda w: LetterBatch.objects.latest("pk").digest, scoped=False),
    "letters:sent": Route(POST, _printed, scoped=False, change=letter.LETTER_PRINT, works=None),
}  # fmt: skip


def _letter(w: Any) -> dict[str, str]:
    """A message in the portal of haneul: what is written is one of the house's own notices."""
    person = w.subscriber("haneul").party_id
    found = messaging.own_messages(person)
    if not found:
        subscribers.portal_session_for(w.subscriber("haneul").number, as_house=HOUSE)
        facts = {person: {"text": "내일 새벽 점검이 있습니다"}}
        messaging.send(messaging.post(template="messaging.note", actor=HOUSE, people=[person], channels=["inapp"], facts=facts))
        found = messaging.own_messages(person)
    return {"message_number": found[0].id}


def _terms(w: Any, key: str = "") -> dict[str, Any]:
    """A document of consent with a published version; the address of that version when ``key`` is asked for."""
    if not consents.texts("terms"):
        consents.write_document.do(HOUSE, key="terms", purpose="service", name_ko="이용약관", name_en="Terms", required=True)
        consents.draft_text.do(HOUSE, key="terms", ko="약관의 첫 조", en="The first article", valid_from=clock.today())
        consents.publish_text.do(HOUSE, key="terms", reason="시험")
    return {"key": key, "number": 1} if key else {}


def _stop(w: Any) -> dict[str, str]:
    return {"token": consents.token_for(w.subscriber("haneul").party_id, "advertising", "email")}


def _document(w: Any) -> dict[str, str]:
    _terms(w)
    return {"key": "terms"}


ROUTES |= {
    "consents:list": Route(people.DOCUMENT_VIEW, lambda w: _terms(w), lambda w: "이용약관", scoped=False),
    "consents:new": Route(people.DOCUMENT_PUBLISH, scoped=False, change=people.DOCUMENT_PUBLISH, form=lambda w: {"key": "more", "purpose": "service", "name_ko": "더", "name_en": "More"}),
    "consents:document": Route(people.DOCUMENT_VIEW, _document, lambda w: "약관의 첫 조", scoped=False),
    "consents:write": Route(people.DOCUMENT_PUBLISH, _document, lambda w: "약관의 첫 조", scoped=False, change=people.DOCUMENT_PUBLISH, form=lambda w: {"ko": "둘", "en": "Two", "valid_from": "2026-12-01"}),
    "consents:publish": Route(people.DOCUMENT_PUBLISH, _document, scoped=False, change=people.DOCUMENT_PUBLISH, form=lambda w: {"reason": "시험"}, works=None, status=302),
    "consents:retire": Route(POST, _document, scoped=False, change=people.DOCUMENT_PUBLISH, form=lambda w: {"reason": "시험"}),
    "consents:proof": Route(people.CONSENT_VIEW, _who, lambda w: "김*늘", change=people.CONSENT_VIEW, form=lambda w: {"at": "2026-11-01T00:00:00", "reason": "request"}),
}  # fmt: skip


# The portal: everything below ``/my/`` belongs to a subscriber. The one who is tried is haneul; ``secret`` is what only they may read.
ROUTES |= {
    "subscribers:portal": Route(PORTAL_MANAGE, _who, lambda w: "김*늘", change=PORTAL_MANAGE, form=lambda w: {"how": "call"}),
    "subscribers:portal-end": Route(POST, _who, change=PORTAL_MANAGE, form=lambda w: {"reason": "시험"}, works=False),
    "portal:sign-in": Route(OPEN),
    "portal:start": Route(OPEN),
    "portal:start-with": Route(OPEN, lambda w: {"code": "0000-0000-0000"}),
    "portal:prefer": Route(OPEN),
    "portal:home": Route(PORTAL, status=302),
    "portal:bill": Route(PORTAL, _who, lambda w: "9,900"),
    "portal:use": Route(PORTAL, _who, lambda w: w.contract("haneul").number),
    "portal:invoice": Route(PORTAL, _bill, lambda w: "R2026-09-000001"),
    "portal:pdf": Route(PORTAL, _bill, lambda w: "%PDF"),
    "portal:me": Route(PORTAL, secret=lambda w: "ha***@n***.kr"),
    "portal:password": Route(PORTAL, form=lambda w: {"present": "x", "password": "y"}),
    "portal:messages": Route(PORTAL),
    "portal:message": Route(PORTAL, _letter, lambda w: "점검이 있습니다"),
    "portal:consents": Route(PORTAL),
    "portal:agree": Route(PORTAL, _terms, status=404),  # with a purpose in its query: tests/faces/portal/test_consents.py
    "portal:say": Route(PORTAL, post=True, form=lambda w: {"purpose": "advertising", "medium": "email", "kind": "withdrawn"}),
    "portal:consent-text": Route(PORTAL, lambda w: _terms(w, key="terms"), lambda w: "약관의 첫 조"),
    "portal:stop": Route(OPEN, _stop),
    "portal:push": Route(PORTAL, post=True, form=lambda w: {"endpoint": "https://127.0.0.1/x", "p256dh": "x", "auth": "x", "version": "1"}),
    "portal:push-end": Route(PORTAL, post=True, form=lambda w: {"device": "1"}),
    "portal:worker": Route(OPEN),
    "portal:help": Route(PORTAL, secret=lambda w: w.subscriber("haneul").number),
    "portal:ask": Route(PORTAL),
    "portal:sign-out": Route(PORTAL, post=True),
    "portal:stay": Route(PORTAL),
    "portal:end-others": Route(PORTAL, post=True),
    "portal:end-session": Route(PORTAL, lambda w: {"session": "1"}, post=True),
    "portal:raise": Route(PORTAL, post=True, form=lambda w: {"kind": "access"}),
    "portal:withdraw": Route(PORTAL, lambda w: {"request_number": "Q-0000001"}, post=True),
}  # fmt: skip


def walk(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    """(name with its namespace, pattern, address) of every view."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from walk(one.url_patterns, prefix + str(one.pattern), inner)
        else:
            yield f"{space}{one.name or one.pattern}", one, prefix + str(one.pattern)
