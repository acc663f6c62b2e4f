"""The calendar of what will be destroyed when, the page of one class with its next walk, and holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.privacy.retention.rooms import CALENDAR, HOLDS
from numaru.kernel import clock
from numaru.kernel.errors import NotAllowed, Refused
from numaru.kernel.retention import api as retention
from numaru.ui.fields import DayField
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.ui.states import State
from numaru.values.text import Text

RUN_STATES: dict[str, State] = {
    "running": State(Text("진행 중", "Running"), "info"),
    "done": State(Text("완료", "Done"), "good"),
    "failed": State(Text("실패", "Failed"), "bad"),
}
RUNS = 12  # shown on the page of a class


def look(request: HttpRequest, permission: str = retention.CALENDAR_VIEW) -> None:
    """Raises NotAllowed for a reader without ``permission``."""
    if not actor_of(request).may(permission):
        raise NotAllowed.for_permission(permission)


def _row(klass: retention.RetentionClass, found: Any, last: dict[str, Any]) -> dict[str, Any]:
    """One class with its figures: an outlook counted now, what was last counted, or None where it never was."""
    run = last.get(klass.key)
    return {
        "klass": klass,
        "act": retention.ACTS[klass.act],
        "span": klass.span(clock.today()).text,
        "counted": found is not None,
        "due": found.due if found else 0,
        "soon": found.soon if found else 0,
        "held": found.held if found else 0,
        "run": run,
        "state": RUN_STATES[run.state] if run else None,
    }


def calendar(request: HttpRequest) -> HttpResponse:
    """Every class: what it is, how long, on which basis, what was due and within thirty days when it was last counted, what is held, the
    last walk. The page of a class counts that class exactly."""
    look(request)
    last, told = retention.last_runs(), retention.tallies()
    rows = [_row(klass, told.get(key), last) for key, klass in retention.classes]
    rows.sort(key=lambda row: (-row["due"], -row["soon"], row["klass"].key))
    times = [told[row["klass"].key].counted_at for row in rows if row["counted"]]
    context = {
        "rows": rows, "due": sum(r["due"] for r in rows), "soon": sum(r["soon"] for r in rows), "held": sum(r["held"] for r in rows),
        "failed": [r for r in rows if r["run"] and r["run"].state == "failed"], "may_destroy": actor_of(request).may(retention.PERSON_DESTROY),
        "here": request.get_full_path(), "since": min(times, default=None), "whole": len(times) == len(rows),
        "may_count": actor_of(request).may(retention.RUN_START),
    }  # fmt: skip
    return page(request, "console/privacy/calendar.html", context, room="shared", place="retention", crumbs=[Crumb(CALENDAR)])


@require_POST
def recount(request: HttpRequest) -> HttpResponse:
    """Have every class counted now."""
    retention.order_count.do(actor_of(request))
    return redirect("retention:calendar")


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One class: what it keeps, why and until when, and what a walk would destroy now."""
    look(request)
    return _one(request, key)


def _one(request: HttpRequest, key: str, refusal: Refused | None = None) -> HttpResponse:
    klass = retention.named(key)
    context = _row(klass, retention.outlook(klass, clock.today()), retention.last_runs())
    runs = retention.runs_of(key)[:RUNS]
    may = actor_of(request).may(retention.RUN_START)
    context |= {
        "runs": [(run, RUN_STATES[run.state]) for run in runs],
        "holds": [hold for hold in retention.active(clock.today()) if hold.klass == key],
        "cut": klass.span(clock.today()).cut(clock.today()),
        "may_run": may and context["due"] > 0 and not any(run.state == "running" for run in runs),
        "address": reverse("retention:class", args=[key]),
        "refused": refusal.findings if refusal else [],
    }
    crumbs = [Crumb(CALENDAR, reverse("retention:calendar")), Crumb(klass.name)]
    status = refusal.status if refusal else 200
    return page(request, "console/privacy/class.html", context, room="shared", place="retention", crumbs=crumbs, status=status)


@require_POST
def run(request: HttpRequest, key: str) -> HttpResponse:
    """Have what is due destroyed now, and show the class."""
    try:
        retention.order_run.do(actor_of(request), klass=key)
    except Refused as refusal:
        look(request)
        return _one(request, key, refusal)
    return redirect("retention:class", key)


class HoldForm(forms.Form):
    """What is held, until when, and the order behind it. The reason names the order and nobody."""

    subject = forms.CharField(
        label=spoken(Text("가입번호", "Subscriber number")), required=False, max_length=20,
        help_text=spoken(Text("한 사람만 보류할 때 적습니다. S-0001234", "To hold one person alone: S-0001234")),
    )  # fmt: skip
    klass = forms.ChoiceField(label=spoken(Text("종류", "Class")), required=False)
    until = DayField(
        label=spoken(Text("언제까지", "Until")),
        error_messages={"required": spoken(Text("끝나는 날을 적으십시오.", "Give the day on which it ends."))},
    )  # fmt: skip
    reference = forms.CharField(label=spoken(Text("명령 번호", "Reference of the order")), required=False, max_length=80)
    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=400,
        help_text=spoken(Text("누구인지 알 수 있는 말은 적지 마십시오.", "Do not write anything by which somebody can be known.")),
        error_messages={"required": spoken(Text("사유를 적으십시오.", "Give the reason."))},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", str(Text("모든 종류", "Every class")))]
        self.fields["klass"].choices = every + [(key, str(k.name)) for key, k in retention.classes]  # type: ignore[attr-defined]


def holds(request: HttpRequest) -> HttpResponse:
    """The holds in force."""
    look(request)
    rows = [(hold, retention.classes.get(hold.klass)) for hold in retention.active(clock.today()).order_by("until", "id")]
    context = {"rows": rows, "may": actor_of(request).may(retention.HOLD_PLACE)}
    return page(request, "console/privacy/holds.html", context, room="shared", place="holds", crumbs=[Crumb(HOLDS)])


def new_hold(request: HttpRequest) -> HttpResponse:
    """Place a hold on a person, on a class, or on a person's part of a class."""
    look(request, retention.HOLD_PLACE)
    form = HoldForm(request.POST or None, initial={"klass": request.GET.get("klass", "")})
    if request.method == "POST" and form.is_valid():
        try:
            person = None
            if form.cleaned_data["subject"]:
                person = subscribers.subscriber(form.cleaned_data["subject"], None).party_id
            retention.place_hold.do(
                actor_of(request), person=person, klass=form.cleaned_data["klass"], until=form.cleaned_data["until"],
                reference=form.cleaned_data["reference"], reason=form.cleaned_data["reason"],
            )  # fmt: skip
            return redirect("retention:holds")
        except Refused as refusal:
            refuse(form, refusal)
    crumbs = [Crumb(HOLDS, reverse("retention:holds")), Crumb(Text("새 보류", "New hold"))]
    status = 422 if request.method == "POST" else 200
    return page(request, "console/privacy/hold.html", {"form": form}, room="shared", place="holds", crumbs=crumbs, status=status)


@require_POST
def lift(request: HttpRequest, number: str) -> HttpResponse:
    """End a hold, with a reason."""
    retention.lift_hold.do(actor_of(request), number=number, reason=request.POST.get("reason", ""))
    return redirect("retention:holds")
