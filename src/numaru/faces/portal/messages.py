"""메시지: what the house wrote to its reader, newest first, and one message, which is read once it was shown.

Texts are written out again as they were sent; names stand masked, as everywhere in the portal.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from numaru.faces.portal.frame import chosen, page
from numaru.faces.portal.guard import signed_in
from numaru.facilities.messaging import api as messaging
from numaru.values.text import Text

LIMIT = 20
PURPOSE: dict[str, Text] = {"service": Text("서비스 안내", "Service notice"), "advertising": Text("광고", "Advertising")}


def messages(request: HttpRequest) -> HttpResponse:
    """The list, ``?before=`` a moment."""
    person = signed_in(request).person
    of, several = chosen(request)
    before = _moment(request.GET.get("before", ""))
    rows = messaging.own_messages(person, LIMIT + 1, before)
    more = rows[LIMIT - 1].at.isoformat() if len(rows) > LIMIT else ""
    context = {
        "rows": [(m, m.title or _first(m.text), PURPOSE.get(m.purpose)) for m in rows[:LIMIT]], "later": before is not None,
        "older": f"{reverse('portal:messages')}?{urlencode({'before': more})}" if more else "",
    }  # fmt: skip
    return page(request, "portal/messages.html", context, of=of, several=several, place="messages")


def message(request: HttpRequest, message_number: str) -> HttpResponse:
    """One message. Showing it marks it read; what a browser fetches ahead of a click does not."""
    reader = signed_in(request)
    of, several = chosen(request)
    one = messaging.own_message(reader.person, message_number)
    if one.opened_at is None and request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        messaging.open_own.do(reader.actor, number=one.id)
    context = {"one": one, "title": one.title or _first(one.text), "purpose": PURPOSE.get(one.purpose)}
    return page(request, "portal/message.html", context, of=of, several=several, place="messages")


def _moment(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _first(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:60]
