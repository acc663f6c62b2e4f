"""What people ask about their own data: taken down, clocked, checked for identity, answered. Kinds and codes; words go into the answer alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from numaru.kernel import clock, numbering, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.retention.permissions import REQUEST_HANDLE, REQUEST_RAISE
from numaru.values.period import Period, start_of_day
from numaru.values.text import Text

WHAT = Text("정보주체 요구", "request")
ANSWER_DAYS = policies.policy(
    "retention.answer_days", Text("정보주체 요구에 답하는 기한 (일)", "Days to answer what a person asks"), 10,
    "Personal Information Protection Act art. 35–37 and its decree: result notice within 10 days (unsure).",
)  # fmt: skip
KINDS: dict[str, Text] = {
    "access": Text("열람", "Access"),
    "portability": Text("전송", "Portability"),
    "correction": Text("정정", "Correction"),
    "deletion": Text("삭제", "Deletion"),
    "suspension": Text("처리 정지", "Suspension"),
}
CHANNELS: dict[str, Text] = {
    "phone": Text("전화", "Phone"),
    "letter": Text("우편", "Letter"),
    "visit": Text("방문", "Visit"),
    "mail": Text("전자우편", "E-mail"),
    "portal": Text("포털", "Portal"),
    "other": Text("그 밖", "Other"),
}
IDENTITIES: dict[str, Text] = {
    "phone": Text("휴대전화 본인 인증", "Phone identity check"),
    "document": Text("신분증 확인", "Identity document seen"),
    "account": Text("로그인한 계정에서 요구", "Asked from the signed-in account"),
    "agent": Text("대리인: 위임장과 신분증 확인", "Agent: mandate and identity document seen"),
}
OUTCOMES: dict[str, Text] = {
    "done": Text("요구대로 처리", "Done as asked"),
    "partly": Text("일부 처리: 법이 정한 기록은 보존", "Partly done: records that the law keeps stay"),
    "law": Text("거절: 다른 법률이 보존을 정함", "Refused: another law demands keeping"),
    "others": Text("거절: 다른 사람의 권리를 해침", "Refused: it would harm somebody else's rights"),
    "identity": Text("거절: 본인임을 확인하지 못함", "Refused: identity could not be checked"),
}
REFUSALS = ("law", "others", "identity")


def visible() -> QuerySet[SubjectRequest]:
    """Every request, for lists."""
    return SubjectRequest.objects.defer("package_box")


def request(number: str) -> SubjectRequest:
    """Raises NotFound."""
    row = SubjectRequest.objects.filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    return row


def _locked(number: str, *states: str) -> SubjectRequest:
    row = SubjectRequest.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if row.state not in states:
        raise Conflict.because(
            "request.state", Text("지금 상태에서는 할 수 없습니다.", "This cannot be done in the present state."),
            Text("요구의 상태를 다시 확인하십시오.", "Look at the request again."),
        )  # fmt: skip
    return row


def _chosen(value: str, known: dict[str, Text], field: str) -> str:
    if value not in known:
        raise Invalid.because(
            f"request.{field}", Text("목록에 없는 값입니다.", "This is not in the list."),
            Text("목록에서 고르십시오.", "Choose one of the list."), field=field,
        )  # fmt: skip
    return value


@action(REQUEST_HANDLE)
def take_request(act: Act, *, person: int, subject: str, kind: str, channel: str, received_on: date) -> str:
    """Take a request down and start its clock; returns its number. ``subject`` is the shown number by which the person was found."""
    _chosen(kind, KINDS, "kind")
    _chosen(channel, CHANNELS, "channel")
    today = clock.today()
    if not today - timedelta(days=365) <= received_on <= today:
        raise Invalid.because(
            "request.received", Text("받은 날은 오늘이거나 지난 1년 안입니다.", "The day of receipt is today or within the last year."),
            Text("받은 날을 확인하십시오.", "Check the day."), field="received_on",
        )  # fmt: skip
    row = SubjectRequest.objects.create(
        number=f"Q-{numbering.take('subject request'):07d}", person=person, subject=subject[:20], kind=kind, channel=channel, received_on=received_on,
        due_on=received_on + timedelta(days=int(policies.value(ANSWER_DAYS.key, received_on))),
        taken_by=f"{act.actor.kind}:{act.actor.id or act.actor.name}",
    )  # fmt: skip
    act.record("retention.request", row.number, after={"kind": kind, "person": person, "due": row.due_on.isoformat()})
    act.effect(Text("{d}까지 답해야 합니다.", "It must be answered by {d}.").fill(d=row.due_on))
    return row.number


@action(REQUEST_HANDLE)
def verify_identity(act: Act, *, number: str, identity: str) -> None:
    """Note how it was checked that it is them (or their agent). Nothing is handed out or destroyed before."""
    row = _locked(number, "received")
    row.identity, row.state = _chosen(identity, IDENTITIES, "identity"), "verified"
    row.verified_at, row.verified_by = clock.now(), f"{act.actor.kind}:{act.actor.id or act.actor.name}"
    row.save(update_fields=["identity", "state", "verified_at", "verified_by"])
    act.record("retention.request", number, before={"state": "received"}, after={"state": "verified", "identity": identity})


@action(REQUEST_HANDLE, reason=True)
def answer(act: Act, *, number: str, outcome: str) -> None:
    """Close a request with its outcome. What was done needs a checked identity; a refusal needs one of the grounds of the law."""
    _chosen(outcome, OUTCOMES, "outcome")
    row = _locked(number, "received", "verified")
    refused = outcome in REFUSALS
    if not refused and row.state != "verified":
        raise Conflict.because(
            "request.identity_first", Text("본인 확인을 먼저 적어야 합니다.", "The identity check comes first."),
            Text("어떻게 확인했는지 고르십시오.", "Choose how it was checked."), field="identity",
        )  # fmt: skip
    if outcome in ("done", "partly") and row.kind == "deletion" and not row.destruction:
        raise Conflict.because(
            "request.not_destroyed", Text("아직 파기하지 않았습니다.", "Nothing has been destroyed yet."),
            Text("파기가 승인된 뒤에 답하십시오.", "Answer when the destruction is approved."), field="outcome",
        )  # fmt: skip
    row.state, row.outcome_code, row.outcome = "refused" if refused else "answered", outcome, act.reason
    row.answered_at, row.answered_by = clock.now(), f"{act.actor.kind}:{act.actor.id or act.actor.name}"
    row.save(update_fields=["state", "outcome_code", "outcome", "answered_at", "answered_by"])
    act.record("retention.request", number, after={"state": row.state, "outcome": outcome})


@action(REQUEST_RAISE)
def raise_own(act: Act, *, kind: str, subject: str) -> str:
    """A subscriber asks about their own data from the account they are signed in to; returns the number. Whose it is comes from the actor, and
    the account is the identity check. Refuses a second request of a kind while one is open."""
    person = _own(act)
    if SubjectRequest.objects.filter(person=person, kind=kind, state__in=("received", "verified")).exists():
        raise Conflict.because(
            "request.open", Text("같은 요구가 아직 처리 중입니다.", "A request of this kind is still open."),
            Text("아래에서 답변 기한을 확인하십시오.", "See below by when it will be answered."), field="kind",
        )  # fmt: skip
    number = take_request.within(act, person=person, subject=subject, kind=kind, channel="portal", received_on=clock.today())
    verify_identity.within(act, number=number, identity="account")
    return number


@action(REQUEST_RAISE)
def withdraw_own(act: Act, *, number: str) -> None:
    """A subscriber takes a request of their own back. Raises NotFound for somebody else's, as for none."""
    if not SubjectRequest.objects.filter(number=number, person=_own(act)).exists():
        raise NotFound.named(WHAT, number)
    withdraw_request.within(act, number=number)


def _own(act: Act) -> int:
    if act.actor.person is None:
        raise NotAllowed.for_permission(REQUEST_RAISE)
    return act.actor.person


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request as the person who made it sees it."""

    number: str
    kind: Text
    received_on: date
    due_on: date
    state: str  # received | verified | answered | refused | withdrawn
    outcome: Text | None

    @property
    def open(self) -> bool:
        return self.state in ("received", "verified")


def own_requests(person: int, limit: int = 20) -> list[OwnRequest]:
    """What one person asked, the newest first. One query."""
    rows = SubjectRequest.objects.filter(person=person).order_by("-id").defer("package_box")[:limit]
    return [OwnRequest(r.number, KINDS[r.kind], r.received_on, r.due_on, r.state, OUTCOMES.get(r.outcome_code)) for r in rows]


@action(REQUEST_HANDLE)
def withdraw_request(act: Act, *, number: str) -> None:
    """The person took it back."""
    row = _locked(number, "received", "verified")
    before, row.state, row.answered_at = row.state, "withdrawn", clock.now()
    row.save(update_fields=["state", "answered_at"])
    act.record("retention.request", number, before={"state": before}, after={"state": "withdrawn"})


def answered_by_day(days: Period) -> dict[date, tuple[int, int]]:
    """Of each day of ``days`` (half-open, the operator's): the requests closed by their due day, and all that were closed. Withdrawn ones
    do not count."""
    zone = settings.TIME_ZONE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (answered_at AT TIME ZONE %s)::date, count(*) FILTER (WHERE (answered_at AT TIME ZONE %s)::date <= due_on), count(*)"
            " FROM retention_subjectrequest WHERE state IN ('answered', 'refused') AND answered_at >= %s AND answered_at < %s GROUP BY 1",
            [zone, zone, start_of_day(days.start, zone), start_of_day(days.end, zone)],
        )
        return {day: (in_time, n) for day, in_time, n in cursor.fetchall()}
