"""Pages of the boards that people put together: the list, one board, making and changing, taking away and bringing back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.facilities.indicators import reads
from numaru.facilities.indicators.actions.boards import bring_board_back, drop_board, keep_board
from numaru.facilities.indicators.permissions import BOARD_KEEP, BOARD_VIEW
from numaru.facilities.indicators.ports import indicators
from numaru.facilities.indicators.web import pages
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import shell
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, services_of
from numaru.ui.shell import Crumb
from numaru.values.text import Text

NAME = Text("현황판", "Boards")
WHERE: dict[str, str] = {"room": "shared", "place": "boards"}


def boards(request: HttpRequest) -> HttpResponse:
    """Every board that the reader may open: those of the rooms, the own ones, the shared ones."""
    services_of(request, BOARD_VIEW)
    actor = actor_of(request)
    rooms = [
        (shell.rooms[key].label, reverse(f"indicators:{key}"), len(reads.of_room(actor, key)))
        for key in sorted({row.room for _, row in indicators})
    ]
    gone = request.GET.get("gone", "")
    cards = [(c, len(reads.visible(actor, c.keys)), c.owner == actor.staff_id) for c in reads.boards(actor)]
    context = {"rooms": [r for r in rooms if r[2]], "cards": cards, "may_keep": actor.may_somewhere(BOARD_KEEP), "gone": gone[:20]}
    return page(request, "indicators/boards.html", context, crumbs=[Crumb(NAME)], **WHERE)  # type: ignore[arg-type]


def board(request: HttpRequest, number: str) -> HttpResponseBase:
    """One board that somebody put together."""
    services_of(request, BOARD_VIEW)
    actor = actor_of(request)
    card = reads.board(actor, number)
    keys = reads.visible(actor, card.keys)
    permission = indicators[keys[0]].permission if keys else BOARD_VIEW
    more = {"card": card, "mine": card.owner == actor.staff_id}
    crumbs = [Crumb(NAME, reverse("indicators:boards")), Crumb(card.name)]
    return pages.answer(request, card.name, card.keys, permission, crumbs=crumbs, more=more, **WHERE)  # type: ignore[arg-type]


class Keep(forms.Form):
    """A board: its name, its indicators in the order of the rooms, and whether others see it."""

    name = forms.CharField(
        label=spoken(Text("이름", "Name")), max_length=60, error_messages={"required": spoken(Text("이름을 적으십시오.", "Write a name."))}
    )
    indicators = forms.MultipleChoiceField(
        label=spoken(Text("지표", "Indicators")), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": spoken(Text("지표를 하나 이상 고르십시오.", "Choose at least one indicator."))},
    )  # fmt: skip
    shared = forms.BooleanField(
        label=spoken(Text("모두와 나누기", "Share with everybody")), required=False,
        help_text=spoken(Text("각자 볼 권한이 있는 지표만 보입니다.", "Each reader sees only the indicators they may see.")),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicators"].choices = offered  # type: ignore[attr-defined]


def keep(request: HttpRequest, number: str = "") -> HttpResponse:
    """Make a board, or change the own one."""
    actor = actor_of(request)
    if not actor.may_somewhere(BOARD_KEEP):
        raise NotAllowed.for_permission(BOARD_KEEP)
    card = reads.board(actor, number) if number else None
    if card is not None and card.owner != actor.staff_id:
        raise NotFound.named(NAME, number)
    offered = [(key, f"{shell.rooms[row.room].label} · {row.name}") for key, row in indicators if actor.may_somewhere(row.permission)]
    initial = {"name": card.name, "indicators": card.keys, "shared": card.shared} if card else {"indicators": request.GET.getlist("i")}
    form = Keep(request.POST if request.method == "POST" else None, offered=offered, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = keep_board.do(actor, name=data["name"], chosen=tuple(data["indicators"]), shared=data["shared"], number=number)
            except (NotAllowed, NotFound):
                raise
            except Refused as refused:
                refuse(form, refused)
            else:
                return redirect("indicators:board", made)
    on = set(form["indicators"].value() or [])
    groups: dict[str, list[tuple[str, str, bool]]] = {}
    for key, row in indicators:
        if actor.may_somewhere(row.permission):
            groups.setdefault(str(shell.rooms[row.room].label), []).append((key, str(row.name), key in on))
    title = Text("현황판 고치기", "Change the board") if card else Text("새 현황판", "New board")
    crumbs = [Crumb(NAME, reverse("indicators:boards")), Crumb(title)]
    return page(
        request,
        "indicators/keep.html",
        {"form": form, "title": title, "card": card, "groups": list(groups.items())},
        crumbs=crumbs,
        status=status,
        **WHERE,
    )  # type: ignore[arg-type]


@require_POST
def drop(request: HttpRequest, number: str) -> HttpResponse:
    """Take the own board away; the list offers to bring it back."""
    drop_board.do(actor_of(request), number=number)
    return redirect(f"{reverse('indicators:boards')}?gone={number}")


@require_POST
def back(request: HttpRequest, number: str) -> HttpResponse:
    """Bring a board back that was taken away."""
    bring_board_back.do(actor_of(request), number=number)
    return redirect("indicators:board", number)
