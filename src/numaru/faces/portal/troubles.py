"""Pages of the portal for what went wrong: what it is, and the next step. The page of an internal error asks no database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from numaru.faces.portal.frame import page
from numaru.faces.portal.guard import TREE
from numaru.kernel.errors import Refused
from numaru.values.text import Text

TOLD: dict[int, tuple[Text, Text]] = {
    400: (Text("요청을 읽지 못했습니다", "The request could not be read"), Text("바뀐 것은 없습니다. 화면을 다시 여십시오.", "Nothing was changed. Open the page again.")),
    403: (Text("볼 수 없는 화면입니다", "This page is not open to you"), Text("처음 화면에서 다시 시작하십시오.", "Start again from the first page.")),
    404: (Text("이 주소에는 화면이 없습니다", "There is no page at this address"), Text("주소가 바뀌었거나, 내 것이 아닙니다.", "The address has changed, or it is not yours.")),
    409: (Text("지금은 할 수 없습니다", "This is not possible now"), Text("", "")),
    422: (Text("그대로는 할 수 없습니다", "This cannot be done as it stands"), Text("", "")),
    500: (
        Text("화면을 만들지 못했습니다", "The page could not be made"),
        Text("확정된 청구서와 계약은 그대로입니다. 잠깐 뒤 다시 여십시오.", "Bills and contracts stand as they are. Open the page again in a moment."),
    ),
}  # fmt: skip
OLD = (Text("양식이 오래되었습니다", "The form is out of date"), Text("바뀐 것은 없습니다. 앞 화면을 새로 고친 뒤 다시 보내십시오.", "Nothing was changed. Go back, reload and send it again."))  # fmt: skip


def told(request: HttpRequest, status: int, *, old_form: bool = False) -> HttpResponse:
    """A page for ``status``."""
    if status == 500 or not hasattr(request, "reader"):
        request.reader = None  # type: ignore[attr-defined]
    title, fact = OLD if old_form else TOLD[status]
    return page(request, "portal/trouble.html", {"title": title, "facts": [fact], "home": TREE}, status=status)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal that reached no form, in its own words."""
    title, _ = TOLD.get(refusal.status, TOLD[422])
    facts = [text for finding in refusal.findings for text in (finding.message, finding.remedy)]
    if refusal.status == 404:
        facts = [TOLD[404][1]]
    return page(request, "portal/trouble.html", {"title": title, "facts": facts, "home": TREE}, status=refusal.status)
