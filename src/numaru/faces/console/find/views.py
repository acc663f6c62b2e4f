"""Finding from anywhere: the page behind the palette, its fragment, and glances at objects."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from numaru.kernel.errors import NotFound
from numaru.ui import peek, search
from numaru.ui.pages import actor_of, page, wants_fragment
from numaru.ui.search import Asked, Group
from numaru.ui.shell import Crumb
from numaru.values.text import Text

FIND, RECENT = Text("찾기", "Search"), Text("최근에 연 것", "Opened lately")
FEW = 5  # hits of a kind in the palette
OFFERED = 6  # acts that an empty palette offers


def find(request: HttpRequest) -> HttpResponse:
    """``?q=``: everything it finds, in groups. The very number of one thing leads there at once, unless ``?stay=`` asks for the page.

    The palette asks for the fragment; with ``?typing=`` while somebody still types: nobody is looked up by a whole telephone number then. An
    empty question shows what the reader opened last and what they may do.
    """
    part = wants_fragment(request)
    asked = Asked.read(request.GET.get("q", ""), settled="typing" not in request.GET)
    actor = actor_of(request)
    if asked.text:
        groups = search.look(actor, asked, FEW if part else search.LIMIT)
        only = search.only(groups)
        if only is not None and only.form is None and not part and "stay" not in request.GET:
            return redirect(only.url)
    elif asked.only_acts:
        groups = [group for group in [search.doing(actor, asked, 99)] if group.hits]
    else:
        lately = Group("recent", RECENT, "history", peek.recent(request))
        groups = [group for group in (lately, search.doing(actor, asked, OFFERED if part else 99)) if group.hits]
    context = {
        "few": FEW if part else search.LIMIT,
        "asked": asked, "groups": groups, "total": sum(len(group.hits) for group in groups), "only": search.only(groups),
        "waits": asked.is_phone and not asked.settled, "pause": asked.is_whole_phone and not asked.settled, "q": request.GET.get("q", "")[: search.LONGEST],
    }  # fmt: skip
    return page(request, "console/find/find.html", context, crumbs=[Crumb(FIND)], fragment="found")


def glance(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    """The small summary of one object for a chip that is pointed at; asked for as a page, it leads to the object. Refuses as its page does."""
    thing = peek.things.get(kind)
    if thing is None or thing.glance is None:
        raise NotFound.named(Text("종류", "kind"), kind)
    seen = thing.glance(actor_of(request), number)
    if not wants_fragment(request):
        return redirect(seen.url)
    return page(request, "ui/parts/peek.html", {"seen": seen, "thing": thing})
