"""One's own account on the first page: the second factor that is missing."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from numaru.faces.console.account.rooms import NAME
from numaru.kernel.staff import factors
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import today
from numaru.ui.first_steps import Step
from numaru.ui.first_steps import steps as first_steps
from numaru.ui.help import Chapter
from numaru.ui.today import Item, Reader
from numaru.values.text import Text


@today.finder("account.factor", room="shared", word=NAME, permission=ACCOUNT_USE)
def factor(reader: Reader) -> list[Item]:
    """Until when a second factor must exist, while none does. Asks nothing: the request knows it."""
    due = getattr(reader.request.user, "factor_by", None)
    if due is None:
        return []
    title = Text("2단계 인증을 등록해야 합니다", "A second factor is to be set up")
    why = Text("기한이 지나면 다른 화면을 열 수 없습니다", "after the deadline no other page opens")
    return [Item("account.factor", "clock", title, why, Text("등록", "Set it up"), reverse("account_start"), due, owner=reader.staff)]


def has_factor(request: HttpRequest) -> bool:
    """Whether the reader has a second factor; asked of the reader's own account alone."""
    return factors.has_one(request.user.pk)  # type: ignore[arg-type]


first_steps.add(
    "factor",
    Step(
        60, ACCOUNT_USE, Text("두 번째 인증 수단을 등록합니다", "Set up a second factor"),
        Text("인증 앱이나 패스키 하나면 됩니다. 비밀번호가 새어도 막힙니다.", "An app or a passkey is enough. It holds when a password leaks."),
        Text("등록", "Set it up"), lambda: reverse("mfa_index"), has_factor, Chapter("account", "second-factors"),
    ),
)  # fmt: skip
