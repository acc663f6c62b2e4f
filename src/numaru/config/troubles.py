"""Which face tells what went wrong: the portal on its own addresses, the console everywhere else. Wired as handlers in ``config.urls``."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from numaru.faces.console import errors as console
from numaru.faces.portal import troubles as portal
from numaru.faces.portal.guard import TREE


def _in_portal(request: HttpRequest) -> bool:
    return request.path.startswith(TREE)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return portal.told(request, 400) if _in_portal(request) else console.bad_request(request, exception)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return portal.told(request, 403) if _in_portal(request) else console.forbidden(request, exception)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return portal.told(request, 404) if _in_portal(request) else console.not_found(request, exception)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return portal.told(request, 500) if _in_portal(request) else console.broken(request)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return portal.told(request, 403, old_form=True) if _in_portal(request) else console.csrf_failed(request, reason)
