"""What every request under /api/ passes: a body is JSON, and whatever goes wrong is told as a problem document, never as a page."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse

from numaru.faces.rest.problem import TYPE, encoded
from numaru.values.finding import Finding
from numaru.values.text import Text

API = "/api/"
WORDS: dict[int, tuple[str, Text, Text]] = {
    400: ("api.unreadable", Text("요청을 읽지 못했습니다.", "The request could not be read."), Text("API 설명서의 형식대로 보내십시오.", "Send it in the form of the API description.")),
    403: ("access.denied", Text("이 일을 할 수 없습니다.", "You may not do this."), Text("관리자에게 역할 변경을 요청하십시오.", "Ask an administrator for a role that has it.")),
    404: ("not_found", Text("이 주소에는 아무것도 없습니다.", "There is nothing at this address."), Text("API 설명서의 주소를 확인하십시오.", "Check the address in the API description.")),
    405: ("api.method", Text("이 주소에서 쓸 수 없는 메서드입니다.", "This address has no such method."), Text("Allow 머리글의 메서드를 쓰십시오.", "Use a method of the header Allow.")),
    413: ("api.body_too_large", Text("본문이 너무 큽니다.", "The body is too large."), Text("나누어 보내십시오.", "Send it in parts.")),
    415: ("api.content_type", Text("본문은 application/json이어야 합니다.", "The body must be application/json."), Text("Content-Type을 확인하십시오.", "Check Content-Type.")),
    500: ("api.broken", Text("답을 만들지 못했습니다.", "The answer could not be made."), Text("다시 보내고, 같으면 운영 담당에게 알리십시오.", "Send it again; if it stays, tell operations.")),
}  # fmt: skip


def problem(status: int) -> HttpResponse:
    """The problem document of a status that no room has words for."""
    code, message, remedy = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    return HttpResponse(encoded(status, [Finding(code, message, remedy)]), status=status, content_type=TYPE)


class ProblemMiddleware:
    """Stands outside of everything. Of an answer that is no document of the API only the status and the headers are kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.path_info.startswith(API):
            return None
        known = _parameters().get(request.resolver_match.route) if request.resolver_match else None
        found = unknown(request.GET, known) if known is not None else None
        return HttpResponse(encoded(422, [strange(found)]), status=422, content_type=TYPE) if found is not None else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API):
            return self.get_response(request)
        if request.method == "POST" and request.content_type != "application/json":
            return _kept(problem(415))
        answer = self.get_response(request)
        if answer.status_code < 400 or answer.get("Content-Type", "").startswith(TYPE):
            return _kept(answer)
        told = problem(answer.status_code)
        for name in ("Allow", "WWW-Authenticate", "Retry-After"):
            if name in answer:
                told[name] = answer[name]
        return _kept(told)


@functools.cache
def _parameters() -> dict[str, frozenset[str]]:
    """The names that each address of the API takes in its query, by the pattern of the address."""
    from numaru.faces.rest.api import api

    return {
        path.strip("/").replace("{", "<").replace("}", ">"): frozenset(
            p["name"] for operation in operations.values() for p in operation["parameters"] if p["in"] == "query"
        )
        for path, operations in api.get_openapi_schema()["paths"].items()
    }


class Query(Protocol):
    """A query as Django and Starlette both keep it."""

    def getlist(self, key: str) -> list[str]: ...
    def __iter__(self) -> Iterator[str]: ...


def unknown(given: Query, known: Iterable[str]) -> str | None:
    """The first name of a query that nobody knows or that stands there twice: which of the two was meant can't be told. None: none."""
    return next((name for name in given if name not in known or len(given.getlist(name)) > 1), None)


def strange(name: str) -> Finding:
    """The finding of such a name."""
    return Finding(
        "api.parameter", Text("모르는 매개변수이거나 두 번 적었습니다: ‘{n}’.", "The parameter is not known, or stands there twice: “{n}”.").fill(n=name[:50]),
        Text("API 설명서의 매개변수를 한 번씩만 쓰십시오.", "Use the parameters of the API description, each once."), field=name[:50],
    )  # fmt: skip


def _kept(answer: HttpResponse) -> HttpResponse:
    """An answer of the API is for who asked, and for no cache."""
    answer.setdefault("Cache-Control", "no-store")
    answer.setdefault("X-Content-Type-Options", "nosniff")
    return answer
