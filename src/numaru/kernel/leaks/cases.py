"""Opening a case, saying what is known of it, taking it over, closing it. Knowing starts the clocks and is never moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.kernel import clock, numbering, policies
from numaru.kernel.actions import Act, Second, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.leaks.events import LeakChanged
from numaru.kernel.leaks.models import LeakCase, LeakDuty, LeakEntry
from numaru.kernel.leaks.permissions import LEAK_APPROVE, LEAK_HANDLE
from numaru.kernel.leaks.policies import INTRUSION_HOURS, NOTICE_HOURS, REPORT_HOURS
from numaru.kernel.policies import Shipped
from numaru.values.masked import telling
from numaru.values.text import Text

WHAT = Text("유출·침해 사고", "leak case")
KINDS: dict[str, Text] = {
    "leak": Text("개인정보 유출", "Leak of personal data"),
    "intrusion": Text("침해", "Intrusion"),
    "both": Text("침해와 유출", "Intrusion and leak"),
}
FIELDS: dict[str, Text] = {
    "name": Text("이름", "name"), "phone": Text("휴대전화 번호", "phone number"), "email": Text("전자우편 주소", "e-mail address"),
    "address": Text("주소", "address"), "birth": Text("생년월일", "date of birth"), "payment": Text("결제 정보", "payment data"),
    "password": Text("비밀번호", "password"), "usage": Text("이용 기록", "record of use"),
}  # fmt: skip
DUTIES: dict[str, tuple[Text, Shipped, tuple[str, ...]]] = {  # name, hours from knowing, kinds of case
    "report_intrusion": (Text("침해 신고", "Report of the intrusion"), INTRUSION_HOURS, ("intrusion", "both")),
    "notice": (Text("본인 통지", "Notice to people"), NOTICE_HOURS, ("leak", "both")),
    "report_leak": (Text("유출 신고", "Report of the leak"), REPORT_HOURS, ("leak", "both")),
}
FACTS: dict[str, Text] = {
    "kind": Text("종류", "kind"), "fields": Text("유출된 항목", "what leaked"), "happened_from": Text("시작", "beginning"),
    "happened_to": Text("끝", "end"), "how": Text("경위", "how it happened"), "measures": Text("조치", "measures"),
    "advice": Text("이용자가 할 수 있는 일", "what people can do"), "contact": Text("문의처", "contact"),
}  # fmt: skip
LONG = 2000
PAIRS = ("how", "measures", "advice", "contact")


def found(number: str, *, lock: bool = False) -> LeakCase:
    """The case. Raises NotFound."""
    rows = LeakCase.objects.select_for_update() if lock else LeakCase.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    return row


def open_one(number: str) -> LeakCase:
    """The open case under a lock: a closed one changes no more."""
    row = found(number, lock=True)
    if row.state != "open":
        raise Conflict.because(
            "leak.closed",
            Text("종결한 사고입니다.", "The case is closed."),
            Text("새로 안 것이 있으면 새 사고를 여십시오.", "Open a new case for what is newly known."),
        )
    return row


def tell(act: Act, case: LeakCase, kind: str, text: Text, why: str = "") -> None:
    """Put a line on the timeline of ``case``, say it as an effect, and tell open pages."""
    LeakEntry.objects.create(case=case, at=clock.now(), kind=kind, actor_name=act.actor.name[:80], text=[text.ko, text.en], why=why[:400])
    act.effect(text)
    act.event(LeakChanged(case.number, kind))


def refuse_field(code: str, message: Text, remedy: Text, field: str) -> Exception:
    return Invalid.because(f"leak.{code}", message, remedy, field=field)


def refuse_personal(text: str, field: str, known: Sequence[str] = ()) -> None:
    """Raise Invalid when ``text`` shows a number, an address or the like of a person. What ``known`` says word by word (the contact of the
    house) may stand in it."""
    for one in known:
        for word in one.split():
            text = text.replace(word, " ")
    if telling(text):
        raise refuse_field(
            "personal",
            Text("전화번호, 전자우편, 주민등록번호 같은 개인정보가 있습니다.", "It holds personal data: a number, an address or the like."),
            Text("사고의 글은 여러 사람에게 나갑니다. 회사의 연락처는 문의처에 적으십시오.",
                 "The texts of a case go out to many. The house's own contact belongs under contact."),
            field,
        )  # fmt: skip


def _set_duties(case: LeakCase) -> list[LeakDuty]:
    """The duties of the kind of the case that it has not yet, due by the policies valid on the day of knowing."""
    have = set(LeakDuty.objects.filter(case=case).values_list("key", flat=True))
    day = case.known_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    rows = [
        LeakDuty(
            case=case, key=key, due_at=case.known_at + timedelta(hours=int(policies.value(hours.key, day))),
            basis=f"{hours.basis}"[:400],
        )
        for key, (_, hours, kinds) in DUTIES.items()
        if case.kind in kinds and key not in have
    ]  # fmt: skip
    return LeakDuty.objects.bulk_create(rows)


@action(LEAK_HANDLE)
def open_case(act: Act, *, kind: str, known_at: datetime, happened: str) -> str:
    """Open a case and return its number. ``known_at`` is the moment of knowing: it may lie in the past, never in the future; every clock
    runs from it. Whoever opens the case owns it."""
    if kind not in KINDS:
        raise refuse_field(
            "kind",
            Text("유출인지 침해인지 고르십시오.", "Say whether it is a leak or an intrusion."),
            Text("둘 다일 수 있습니다.", "It may be both."),
            "kind",
        )
    if known_at > clock.now():
        raise refuse_field(
            "known",
            Text("앞으로 알게 될 수는 없습니다.", "It can't be known in the future."),
            Text("처음 안 때를 적으십시오.", "Give the moment of first knowing."),
            "known_at",
        )
    if not happened.strip() or len(happened) > LONG:
        raise refuse_field(
            "happened",
            Text("무슨 일인지 2,000자 안으로 적으십시오.", "Say what happened, in up to 2,000 characters."),
            Text("아는 만큼이면 됩니다.", "As much as is known."),
            "happened",
        )
    refuse_personal(happened, "happened")
    case = LeakCase.objects.create(
        number=f"L-{numbering.take('leak'):07d}", kind=kind, known_at=known_at, happened=happened.strip(), opened_at=clock.now(),
        owner=act.actor.staff_id, owner_name=act.actor.name[:80],
    )  # fmt: skip
    duties = _set_duties(case)
    act.record(
        "leaks.case",
        case.number,
        after={"kind": kind, "known_at": known_at.isoformat(), "duties": {d.key: d.due_at.isoformat() for d in duties}},
    )
    tell(act, case, "opened", Text("사고를 열었습니다: {k}", "The case was opened: {k}").fill(k=KINDS[kind]))
    return case.number


def _pair(name: str, value: Sequence[str]) -> list[str]:
    if len(value) != 2 or any(not isinstance(one, str) or len(one) > LONG for one in value):
        raise refuse_field(
            "text",
            Text("한국어와 영어를 각각 2,000자 안으로 적으십시오.", "Write Korean and English, up to 2,000 characters each."),
            Text("한쪽만 있으면 초안이 비어 보입니다.", "A draft with one side empty looks empty."),
            name,
        )
    for one, lang in zip(value, ("ko", "en"), strict=True):
        if name != "contact":
            refuse_personal(one, f"{name}_{lang}")
            continue
        for word in one.split():  # the house's own telephone and address are what belongs here
            if telling(word) not in ("", "phone", "email"):
                refuse_personal(word, f"{name}_{lang}")
    return [one.strip() for one in value]


@action(LEAK_HANDLE)
def describe(act: Act, *, case: str, facts: dict[str, Any]) -> None:
    """Say what is known by now. ``facts`` may hold kind, fields, happened_from, happened_to, and as [ko, en] how, measures, advice,
    contact; what is left out stays. A kind can only grow (leak → both): its new duties run from the same moment of knowing."""
    row = open_one(case)
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise refuse_field(
            "facts",
            Text("모르는 항목입니다.", "That is not a fact of a case."),
            Text(", ".join(sorted(unknown)), ", ".join(sorted(unknown))),
            "facts",
        )
    changed: dict[str, Any] = {}
    for name, value in facts.items():
        if name in PAIRS:
            value = _pair(name, value)
        if name == "fields":
            value = sorted(set(value))
            if set(value) - set(FIELDS):
                raise refuse_field(
                    "fields",
                    Text("모르는 개인정보 항목입니다.", "That is no kind of personal data."),
                    Text("목록에서 고르십시오.", "Choose of the list."),
                    "fields",
                )
        if name == "kind" and value != row.kind and not (value == "both" and row.kind in KINDS):
            raise refuse_field(
                "kind",
                Text("이미 생긴 의무는 없앨 수 없습니다.", "A duty that has begun can't be taken away."),
                Text(
                    "‘침해와 유출’로 넓히거나, 해당 없는 의무를 예외로 두십시오.",
                    "Widen it to both, or exempt the duty that does not apply.",
                ),
                "kind",
            )
        if getattr(row, name) != value:
            changed[name] = value
            setattr(row, name, value)
    if row.happened_from and row.happened_to and row.happened_to < row.happened_from:
        raise refuse_field(
            "span",
            Text("끝이 시작보다 앞섭니다.", "It ends before it begins."),
            Text("기간을 바로잡으십시오.", "Mend the period."),
            "happened_to",
        )
    row.save()
    _set_duties(row)
    act.record("leaks.case", row.number, after={"changed": sorted(changed)})
    names = [FACTS[name] for name in sorted(changed)] or [Text("달라진 것 없음", "nothing new")]
    said = Text(", ".join(n.ko for n in names), ", ".join(n.en for n in names))
    tell(act, row, "described", Text("알게 된 것을 적었습니다: {f}", "What is known was written down: {f}").fill(f=said))


@action(LEAK_HANDLE, reason=True)
def take_over(act: Act, *, case: str) -> None:
    """Become the owner of a case."""
    row = open_one(case)
    before, row.owner, row.owner_name = row.owner_name, act.actor.staff_id, act.actor.name[:80]
    row.save(update_fields=["owner", "owner_name"])
    act.record("leaks.case", row.number, before={"owner": before}, after={"owner": row.owner_name})
    tell(act, row, "owner", Text("{n}이(가) 맡았습니다.", "{n} took it over.").fill(n=row.owner_name), act.reason)


def _closing(**_: Any) -> Second:
    return Second(Text("사고 종결은 두 사람이 확인합니다.", "Two people stand behind the closing of a case."), LEAK_APPROVE, alone=True)


@action(LEAK_HANDLE, reason=True, second=_closing)
def close(act: Act, *, case: str) -> None:
    """Close a case. Refuses while a duty is neither done nor exempt; a missed one stays on record as late."""
    row = open_one(case)
    left = list(LeakDuty.objects.filter(case=row, state="due").values_list("key", flat=True))
    if left:
        names = [DUTIES[key][0] for key in left]
        raise Conflict.because(
            "leak.due", Text("아직 남은 의무가 있습니다: {d}", "Duties are left: {d}").fill(d=Text(", ".join(n.ko for n in names), ", ".join(n.en for n in names))),
            Text("마치거나, 해당하지 않으면 사유를 적어 예외로 두십시오.", "Do them, or exempt with a reason what does not apply."),
        )  # fmt: skip
    row.state, row.closed_at = "closed", clock.now()
    row.save(update_fields=["state", "closed_at"])
    late = LeakDuty.objects.filter(case=row, state="late").count()
    act.record("leaks.case", row.number, before={"state": "open"}, after={"state": "closed", "late": late})
    tell(
        act,
        row,
        "closed",
        Text("사고를 종결했습니다. 기한을 넘긴 의무 {n}건", "The case was closed. Duties done late: {n}").fill(n=late),
        act.reason,
    )
