"""Sign-out, the first page, and how the reader wants to see it. Signing in: :mod:`numaru.faces.console.account`."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from numaru.kernel.staff import api as staff
from numaru.ui import shell
from numaru.ui.pages import actor_of, page
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


def home(request: HttpRequest) -> HttpResponse:
    """The first page: billing, else the first place that this reader may see, until the day page has its own content."""
    frame = shell.Shell(request)
    for link in [frame.link("billing"), *frame.pillar(), frame.foot()]:
        if link is not None:
            return redirect(link.url)
    return page(request, "console/nothing_yet.html")


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
    return answer
