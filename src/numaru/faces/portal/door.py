"""The door of the portal: signing in, the first time by an invitation, signing out, and how the reader wants to see it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token, rotate_token
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from numaru.faces.portal.forms import SignInForm, StartForm
from numaru.faces.portal.frame import TEXT_COOKIE, page
from numaru.faces.portal.guard import TREE, open_door, reader_of, signed_in
from numaru.facilities.parties import api as parties
from numaru.kernel.errors import Refused
from numaru.ui import shell
from numaru.ui.forms import refuse
from numaru.values.text import LANGUAGES, Text, language

YEAR = 365 * 24 * 3600
WRONG = Text("번호나 이메일, 또는 비밀번호가 맞지 않습니다.", "The number or e-mail, or the password, is not right.")
NOT_INVITED = Text(
    "초대 번호나 적은 내용이 맞지 않거나, 초대가 끝났습니다.", "The code or what you wrote is not right, or the invitation is over."
)
WAIT = Text("여러 번 틀려 잠시 막았습니다. {n}초 뒤에 다시 하십시오.", "Too many tries. Try again in {n} seconds.")


def back(request: HttpRequest, wanted: str) -> str:
    """``wanted`` when it is a page of the portal, else its first page: no sign-in sends anyone elsewhere."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith(TREE) and ".." not in wanted else TREE


def carry(answer: HttpResponse, key: str) -> HttpResponse:
    """Give the browser the key of its session: for this host alone, never to script, gone with the browser."""
    answer.set_cookie(settings.PORTAL_COOKIE_NAME, key, path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
    return answer


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _enter(request: HttpRequest, account: int, where: str) -> HttpResponse:
    """A new key for who came in; one that was there before dies with it."""
    former = request.COOKIES.get(settings.PORTAL_COOKIE_NAME, "")
    if former:
        parties.accounts.end(former)
    rotate_token(request)
    return carry(HttpResponseRedirect(where), parties.accounts.begin(account, request.headers.get("User-Agent", "")))


@require_GET
def stay(request: HttpRequest) -> HttpResponse:
    """The reader is still there: seconds until the session ends now, and the token that forms need after a new sign-in on another tab."""
    return JsonResponse({"left": signed_in(request).left, "token": get_token(request)}, headers={"Cache-Control": "no-store"})


@open_door
def sign_in(request: HttpRequest) -> HttpResponse:
    """By number or e-mail and password. A wrong pair comes back as 422 and never says which half was wrong."""
    wanted = back(request, request.POST.get("next") or request.GET.get("next") or TREE)
    if request.method == "GET" and reader_of(request) is not None:
        return HttpResponseRedirect(wanted)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        tried = parties.accounts.by_password(_address(request), form.cleaned_data["who"], form.cleaned_data["password"])
        if tried.account is not None:
            return _enter(request, tried.account, wanted)
        form.add_error(None, str(WAIT.fill(n=tried.wait) if tried.wait else WRONG))
    return page(request, "portal/sign_in.html", {"form": form, "next": wanted}, status=422 if form.is_bound else 200)


@open_door
def start(request: HttpRequest, code: str = "") -> HttpResponse:
    """The first time, or a forgotten password: the code of an invitation, name and number as the operator knows them, and a password. What was
    wrong is not told apart; a code says nothing about whose it is."""
    form = StartForm(request.POST if request.method == "POST" else None, initial={"code": code})
    if form.is_valid():
        data = form.cleaned_data
        try:
            account = _accepted(request, data["code"], data["name"], data["contact"], data["password"])
        except Refused as refusal:
            refuse(form, refusal)
        else:
            if isinstance(account, int):
                return _enter(request, account, TREE)
            form.add_error(None, str(account))
    return page(request, "portal/start.html", {"form": form}, status=422 if form.is_bound else 200)


def _accepted(request: HttpRequest, code: str, name: str, contact: str, password: str) -> int | Text:
    """The account that came to be, or what to tell. A password that will not do is said before anything is tried."""
    named = parties.accounts.identifier(contact)
    parties.accounts.good_password(password, *((named[1].partition("@")[0],) if named else ()))
    tried = parties.accounts.invited(_address(request), code, name, contact)
    if tried.account is None:
        return WAIT.fill(n=tried.wait) if tried.wait else NOT_INVITED
    actor = parties.accounts.invited_actor(tried.account)
    return parties.accounts.accept.do(actor, invitation=tried.account, password=password, language=language())


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign this browser out; only by POST."""
    parties.accounts.end(signed_in(request).key)
    rotate_token(request)
    answer = redirect("portal:sign-in")
    answer.delete_cookie(settings.PORTAL_COOKIE_NAME, path="/", samesite="Lax")
    return answer


@open_door
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Keep one preference: language, theme or size of the letters. Unknown values change nothing. The language of whoever is signed in is kept
    with the account."""
    answer = HttpResponseRedirect(back(request, request.POST.get("next", "")))

    def keep(name: str, value: str) -> None:
        answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)

    if (chosen := request.POST.get("language", "")) in LANGUAGES:
        keep(settings.LANGUAGE_COOKIE_NAME, chosen)
        if (reader := reader_of(request)) is not None and reader.language != chosen:
            parties.accounts.speak.do(reader.actor, language=chosen)
    if (theme := request.POST.get("theme", "")) in shell.THEMES:
        keep(shell.THEME_COOKIE, theme)
    if (size := request.POST.get("text", "")) in ("large", "normal"):
        keep(TEXT_COOKIE, size)
    return answer
