"""The first page. Each section is a part of its own, so that one of them can be drawn anew without the others."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from numaru.kernel import clock
from numaru.kernel.notices import api as notices
from numaru.ui import first_steps, since, today
from numaru.ui.pages import actor_of, page, wants_fragment
from numaru.ui.today import Reader, Scope
from numaru.values.text import Text

PARTS = ("todo", "ways", "since")


def home(request: HttpRequest) -> HttpResponse:
    """What needs the reader now, first. ``?scope=`` widens it; a part asked for by htmx costs only its own questions."""
    reader = today.reader_of(request)
    if not reader.actor.grants:
        return page(request, "console/nothing_yet.html")
    given = request.GET.get("scope", "mine")
    scope = cast("Scope", given if given in today.SCOPES else "mine")
    part = request.GET.get("part", "") if wants_fragment(request) else ""
    context: dict[str, Any] = {"scope": scope, "scopes": today.SCOPES.items(), "day": clock.today(), "now": clock.now()}
    if part in ("", "todo"):
        context |= _todo(reader, scope, request.GET.get("list") == "all")
    if part in ("", "ways"):
        context["ways"], context["ways_more"] = today.on_the_way(reader)
        context["ways_live"] = today.journey_lives(reader)
    if part in ("", "since"):
        context["changed"] = since.since(reader)
    if not part:
        context["panels"] = today.shown_panels(reader)
    return page(request, "console/today/home.html", context, room="today", place="today", fragment=part if part in PARTS else "")


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """The reader has seen what changed, up to the event that the page showed."""
    digits = request.POST.get("upto", "")
    upto = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0
    notices.look.do(actor_of(request), upto=upto)
    return redirect("console:home")


def _todo(reader: Reader, scope: Scope, whole: bool) -> dict[str, Any]:
    found = today.todo(reader, scope, whole=whole)
    silent = [str(word) for word in found.silent]
    return {
        "todo": found,
        "whole": whole,
        "silent": Text(", ".join(silent), ", ".join(silent)),
        "steps": first_steps.for_first_page(reader.request),
        "todo_live": today.lives(reader),
    }
