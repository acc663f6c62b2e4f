"""Saved views and columns: who keeps what, under which name, and that nothing about a person gets into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numaru.kernel import clock
from numaru.kernel.actions import Act, action
from numaru.kernel.desk.models import ListColumns, SavedView
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.values.masked import telling
from numaru.values.text import Text

NAME = 40  # characters
MOST = 50  # views of one list that one person keeps
WHAT = Text("보기", "view")


def _named(staff: int, list_key: str, name: str, but: int | None = None) -> str:
    """The name as it is kept. Refuses an empty, a long, a telling and a taken one."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME:
        raise Invalid.because(
            "desk.name", Text("보기 이름은 1자부터 {n}자까지입니다.", "The name of a view has 1 to {n} characters.").fill(n=NAME),
            Text("무엇을 보는 목록인지 짧게 적으십시오.", "Say in a few words what it shows."), field="name",
        )  # fmt: skip
    if telling(name):
        raise Invalid.because(
            "desk.name_personal", Text("보기 이름에 전화번호나 전자우편 같은 개인정보가 있습니다.", "The name of the view holds personal data."),
            Text("이름 대신 조건을 적으십시오.", "Name the condition, not the person."), field="name",
        )  # fmt: skip
    same = SavedView.objects.filter(staff_id=staff, list_key=list_key, name=name, dropped_at__isnull=True)
    if (same.exclude(pk=but) if but else same).exists():
        raise Conflict.because(
            "desk.name_taken", Text("‘{n}’ 보기가 이미 있습니다.", "There is a view “{n}” already.").fill(n=name),
            Text("다른 이름을 적거나 그 보기를 바꾸십시오.", "Choose another name, or change that view."), field="name",
        )  # fmt: skip
    return name


def _own(act: Act, view: int, *, dropped: bool = False) -> SavedView:
    row = SavedView.objects.select_for_update().filter(pk=view, staff_id=act.actor.staff_id or 0, dropped_at__isnull=not dropped).first()
    if row is None:
        raise NotFound.named(WHAT, view)
    return row


@action(ACCOUNT_USE)
def save_view(
    act: Act, *, list_key: str, name: str, params: Mapping[str, str], columns: Sequence[str] = (), density: str = "", shared: bool = False
) -> int:
    """Keep an address of a list under a name, for oneself or for everyone who may see the list; returns its id. Refuses a name that is empty,
    taken or about a person, and the fifty-first view of a list. The caller has checked ``params`` against what the list offers."""
    staff = act.actor.staff_id or 0
    kept = _named(staff, list_key, name)
    if SavedView.objects.filter(staff_id=staff, list_key=list_key, dropped_at__isnull=True).count() >= MOST:
        raise Conflict.because(
            "desk.most", Text("한 목록에 {n}개까지 저장합니다.", "A list keeps {n} views of one person.").fill(n=MOST),
            Text("쓰지 않는 보기를 지우십시오.", "Delete views you do not use."),
        )  # fmt: skip
    now = clock.now()
    row = SavedView.objects.create(
        staff_id=staff, list_key=list_key, name=kept, params=dict(params), columns=list(columns), density=density, shared=shared,
        created_at=now, changed_at=now,
    )  # fmt: skip
    act.record("desk.view", str(row.pk), after={"list": list_key, "params": dict(params), "shared": shared})
    act.effect(Text("보기 ‘{n}’을(를) 저장합니다.", "The view “{n}” is kept.").fill(n=kept))
    return row.pk


@action(ACCOUNT_USE)
def change_view(
    act: Act, *, view: int, name: str | None = None, shared: bool | None = None, params: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None, density: str | None = None,
) -> None:  # fmt: skip
    """Rename one's own view, share it or not, or let it show what is shown now. What is None stays. Raises NotFound for a view of somebody else."""
    row = _own(act, view)
    before: dict[str, Any] = {"params": row.params, "shared": row.shared}
    if name is not None:
        row.name = _named(row.staff_id, row.list_key, name, row.pk)
    if shared is not None:
        row.shared = shared
    if params is not None:
        row.params = dict(params)
    if columns is not None:
        row.columns = list(columns)
        ListColumns.objects.filter(staff_id=row.staff_id, view=row).delete()  # what was arranged over the view is now the view
    if density is not None:
        row.density = density
    row.changed_at = clock.now()
    row.save()
    act.record("desk.view", str(row.pk), before=before, after={"params": row.params, "shared": row.shared})
    act.effect(Text("보기 ‘{n}’을(를) 바꿉니다.", "The view “{n}” is changed.").fill(n=row.name))


@action(ACCOUNT_USE)
def drop_view(act: Act, *, view: int) -> str:
    """Delete one's own view; it can be brought back for a week. Returns its name. Colleagues with whom it was shared lose it too."""
    row = _own(act, view)
    row.dropped_at = clock.now()
    row.save(update_fields=["dropped_at"])
    act.record("desk.view", str(row.pk), before={"list": row.list_key, "params": row.params, "shared": row.shared})
    act.effect(Text("보기 ‘{n}’을(를) 지웁니다.", "The view “{n}” is deleted.").fill(n=row.name))
    return row.name


@action(ACCOUNT_USE)
def restore_view(act: Act, *, view: int) -> None:
    """Bring a deleted view of one's own back, as it was. Refuses when its name was given to another one meanwhile."""
    row = _own(act, view, dropped=True)
    row.name = _named(row.staff_id, row.list_key, row.name, row.pk)
    row.dropped_at = None
    row.save(update_fields=["dropped_at", "name"])
    act.record("desk.view", str(row.pk), after={"list": row.list_key, "params": row.params, "shared": row.shared})
    act.effect(Text("보기 ‘{n}’을(를) 되살립니다.", "The view “{n}” is back.").fill(n=row.name))


@action(ACCOUNT_USE)
def arrange(act: Act, *, list_key: str, columns: Sequence[str], view: int | None = None) -> None:
    """Show these columns of a list, in this order, to the actor alone; none of them means as the list comes. With ``view`` only under that view,
    whoever owns it. The caller has checked the keys."""
    staff = act.actor.staff_id or 0
    found = ListColumns.objects.filter(staff_id=staff, list_key=list_key, view_id=view)
    if not columns:
        found.delete()
    elif not found.update(columns=list(columns)):
        ListColumns.objects.create(staff_id=staff, list_key=list_key, view_id=view, columns=list(columns))
    act.record("desk.columns", list_key, after={"columns": list(columns), "view": view})
