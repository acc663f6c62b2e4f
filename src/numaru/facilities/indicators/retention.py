"""What indicators keep about members of staff, and why it needs no class of its own."""

from __future__ import annotations

from numaru.kernel.retention.api import leave
from numaru.values.text import Text

leave(
    "indicators.IndicatorTarget",
    Text("목표를 정한 직원의 이름뿐인 업무 기록입니다.", "Work records that name the member of staff who set a target."),
)
leave(
    "indicators.Board",
    Text("직원이 만든 현황판입니다. 지운 것은 30일 뒤 삭제됩니다.", "Boards that staff made; one taken away is deleted after 30 days."),
)
