"""Answering with a page: the shell around it, the fragment inside it, the status that is true.

One function for every screen, so that each page has its title, its language and its place, and each htmx request gets only the named
part of the same template. Behind every fragment stands the whole page at the same address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from numaru.kernel.access import Actor
from numaru.kernel.errors import NotAllowed
from numaru.ui import peek, toasts
from numaru.ui.shell import Crumb, Shell


def wants_fragment(request: HttpRequest) -> bool:
    """True for an htmx request that swaps a part; a boosted or hand-typed address wants the whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    room: str = "",
    place: str = "",
    crumbs: Sequence[Crumb] = (),
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render ``template`` in the console's shell.

    ``room`` and ``place`` are keys of :data:`numaru.ui.shell.rooms` and say where the reader is. ``fragment`` names the
    ``{% partialdef %}`` of the template that an htmx request gets. An invalid form answers with ``status=422``.
    """
    name = f"{template}#{fragment}" if fragment and wants_fragment(request) else template
    answer = render(request, name, {**(context or {}), "shell": Shell(request, room, place, crumbs)}, status=status)
    if name != template:
        _beside(request, answer)
    patch_vary_headers(answer, ("HX-Request", "HX-Request-Type", "Cookie", "Accept-Language"))
    answer["Content-Language"] = answer_language()
    answer.setdefault("Cache-Control", "no-store")
    if name == template:
        peek.remember(request, answer)
    return answer


def _beside(request: HttpRequest, answer: HttpResponse) -> None:
    """Notices travel with the part of a page that htmx asked for."""
    told = toasts.take(request)
    if told:
        shown = render_to_string("ui/parts/toasts.html", {"toasts": told}, request)
        answer.content += f'<div id="toasts" hx-swap-oob="beforeend">{shown}</div>'.encode()


def services_of(request: HttpRequest, permission: str) -> frozenset[str] | None:
    """The services for which the reader has ``permission`` (None: all of them), to narrow a read by. Raises NotAllowed when there is none."""
    return seen_by(actor_of(request), permission)


def seen_by(actor: Actor, permission: str) -> frozenset[str] | None:
    """The same for an actor without a request."""
    if not actor.may_somewhere(permission):
        raise NotAllowed.for_permission(permission)
    return actor.services(permission)


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in reader as the one who acts."""
    return cast("Actor", request.user.actor)  # type: ignore[union-attr]


def answer_language() -> str:
    from numaru.values.text import language

    return language()
