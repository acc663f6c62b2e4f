"""Nobody sees a page of the console without signing in; a refusal of an action becomes a page that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from numaru.faces.console import errors
from numaru.kernel.errors import Refused
from numaru.kernel.staff import factors
from numaru.kernel.staff.sessions import SessionStore

ELSEWHERE = (
    "/api/",
    "/my/",
)  # the API has keys of its own and answers with problem documents; the portal has accounts and pages of its own
ALWAYS = ("/sign-out/", "/preferences/", "/sign-in/")
OWN = ("/account/", "/help/")  # open to somebody who must enrol a second factor


class SignInMiddleware(LoginRequiredMiddleware):
    """Deny by default: every view asks for a sign-in unless it is marked ``login_not_required`` or belongs to the API or the portal, which
    have gates of their own.

    Somebody whose password was chosen by another sees nothing but the page to change it; somebody whose second factor is overdue nothing but
    the own account. What the policy asks is looked at in each request: a change counts at the next one.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path.startswith(ELSEWHERE):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs) or self._first(request)
        if answer is not None and request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})  # leave the page, do not swap the door into it
        return answer

    def _first(self, request: HttpRequest) -> HttpResponseBase | None:
        """What must be done before anything else, if anything."""
        user: Any = request.user
        if not user.is_authenticated:
            return None
        if isinstance(request.session, SessionStore):
            request.session.touch()
            if request.session.standing is not None:
                user.factor_by = request.session.standing.due(user.created_at)
        if request.path.startswith(ALWAYS):
            return None
        if user.password_given:
            wanted = reverse("account_password")
            return None if request.path == wanted else HttpResponseRedirect(wanted)
        if request.path.startswith(OWN) or user.factor_by is None:
            return None
        if factors.overdue(user):
            return HttpResponseRedirect(f"{reverse('account_start')}?{urlencode({'next': request.get_full_path()}, safe='/')}")
        return None


class RefusalMiddleware:
    """A :class:`Refused` that no view caught is told in words, with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused) or request.path.startswith(ELSEWHERE):
            return None
        return errors.refused(request, exception)
