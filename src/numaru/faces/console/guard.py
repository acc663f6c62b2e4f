"""Nobody sees a page of the console without signing in; a refusal of an action becomes a page that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from numaru.faces.console import errors
from numaru.kernel.errors import Refused

MACHINES = "/api/"  # the API answers with problem documents and has keys of its own


class SignInMiddleware(LoginRequiredMiddleware):
    """Deny by default: every view asks for a sign-in unless it is marked ``login_not_required`` or belongs to the API."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path.startswith(MACHINES):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})  # leave the page, do not swap the door into it
        return answer


class RefusalMiddleware:
    """A :class:`Refused` that no view caught is told in words, with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused) or request.path.startswith(MACHINES):
            return None
        return errors.refused(request, exception)
