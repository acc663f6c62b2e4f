"""Pages for what went wrong: what it is, what is not affected, and the next step. Wired as handlers in ``config.urls``.

The page of an internal error reads neither session nor database, because either may be what broke.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from numaru.kernel.errors import Refused
from numaru.ui.pages import page
from numaru.values.text import Text


@dataclass(frozen=True, slots=True)
class Trouble:
    """One page: the fact, what follows from it, and where to go."""

    title: Text
    facts: list[Text]
    go: Text
    url: str = "/"


FIRST = Text("첫 화면으로", "To the first page")


def _answer(request: HttpRequest, trouble: Trouble, status: int) -> HttpResponse:
    if status == 500 or not hasattr(request, "user"):  # refused before anybody asked who it is
        request.user = AnonymousUser()
        request.COOKIES = {k: v for k, v in request.COOKIES.items() if k.startswith(("nm_", "django_language"))}
    return page(request, "console/trouble.html", {"trouble": trouble, "status": status}, status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    title = Text("요청을 읽지 못했습니다", "The request could not be read")
    facts = [
        Text("바뀐 것은 없습니다. 주소나 양식을 다시 열어 보내십시오.", "Nothing was changed. Open the page again and send it once more.")
    ]
    return _answer(request, Trouble(title, facts, FIRST), 400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    title = Text("이 화면을 볼 권한이 없습니다", "You may not see this page")
    facts = [Text("필요하면 관리자에게 역할을 요청하십시오.", "If you need it, ask an administrator for a role that has it.")]
    return _answer(request, Trouble(title, facts, FIRST), 403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404; said the same way when the thing exists and is not the reader's."""
    title = Text("이 주소에는 화면이 없습니다", "There is no page at this address")
    facts = [Text("주소가 바뀌었거나, 볼 수 있는 것이 아닙니다.", "The address has changed, or it is not yours to see.")]
    return _answer(request, Trouble(title, facts, FIRST), 404)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    title = Text("화면을 만들지 못했습니다", "The page could not be made")
    facts = [
        Text("하던 일은 저장되지 않았습니다. 이미 확정된 것은 그대로입니다.", "What you were doing was not saved. What was final before still stands."),
        Text("원인은 서버 기록에 남았습니다. 다시 열어 보고, 같으면 운영 담당에게 알리십시오.", "The cause is in the server's log. Open it again; if it stays, tell operations."),
    ]  # fmt: skip
    return _answer(request, Trouble(title, facts, FIRST), 500)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old."""
    title = Text("양식이 오래되었습니다", "The form is out of date")
    facts = [
        Text(
            "바뀐 것은 없습니다. 앞 화면을 새로 고친 뒤 다시 보내십시오.",
            "Nothing was changed. Go back, reload the page and send it again.",
        ),
    ]
    return _answer(request, Trouble(title, facts, FIRST), 403)


TITLES = {
    403: Text("권한이 필요합니다", "This needs a permission"),
    404: Text("찾지 못했습니다", "Not found"),
    409: Text("지금은 할 수 없습니다", "This is not possible now"),
    422: Text("그대로는 할 수 없습니다", "This cannot be done as it stands"),
}


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal that reached no form: its findings and their remedies, with its own status."""
    facts = [text for finding in refusal.findings for text in (finding.message, finding.remedy)]
    title = TITLES.get(refusal.status, TITLES[422])
    return _answer(request, Trouble(title, facts, FIRST), refusal.status)
