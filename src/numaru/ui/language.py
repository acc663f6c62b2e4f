"""Which language a page speaks: the account's, else the reader's cookie, else the browser's, else Korean.

A browser that asks for neither Korean nor English gets English; one that asks for nothing gets Korean.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from numaru.values.text import LANGUAGES


def of_browser(header: str) -> str:
    """The first of our languages in an Accept-Language header, by the reader's own order.

    >>> of_browser("fr, en-GB;q=0.8, ko;q=0.9"), of_browser("fr"), of_browser("")
    ('ko', 'en', 'ko')
    """
    asked = [code for code, weight in parse_accept_lang_header(header.lower()) if weight > 0]
    for code in asked:
        if code[:2] in LANGUAGES:
            return code[:2]
    return "en" if any(code != "*" for code in asked) else "ko"


def choose(request: HttpRequest) -> str:
    """The language for one request. Asks for the account only when the request carries a session. A face with readers of its own has said
    on the request which language its reader speaks (``speaks``, empty when nobody is known): the account of staff is not asked then."""
    told = getattr(request, "speaks", None)
    if told in LANGUAGES:
        return str(told)
    if told is None and settings.SESSION_COOKIE_NAME in request.COOKIES:
        user = getattr(request, "user", None)
        spoken = getattr(user, "language", "") if user is not None and user.is_authenticated else ""
        if spoken in LANGUAGES:
            return str(spoken)
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return kept if kept in LANGUAGES else of_browser(request.headers.get("Accept-Language", ""))


class LanguageMiddleware:
    """Speak the chosen language for the length of the request. Stands after the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(choose(request)):
            return self.get_response(request)
