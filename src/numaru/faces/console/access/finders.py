"""Staff, API keys and reviews of access, for whoever searches from anywhere. Access belongs to the whole house: a grant for one service finds nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from numaru.faces.console.access import states
from numaru.faces.console.access.rooms import CLIENTS, REVIEWS, STAFF
from numaru.faces.console.find.numbered import numbered
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.staff import api as staff
from numaru.ui import peek, search
from numaru.ui.search import Act, Asked, Finder, Hit
from numaru.values.text import Text

may = staff.permissions
MOST = 3_000  # people whose names are looked through
KEYS = 1_000


def find_staff(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """Accounts by name, initial consonants or log-in name, those who are still here first. One query of names."""
    rows = staff.staff_rows().order_by("-is_active", "pk").values_list("pk", "name", "login", "is_active")[:MOST]
    return [
        Hit(
            name,
            reverse("access:person", args=[pk]),
            login,
            "",
            states.ACTIVE if active else states.LEFT,
            "user-circle",
            login == asked.text.lower(),
        )
        for pk, name, login, active in rows
        if asked.finds(name, login)
    ][:limit]


def staff_lines(actor: Actor, numbers: Sequence[str]) -> dict[str, Hit]:
    rows = staff.staff_rows().filter(pk__in=[int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 18])
    return {
        str(row.pk): Hit(
            row.name, reverse("access:person", args=[row.pk]), row.login, "", states.ACTIVE if row.is_active else states.LEFT, "user-circle"
        )
        for row in rows
    }


def find_keys(actor: Actor, asked: Asked, limit: int) -> list[Hit]:
    """API keys by their name, or by the beginning of the token that people recognise them by."""
    rows = staff.client_rows().order_by("-active", "-pk")[:KEYS]
    now = clock.now()
    return [
        Hit(
            row.name, reverse("access:client", args=[row.pk]), f"{row.prefix}…" if row.prefix else "", row.owner.name if row.owner else "",
            states.REVOKED if not row.active else states.EXPIRED if row.expires_at and row.expires_at <= now else states.LIVE, "key",
        )
        for row in rows
        if asked.finds(row.name) or (row.prefix and asked.text.startswith(row.prefix))
    ][:limit]  # fmt: skip


search.finders.add(
    "access.staff",
    Finder(STAFF, "user-circle", may.PERSON_VIEW, lambda asked: asked.is_word, find_staff,
           lambda asked: search.listed("access:list", q=asked.text), 60, everywhere=True),
)  # fmt: skip
peek.things.add(
    "kernel.staff", peek.Thing(Text("직원", "Staff"), "user-circle", may.PERSON_VIEW, "access:person", lines=staff_lines, everywhere=True)
)
search.finders.add(
    "access.client", Finder(CLIENTS, "key", may.CLIENT_ADD, lambda asked: asked.is_word, find_keys, None, 65, everywhere=True)
)
numbered(
    "staff.review", Text("접근 점검", "Access review"), REVIEWS, "checklist", may.REVIEW_HOLD, "AR-", "access:review",
    lambda actor: staff.reviews(), lambda row: Text("접근 점검", "Access review"), lambda row: states.CLOSED if row.closed_at else states.OPEN,
    lambda row: row.opened_name, order=70,
)  # fmt: skip
search.acts.add(
    "access.add",
    Act(
        Text("직원 추가", "Add staff"),
        "user-plus",
        "access:add",
        may.PERSON_ADD,
        "계정 만들기 입사 account joiner",
        order=30,
        everywhere=True,
    ),
)
search.acts.add(
    "access.client-new",
    Act(Text("API 키 만들기", "Make an API key"), "key", "access:client-new", may.CLIENT_ADD, "토큰 연동 token", order=35, everywhere=True),
)
