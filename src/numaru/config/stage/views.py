"""The page of faces, and the click that puts one on. Where the gate is shut there is no such page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from numaru.config import demo
from numaru.config.stage import cast, gate, stories
from numaru.domains.subscribers import api as subscribers
from numaru.faces.console.views import back
from numaru.faces.portal import door as portal
from numaru.facilities.parties import api as parties
from numaru.kernel.staff import api as staff
from numaru.ui import shell
from numaru.ui.pages import page
from numaru.values.text import LANGUAGES, Text

SERVICE = "moonlight"


@login_not_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Who one may be, and the stories of this company."""
    _let_in(request)
    made = staff.faces.faces()
    mine = request.user.pk if request.user.is_authenticated else None
    people = [
        {"part": part, "who": made[part.key], "mine": made[part.key].pk == mine, "spoken": shell.LANGUAGE_NAMES[part.language]}
        for part in cast.CAST
        if part.key in made
    ]
    load = demo.standing()
    context = {"people": people, "holders": _holders(), "load": load, "stories": stories.tell(load.day) if load.done and load.day else []}
    return page(request, "faces/index.html", context, fragment="whole")


@login_not_required
@require_POST
def put_on(request: HttpRequest) -> HttpResponse:
    """Become that person, and go where was asked for."""
    _let_in(request)
    person = staff.faces.enter(request, request.POST.get("face", ""))
    answer = HttpResponseRedirect(back(request, request.POST.get("next", "/")))
    if person.language in LANGUAGES:
        answer.set_cookie("django_language", person.language, samesite="Lax")
    return answer


@login_not_required
@require_POST
def take_phone(request: HttpRequest) -> HttpResponse:
    """Open the portal as that subscriber. Whoever one is in the console one stays."""
    _let_in(request)
    holder = next((one for one in cast.HOLDERS if one.key == request.POST.get("holder")), None)
    card = subscribers.of_references(SERVICE, [holder.external_id]).get(holder.external_id) if holder else None
    if card is None:
        raise Http404
    made = subscribers.portal_session_for(card.number, as_house=cast.HOUSE, agent=request.headers.get("User-Agent", ""))
    return portal.carry(HttpResponseRedirect(made.url), made.key)


def _holders() -> list[dict[str, object]]:
    """The subscribers whose portal may be opened, as far as they are loaded; their names masked, as everywhere."""
    cards = subscribers.of_references(SERVICE, [one.external_id for one in cast.HOLDERS])
    names = parties.masked({card.party_id for card in cards.values()})
    return [
        {"part": one, "number": cards[one.external_id].number, "name": names[cards[one.external_id].party_id].name}
        for one in cast.HOLDERS
        if one.external_id in cards
    ]


def _let_in(request: HttpRequest) -> None:
    if not gate.shown(request):
        raise Http404


def reminder(request: HttpRequest) -> shell.Reminder | None:
    """Over every page of a face: who one is, and the way to the others."""
    if not staff.faces.worn(request):
        return None
    user = request.user
    role = shell.Shell(request).role or Text("", "")
    text = Text("{n}, {r}의 자리입니다.", "You sit in the seat of {n}, {r}.").fill(n=getattr(user, "name", ""), r=role)
    return shell.Reminder(text, Text("다른 사람으로", "Be somebody else"), reverse("faces:index"))
