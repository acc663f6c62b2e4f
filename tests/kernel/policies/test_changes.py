"""A new value of a policy: its kind, its basis, its second person, its day; and the value valid on a day, whatever was recorded when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from numaru.kernel import clock, policies
from numaru.kernel.access import Actor
from numaru.kernel.actions import NeedsSecond
from numaru.kernel.approvals import api as approvals
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.kernel.models import AuditRecord, OutboxEvent, Policy
from numaru.kernel.policies import api
from numaru.kernel.policies.kinds import KINDS, Unreadable, kind_of, pack, unpack
from tests.domains.billing.world import on
from tests.kernel.approvals.conftest import Hire, hire  # noqa: F401

pytestmark = pytest.mark.django_db
KEY = "billing.invoice.due_days"
HOUSE = Actor.system("command")


def change(actor: Actor = HOUSE, **more: Any) -> int:
    usual = {"key": KEY, "value": 21, "valid_from": date(2026, 12, 1), "basis": "약관 제9조", "source": "이용약관 2026-11"}
    return api.change.do(actor, reason="새 약관", **(usual | more))


def test_a_value_is_set_by_two_and_says_so(hire: Hire) -> None:  # noqa: F811
    asker, other = hire("administrator"), hire("privacy_officer")
    with on("2026-11-22"):
        with pytest.raises(NeedsSecond):
            change(asker)
        number = api.change.ask(
            asker, reason="새 약관", key=KEY, value=21, valid_from=date(2026, 12, 1), basis="약관 제9조", source="이용약관 2026-11"
        )
        assert policies.value(KEY, date(2026, 12, 1)) == 14
        row = approvals.request(other, number)
        plan, seen = approvals.preview(row)
        assert [e.ko for e in plan.effects] == ["납부 기한, 확정일부터 며칠: 14 → 21", "2026-12-01부터 운영사 전체에 적용됩니다."]
        approvals.approve.do(other, number=number, seen=seen)
        assert [policies.value(KEY, d) for d in (date(2026, 11, 30), date(2026, 12, 1))] == [14, 21]
    made = Policy.objects.get()
    assert (made.set_by, made.set_name, made.approved_by, made.approval) == (asker.id, asker.name, other.name, row.pk)
    record = AuditRecord.objects.get(object="policies.value")
    assert (
        record.before == {"value": 14}
        and record.after["value"] == 21
        and record.after["basis"] == "약관 제9조"
        and record.approval == row.pk
    )
    assert OutboxEvent.objects.get(name="policies.PolicyChanged").payload == {"key": KEY, "scope": "operator", "valid_from": "2026-12-01"}


def test_a_house_with_one_administrator_can_follow_the_law(hire: Hire) -> None:  # noqa: F811
    only = hire("administrator")
    with on("2026-11-22"):
        change(only)
    assert Policy.objects.get().approved_by == ""


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"value": "21"}, "value"), ({"value": 21.5}, "value"), ({"value": True}, "value"), ({"value": -1}, "value"), ({"value": None}, "value"),
        ({"scope": "offer:x"}, "scope"), ({"scope": "service:"}, "scope"), ({"scope": "service:a b"}, "scope"), ({"scope": ""}, "scope"),
        ({"basis": " "}, "basis"), ({"source": ""}, "source"), ({"basis": "가" * 401}, "basis"), ({"valid_from": date(2026, 11, 21)}, "past"),
        ({"past": "가" * 401}, "past"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_at_its_field(more: dict[str, Any], field: str) -> None:
    with on("2026-11-22"), pytest.raises(Invalid) as refused:
        change(**more)
    assert refused.value.findings[0].field == field and not Policy.objects.exists()


def test_a_day_in_the_past_needs_a_word() -> None:
    with on("2026-11-22"):
        change(valid_from=date(2026, 11, 1), past="계약이 11월 1일에 바뀌었음")
        assert policies.value(KEY, date(2026, 11, 5)) == 21
    assert Policy.objects.get().note == "계약이 11월 1일에 바뀌었음"


def test_what_changes_nothing_and_what_is_unknown() -> None:
    with on("2026-11-22"):
        with pytest.raises(Conflict):
            change(value=14)
        with pytest.raises(NotFound):
            change(key="no.such")
        change(value=20)
        change(value=14)  # back again is a change


def test_who_has_one_service_changes_that_service_alone(hire: Hire) -> None:  # noqa: F811
    clerk = hire("administrator", service="naru-video")
    with on("2026-11-22"):
        change(clerk, scope="service:naru-video")
        for scope in ("operator", "service:other", "entity:1"):
            with pytest.raises(NotAllowed):
                change(clerk, scope=scope, value=30)
        assert policies.value(KEY, date(2026, 12, 1), ("service:naru-video",)) == 21 and policies.value(KEY, date(2026, 12, 1)) == 14
    auditor = hire("auditor")
    with pytest.raises(NotAllowed):
        change(auditor)


@pytest.mark.parametrize("how", ["UPDATE kernel_policy SET value = '99'", "DELETE FROM kernel_policy"])
def test_the_database_lets_nobody_edit_history(how: str) -> None:
    with on("2026-11-22"):
        change()
    with pytest.raises(DatabaseError, match="not edited"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(how)
    assert Policy.objects.get().value == 21


def test_within_reading_each_figure_is_looked_up_once_and_a_change_is_seen() -> None:
    with on("2026-11-22"), policies.reading(), CaptureQueriesContext(connection) as asked:
        for _ in range(50):
            assert policies.value(KEY, date(2026, 12, 1), ("service:a", "entity:1")) == 14
        assert len(asked) == 1
        change()
        assert policies.value(KEY, date(2026, 12, 1)) == 21
    with CaptureQueriesContext(connection) as asked:
        assert policies.value(KEY, date(2026, 12, 1), ("service:a", "entity:1")) == 21
    assert len(asked) == 1


def test_the_standing_of_a_day_says_what_holds_and_what_comes() -> None:
    with on("2026-11-22"):
        change(value=20, valid_from=date(2026, 11, 22))
        change(value=25, valid_from=date(2027, 1, 1))
        change(value=7, valid_from=date(2026, 11, 22), scope="service:naru-video")
        change(value=22, valid_from=date(2026, 11, 22))
        found = api.standing(KEY, date(2026, 11, 30))
    assert found.value == 22 and found.row is not None and [v.value for v in found.apart] == [7] and [v.value for v in found.coming] == [25]
    assert [(v.value, v.state) for v in found.versions] == [(25, "coming"), (22, "now"), (7, "now"), (20, "shadowed")]
    assert len(api.standings(date(2026, 11, 30))) == len(policies.shipped)


class ValueOfADay(TestCase):
    """The value valid on a day against the plain rule: of the narrowest scope that has begun, the latest day, and of one day the latest row."""

    @settings(max_examples=30)
    @given(
        rows=st.lists(st.tuples(st.sampled_from(["operator", "service:a", "entity:1"]), st.integers(0, 9), st.integers(0, 99)), max_size=12),
        day=st.integers(-1, 10), scopes=st.sampled_from([(), ("service:a",), ("service:a", "entity:1"), ("entity:1", "service:a")]),
    )  # fmt: skip
    def test_property(self, rows: list[tuple[str, int, int]], day: int, scopes: tuple[str, ...]) -> None:
        start = date(2026, 1, 1)
        for scope, offset, value in rows:
            Policy.objects.create(
                key=KEY, scope=scope, value=value, basis="x", valid_from=start + timedelta(days=offset), recorded_at=clock.now()
            )
        wanted = 14
        for scope in ("operator", *reversed(scopes)):
            begun = [(offset, n, value) for n, (of, offset, value) in enumerate(rows) if of == scope and offset <= day]
            wanted = max(begun)[2] if begun else wanted
        assert policies.value(KEY, start + timedelta(days=day), scopes) == wanted


@given(
    st.booleans() | st.integers(0, 10**12) | st.decimals(0, 10**6, places=6) | st.text(min_size=1).map(str.strip).filter(bool)
    | st.lists(st.text("가나다abc", min_size=1), unique=True) | st.dictionaries(st.sampled_from(["KRW", "USD", "KWD"]), st.integers(0, 10**9), min_size=1)
)  # fmt: skip
def test_what_is_shown_can_be_typed_again_and_kept(value: Any) -> None:
    kind = kind_of(value)
    assert KINDS[kind].parse(KINDS[kind].typed(value)) == value
    assert unpack(kind, pack(kind, value)) == value and type(unpack(kind, pack(kind, value))) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("int", "14.5"), ("int", ""), ("decimal", "NaN"), ("decimal", "inf"), ("bool", "maybe"), ("time", "25:00"), ("money", "KRW"), ("money", "won 5"),
     ("money", "KRW -5"), ("money", "KRW 1.5"), ("money", "KRW 1\nKRW 2"), ("list", "a\na"), ("json", "{")],
)  # fmt: skip
def test_what_is_not_of_its_kind_is_said(kind: str, text: str) -> None:
    with pytest.raises(Unreadable):
        KINDS[kind].parse(text)


def test_a_shipped_value_must_be_one_that_could_be_set() -> None:
    from numaru.values.text import Text

    name = Text("시험", "test")
    for value, more in (
        (1.5, {}),
        (None, {}),
        (-1, {}),
        ("x", {"choices": ("a", "b")}),
        (5, {"check": lambda v: Text("안 됨", "no")}),
        ("9시", {"kind": "time"}),
    ):
        with pytest.raises(ValueError):
            policies.policy("test.value", name, value, "b", **more)
    assert "test.value" not in policies.shipped
    assert Decimal("0.1") in {Decimal("0.1")} and kind_of(Decimal("0.1")) == "decimal"


def test_the_printed_table_is_what_the_rooms_declare() -> None:
    import io

    from django.core.management import call_command

    from tests.conftest import ROOT

    out = io.StringIO()
    call_command("policies", stdout=out)
    assert (ROOT / "docs" / "policies.md").read_text(encoding="utf-8") == out.getvalue(), (
        "write it anew: ./numaru manage policies > docs/policies.md"
    )
