"""The action decorator: permission, reason, transaction, audit record and events travel together, and a plan leaves nothing."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob

from numaru.kernel import clock
from numaru.kernel.access import Actor, permissions
from numaru.kernel.actions import REASON_LENGTH, Act, Action, actions, cause
from numaru.kernel.errors import Conflict, Invalid, NotAllowed
from numaru.kernel.events import Event
from numaru.kernel.models import AuditRecord, OutboxEvent, Series
from numaru.values.text import Text
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db

NOBODY = Actor("staff", 99, "아무개")
CLERK = Actor("staff", 3, "담당", (("administrator", None),))
VIDEO = Actor("staff", 4, "비디오 담당", (("administrator", "video"),))


@dataclass(frozen=True)
class Counted(Event):
    name: ClassVar[str] = "test.Counted"
    series: str

    @property
    def aggregate(self) -> str:
        return f"series:{self.series}"


def _count(act: Act, *, series: str, service: str | None = None, fail: bool = False, silent: bool = False) -> int:
    row, _ = Series.objects.get_or_create(name=series)
    before, row.last = row.last, row.last + 1
    row.save()
    act.effect(Text("{s}: {n}번", "{s}: number {n}").fill(s=series, n=row.last))
    act.event(Counted(series))
    act.job(lambda: procrastinate_app.current_app.configure_task("test.counted", queue="test").defer(series=series))
    if not silent:
        act.record("test.series", series, before={"last": before}, after={"last": row.last})
    if fail:
        raise Conflict.because("test.fail", Text("안 됨", "no"), Text("그만", "stop"))
    return row.last


COUNT = Action(_count, "catalogue.service.open", reason=False, service=None)
REASONED = Action(_count, "catalogue.service.open", reason=True, service=None)


def left() -> tuple[int, ...]:
    """How many rows stand in every table of ours and in the queue."""
    models = [m for m in apps.get_models() if m.__module__.startswith("numaru.")]
    return (*(m._default_manager.count() for m in models), ProcrastinateJob.objects.count())


def test_doing_commits_the_row_the_record_the_event_and_the_job_together() -> None:
    with clock.pinned(clock.now()):
        assert COUNT.do(CLERK, series="a") == 1
        record, event = AuditRecord.objects.get(), OutboxEvent.objects.get()
        assert record.at == event.occurred_at == clock.now()
    assert (record.actor_kind, record.actor_id, record.action, record.object, record.key) == (
        "staff",
        3,
        "catalogue.service.open",
        "test.series",
        "a",
    )
    assert (record.before, record.after, record.reason, record.cause) == ({"last": 0}, {"last": 1}, "", None)
    assert (event.name, event.aggregate, event.payload, event.actor) == ("test.Counted", "series:a", {"series": "a"}, "staff:담당")
    assert ProcrastinateJob.objects.get().args == {"series": "a"}


@pytest.mark.parametrize(
    "actor", [NOBODY, Actor("client", 1, "program", (("auditor", None),)), VIDEO, Actor("staff", 5, "x", (("no such role", None),))]
)
def test_without_the_permission_nothing_is_even_tried(actor: Actor) -> None:
    before = left()
    with CaptureQueriesContext(connection) as asked, pytest.raises(NotAllowed) as refused:
        COUNT.do(actor, series="a", service="books")
    assert not asked.captured_queries and left() == before
    assert refused.value.findings[0].code == "access.denied" and "catalogue.service.open" in refused.value.findings[0].message.en
    with pytest.raises(NotAllowed):
        COUNT.plan(actor, series="a", service="books")


def test_a_grant_for_one_service_counts_for_that_service_alone() -> None:
    assert COUNT.do(VIDEO, series="a", service="video") == 1
    with pytest.raises(NotAllowed):
        COUNT.do(VIDEO, series="a")


def test_the_scope_may_be_found_from_the_arguments() -> None:
    scoped = Action(_count, "catalogue.service.open", reason=False, service=lambda series, **_: series)
    assert scoped.do(VIDEO, series="video") == 1
    with pytest.raises(NotAllowed):
        scoped.do(VIDEO, series="books", service="video")  # what the caller says about the scope is not asked


@pytest.mark.parametrize(
    ("reason", "code"), [("", "action.reason"), ("  \n", "action.reason"), ("가" * (REASON_LENGTH + 1), "action.reason_long")]
)
def test_a_reason_is_demanded_and_must_fit(reason: str, code: str) -> None:
    before = left()
    with pytest.raises(Invalid) as refused:
        REASONED.do(CLERK, series="a", reason=reason)
    assert [f.code for f in refused.value.findings] == [code] and left() == before
    REASONED.do(CLERK, series="a", reason="  고객 요청  ")
    assert AuditRecord.objects.get().reason == "고객 요청"


def test_a_plan_says_what_doing_will_say_and_leaves_nothing() -> None:
    before = left()
    planned = REASONED.plan(CLERK, series="a")  # the reason is asked when it is done
    assert left() == before and planned.result == 1
    done: list[Text] = []

    def spy(act: Act, **arguments: Any) -> int:
        result = _count(act, **arguments)
        done.extend(act.effects)
        return result

    assert Action(spy, "catalogue.service.open", reason=False, service=None).do(CLERK, series="a") == 1
    assert planned.effects == done


@pytest.mark.parametrize("how", ["do", "plan"])
def test_a_refusal_in_the_middle_takes_everything_back(how: str) -> None:
    before = left()
    with pytest.raises(Conflict):
        getattr(COUNT, how)(CLERK, series="a", fail=True)
    assert left() == before


def test_an_action_that_leaves_no_record_is_a_fault_and_is_taken_back() -> None:
    before = left()
    with pytest.raises(RuntimeError, match="no audit record"):
        COUNT.do(CLERK, series="a", silent=True)
    assert left() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_action_outlives_the_transaction_around_it() -> None:
    before = left()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        COUNT.do(CLERK, series="a")
        raise ZeroDivisionError
    assert left() == before


def test_within_another_action_the_record_is_the_outer_ones() -> None:
    def outer(act: Act, *, service: str | None = None) -> int:
        return COUNT.within(act, series="inner")

    assert Action(outer, "catalogue.service.open", reason=False, service=None).do(CLERK) == 1
    assert AuditRecord.objects.count() == OutboxEvent.objects.count() == 1


def test_what_an_event_causes_names_its_cause() -> None:
    token = cause.set(41)
    try:
        COUNT.do(CLERK, series="a")
    finally:
        cause.reset(token)
    assert AuditRecord.objects.get().cause == OutboxEvent.objects.get().cause == 41


# ── every action of the house ──

OURS = [(key, one) for key, one in actions if key.startswith("numaru.")]
PLAUSIBLE: dict[str, Any] = {
    "service": "video", "slug": "video", "number": "R2026-10", "period": "2026-10", "how": "pause", "contract": 1, "party": 1, "kind": "name",
    "login": "clerk", "name": "이름", "roles": ["auditor"], "mapping_name": "mapping.toml",
    "mapping_text": (ROOT / "examples" / "cdnow" / "mapping.toml").read_text(),
}  # fmt: skip
SPECIAL = {"numaru.kernel.imports.runs.start": {"kind": "usage"}}  # the kind of the mapping above


def _arguments(key: str, one: Action[..., Any]) -> dict[str, Any]:
    wanted = list(inspect.signature(one.function).parameters.values())[1:]
    asked = {p.name for p in wanted if p.default is inspect.Parameter.empty and p.kind is inspect.Parameter.KEYWORD_ONLY}
    return {name: (PLAUSIBLE | SPECIAL.get(key, {})).get(name) for name in asked}


@pytest.mark.parametrize("key", [key for key, _ in OURS])
@pytest.mark.parametrize("how", ["do", "plan"])
def test_every_action_refuses_who_may_not_and_writes_nothing(key: str, how: str) -> None:
    one = dict(OURS)[key]
    assert one.permission in permissions, "an action asks for a permission that is declared"
    lacking = sorted({"billing_clerk", "subscriber_clerk", "auditor"} - permissions[one.permission].roles)
    for actor in (NOBODY, Actor("staff", 98, "그 밖", tuple((role, None) for role in lacking)), Actor("client", 1, "program")):
        with CaptureQueriesContext(connection) as asked, pytest.raises(NotAllowed):
            getattr(one, how)(actor, reason="시험", **_arguments(key, one))
        assert all(q["sql"].startswith("SELECT") for q in asked.captured_queries), asked.captured_queries


def test_the_house_has_actions() -> None:
    assert len(OURS) >= 15
