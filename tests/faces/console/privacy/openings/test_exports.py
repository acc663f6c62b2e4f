"""Bulk openings: asked by one, approved by another, made by a job, fetched by who asked; every opening on record."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pyrage
import pytest
from django.test import Client

from numaru.domains.subscribers import api as subscribers
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.actions.exports import delete_old, write_export
from numaru.facilities.parties.models import ContactExport
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.errors import Conflict, NotAllowed, NotFound
from numaru.kernel.files import store
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.staff import api as access
from numaru.kernel.vault.models import VaultOpening
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db


def who(client: Client) -> Actor:
    return Staff.objects.get(pk=client.session["_auth_user_id"]).actor


def asked(naru: World, clerk: Client) -> str:  # noqa: F811
    """The number of the request for approval, asked through the form."""
    cast = [naru.subscriber(name).number for name in ("haneul", "noeul", "minsu")]
    answer = clerk.post(
        "/privacy/exports/new/",
        {"numbers": ", ".join(cast), "fields_wanted": ["name", "phone"], "code": "notice", "case_ref": "N-12", "reason": "요금 변경 고지"},
    )
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).rstrip("/").rpartition("/")[2]


def approved(number: str, officer: Actor) -> str:
    """Approve what was asked, and return the number of the bulk opening."""
    _, seen = approvals.preview(ApprovalRequest.objects.get(number=number))
    return str(approvals.approve.do(officer, number=number, seen=seen))


def test_from_the_request_to_the_deleted_file(naru: World, sign_in: SignIn, settings: Any) -> None:  # noqa: F811
    clerk, officer = sign_in("subscriber_clerk"), sign_in("privacy_officer")
    request = asked(naru, clerk)
    assert not ContactExport.objects.exists() and not VaultOpening.objects.exists()
    number = approved(request, who(officer))
    address = f"/privacy/exports/{number}/"
    assert "만드는 중" in clerk.get(address).content.decode()
    write_export(number)
    write_export(number)  # again changes nothing
    openings = VaultOpening.objects.filter(bulk=number)
    assert openings.count() == 3 * 2 and {o.case_ref for o in openings} == {"N-12"} and {o.staff for o in openings} == {who(clerk).id}

    page = clerk.get(address).content.decode()
    assert "암호 보기" in page and "암호화한 파일 받기" in page and "김하늘" not in page
    told = clerk.post(f"{address}passphrase/")
    passphrase = told.context["passphrase"]
    assert passphrase in told.content.decode() and "no-store" in told["Cache-Control"]
    assert clerk.post(f"{address}passphrase/").status_code == 409 and ContactExport.objects.get().passphrase == ""
    sealed = b"".join(clerk.post(f"{address}file/").streaming_content)  # type: ignore[arg-type]
    assert "김하늘".encode() not in sealed and sealed.startswith(b"age-encryption.org/v1")
    sheet = openpyxl.load_workbook(io.BytesIO(pyrage.passphrase.decrypt(sealed, passphrase))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1] == (naru.subscriber("haneul").number, "김하늘", "010-1234-2201") and rows[3][1] == "남궁민수"
    assert AuditRecord.objects.filter(object="parties.export", key=number).count() == 3

    for other in (officer, sign_in("subscriber_clerk"), sign_in("administrator")):
        assert other.post(f"{address}file/").status_code in (403, 404) and other.post(f"{address}passphrase/").status_code in (
            302,
            403,
            404,
        )
    assert officer.get(address).status_code == 200 and "암호 보기" not in officer.get(address).content.decode()
    with clock.pinned(clock.now() + timedelta(hours=25)):
        assert clerk.post(f"{address}file/").status_code == 409
        key = ContactExport.objects.get().file_key
        assert delete_old() == 1 and not store().exists(key)
        assert "지워졌습니다" in clerk.get(address).content.decode()


def test_nobody_opens_many_alone(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    officer = who(sign_in("privacy_officer"))
    number = naru.subscriber("haneul").number
    with pytest.raises(NeedsSecond):
        subscribers.open_many.do(officer, numbers=[number], fields=["name"], code="notice", reason="고지")
    request = subscribers.open_many.ask(officer, numbers=[number], fields=["name"], code="notice", reason="고지")
    with pytest.raises(NotAllowed):
        approved(request, officer)
    for other in ("subscriber_clerk", "administrator", "billing_clerk"):
        with pytest.raises(NotAllowed):
            approved(request, who(sign_in(other)))
    assert not ContactExport.objects.exists()


def test_the_scope_is_that_of_the_subscribers(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    number = naru.subscriber("haneul").number
    for client in (
        sign_in("subscriber_clerk", service="elsewhere"),
        sign_in("billing_clerk"),
        sign_in("auditor"),
        sign_in("administrator"),
    ):
        with pytest.raises(NotAllowed):
            subscribers.open_many.ask(who(client), numbers=[number], fields=["name"], code="notice", reason="고지")
    own = who(sign_in("subscriber_clerk", service=naru.slug))
    assert subscribers.open_many.ask(own, numbers=[number], fields=["name"], code="notice", reason="고지").startswith("A-")
    with pytest.raises(NotFound):
        subscribers.open_many.ask(own, numbers=[number, "S-9999999"], fields=["name"], code="notice", reason="고지")


@pytest.mark.parametrize(
    "change",
    [{"numbers": ""}, {"numbers": "S-9999999"}, {"fields_wanted": []}, {"code": "because"}, {"reason": ""}, {"reason": "010-1234-2201"}],
)
def test_a_wrong_form_comes_back_and_asks_nothing(naru: World, sign_in: SignIn, change: dict[str, Any]) -> None:  # noqa: F811
    good = {"numbers": naru.subscriber("haneul").number, "fields_wanted": ["name"], "code": "notice", "reason": "고지"}
    answer = sign_in("subscriber_clerk").post("/privacy/exports/new/", good | change)
    assert answer.status_code in (403, 422) and not ApprovalRequest.objects.exists()


def test_a_file_that_was_fetched_too_early_or_by_a_stranger_is_not_there(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    clerk, officer = sign_in("subscriber_clerk"), sign_in("privacy_officer")
    number = approved(asked(naru, clerk), who(officer))
    with pytest.raises(Conflict):
        parties.fetch_export.do(who(clerk), number=number)
    with pytest.raises(NotFound):
        parties.fetch_export.do(who(officer), number=number)
    assert sign_in("auditor").get("/privacy/exports/").status_code == 403
    assert number in clerk.get("/privacy/exports/").content.decode()


def test_a_leavers_bulk_openings_die_with_the_account(
    naru: World,  # noqa: F811
    sign_in: SignIn,  # noqa: F811
    django_capture_on_commit_callbacks: Any,
) -> None:
    clerk, officer, boss = sign_in("subscriber_clerk"), sign_in("privacy_officer"), sign_in("administrator")
    ready, late = approved(asked(naru, clerk), who(officer)), approved(asked(naru, clerk), who(officer))
    write_export(ready)
    key = ContactExport.objects.get(number=ready).file_key
    assert store().exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        assert access.cut_off.do(who(boss), staff=who(clerk).staff_id or 0, reason="퇴사")["exports"] == 2
    assert not store().exists(key) and {e.state for e in ContactExport.objects.all()} == {"deleted"}
    assert all(e.passphrase == "" for e in ContactExport.objects.all())
    opened = VaultOpening.objects.count()
    write_export(late)
    assert VaultOpening.objects.count() == opened and not store().exists(f"exports/{late}.xlsx.age"), "what was queued is not made"
    assert clerk.post(f"/privacy/exports/{ready}/file/").status_code == 302, "and the leaver is out"
