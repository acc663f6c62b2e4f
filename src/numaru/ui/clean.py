"""What no text of ours holds is refused before anything reads it: the character NUL, which the database can't store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\0"


class CleanMiddleware:
    """400 for NUL in the address or a form; a cookie with it is as good as none. Stands before everything that reads cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info or _holds(request.GET):
            raise BadRequest("NUL in the address")
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if request.method == "POST" and (_holds(request.POST) or any(NUL in str(file) for file in request.FILES.values())):
            raise BadRequest("NUL in the form")


def _holds(given: QueryDict) -> bool:
    return any(NUL in key or any(NUL in value for value in values) for key, values in given.lists())
