"""Who reads in the portal: found from its own cookie before anything else is asked; nobody sees a page of it without having signed in, but for
the door. A session of staff opens nothing here, whatever it may open in the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from numaru.facilities.parties import api as parties
from numaru.kernel import context
from numaru.kernel.errors import Refused

TREE = "/my/"


def open_door[V: Callable[..., HttpResponse]](view: V) -> V:
    """Mark a view that is open to everybody."""
    view.portal_open = True  # type: ignore[attr-defined]
    return view


def reader_of(request: HttpRequest) -> parties.accounts.Reader | None:
    """Whoever is signed in to the portal, or None."""
    return getattr(request, "reader", None)


def signed_in(request: HttpRequest) -> parties.accounts.Reader:
    """Whoever is signed in; the guard has let nobody else through."""
    found = reader_of(request)
    assert found is not None
    return found


class ReaderMiddleware:
    """Finds the reader of a page of the portal, and says which language they speak. Stands before the language is chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(TREE):
            key = request.COOKIES.get(settings.PORTAL_COOKIE_NAME, "")
            found = parties.accounts.reader(key) if key else None
            request.reader = found  # type: ignore[attr-defined]
            request.speaks = found.language if found else ""  # type: ignore[attr-defined]
            if found:
                context.acting("portal", found.account)
        return self.get_response(request)


class PortalMiddleware:
    """Deny by default: a view under ``/my/`` asks for a sign-in unless it is marked with :func:`open_door`. Refusals become pages of the portal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.path.startswith(TREE) or reader_of(request) is not None or getattr(view, "portal_open", False):
            return None
        door = reverse("portal:sign-in")
        asked = request.get_full_path() if request.method in ("GET", "HEAD") and request.path != TREE else ""
        where = f"{door}?{urlencode({'next': asked}, safe='/')}" if asked else door
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": where})
        return HttpResponseRedirect(where)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused) or not request.path.startswith(TREE):
            return None
        from numaru.faces.portal import troubles

        return troubles.refused(request, exception)
