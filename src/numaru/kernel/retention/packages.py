"""A person's package: everything that the rooms hold of them, as JSON and as readable papers, in one file that is sealed until it is fetched.

Opened values are recorded as openings under the request. The file is encrypted with a key of its own (age), whose identity is sealed under the
house's text key; it is fetched once and deleted, or deleted when its days are over.
"""

from __future__ import annotations

import io
import logging
import zipfile
from datetime import timedelta
from typing import Any

import orjson
import pyrage  # type: ignore[import-untyped]
from django.db import transaction

from numaru.kernel import clock, faults, live, policies, ports
from numaru.kernel.access import Actor, staff_actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Refused
from numaru.kernel.files import store
from numaru.kernel.retention.classes import Asking, Section, classes
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.retention.permissions import PACKAGE_MAKE
from numaru.kernel.retention.ports import PackagePaper
from numaru.kernel.retention.requests import _locked
from numaru.kernel.staff.api import Departure, departures
from numaru.kernel.vault import api as vault
from numaru.values.text import LANGUAGES, Text

log = logging.getLogger(__name__)
KEPT_DAYS = policies.policy(
    "retention.package_days", Text("열람 자료를 보관하는 기간 (일)", "Days for which a person's package is kept"), 7,
    "Operator's own rule: long enough to hand it over, not longer.",
)  # fmt: skip
PLACE = "retention.SubjectRequest.package_box"
PURPOSE = "정보주체의 요구 (subject request)"
WITH_PACKAGE = ("access", "portability")


def sections_of(person: int, asking: Asking) -> list[tuple[str, Section]]:
    """What every room holds of ``person``: (class, section), in the order of the register. Openings are recorded."""
    return [(key, section) for key, klass in classes if klass.export for section in klass.export(person, asking)]


@action(PACKAGE_MAKE)
def order_package(act: Act, *, number: str) -> None:
    """Have the package of a request made. Only for access and portability, and only after the identity was checked."""
    row = _locked(number, "verified")
    if row.kind not in WITH_PACKAGE:
        raise Conflict.because(
            "package.kind", Text("열람과 전송 요구에만 자료를 만듭니다.", "Only access and portability have a package."),
            Text("이 요구는 처리한 뒤 답하십시오.", "Handle this request and answer it."),
        )  # fmt: skip
    if row.package_state in ("queued", "ready"):
        raise Conflict.because(
            "package.there", Text("자료가 이미 있거나 만드는 중입니다.", "There is a package already, or it is being made."),
            Text("내려받거나 기다리십시오.", "Fetch it or wait."),
        )  # fmt: skip
    row.package_state, row.ordered_by = "queued", act.actor.staff_id
    row.save(update_fields=["package_state", "ordered_by"])
    act.record("retention.request", number, after={"package": "queued"})
    act.effect(
        Text("이 사람의 값을 모두 열고, 열람 기록이 남습니다.", "Every value of this person is opened, and each opening is recorded.")
    )

    def defer() -> object:
        from numaru.kernel.retention.jobs import make_package

        return make_package.configure(lock=f"package:{number}").defer(number=number)

    act.job(defer)


def make(number: str) -> bool:
    """Make the package of a queued request and return whether this call did. A kill leaves it queued; the file appears whole or not at all.

    It is made as the member of staff who ordered it: without them, or without their permission by now, it fails and says so.
    """
    row = SubjectRequest.objects.get(number=number)
    if row.package_state != "queued":
        return False
    actor = staff_actor(row.ordered_by) if row.ordered_by else Actor.system("command")
    try:
        if actor is None or not actor.may(PACKAGE_MAKE):
            raise PermissionError(PACKAGE_MAKE)
        finish_package.do(actor, number=number)
    except Exception as fault:  # the page of the request must say that it failed
        log.exception("the package of %s could not be made", number)
        fail_package.do(Actor.system("worker"), number=number, fault=type(fault).__name__)
        return False
    finally:
        live.announce("package", number)
    return True


@action(PACKAGE_MAKE)
def finish_package(act: Act, *, number: str) -> None:
    """Open, gather, encrypt and keep: one transaction, so that no value leaves without its opening on record."""
    row = SubjectRequest.objects.select_for_update().get(number=number)
    if row.package_state != "queued" or act.dry:
        return act.record("retention.request", number, after={"package": row.package_state})
    found = sections_of(row.person, Asking(act.actor, number, PURPOSE))
    identity = pyrage.x25519.Identity.generate()
    sealed = pyrage.encrypt(_zip(row, found), [identity.to_public()])
    faults.point("package.sealed")
    row.package_key = f"packages/{number}.zip.age"
    row.package_sha256 = store().put(row.package_key, io.BytesIO(sealed))
    row.package_box = vault.seal_text(str(identity), PLACE)
    row.package_state, row.package_at = "ready", clock.now()
    row.package_until = row.package_at + timedelta(days=int(policies.value(KEPT_DAYS.key, clock.today())))
    row.save()
    act.record("retention.request", number, after={"package": "ready", "sha256": row.package_sha256, "sections": len(found)})
    return None


@action(PACKAGE_MAKE)
def fail_package(act: Act, *, number: str, fault: str) -> None:
    """Say that the package could not be made; it can be ordered again."""
    SubjectRequest.objects.filter(number=number, package_state="queued").update(package_state="failed")
    act.record("retention.request", number, after={"package": "failed", "fault": fault})


def _zip(row: SubjectRequest, found: list[tuple[str, Section]]) -> bytes:
    data: dict[str, Any] = {
        "format": 1,
        "request": row.number,
        "subject": row.subject,
        "kind": row.kind,
        "received_on": row.received_on.isoformat(),
        "made_at": clock.now().isoformat(timespec="seconds"),
        "sections": [{"class": key, **section.as_dict()} for key, section in found],
    }
    paper = ports.get(PackagePaper)  # type: ignore[type-abstract]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("data.json", orjson.dumps(data, option=orjson.OPT_INDENT_2))
        for lang in LANGUAGES:
            file.writestr(f"data-{lang}.pdf", paper.render(data, lang))
    return out.getvalue()


@action(PACKAGE_MAKE)
def fetch_package(act: Act, *, number: str) -> bytes:
    """The ZIP, once: handing it out deletes the sealed file and its key. Raises Conflict when there is none (any more), or when it was
    changed where it lay."""
    row = SubjectRequest.objects.select_for_update().filter(number=number).first()
    if row is None or row.package_state != "ready" or (row.package_until and row.package_until < clock.now()):
        raise Conflict.because(
            "package.gone", Text("내려받을 자료가 없습니다. 한 번만 내려받을 수 있습니다.", "There is nothing to fetch; it can be fetched once."),
            Text("필요하면 다시 만드십시오.", "Make it again if it is needed."),
        )  # fmt: skip
    act.record("retention.request", number, after={"package": "delivered"})
    act.effect(Text("자료가 전달되고 지워집니다.", "The package is handed over and deleted."))
    if act.dry:
        return b""
    try:
        with store().open(row.package_key) as file:
            content = pyrage.decrypt(file.read(), [pyrage.x25519.Identity.from_str(vault.open_text(row.package_box, PLACE))])
    except (OSError, pyrage.DecryptError) as fault:
        raise Refused.because(
            "package.damaged", Text("자료 파일이 없거나 달라졌습니다.", "The file is gone or has changed."),
            Text("다시 만드십시오.", "Make it again."),
        ) from fault  # fmt: skip
    key = _clear(row, "delivered")
    row.delivered_at, row.delivered_to = clock.now(), f"{act.actor.kind}:{act.actor.id or act.actor.name}"
    row.save()
    transaction.on_commit(lambda: store().delete(key))
    return bytes(content)


def _clear(row: SubjectRequest, state: str) -> str:
    key, row.package_key, row.package_box, row.package_state = row.package_key, "", b"", state
    return key


@action(PACKAGE_MAKE)
def drop_package(act: Act, *, number: str) -> None:
    """Delete a package that nobody fetched in its days."""
    row = SubjectRequest.objects.select_for_update().get(number=number)
    if row.package_state == "ready":
        key = _clear(row, "deleted")
        row.save()
        transaction.on_commit(lambda: store().delete(key))
    act.record("retention.request", number, after={"package": row.package_state})


def die_with(staff: int, by: Actor) -> int:
    """The packages that a leaver ordered die with the account, fetched or not made yet; the request stays, and a colleague orders anew.
    Returns how many; a part of cutting off."""
    rows = list(SubjectRequest.objects.select_for_update().filter(ordered_by=staff, package_state__in=("queued", "ready")))
    for row in rows:
        key = _clear(row, "deleted")
        row.save()
        if key:
            transaction.on_commit(lambda key=key: store().delete(key))  # type: ignore[misc]
    return len(rows)


departures.add(
    "packages", Departure(Text("열람 자료 (지움, 다시 만들 수 있음)", "Packages of people's data (deleted, can be made anew)"), die_with)
)


def forget_old() -> int:
    """Delete the packages whose days are over; returns how many."""
    over = SubjectRequest.objects.filter(package_state="ready", package_until__lt=clock.now()).values_list("number", flat=True)
    numbers = list(over)
    for number in numbers:
        drop_package.do(Actor.system("worker"), number=number)
    return len(numbers)
