"""Orders to keep: what a court, an authority or a dispute needs is not destroyed before the order ends (or is lifted)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from numaru.kernel import clock, numbering, policies
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.retention.classes import classes
from numaru.kernel.retention.models import Hold
from numaru.kernel.retention.permissions import HOLD_PLACE
from numaru.kernel.retention.spans import Span
from numaru.values.text import Text

WHAT = Text("파기 보류", "hold")
LONGEST = policies.policy(
    "retention.hold_longest", Text("파기 보류의 가장 긴 기간 (개월)", "Longest hold, in months"), 36,
    "Operator's own rule: an order that lasts longer is placed again, so that somebody looks at it.",
)  # fmt: skip


def active(on: date) -> QuerySet[Hold]:
    """The holds in force on a day."""
    return Hold.objects.filter(lifted_at__isnull=True, since__lte=on, until__gte=on)


def held_persons(klass: str, on: date) -> list[int]:
    """The persons whose part of ``klass`` is held on ``on``."""
    rows = active(on).filter(person__isnull=False).filter(Q(klass="") | Q(klass=klass))
    return sorted({person for person in rows.values_list("person", flat=True) if person is not None})


def held_class(klass: str, on: date) -> Hold | None:
    """The hold on all of ``klass``, that ends last."""
    return active(on).filter(person__isnull=True, klass=klass).order_by("-until", "-id").first()


def held_person(person: int, on: date) -> Hold | None:
    """The hold on all that is kept of ``person``, that ends last."""
    return active(on).filter(person=person, klass="").order_by("-until", "-id").first()


@action(HOLD_PLACE, reason=True)
def place_hold(act: Act, *, until: date, person: int | None = None, klass: str = "", reference: str = "") -> str:
    """Keep a person, a class, or a person's part of a class through ``until``; returns the hold's number. The reason names the order and
    nobody. Refuses a hold on nothing, one that has ended already, and one longer than the policy allows."""
    today = clock.today()
    if person is None and not klass:
        raise Invalid.because(
            "hold.of_nothing", Text("누구의 것 또는 어느 종류를 보류할지 정하십시오.", "Say whose data, or which class, is held."),
            Text("가입번호를 적거나 종류를 고르십시오.", "Give a subscriber number or choose a class."), field="subject",
        )  # fmt: skip
    if klass and klass not in classes:
        raise NotFound.named(Text("보유 종류", "retention class"), klass)
    latest = Span(int(policies.value(LONGEST.key, today)), "months").last_day(today)
    if not today <= until <= latest:
        raise Invalid.because(
            "hold.until", Text("끝나는 날은 오늘부터 {d}까지입니다.", "The end lies between today and {d}.").fill(d=latest),
            Text("명령에 적힌 날을 적고, 더 길면 그때 다시 보류하십시오.", "Give the day of the order; a longer one is placed again then."), field="until",
        )  # fmt: skip
    row = Hold.objects.create(
        number=f"H-{numbering.take('hold'):07d}", person=person, klass=klass, reason=act.reason, reference=reference.strip()[:80], since=today,
        until=until, placed_by=f"{act.actor.kind}:{act.actor.id or act.actor.name}",
    )  # fmt: skip
    act.record("retention.hold", row.number, after={"person": person, "class": klass, "until": until.isoformat()})
    act.effect(Text("{d}까지 파기하지 않습니다.", "Nothing of it is destroyed through {d}.").fill(d=until))
    return row.number


@action(HOLD_PLACE, reason=True)
def lift_hold(act: Act, *, number: str) -> None:
    """End a hold now. What is over by then is destroyed by the next nightly walk."""
    row = Hold.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise NotFound.named(WHAT, number)
    if row.lifted_at is not None or row.until < clock.today():
        raise Conflict.because(
            "hold.over", Text("이 보류는 이미 끝났습니다.", "This hold is over already."), Text("할 일이 없습니다.", "There is nothing to do."),
        )  # fmt: skip
    row.lifted_at, row.lift_reason = clock.now(), act.reason
    row.lifted_by = f"{act.actor.kind}:{act.actor.id or act.actor.name}"
    row.save(update_fields=["lifted_at", "lift_reason", "lifted_by"])
    act.record("retention.hold", number, before={"until": row.until.isoformat()}, after={"lifted": True})
    act.effect(Text("다음 파기 때부터 다시 파기 대상이 됩니다.", "From the next walk on it can be destroyed again."))
