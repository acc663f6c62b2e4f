"""The manual on screen: its contents with a search, a page, a paper behind it. Open to every member of staff: it tells nothing of anybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from numaru.faces.console.help import finding, manual
from numaru.faces.console.help.rooms import BACKGROUND, NAME, STEPS
from numaru.ui import first_steps
from numaru.ui.pages import page, wants_fragment
from numaru.ui.shell import Crumb
from numaru.values.text import language


def _shelf() -> manual.Shelf:
    return manual.shelf(settings.ROOT, language())


def _answer(request: HttpRequest, template: str, context: dict[str, Any], crumbs: list[Crumb], status: int = 200) -> HttpResponse:
    return page(
        request,
        template,
        {"shelf": _shelf(), "drawer": wants_fragment(request), **context},
        crumbs=crumbs,
        fragment="article",
        status=status,
    )


def index(request: HttpRequest) -> HttpResponse:
    """The contents; with ``q``, what was found."""
    q = request.GET.get("q", "").strip()[:100]
    hits = finding.find(settings.ROOT, language(), q) if q else []
    return _answer(request, "console/help/index.html", {"q": q, "hits": hits, "groups": manual.groups(settings.ROOT)}, [Crumb(NAME)])


def chapter(request: HttpRequest, name: str) -> HttpResponse:
    """One page. A name that is not on the shelf is not found; an empty shelf says that the manual is missing."""
    shelf = _shelf()
    entry = shelf.get(name)
    if entry is None:
        if not shelf.entries:
            return _answer(request, "console/help/missing.html", {}, [Crumb(NAME)], 404)
        raise Http404
    before, after = shelf.beside(name)
    context = {"entry": entry, "paper": entry.paper, "lang": entry.lang, "before": before, "after": after}
    return _answer(request, "console/help/page.html", context, [Crumb(NAME, "/help/"), Crumb(entry.title)])


def steps(request: HttpRequest) -> HttpResponse:
    """The first steps with their state, for this reader, folded away or not."""
    context = {"steps": first_steps.standings(request), "folded": first_steps.folded(request)}
    return _answer(request, "console/help/steps.html", context, [Crumb(NAME, "/help/"), Crumb(STEPS)])


def background(request: HttpRequest, name: str) -> HttpResponse:
    """A paper behind the manual, as it stands in the program."""
    one = manual.background(settings.ROOT).get(name)
    if one is None:
        raise Http404
    context = {"entry": one, "paper": manual.paper_of(settings.ROOT, one), "lang": one.lang, "behind": True}
    return _answer(request, "console/help/page.html", context, [Crumb(NAME, "/help/"), Crumb(BACKGROUND), Crumb(one.title)])
