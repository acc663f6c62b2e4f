"""What people ask about their own data: taken down, clocked, checked for identity, answered. Kinds and codes; words go into the answer alone."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet

from numaru.kernel import clock, numbering, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.retention.models import SubjectRequest
from numaru.kernel.retention.permissions import REQUEST_HANDLE
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


@action(REQUEST_HANDLE)
def withdraw_request(act: Act, *, number: str) -> None:
    """The person took it back."""
    row = _locked(number, "received", "verified")
    before, row.state, row.answered_at = row.state, "withdrawn", clock.now()
    row.save(update_fields=["state", "answered_at"])
    act.record("retention.request", number, before={"state": before}, after={"state": "withdrawn"})
