"""Access told: who came, who left, which roles changed."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from numaru.kernel.access import ROLES
from numaru.kernel.models import Staff
from numaru.kernel.staff import api as staff
from numaru.ui import since
from numaru.ui.since import Tell, Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text

may = staff.permissions
SEE = Text("보기", "See")


def _teller(icon: str, text: Text, tone: str = "", why: Callable[[Told], Text | None] = lambda _: None) -> Tell:
    def tell(reader: Reader, told: list[Told]) -> list[Entry]:
        names = dict(Staff.objects.filter(pk__in={one.payload["staff"] for one in told}).values_list("pk", "name"))
        return [
            Entry(
                one.at, icon, text.fill(n=names[one.payload["staff"]]), why(one), tone, url=reverse("access:person", args=[one.payload["staff"]]), act=SEE
            )
            for one in told
            if one.payload["staff"] in names and reader.may(may.PERSON_VIEW)
        ]  # fmt: skip

    return tell


def _role(one: Told) -> Text:
    role = ROLES.get(one.payload["role"], Text(one.payload["role"], one.payload["role"]))
    return (Text("{r} 끝", "{r} ended") if one.payload["ended"] else Text("{r} 받음", "{r} given")).fill(r=role)


joined, left = Text("{n}이(가) 들어왔습니다", "{n} joined"), Text("{n}의 계정을 닫았습니다", "The account of {n} was closed")
since.tellers.add("staff.StaffJoined", since.Teller(_teller("user-plus", joined), may.PERSON_VIEW))
since.tellers.add("staff.StaffLeft", since.Teller(_teller("user-minus", left, "warn"), may.PERSON_VIEW))
since.tellers.add(
    "staff.GrantChanged",
    since.Teller(_teller("key", Text("{n}의 역할이 바뀌었습니다", "The roles of {n} changed"), why=_role), may.PERSON_VIEW),
)
