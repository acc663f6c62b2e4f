"""내 정보: what the house knows, masked; who saw it and why; language, password, devices; what one may ask about one's own data."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.portal import push
from numaru.faces.portal.forms import PasswordForm, RequestForm
from numaru.faces.portal.frame import chosen, page
from numaru.faces.portal.guard import signed_in
from numaru.facilities.parties import api as parties
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import Refused
from numaru.kernel.retention import api as retention
from numaru.ui.forms import refuse
from numaru.ui.states import State
from numaru.values.text import Text

SEEN = 20  # openings on the page
NAMES = {"name": Text("이름", "Name"), "phone": Text("휴대전화", "Phone"), "email": Text("전자우편", "E-mail")}
OUTCOMES = {"refused": Text("열지 못함", "not opened"), "missing": Text("값이 없음", "nothing there")}
DONE: dict[str, Text] = {
    "password": Text(
        "비밀번호를 바꾸고, 다른 기기의 로그인을 모두 끊었습니다.", "The password is changed; every other device is signed out."
    ),
    "sessions": Text("로그인을 끊었습니다.", "Signed out there."),
    "push": Text("이 기기로 알림을 보냅니다.", "Notices come to this device from now on."),
    "push-end": Text("그 기기로는 알림을 보내지 않습니다.", "That device gets no more notices."),
    "asked": Text("요구를 받았습니다. 아래 기한까지 답합니다.", "Your request is taken down. It is answered by the day below."),
    "withdrawn": Text("요구를 거두었습니다.", "The request is withdrawn."),
}
REQUEST: dict[str, State] = {
    "received": State(Text("받음", "Received"), "info"),
    "verified": State(Text("처리 중", "In progress"), "info"),
    "answered": State(Text("답했습니다", "Answered"), "good"),
    "refused": State(Text("거절", "Refused"), "warn"),
    "withdrawn": State(Text("거둠", "Withdrawn"), "calm", "x"),
}


def me(request: HttpRequest) -> HttpResponse:
    return _answer(request)


def _answer(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    reader = signed_in(request)
    of, several = chosen(request)
    words = dict(parties.PURPOSES)
    seen = [
        (s.at, s.role, NAMES.get(s.kind, Text(s.kind, s.kind)), words.get(s.code, Text("사유 없음", "no purpose")), OUTCOMES.get(s.outcome))
        for s in audit.seen_by_others(reader.person, SEEN)
    ]
    context = {
        "person": parties.masked({reader.person}).get(reader.person), "seen": seen, "sessions": parties.accounts.own(reader),
        "requests": [(r, REQUEST[r.state]) for r in retention.own_requests(reader.person)], "asking": RequestForm(), "password": PasswordForm(),
        "push": push.standing(reader.person), "done": DONE.get(request.GET.get("done", "")),
    }  # fmt: skip
    return page(request, "portal/me.html", context | more, of=of, several=several, place="me", status=status)


def _back(done: str, place: str = "") -> HttpResponse:
    return redirect(f"{reverse('portal:me')}?done={done}{'#' + place if place else ''}")


def password(request: HttpRequest) -> HttpResponse:
    """A page to set a new password; every other device is signed out."""
    reader = signed_in(request)
    of, several = chosen(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        tried = parties.accounts.again(str(request.META.get("REMOTE_ADDR", "")), reader.account, form.cleaned_data["present"])
        if tried.account is None:
            wait = Text("여러 번 틀렸습니다. {n}초 뒤에 다시 하십시오.", "Too many tries. Try again in {n} seconds.").fill(n=tried.wait)
            form.add_error("present", str(wait if tried.wait else Text("지금 비밀번호가 아닙니다.", "This is not the present password.")))
        else:
            try:
                parties.accounts.set_password.do(reader.actor, password=form.cleaned_data["password"], keep=reader.key)
            except Refused as refusal:
                refuse(form, refusal)
            else:
                return _back("password")
    return page(request, "portal/password.html", {"form": form}, of=of, several=several, place="me", status=422 if form.is_bound else 200)


@require_POST
def end_session(request: HttpRequest, session: int = 0) -> HttpResponse:
    """Sign one device out, or with 0 every other one."""
    reader = signed_in(request)
    parties.accounts.end_session.do(reader.actor, session=session, keep=reader.key)
    return _back("sessions", "devices")


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask about one's own data; the clock of the law starts."""
    reader = signed_in(request)
    form = RequestForm(request.POST)
    if form.is_valid():
        of, _ = chosen(request)
        try:
            retention.raise_own.do(reader.actor, kind=form.cleaned_data["kind"], subject=of.number if of else reader.handle)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return _back("asked", "requests")
    return _answer(request, status=422, asking=form)


@require_POST
def withdraw(request: HttpRequest, request_number: str) -> HttpResponse:
    """Take a request back."""
    retention.withdraw_own.do(signed_in(request).actor, number=request_number)
    return _back("withdrawn", "requests")
