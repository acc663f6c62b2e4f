"""The places of access in the room that all share."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.staff import api as staff
from numaru.ui import asking, shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

STAFF = Text("직원", "Staff")
CLIENTS = Text("API 키", "API keys")
REVIEWS = Text("접근 점검", "Access reviews")
may = staff.permissions
ROOM.places += [
    shell.Place("staff", STAFF, "access:list", may.PERSON_VIEW),
    shell.Place("clients", CLIENTS, "access:clients", may.CLIENT_ADD),
    shell.Place("access-reviews", REVIEWS, "access:reviews", may.REVIEW_HOLD),
]


def _person(staff: int, **_: object) -> str:
    return reverse("access:person", args=[staff])


WORDS = (("role", Text("역할", "Role")), ("scope", Text("서비스", "Service")), ("until", Text("마지막 날", "Last day")))
asking.subjects.add(staff.grant.key, asking.Subject(Text("역할 주기", "Give a role"), _person, WORDS))
asking.subjects.add(staff.reset_factors.key, asking.Subject(Text("2단계 인증 재설정", "Reset second factors"), _person))
asking.subjects.add(
    staff.make_client.key,
    asking.Subject(
        Text("API 키 만들기", "Make an API key"), lambda **_: reverse("access:clients"),
        (("name", Text("이름", "Name")), ("roles", Text("역할", "Roles")), ("scope", Text("서비스", "Service"))),
    ),
)  # fmt: skip
chapters.add("shared.staff", Chapter("access"))
chapters.add("shared.clients", Chapter("access", "api-keys"))
chapters.add("shared.access-reviews", Chapter("access", "access-reviews"))
chapters.add("access:give", Chapter("access", "a-change-of-roles"))
