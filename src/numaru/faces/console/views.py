"""Sign-out, and how the reader wants to see the house. The first page: :mod:`numaru.faces.console.today`. Signing in: :mod:`numaru.faces.console.account`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from numaru.kernel.staff import api as staff
from numaru.ui import first_steps, peek, shell
from numaru.ui.pages import actor_of
from numaru.values.text import LANGUAGES

YEAR = 365 * 24 * 3600


def back(request: HttpRequest, wanted: str) -> str:
    """``wanted`` when it is an address of this house, else the first page: no sign-in sends anyone elsewhere."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else "/"  # nothing that could be read as the name of a view or a relative place


@method_decorator(login_not_required, name="dispatch")
class SignOut(auth.LogoutView):
    """Sign out; only by POST."""

    http_method_names = ["post", "options"]  # noqa: RUF012
    next_page = "console:sign-in"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        answer = super().post(request, *args, **kwargs)
        peek.forget(answer)
        return answer


@require_GET
def stay(request: HttpRequest) -> HttpResponse:
    """The reader is still there: seconds until the session ends now, and the token that forms need after a new sign-in on another tab."""
    return JsonResponse(
        {"left": getattr(request.session, "left", None) or 0, "token": get_token(request)}, headers={"Cache-Control": "no-store"}
    )


@login_not_required
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Keep one preference: language, theme or single-letter keys. Unknown values change nothing; the reader goes back where they were.

    The language of a signed-in reader is kept with the account, so that it is the same on every machine.
    """
    answer = HttpResponseRedirect(back(request, request.POST.get("next", "/")))

    def keep(name: str, value: str) -> None:
        answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)

    language = request.POST.get("language", "")
    if language in LANGUAGES:
        keep(settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated and actor_of(request).may_somewhere(staff.permissions.ACCOUNT_USE):
            staff.speak.do(actor_of(request), language=language)
    theme = request.POST.get("theme", "")
    if theme in shell.THEMES:
        keep(shell.THEME_COOKIE, theme)
    keys = request.POST.get("keys", "")
    if keys in ("on", "off"):
        keep(shell.KEYS_COOKIE, keys)
    firsts = request.POST.get("firsts", "")
    if firsts in ("on", "off") and request.user.is_authenticated:
        keep(first_steps.COOKIE, str(request.user.pk) if firsts == "off" else "")
    return answer
