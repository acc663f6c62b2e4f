"""Pages of the door and of one's own account. The steps are allauth's; words, frame, gates and records are ours."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.internal import flows as account_flows
from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.account.views import BaseReauthenticateView
from allauth.mfa.adapter import get_adapter as factors_of
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgain
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormView

from numaru.faces.console import forms
from numaru.faces.console.account.rooms import NAME
from numaru.faces.console.views import back
from numaru.kernel.errors import Refused
from numaru.kernel.staff import api as staff
from numaru.kernel.staff import entering
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.values.text import Text


class Framed:
    """Draw an allauth view in the console's frame. A form that came back answers 422."""

    request: HttpRequest
    template = ""
    title: Text | None = None  # of a page inside the console; pages of the door have none

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        bad = any(getattr(context.get(name), "errors", None) for name in ("form", "webauthn_form"))
        frame: dict[str, Any] = {}
        if self.title is not None:
            frame = {"room": "shared", "place": "account", "crumbs": [Crumb(NAME, reverse("mfa_index")), Crumb(self.title)]}
        return page(self.request, self.template, context, status=422 if bad else 200, **frame)


@method_decorator(login_not_required, name="dispatch")
class SignIn(Framed, FormView):  # type: ignore[type-arg]
    """Sign in with log-in name and password. A wrong pair comes back as 422 and never says which half was wrong."""

    template = "console/sign_in.html"
    form_class = forms.SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self._next())
        if request.GET.get("again"):
            clear_login(request)  # somebody else at the second step
        elif request.method == "GET" and get_pending_stage(request) is not None:
            return redirect("mfa_authenticate")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def _next(self) -> str:
        return back(self.request, self.request.POST.get("next") or self.request.GET.get("next") or "/")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "next": self._next()}

    def form_valid(self, form: Any) -> HttpResponse:
        return form.sign_in(self._next())  # type: ignore[no-any-return]


class Second(Framed, AuthenticateView):
    """The second step of a sign-in: a code, a recovery code or a passkey."""

    template = "console/account/second.html"
    form_class = forms.CodeForm

    def get_form_class(self) -> Any:
        return self.form_class

    def form_valid(self, form: Any) -> HttpResponse:
        if form is self.webauthn_form:
            entering.passkey(self.request, self.stage.login.user.pk, True)
        return super().form_valid(form)  # type: ignore[no-any-return]

    def form_invalid(self, form: Any) -> HttpResponse:
        if form is self.webauthn_form:
            entering.passkey(self.request, self.stage.login.user.pk, False)
        return super().form_invalid(form)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = {f.kind for f in staff.own_factors(self.stage.login.user.pk)}
        context = super().get_context_data(**kwargs)
        return {**context, "has_passkey": "webauthn" in held, "has_code": bool(held - {"webauthn"}), "who": self.stage.login.user.name}


@method_decorator(login_not_required, name="dispatch")
class PasskeySignIn(LoginWebAuthnView):
    """Sign in with a passkey alone. GET gives the challenge as JSON, POST takes the answer; a wrong one goes back to the door and says so."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return JsonResponse({"options": webauthn.begin_authentication(user=None)}, headers={"Cache-Control": "no-store"})

    def form_invalid(self, form: Any) -> HttpResponse:
        entering.passkey(self.request, None, False)
        fault = Text(
            "이 패스키로는 로그인할 수 없습니다. 비밀번호로 로그인하십시오.", "This passkey does not open the door. Use your password."
        )
        return page(
            self.request, "console/sign_in.html", {"form": forms.SignInForm(request=self.request), "fault": fault, "next": "/"}, status=422
        )

    def form_valid(self, form: Any) -> HttpResponse:
        entering.passkey(self.request, form.cleaned_data["credential"].user_id, True)
        return super().form_valid(form)  # type: ignore[no-any-return]


def index(request: HttpRequest) -> HttpResponse:
    """One's own account: second factors, sessions, password."""
    actor = actor_of(request)
    user: Any = request.user
    held = staff.own_factors(user.pk)
    context = {
        "person": user,
        "totp": next((f for f in held if f.kind == "totp"), None),
        "passkeys": [f for f in held if f.kind == "webauthn"],
        "codes": next((f for f in held if f.kind == "recovery_codes"), None),
        "sessions": staff.sessions(user.pk, request.session.session_key),
        "grants": [g for g in staff.grants(user.pk) if g.ended_at is None],
        "due": user.factor_by,
        "changed": request.GET.get("changed", ""),
        "may": actor.may_somewhere(staff.permissions.ACCOUNT_USE),
    }
    return page(request, "console/account/index.html", context, room="shared", place="account", crumbs=[Crumb(NAME)])


def start(request: HttpRequest) -> HttpResponse:
    """The ways to a second factor. Within the grace it may be put off; after it nothing else is open."""
    user: Any = request.user
    wanted = back(request, request.POST.get("next") or request.GET.get("next") or "/")
    must = staff.factors.overdue(user)
    if user.factor_by is None or (request.method == "POST" and not must):
        return redirect(wanted)
    return page(request, "console/account/start.html", {"must": must, "due": user.factor_by, "next": wanted})


class AddTotp(Framed, ActivateTOTPView):
    """Enrol an authenticator: the QR code, the key to type, and a code that proves it."""

    template = "console/account/totp.html"
    title = Text("인증 앱 등록", "Add an authenticator")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["code"].label = spoken(Text("앱에 보이는 여섯 자리", "The six digits of the app"))
        form.fields["code"].error_messages["required"] = spoken(Text("코드를 입력하십시오.", "Type the code."))
        form.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        svg = factors_of().build_totp_svg(factors_of().build_totp_url(self.request.user, secret))
        return {
            **context,
            "qr": "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode(),
            "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            staff.note_factor.do(actor_of(self.request), kind="totp", change="added")
        return answer  # type: ignore[no-any-return]

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("code", code="incorrect_code"):
            form.errors["code"] = form.error_class([str(forms.WRONG_CODE)])
        return super().form_invalid(form)  # type: ignore[no-any-return]


class RemoveTotp(Framed, DeactivateTOTPView):
    """Remove the authenticator, unless it is the last factor of somebody who must have one."""

    template = "console/account/totp_remove.html"
    title = Text("인증 앱 지우기", "Remove the authenticator")

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        may = staff.factors.removable(self.request.user, "totp")  # type: ignore[arg-type]
        return super().render_to_response({**context, "may": may, "form": None})

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            staff.note_factor.do(actor_of(self.request), kind="totp", change="removed")
        return answer  # type: ignore[no-any-return]


class AddPasskey(Framed, AddWebAuthnView):
    """Make a passkey, which proves its owner by itself: it signs in without a password."""

    template = "console/account/passkey.html"
    title = Text("패스키 등록", "Add a passkey")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["name"].label = spoken(Text("이름", "Name"))
        form.fields["name"].help_text = spoken(
            Text("나중에 알아볼 수 있게 적습니다. 예: 사무실 노트북", "So that you know it later: office laptop")
        )
        form.fields["name"].max_length = 40
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        options = webauthn.begin_registration(self.request.user, True)
        return {**context, "options": options, "fault": bool(context["form"].errors)}

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            staff.note_factor.do(actor_of(self.request), kind="passkey", change="added")
        return answer  # type: ignore[no-any-return]


class RemovePasskey(Framed, RemoveWebAuthnView):
    """Remove a passkey, unless it is the last factor of somebody who must have one."""

    template = "console/account/passkey_remove.html"
    title = Text("패스키 지우기", "Remove a passkey")

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        may = staff.factors.removable(self.request.user, "webauthn")  # type: ignore[arg-type]
        return super().render_to_response({**context, "may": may, "key": self.get_object().wrap().name, "form": None})

    def form_valid(self, form: Any) -> HttpResponse:
        if not staff.factors.removable(self.request.user, "webauthn"):  # type: ignore[arg-type]
            return self.get(self.request)
        with transaction.atomic():
            super().form_valid(form)
            staff.note_factor.do(actor_of(self.request), kind="passkey", change="removed")
        return redirect("mfa_index")


class Codes(Framed, ViewRecoveryCodesView):
    """The recovery codes, shown once."""

    template = "console/account/codes.html"
    title = Text("복구 코드", "Recovery codes")


class NewCodes(Framed, GenerateRecoveryCodesView):
    """Make new recovery codes; the old ones die."""

    template = "console/account/codes_new.html"
    title = Text("복구 코드 새로 만들기", "New recovery codes")

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            staff.note_factor.do(actor_of(self.request), kind="recovery_codes", change="renewed")
        return answer  # type: ignore[no-any-return]


class _Again(Framed):
    """Prove it is you before something dangerous; the other ways are offered."""

    template = "console/account/confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = {
            "reauthenticate": Text("비밀번호로 확인", "Use the password"),
            "mfa_reauthenticate": Text("인증 코드로 확인", "Use a code"),
            "mfa_reauthenticate:webauthn": Text("패스키로 확인", "Use a passkey"),
        }
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        others = [(words[a["id"]], a["url"]) for a in context["reauthentication_alternatives"]]
        return {**context, "others": others}


class ConfirmPassword(_Again, BaseReauthenticateView):
    """The password again."""

    form_class = forms.ConfirmPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        account_flows.reauthentication.reauthenticate_by_password(self.request)
        return super().form_valid(form)  # type: ignore[no-any-return]


class ConfirmCode(_Again, CodeAgain):
    """A code again."""

    form_class = forms.ConfirmCodeForm

    def get_form_class(self) -> Any:
        return self.form_class


class ConfirmPasskey(_Again, ReauthenticateWebAuthnView):
    """A passkey again."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "options": context["js_data"]["request_options"]}

    def form_invalid(self, form: Any) -> HttpResponse:
        entering.passkey(self.request, self.request.user.pk, False)
        return self.render_to_response(self.get_context_data(form=form))


def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session ends. Whoever was given one by somebody else comes here first."""
    user: Any = request.user
    form = forms.NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            staff.set_password.do(actor_of(request), password=form.cleaned_data["password"], keep=request.session.session_key)
        except Refused as refused:
            refuse(form, refused)
        else:
            user.refresh_from_db()
            update_session_auth_hash(request, user)
            return redirect("/" if user.factor_by else f"{reverse('mfa_index')}?changed=password")
    status = 422 if request.method == "POST" else 200
    return page(request, "console/account/password.html", {"form": form, "given": user.password_given}, status=status)


@login_not_required
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a password by a link that an administrator gave. A dead link and a guessed one look alike."""
    wait = entering.before_link(request) if request.method == "POST" else 0
    person = None if wait else staff.ticket_holder(secret)
    if person is None:
        return page(request, "console/account/link_dead.html", {"wait": forms.wait_text(wait) if wait else ""}, status=429 if wait else 404)
    form = forms.NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff.set_password.do(person.actor, password=form.cleaned_data["password"], secret=secret)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("console:sign-in")
    status = 422 if request.method == "POST" else 200
    answer = page(request, "console/account/link.html", {"form": form, "person": person}, status=status)
    answer["Referrer-Policy"] = "no-referrer"  # the address is the secret
    return answer


@require_POST
def end(request: HttpRequest, session: int = 0) -> HttpResponse:
    """End one of one's own sessions, or every other one."""
    keep = None if session else request.session.session_key
    staff.end_session.do(actor_of(request), session=session, keep=keep)
    return redirect(f"{reverse('mfa_index')}?changed=sessions")
