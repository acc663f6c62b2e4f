"""What is declared sealed is sealed: values written by the real roads are looked for in the bytes that the tables hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.db import connection
from django.test import Client

from numaru.adapters.carrying import Outgoing
from numaru.adapters.letters.addresses import set_address
from numaru.adapters.letters.carrier import LetterCarrier
from numaru.adapters.mail.models import Mailbox
from numaru.adapters.mail.taking import take_mail
from numaru.adapters.push import devices, vapid
from numaru.adapters.push.sealing import b64, point
from numaru.facilities.messaging import api as messaging
from numaru.facilities.parties import api as parties
from numaru.facilities.parties.actions.exports import write_export
from numaru.facilities.parties.models import ContactExport
from numaru.facilities.work import api as work
from numaru.facilities.work.actions.windows import plan_window, read_file
from numaru.facilities.work.models import Process
from numaru.kernel.access import Actor
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.models import ApprovalRequest
from numaru.kernel.declare import Holds
from numaru.kernel.models import Staff
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.vault import api as vault
from numaru.kernel.vault import ring
from numaru.kernel.vault.models import HouseKey, PersonKey
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
CANARY = parties.Person("홍카나리", "010-7391-4826", "canary.bird@nest.example")
LATER = "나중카나리"
BACK = "카나리아를 모름"


def sealed_columns() -> set[str]:
    """Every field of ours that is declared to hold a person's values or free text as sealed bytes."""
    return {
        f"{model._meta.label}.{name}"
        for model in apps.get_models()
        if model.__module__.startswith("numaru.")
        for name, holds in getattr(model, "declared", {}).items()
        if holds in (Holds.VAULT, Holds.TEXT) and model._meta.get_field(name).get_internal_type() == "BinaryField"
    }


def raw(label: str) -> bytes:
    """The bytes of one column, all rows, as the table holds them."""
    app, model, name = label.split(".")
    found = apps.get_model(app, model)
    field = found._meta.get_field(name)
    schema = "keys." if found._meta.db_table in ("person_key", "house_key") else ""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{field.column}" FROM {schema}"{found._meta.db_table}"')
        return b"\0".join(bytes(value) for (value,) in cursor.fetchall())


def who(client: Client) -> Actor:
    return Staff.objects.get(pk=client.session["_auth_user_id"]).actor


def planted(world: World, sign_in: SignIn) -> dict[str, list[bytes]]:  # noqa: F811
    """Each sealed column with the secrets that were put into it by the road its users take."""
    party = parties.register([CANARY])
    parties.correct_contact.do(HOUSE, party=party, kind="name", value=LATER, reason="정정")
    person_key = PersonKey.objects.get(person=party)
    house_key = HouseKey.objects.filter(purpose="blind").latest("version")
    clerk, officer = sign_in("subscriber_clerk"), sign_in("privacy_officer")
    number = world.subscriber("haneul").number
    form = {"numbers": number, "fields_wanted": ["name"], "code": "notice", "reason": "고지"}
    asked = str(clerk.post("/privacy/exports/new/", form)["Location"]).rstrip("/").rpartition("/")[2]
    _, seen = approvals.preview(ApprovalRequest.objects.get(number=asked))
    write_export(str(approvals.approve.do(who(officer), number=asked, seen=seen)))
    form = {"subject": number, "kind": "access", "channel": "phone", "received_on": "2026-11-02"}
    request = str(clerk.post("/privacy/requests/new/", form)["Location"]).rstrip("/").rpartition("/")[2]
    clerk.post(f"/privacy/requests/{request}/verify/", {"identity": "phone"})
    officer.post(f"/privacy/requests/{request}/order/")
    assert retention.make(request)
    letter = f"From: {CANARY.email}\nSubject: Re: x\n\n{CANARY.name} {CANARY.phone}\n".encode()
    mailbox = Mailbox.objects.create(name="canary").pk
    take_mail.do(HOUSE, mailbox=mailbox, validity=1, uid=1, raw=letter, size=len(letter), key_of=lambda token: None)
    mine, theirs = who(clerk), who(officer)
    said = f"{CANARY.name} {CANARY.phone}"
    set_address.do(HOUSE, party=party, receiver=CANARY.name, road="비밀길 7391", detail="", postcode="03172")
    LetterCarrier().send(
        [Outgoing("M-0000000001.0", "letter", f"{CANARY.name}\n비밀길 7391", "ko", "안내", f"{CANARY.name} {CANARY.phone}")]
    )
    browser, endpoint = ec.generate_private_key(ec.SECP256R1()).public_key(), "https://web.push.apple.com/canary-7391"
    devices.subscribe.do(
        Actor("portal", 1, "canary", (), party),
        endpoint=endpoint,
        p256dh=b64(point(browser)),
        auth=b64(bytes(16)),
        version=vapid.current()[0],
    )
    task = work.open_task.do(mine, title="확인", staff=mine.staff_id, details=said, checklist=[said])
    work.comment_task.do(mine, number=task, words=said)
    work.hand_over.do(mine, number=task, to_staff=theirs.staff_id, note=said)
    work.ship(HOUSE)
    run = work.start_process.do(HOUSE, process="after-incident", title="확인", details=said)
    work.finish_step.do(HOUSE, number=Process.objects.get(number=run).task, outcome="free", note=said, reason="시험")
    at = datetime(2030, 1, 5, 3, tzinfo=UTC)
    plan_window.do(HOUSE, kind="maintenance", title="점검", starts_at=at, ends_at=at + timedelta(hours=1), details=said)
    event = f"BEGIN:VEVENT\r\nUID:canary@x\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:20300106T030000Z\r\nDTEND:20300106T040000Z\r\nSUMMARY:x\r\nDESCRIPTION:{said}\r\nEND:VEVENT"
    read_file.do(HOUSE, content=f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}\r\nEND:VCALENDAR\r\n".encode(), kind="maintenance")
    work.give_back.do(theirs, number=task, reason=BACK)
    post = messaging.post(template="messaging.note", actor=HOUSE, people=[party], facts={party: {"text": said}}, channels=["email"])
    draft = messaging.draft_batch.do(HOUSE, title="안내", template="messaging.note", people=[party], facts={"text": said})
    assert draft and not messaging.send(post)
    box = vault.open_text(SubjectRequest.objects.get(number=request).package_box, "retention.SubjectRequest.package_box")
    canary = [CANARY.name.encode(), CANARY.phone.encode()]
    return {
        "messaging.Message.facts": canary,
        "messaging.MessageBatch.facts": canary,
        "messaging.HeldMessage.content": [*canary, CANARY.email.encode()],
        "work.Task.details": canary,
        "work.ChecklistItem.words": canary,
        "work.TaskEvent.words": canary,
        "work.Process.details": canary,
        "work.ProcessStep.note": canary,
        "work.Window.details": canary,
        "work.CalendarFile.content": canary,
        "work.TaskOffer.note": canary,
        "work.TaskOffer.answer": [BACK.encode()],
        "vault.VaultEntry.sealed": [v.encode() for v in (CANARY.name, CANARY.phone, "01073914826", CANARY.email, LATER)],
        "vault.PersonKey.wrapped": [ring.unwrap(bytes(person_key.wrapped), f"{party}:key".encode(), person_key.master)],
        "vault.HouseKey.wrapped": [
            ring.unwrap(bytes(house_key.wrapped), ring.label_of("blind", house_key.version), house_key.master), ring.current()
        ],
        "letters.PostalAddress.content": canary[:1],
        "letters.Letter.content": [*canary, "비밀길 7391".encode()],
        "push.PushDevice.content": [endpoint.encode()],
        "mail.ArrivedMail.raw": [v.encode() for v in (CANARY.name, CANARY.phone, CANARY.email)],
        "parties.ContactExport.passphrase": [str(ContactExport.objects.get().passphrase).encode()],
        "retention.SubjectRequest.package_box": [box.encode(), b"AGE-SECRET-KEY"],
    }  # fmt: skip


def test_no_sealed_column_shows_what_was_put_into_it(naru: World, sign_in: SignIn, settings: Any, tmp_path: Any) -> None:  # noqa: F811
    secrets = planted(naru, sign_in)
    assert set(secrets) == sealed_columns(), "a new sealed column is planted here by its own road"
    for label, values in secrets.items():
        bytes_of = raw(label)
        assert len(bytes_of) > 20 and all(values), f"nothing stands in {label}"
        assert not [v for v in values if v in bytes_of or v.hex().encode() in bytes_of], label


def test_the_look_would_see_a_value_in_the_clear(db: None) -> None:
    party = parties.register([CANARY])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_entry SET sealed = %s WHERE person = %s AND kind = 'name'", [b"x" + CANARY.name.encode(), party])
    assert CANARY.name.encode() in raw("vault.VaultEntry.sealed")
