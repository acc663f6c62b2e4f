"""The place of policies in the room that all share, and what a request to change one is about."""

from __future__ import annotations

from django.urls import reverse

from numaru.faces.console.imports.rooms import PLACE as IMPORTS
from numaru.faces.console.imports.rooms import ROOM
from numaru.kernel.policies import api as policies
from numaru.ui import asking, shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.text import Text

NAME = Text("정책값", "Policies")
PLACE = shell.Place("policies", NAME, "policies:list", policies.POLICY_VIEW)
ROOM.places.insert(ROOM.places.index(IMPORTS) + 1, PLACE)
asking.subjects.add(
    policies.change.key,
    asking.Subject(
        Text("정책값 변경", "Change a policy"),
        lambda key, **_: reverse("policies:policy", args=[key]),
        (("past", Text("지난 날인 까닭", "Why in the past")),),
    ),
)
chapters.add("shared.policies", Chapter("policies"))
chapters.add("policies:change", Chapter("policies", "changing-one"))
