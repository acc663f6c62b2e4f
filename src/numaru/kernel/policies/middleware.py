"""Each request looks a policy up once, however many rules ask for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from numaru.kernel.policies.values import reading


class PolicyMiddleware:
    """Wraps the request in :func:`numaru.kernel.policies.reading`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with reading():
            return self.get_response(request)
