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

from numaru.domains.billing.permissions import CONTRACT_ENROL, INVOICE_VIEW, PARKED_BILL, RUN_CANCEL, RUN_CONTROL, RUN_START, RUN_VIEW
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.parties import permissions as people
from numaru.facilities.parties.permissions import CONTACT_CORRECT, CONTACT_OPEN
from numaru.kernel import clock
from numaru.kernel.actions import Second
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.approvals.requests import raise_request
from numaru.kernel.audit.permissions import FINDING_DECIDE, RECORD_VIEW, REVIEW_SIGN
from numaru.kernel.backup.permissions import RESTORATION_NOTE
from numaru.kernel.backup.permissions import RUN_START as BACKUP_START
from numaru.kernel.backup.permissions import RUN_VIEW as BACKUP_VIEW
from numaru.kernel.imports.permissions import RUN_START as IMPORT_START
from numaru.kernel.imports.permissions import RUN_VIEW as IMPORT_VIEW
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks import permissions as leak
from numaru.kernel.leaks.models import LeakCase
from numaru.kernel.models import ApiClient, AuditRecord, StaffGrant
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
    "console:sign-in": Route(OPEN),
    "console:sign-out": Route(POST),
    "console:prefer": Route(OPEN),
    "subscribers:list": Route(SUBSCRIBER_VIEW, secret=lambda w: w.subscriber("haneul").number),
    "subscribers:subscriber": Route(SUBSCRIBER_VIEW, _who, secret=lambda w: w.subscriber("haneul").external_id),
    "subscribers:open": Route(POST, lambda w: _who(w) | {"kind": "phone"}, lambda w: "1234-2201", change=CONTACT_OPEN, form=lambda w: {"reason": "caller"}),
    "subscribers:correct": Route(POST, _who, change=CONTACT_CORRECT, form=lambda w: {"kind": "phone", "value": "010-2222-3333", "reason": "통화로 확인"}),
    "billing:runs": Route(RUN_VIEW, secret=lambda w: "R2026-08"),
    "billing:new-run": Route(RUN_START, change=RUN_START, form=lambda w: {"service": SLUG, "period": "2026-10"}),
    "billing:run": Route(RUN_VIEW, _number("R2026-08"), secret=lambda w: "89,029"),
    "billing:cancel-run": Route(RUN_CANCEL, _number("R2026-09"), secret=lambda w: "26,400", change=RUN_CANCEL, form=lambda w: {"reason": "시험"}),
    "billing:bill-parked": Route(PARKED_BILL, lambda w: {"number": "R2026-09", "account": f"A-{w.contract('onyu').account_id:07d}"}, change=PARKED_BILL, works=False, status=409),
    "billing:control-run": Route(POST, lambda w: {"number": w.start("2026-10").number, "verb": "pause"}, change=RUN_CONTROL),
    "billing:invoices": Route(INVOICE_VIEW, secret=lambda w: "R2026-08-000001"),
    "billing:invoice": Route(INVOICE_VIEW, _number("R2026-08-000001"), secret=lambda w: "5,429"),
    "billing:invoice-pdf": Route(INVOICE_VIEW, _number("R2026-08-000001"), secret=lambda w: "%PDF"),
    "imports:list": Route(IMPORT_VIEW, secret=lambda w: "IMP-000001"),
    "imports:new": Route(
        IMPORT_START, change=IMPORT_START, also=CONTRACT_ENROL,
        form=lambda w: {"file": SimpleUploadedFile("a.csv", CONTENT), "mapping": "upload", "dry": "on", "mapping_file": SimpleUploadedFile("m.toml", MAPPING.encode())},
    ),
    "imports:run": Route(IMPORT_VIEW, _number("IMP-000001"), secret=lambda w: "people.csv"),
    "imports:findings": Route(IMPORT_VIEW, _number("IMP-000001"), secret=lambda w: "import.formula"),
    "imports:go": Route(POST, _number("IMP-000001"), change=IMPORT_START, also=CONTRACT_ENROL),
    "imports:stop": Route(POST, _number("IMP-000001"), change=IMPORT_START, works=False),
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
    "system:parts": Route(SYSTEM_VIEW, scoped=False),
    "system:again": Route(POST, scoped=False, change=SYSTEM_VIEW, works=None),
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


def walk(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    """(name with its namespace, pattern, address) of every view."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from walk(one.url_patterns, prefix + str(one.pattern), inner)
        else:
            yield f"{space}{one.name or one.pattern}", one, prefix + str(one.pattern)
