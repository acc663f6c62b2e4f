"""One's own account: the last place of the room that all share."""

from __future__ import annotations

import math
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel import clock
from numaru.kernel.staff.permissions import ACCOUNT_USE
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("내 계정", "My account")
PLACE = shell.Place("account", NAME, "mfa_index", ACCOUNT_USE)
ROOM.places.append(PLACE)


def second_factor(request: HttpRequest) -> shell.Reminder | None:
    """Within the grace: how many days are left for a second factor. Not over the own account, which says so itself."""
    due = getattr(request.user, "factor_by", None)
    if due is None or request.path.startswith("/account/"):
        return None
    days = math.ceil((due - clock.now()) / timedelta(days=1))
    text = (
        Text("{n}일 안에 2단계 인증을 등록하십시오.", "Set up a second factor within {n} days.").fill(n=days)
        if days > 1
        else Text("하루 안에 2단계 인증을 등록하십시오.", "Set up a second factor within a day.")
    )
    way = f"{reverse('account_start')}?{urlencode({'next': request.get_full_path()}, safe='/')}"
    return shell.Reminder(text, Text("지금 등록", "Set it up now"), way)


shell.reminders.add("second-factor", second_factor)
chapters.add("shared.account", Chapter("account"))
chapters.add("account_start", Chapter("account", "second-factors"))
