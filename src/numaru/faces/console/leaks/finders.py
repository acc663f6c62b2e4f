"""Leak cases, for whoever searches from anywhere."""

from __future__ import annotations

from numaru.faces.console.find.numbered import numbered
from numaru.faces.console.leaks import states
from numaru.faces.console.leaks.rooms import NAME
from numaru.kernel.leaks import api as leaks
from numaru.ui import search
from numaru.ui.search import Act
from numaru.values.text import Text

numbered(
    "leaks.case", Text("유출·침해 사고", "Leak case"), NAME, "shield-lock", leaks.LEAK_VIEW, "L-", "leaks:case", leaks.listed,
    lambda row: leaks.KINDS[row.kind], lambda row: states.CASE[row.state], lambda row: row.owner_name, order=55,
)  # fmt: skip
search.acts.add(
    "leaks.new",
    Act(Text("유출·침해 사고 열기", "Open a leak case"), "shield-lock", "leaks:new", leaks.LEAK_HANDLE, "해킹 신고 breach incident", order=50, everywhere=True),
)  # fmt: skip
