"""The forms of the door: name and password, a second factor, a new password."""

from __future__ import annotations

import math
from typing import Any

from allauth.account.internal import flows
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.http import HttpRequest, HttpResponse

from numaru.kernel.staff import entering
from numaru.kernel.staff import throttle as gates
from numaru.ui.forms import spoken
from numaru.values.text import Text

WRONG = Text("아이디 또는 비밀번호가 맞지 않습니다.", "The log-in name or the password is wrong.")
WRONG_CODE = Text("코드가 맞지 않습니다. 새 코드로 다시 해 보십시오.", "The code is wrong. Try the next one.")


def wait_text(seconds: int) -> str:
    """How long to wait, said the same way for every account and every cause."""
    if seconds < 60:
        return str(Text("여러 번 틀렸습니다. {n}초 뒤에 다시 하십시오.", "Too many wrong tries. Try again in {n} seconds.").fill(n=seconds))
    minutes = math.ceil(seconds / 60)
    return str(
        Text("여러 번 틀려 잠겼습니다. {n}분 뒤에 다시 하거나 관리자에게 풀어 달라고 하십시오.",
             "Too many wrong tries. Try again in {n} minutes, or ask an administrator to unlock it.").fill(n=minutes)
    )  # fmt: skip


class SignInForm(forms.Form):
    """Log-in name and password. The refusal is one sentence for every cause, so that it tells nobody which names exist."""

    username = forms.CharField(
        max_length=80,
        label=spoken(Text("아이디", "Log-in name")),
        error_messages={"required": spoken(Text("아이디를 입력하십시오.", "Type your log-in name."))},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        strip=False,
        max_length=400,
        label=spoken(Text("비밀번호", "Password")),
        error_messages={"required": spoken(Text("비밀번호를 입력하십시오.", "Type your password."))},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.found: Any = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        tried = entering.by_password(self.request, data["username"], data["password"])
        if tried.wait:
            raise forms.ValidationError(wait_text(tried.wait), code="wait")
        if tried.person is None:
            raise forms.ValidationError(str(WRONG), code="invalid_login")
        self.found = tried.person
        return data

    def sign_in(self, redirect_url: str) -> HttpResponse:
        """Go on to the second factor, or in."""
        return flows.login.perform_password_login(self.request, {}, Login(user=self.found, redirect_url=redirect_url))


CODE = forms.CharField(
    max_length=20,
    label=spoken(Text("인증 코드", "Code")),
    help_text=spoken(Text("인증 앱의 여섯 자리 코드, 또는 복구 코드 하나", "The six digits of your authenticator, or a recovery code")),
    error_messages={"required": spoken(Text("코드를 입력하십시오.", "Type the code."))},
    widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
)


class _Gated:
    """A code passes the gates, works once, and every try is remembered."""

    user: Any
    cleaned_data: dict[str, Any]
    authenticator: Any

    def clean_code(self) -> str:
        seconds = entering.before_code(context.request, self.user.pk)
        if seconds:
            raise forms.ValidationError(wait_text(seconds), code="wait")
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except (forms.ValidationError, ValueError):
            code = ""
        right = bool(code) and (self.authenticator.type != "totp" or gates.once(self.user.pk, code))
        entering.after_code(context.request, self.user.pk, right)
        if not right:
            raise forms.ValidationError(str(WRONG_CODE), code="incorrect_code")
        return code


class CodeForm(_Gated, AuthenticateForm):
    """The second step of a sign-in."""

    code = CODE


class ConfirmCodeForm(_Gated, ReauthenticateForm):
    """A code again before something dangerous."""

    code = CODE


class ConfirmPasswordForm(forms.Form):
    """The password again before something dangerous."""

    password = forms.CharField(
        strip=False,
        max_length=400,
        label=spoken(Text("비밀번호", "Password")),
        error_messages={"required": spoken(Text("비밀번호를 입력하십시오.", "Type your password."))},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        tried = entering.by_password(context.request, self.user.login, self.cleaned_data["password"])
        if tried.wait:
            raise forms.ValidationError(wait_text(tried.wait), code="wait")
        if tried.person is None or tried.person.pk != self.user.pk:
            raise forms.ValidationError(str(Text("비밀번호가 맞지 않습니다.", "The password is wrong.")), code="wrong")
        return str(self.cleaned_data["password"])


class NewPasswordForm(forms.Form):
    """A new password, twice. ``current`` asks for the present one as well."""

    current = forms.CharField(
        strip=False, max_length=400, label=spoken(Text("지금 비밀번호", "Present password")),
        error_messages={"required": spoken(Text("지금 비밀번호를 입력하십시오.", "Type your present password."))},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    password = forms.CharField(
        strip=False, max_length=400, label=spoken(Text("새 비밀번호", "New password")),
        help_text=spoken(Text("12자 이상. 낱말 몇 개를 이어 쓰면 외우기 쉽습니다.", "12 characters or more; a few words are easy to remember.")),
        error_messages={"required": spoken(Text("새 비밀번호를 입력하십시오.", "Type the new password."))},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        strip=False, max_length=400, label=spoken(Text("새 비밀번호 한 번 더", "New password once more")),
        error_messages={"required": spoken(Text("한 번 더 입력하십시오.", "Type it once more."))},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user is None:
            del self.fields["current"]

    def clean_current(self) -> str:
        tried = entering.by_password(context.request, self.user.login, self.cleaned_data["current"])
        if tried.wait:
            raise forms.ValidationError(wait_text(tried.wait), code="wait")
        if tried.person is None or tried.person.pk != self.user.pk:
            raise forms.ValidationError(str(Text("지금 비밀번호가 맞지 않습니다.", "The present password is wrong.")), code="wrong")
        return str(self.cleaned_data["current"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data.get("password") != data.get("again"):
            self.add_error("again", str(Text("두 번이 서로 다릅니다.", "The two differ.")))
        if not self.errors and data.get("password") == data.get("current"):
            self.add_error("password", str(Text("지금 것과 다른 비밀번호를 정하십시오.", "Choose another than the present one.")))
        return data
