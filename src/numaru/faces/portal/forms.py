"""Forms of the portal. What is right is decided by the actions; here only what a person sees beside a field."""

from __future__ import annotations

from django import forms

from numaru.kernel.retention import api as retention
from numaru.ui.forms import spoken
from numaru.values.text import Text

NEEDED = {"required": spoken(Text("이 칸을 채우십시오.", "Fill this in."))}


def _words(label: Text, hint: Text | None = None, *, autocomplete: str, most: int = 200, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=spoken(label), help_text=spoken(hint) if hint else "", max_length=most, error_messages=NEEDED,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none", **attrs}),
    )  # fmt: skip


def _password(label: Text, hint: Text | None = None, *, new: bool = False) -> forms.CharField:
    return forms.CharField(
        label=spoken(label), help_text=spoken(hint) if hint else "", max_length=200, strip=False, error_messages=NEEDED,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
    )  # fmt: skip


RULE = Text("10자 이상. 흔한 낱말과 전화번호·이메일은 쓸 수 없습니다.", "10 characters or more; no common word, not your number or e-mail.")


class SignInForm(forms.Form):
    """Who, and the password."""

    who = _words(Text("휴대전화 번호 또는 이메일", "Mobile number or e-mail"), autocomplete="username")
    password = _password(Text("비밀번호", "Password"))


class StartForm(forms.Form):
    """The invitation, what only its person and the operator know, and a password."""

    code = _words(
        Text("초대 번호", "Invitation code"),
        Text("받은 종이나 상담원이 알려 준 열두 자리", "The twelve letters you were given"),
        autocomplete="one-time-code",
        most=20,
    )
    name = _words(Text("이름", "Name"), Text("가입할 때 적은 그대로", "As you gave it when you signed up"), autocomplete="name")
    contact = _words(Text("휴대전화 번호 또는 이메일", "Mobile number or e-mail"), Text("가입할 때 적은 것. 앞으로 이것으로 로그인합니다.", "The one you signed up with. You will sign in with it."), autocomplete="username")  # fmt: skip
    password = _password(Text("새 비밀번호", "New password"), RULE, new=True)


class PasswordForm(forms.Form):
    """The present password and a new one."""

    present = _password(Text("지금 비밀번호", "Present password"))
    password = _password(Text("새 비밀번호", "New password"), RULE, new=True)


class RequestForm(forms.Form):
    """What a person asks about their own data."""

    kind = forms.ChoiceField(label=spoken(Text("무엇을 요구합니까", "What do you ask for")), error_messages=NEEDED)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["kind"].choices = [(key, str(WHAT_IT_IS[key])) for key in retention.KINDS]  # type: ignore[attr-defined]
        self.fields["kind"].error_messages["invalid_choice"] = str(Text("목록에서 고르십시오.", "Choose one of the list."))


WHAT_IT_IS: dict[str, Text] = {
    "access": Text("내 정보를 모두 보여 주세요 (열람)", "Show me everything you hold of me (access)"),
    "portability": Text("파일로 받아 가겠습니다 (전송)", "Give it to me as a file (portability)"),
    "correction": Text("틀린 것을 고쳐 주세요 (정정)", "Correct what is wrong (correction)"),
    "deletion": Text("지워 주세요 (삭제)", "Delete it (deletion)"),
    "suspension": Text("쓰지 말아 주세요 (처리 정지)", "Stop using it (suspension)"),
}
