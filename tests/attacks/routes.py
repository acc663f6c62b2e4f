"""Every address of the house, as the attack tests see it: what stands in it, who may read it and who may change something by it.

A view without a row here fails ``test_reach``: nobody adds an address without saying who may reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from numaru.domains.billing.permissions import CONTRACT_ENROL, INVOICE_VIEW, PARKED_BILL, RUN_CANCEL, RUN_CONTROL, RUN_START, RUN_VIEW
from numaru.domains.subscribers.permissions import SUBSCRIBER_VIEW
from numaru.facilities.parties.permissions import CONTACT_OPEN
from numaru.kernel.actions import Second
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.approvals.requests import raise_request
from numaru.kernel.imports.permissions import RUN_START as IMPORT_START
from numaru.kernel.imports.permissions import RUN_VIEW as IMPORT_VIEW
from numaru.values.text import Text
from tests.attacks.conftest import CONTENT, MAPPING, staff
from tests.domains.billing.world import SLUG

OPEN = "open"  # before sign-in
ANY = "any member of staff"
POST = "only by POST"  # nothing to read: a GET is told 405 or led back
NOBODY = "nobody by role"  # a change that no role gives: only who it belongs to may make it
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
    works: bool = True
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


def walk(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, URLPattern, str]]:
    """(name with its namespace, pattern, address) of every view."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from walk(one.url_patterns, prefix + str(one.pattern), inner)
        else:
            yield f"{space}{one.name or one.pattern}", one, prefix + str(one.pattern)
