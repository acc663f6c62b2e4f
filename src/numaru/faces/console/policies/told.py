"""Policies told: which figures were changed, and from when."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from numaru.kernel.policies import api as policies
from numaru.ui import since, today
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text


@since.teller("policies.PolicyChanged", permission=policies.POLICY_VIEW)
def changed(reader: Reader, told: list[Told]) -> list[Entry]:
    """Each change by the name of its figure."""
    out = []
    for one in told:
        key = one.payload["key"]
        known = policies.shipped.get(key)
        name = known.text if known is not None else Text(key, key)
        why = Text("{d}부터", "from {d}").fill(d=today.short_day(date.fromisoformat(one.payload["valid_from"])))
        text = Text("정책값 ‘{n}’을(를) 바꾸었습니다", "The policy “{n}” was changed").fill(n=name)
        out.append(Entry(one.at, "adjustments-horizontal", text, why, url=reverse("policies:policy", args=[key]), act=Text("보기", "See")))
    return out
