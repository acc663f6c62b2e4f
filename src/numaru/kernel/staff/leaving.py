"""Cutting a leaver off everywhere with one action. What there is to stop is a register: whoever hands staff something that lives on without
them (a session, a token, a request, a prepared download) says here how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.approvals import api as approvals
from numaru.kernel.errors import Conflict
from numaru.kernel.models import ApiClient, StaffGrant, Work, holding
from numaru.kernel.registers import Register
from numaru.kernel.staff import grants
from numaru.kernel.staff.events import StaffLeft
from numaru.kernel.staff.models import PasswordTicket
from numaru.kernel.staff.people import somebody
from numaru.kernel.staff.permissions import PERSON_LEAVE
from numaru.kernel.staff.sessions import end_all
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Departure:
    """One kind of thing that ends with its person. ``stop(staff, by)`` runs inside the action and returns how many it stopped."""

    text: Text
    stop: Callable[[int, Actor], int]


departures: Register[Departure] = Register("what ends with a leaver")


def _clients(staff: int, by: Actor) -> int:
    return ApiClient.objects.filter(owner=staff, active=True).update(
        active=False, ended_at=clock.now(), previous_hash=None, previous_until=None
    )


def _works(staff: int, by: Actor) -> int:
    """Work that goes on belongs to the house: it is handed to whoever cuts off."""
    open_ones = Work.objects.filter(staff=staff, state__in=("queued", "running", "paused"))
    return open_ones.update(staff=by.staff_id, actor=f"{by.kind}:{by.name}"[:100])


def _tickets(staff: int, by: Actor) -> int:
    return PasswordTicket.objects.filter(staff=staff, used_at__isnull=True).delete()[0]


departures.add("approvals", Departure(Text("올린 결재 요청", "Requests for approval"), lambda staff, by: approvals.cut_off(staff)))
departures.add("clients", Departure(Text("API 키", "API keys"), _clients))
departures.add("sessions", Departure(Text("로그인 세션", "Sessions"), lambda staff, by: end_all(staff)))
departures.add("tickets", Departure(Text("비밀번호 링크", "Password links"), _tickets))
departures.add("works", Departure(Text("진행 중인 작업 (넘겨받음)", "Work in progress (handed over)"), _works))


@action(PERSON_LEAVE, reason=True)
def cut_off(act: Act, *, staff: int) -> dict[str, int]:
    """Cut somebody off everywhere, at once: the account, every grant, and everything in the register of departures. Their very next request is
    refused and open streams close when this commits. Returns what was stopped. Refuses oneself, the last administrator, and who has left."""
    person = somebody(staff)
    if not person.is_active:
        raise Conflict.because(
            "access.left",
            Text("이미 차단된 계정입니다.", "This account has been cut off already."),
            Text("할 일이 없습니다.", "Nothing is left to do."),
        )
    if act.actor.staff_id == staff:
        raise Conflict.because(
            "access.self",
            Text("자기 계정은 차단할 수 없습니다.", "Nobody cuts off the own account."),
            Text("동료에게 부탁하십시오.", "Ask a colleague."),
        )
    held = list(StaffGrant.objects.filter(staff=person, ended_at__isnull=True))
    administers = person.grants.filter(holding(), role=grants.ADMINISTRATOR, service="").exists()
    if administers and not grants.keeps_an_administrator(staff):
        raise grants.last_administrator()
    person.is_active, person.left_at, person.password_given = False, clock.now(), False
    person.set_unusable_password()
    person.save(update_fields=["is_active", "left_at", "password", "password_given"])
    stopped = {"grants": len(held)}
    for row in held:
        row.ended_at, row.ended_by, row.ended_name, row.ended_reason = clock.now(), act.actor.staff_id, act.actor.name[:80], act.reason
        row.save(update_fields=["ended_at", "ended_by", "ended_name", "ended_reason"])
    act.effect(
        Text("{n}의 계정을 닫고 역할 {c}개를 끝냅니다.", "The account of {n} is closed and {c} roles end.").fill(n=person.name, c=len(held))
    )
    for key, one in departures:
        stopped[key] = one.stop(staff, act.actor)
        act.effect(Text("{w}: {c}건", "{w}: {c}").fill(w=one.text, c=stopped[key]))
    act.record("kernel.staff", str(staff), before={"active": True}, after={"active": False, "stopped": stopped})
    act.event(StaffLeft(staff))
    return stopped
