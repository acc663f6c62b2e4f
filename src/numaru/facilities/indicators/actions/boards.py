"""Boards that people put together: kept, shared with everybody who may see their indicators, taken away and brought back."""

from __future__ import annotations

from collections.abc import Sequence

from numaru.facilities.indicators.events import BoardShared
from numaru.facilities.indicators.models import Board
from numaru.facilities.indicators.permissions import BOARD_KEEP
from numaru.facilities.indicators.ports import indicators
from numaru.kernel import clock, numbering
from numaru.kernel.access import Actor
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Conflict, Invalid, NotFound
from numaru.values.text import Text

MOST = 12  # indicators of one board: what one look can hold
OWN = 30  # boards of one person


def _anywhere(**_: object) -> None:
    return None


def _chosen(actor: Actor, keys: Sequence[str]) -> list[str]:
    """The keys once each, in their order; refuses none, too many, an unknown one and one whose figures the actor may not see."""
    wanted = list(dict.fromkeys(keys))
    strange = [key for key in wanted if key not in indicators or not actor.may_somewhere(indicators[key].permission)]
    if strange or not 1 <= len(wanted) <= MOST:
        raise Invalid.because(
            "indicators.chosen", Text("고른 지표가 없거나 너무 많습니다.", "No indicator is chosen, or too many are."),
            Text("볼 수 있는 지표를 1~{n}개 고르십시오.", "Choose 1 to {n} indicators that you may see.").fill(n=MOST), field="indicators",
        )  # fmt: skip
    return wanted


def _mine(actor: Actor, number: str, *, gone: bool = False) -> Board:
    row = Board.objects.select_for_update().filter(number=number, owner=actor.staff_id or 0, gone_at__isnull=not gone).first()
    if row is None:
        raise NotFound.named(Text("현황판", "board"), number)
    return row


@action(BOARD_KEEP, service=_anywhere)
def keep_board(act: Act, *, name: str, chosen: tuple[str, ...] | list[str], shared: bool = False, number: str = "") -> str:
    """Make a board, or change the own one with ``number``; returns its number. Only members of staff have boards.

    Refuses an empty or long name, a name that one of one's boards has already, and what :func:`_chosen` refuses.
    """
    title = " ".join(name.split())
    owner = act.actor.staff_id
    if not title or len(title) > 60 or owner is None:
        raise Invalid.because(
            "indicators.name", Text("현황판 이름이 비었거나 60자를 넘습니다.", "The board has no name, or one of more than 60 characters."),
            Text("짧은 이름을 적으십시오.", "Write a short name."), field="name", value=name[:80],
        )  # fmt: skip
    keys = _chosen(act.actor, chosen)
    others = Board.objects.filter(owner=owner, gone_at__isnull=True).exclude(number=number)
    if others.filter(name=title).exists():
        raise Conflict.because(
            "indicators.name_taken", Text("‘{n}’ 현황판이 이미 있습니다.", "There is a board “{n}” already.").fill(n=title),
            Text("다른 이름을 적으십시오.", "Write another name."), field="name", value=title,
        )  # fmt: skip
    if not number and others.count() >= OWN:
        raise Conflict.because(
            "indicators.boards_full", Text("현황판이 {n}개 있습니다.", "There are {n} boards.").fill(n=OWN),
            Text("쓰지 않는 것을 지우고 다시 하십시오.", "Take away one that is not used, then try again."),
        )  # fmt: skip
    now = clock.now()
    if number:
        row = _mine(act.actor, number)
        before = {"name": row.name, "indicators": row.indicators, "shared": row.shared}
    else:
        row = Board(number=f"BD-{numbering.take('indicators.board'):05d}", owner=owner, owner_name=act.actor.name, created_at=now)
        before = {}
    was_shared = bool(before.get("shared"))
    row.name, row.indicators, row.shared, row.changed_at = title, keys, shared, now
    row.save()
    act.record("indicators.board", row.number, before=before, after={"name": title, "indicators": keys, "shared": shared})
    if shared != was_shared:
        act.event(BoardShared(row.number, shared))
    return row.number


@action(BOARD_KEEP, service=_anywhere)
def drop_board(act: Act, *, number: str) -> None:
    """Take the own board away; it can be brought back for as long as its row is kept."""
    row = _mine(act.actor, number)
    row.gone_at = clock.now()
    row.save(update_fields=["gone_at"])
    act.record("indicators.board", number, before={"gone": False}, after={"gone": True})


@action(BOARD_KEEP, service=_anywhere)
def bring_board_back(act: Act, *, number: str) -> None:
    """Undo :func:`drop_board`."""
    row = _mine(act.actor, number, gone=True)
    row.gone_at = None
    row.save(update_fields=["gone_at"])
    act.record("indicators.board", number, before={"gone": True}, after={"gone": False})
