"""The sign-in form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from numaru.ui.forms import spoken
from numaru.values.text import Text


class SignInForm(AuthenticationForm):
    """Log-in name and password. The refusal is one sentence for every cause, so that it tells nobody which names exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["username"], self.fields["password"]
        login.label = spoken(Text("아이디", "Log-in name"))
        login.widget.attrs.update(autocapitalize="none", autocomplete="username", spellcheck="false")
        password.label = spoken(Text("비밀번호", "Password"))
        wrong = spoken(Text("아이디 또는 비밀번호가 맞지 않습니다.", "The log-in name or the password is wrong."))
        self.error_messages = {"invalid_login": wrong, "inactive": wrong}
        login.error_messages["required"] = spoken(Text("아이디를 입력하십시오.", "Type your log-in name."))
        password.error_messages["required"] = spoken(Text("비밀번호를 입력하십시오.", "Type your password."))

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def get_invalid_login_error(self) -> forms.ValidationError:
        return forms.ValidationError(str(self.error_messages["invalid_login"]), code="invalid_login")
