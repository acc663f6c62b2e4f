"""Saved views and columns: whose they are, what may be in them, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from numaru.kernel import clock
from numaru.kernel.actions import Action
from numaru.kernel.desk import api as desk
from numaru.kernel.desk.jobs import tidy
from numaru.kernel.desk.leaving import clear
from numaru.kernel.desk.models import ListColumns, SavedView
from numaru.kernel.errors import Conflict, Invalid, NotFound, Refused
from numaru.kernel.models import AuditRecord, Staff, StaffGrant

pytestmark = pytest.mark.django_db


def somebody(login: str) -> Staff:
    person = Staff.objects.create(login=login, name=f"이름 {login}", created_at=clock.now())
    StaffGrant.objects.create(staff=person, role="basic", granted_at=clock.now())
    return person


def save(who: Staff, name: str = "이용 중만", **more: object) -> int:
    kept = {"list_key": "people", "params": {"state": "on"}} | more
    return desk.save_view.do(who.actor, name=name, **kept)  # type: ignore[arg-type]


def test_a_view_is_its_owners_until_it_is_shared() -> None:
    owner, colleague = somebody("a"), somebody("b")
    view = save(owner)
    assert [v.name for v in desk.on_desk(owner.pk, ["people"])] == ["이용 중만"] and desk.on_desk(colleague.pk, ["people"]) == []
    desk.change_view.do(owner.actor, view=view, shared=True)
    (seen,) = desk.on_desk(colleague.pk, ["people", "others"])
    assert (seen.mine, seen.owner, dict(seen.params)) == (False, "이름 a", {"state": "on"})
    assert AuditRecord.objects.filter(object="desk.view", key=str(view)).count() == 2


@pytest.mark.parametrize("act", [desk.change_view, desk.drop_view, desk.restore_view])
def test_nobody_changes_the_view_of_another(act: Action) -> None:  # type: ignore[type-arg]
    owner, colleague = somebody("a"), somebody("b")
    view = save(owner, shared=True)
    with pytest.raises(NotFound):
        act.do(colleague.actor, view=view)
    assert SavedView.objects.get(pk=view).dropped_at is None


@pytest.mark.parametrize("name", ["", "   ", "가" * 41, "010-1234-2201 고객", "haneul@naru.kr"])
def test_a_name_says_something_and_nothing_about_a_person(name: str) -> None:
    with pytest.raises(Invalid):
        save(somebody("a"), name)
    assert not SavedView.objects.exists()


def test_a_name_is_given_once_in_a_list_and_is_free_again_when_its_view_goes() -> None:
    owner = somebody("a")
    view = save(owner, " 이용  중만 ")
    with pytest.raises(Conflict):
        save(owner)
    save(owner, list_key="others")
    save(somebody("b"))
    desk.drop_view.do(owner.actor, view=view)
    again = save(owner)
    with pytest.raises(Conflict):
        desk.restore_view.do(owner.actor, view=view)
    desk.drop_view.do(owner.actor, view=again)
    desk.restore_view.do(owner.actor, view=view)
    assert [v.id for v in desk.on_desk(owner.pk, ["people"])] == [view]


def test_a_deleted_view_can_come_back_for_a_week() -> None:
    owner = somebody("a")
    view = save(owner)
    desk.drop_view.do(owner.actor, view=view)
    assert desk.on_desk(owner.pk, ["people"]) == [] and desk.dropped(owner.pk, view) == "이용 중만"
    assert desk.dropped(somebody("b").pk, view) == ""
    tidy(0)
    assert SavedView.objects.filter(pk=view).exists()
    with clock.pinned(clock.now() + timedelta(days=8)):
        tidy(0)
    assert not SavedView.objects.filter(pk=view).exists()


def test_columns_are_the_readers_own_and_under_a_view_apart() -> None:
    owner, colleague = somebody("a"), somebody("b")
    view = save(owner, shared=True, columns=["name", "plan"])
    desk.arrange.do(owner.actor, list_key="people", columns=["name", "phone"])
    desk.arrange.do(owner.actor, list_key="people", columns=["name"])
    desk.arrange.do(colleague.actor, list_key="people", columns=["name", "since"], view=view)
    assert desk.columns_of(owner.pk, "people") == {None: ("name",)}
    assert desk.columns_of(colleague.pk, "people") == {view: ("name", "since")}
    desk.arrange.do(owner.actor, list_key="people", columns=[])
    assert desk.columns_of(owner.pk, "people") == {}


def test_updating_a_view_takes_over_what_was_arranged_over_it() -> None:
    owner = somebody("a")
    view = save(owner)
    desk.arrange.do(owner.actor, list_key="people", columns=["name", "since"], view=view)
    desk.change_view.do(owner.actor, view=view, params={}, columns=["name", "since"], density="compact")
    row = SavedView.objects.get(pk=view)
    assert (row.params, row.columns, row.density) == ({}, ["name", "since"], "compact") and not ListColumns.objects.exists()


def test_what_a_leaver_shared_stays_with_who_cut_them_off() -> None:
    leaver, by = somebody("a"), somebody("b")
    save(leaver, "나만")
    shared = save(leaver, "모두", shared=True)
    save(by, "모두")
    desk.arrange.do(leaver.actor, list_key="people", columns=["name"])
    assert clear(leaver.pk, by.actor) == 2
    kept = SavedView.objects.get(pk=shared)
    assert kept.staff == by and kept.shared and kept.name != "모두"
    assert not SavedView.objects.filter(staff=leaver).exists() and not ListColumns.objects.exists()


def test_one_keeps_fifty_views_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numaru.kernel.desk.views.MOST", 2)
    owner = somebody("a")
    first = save(owner, "하나")
    save(owner, "둘")
    with pytest.raises(Refused):
        save(owner, "셋")
    desk.drop_view.do(owner.actor, view=first)
    save(owner, "셋")
