"""수신거부: the page behind the link of a message. Whoever holds the link is the person; it needs no sign-in and costs nothing.

GET shows what stops and stops nothing, since mailboxes open links by themselves. POST stops at once, also as mail programs send it by
``List-Unsubscribe=One-Click`` (RFC 8058): without a token of a form, which guards nothing here, since the link itself is the secret.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from numaru.faces.portal.frame import page
from numaru.faces.portal.guard import open_door, reader_of
from numaru.facilities.parties.api import consents
from numaru.kernel.errors import NotFound
from numaru.values.text import Text

WHAT = Text("링크", "link")


@open_door
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """One link. One that nobody here made is told like every address that there is not."""
    found = consents.behind_link(token)
    if found is None or not consents.PURPOSES[found[0].purpose].media:
        raise NotFound.named(WHAT, "")
    what, now = found
    stopped = consents.withdraw_by_link(token) if request.method == "POST" else None
    if stopped is not None:
        now = consents.standing([what.party])[what.party].of(what.purpose, what.medium)
    everything = consents.token_for(what.party, "advertising")
    context = {
        "purpose": consents.PURPOSE[what.purpose], "medium": consents.MEDIUM[what.medium], "now": now, "done": stopped is not None and stopped.now,
        "off": not now.yes, "all": reverse("portal:stop", args=[everything]) if everything != token and _open(what.party) else "",
        "signed": reader_of(request) is not None,
    }  # fmt: skip
    answer = page(request, "portal/stop.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _open(party: int) -> bool:
    """Whether any advertising still reaches the person, by any medium."""
    where = consents.standing([party])[party]
    return any(where.of("advertising", medium).yes for medium in ("", *consents.MEDIA))
