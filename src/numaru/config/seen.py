"""Notes for the log line who asked: kind and number, never a name. Asks the database nothing: it looks only at what the request found out."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from numaru.kernel import context
from numaru.kernel.access import Actor


class SeenMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        actor = getattr(request, "auth", None)
        if isinstance(actor, Actor):
            context.acting(actor.kind, actor.id)
            return answer
        person = getattr(request, "_cached_user", None)
        if person is not None and person.is_authenticated:
            context.acting("staff", person.pk)
        return answer
