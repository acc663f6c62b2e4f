"""What the kernel's rooms measure for the board of the shared room: openings of personal data, answers in time, how long approvals wait."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from numaru.faces.console.imports.rooms import ROOM
from numaru.facilities.indicators.api import BOARD_VIEW, Indicator, Measured, indicators
from numaru.kernel.approvals import api as approvals
from numaru.kernel.approvals.permissions import REQUEST_USE
from numaru.kernel.audit import api as audit
from numaru.kernel.retention import api as retention
from numaru.kernel.retention.permissions import REQUEST_HANDLE
from numaru.ui import shell
from numaru.ui.help import Chapter
from numaru.ui.help import places as chapters
from numaru.values.period import Period
from numaru.values.text import Text

ROOM.places.append(shell.Place("boards", Text("현황판 모음", "All boards"), "indicators:boards", BOARD_VIEW))
ROOM.places.append(shell.Place("board", Text("집의 현황판", "Board of the house"), "indicators:shared", audit.RECORD_VIEW))
chapters.add("shared.boards", Chapter("boards"))
chapters.add("shared.board", Chapter("boards"))


def opened(period: Period) -> Iterator[Measured]:
    """Sealed values that were opened on the day; a day without any is 0."""
    found = audit.openings_by_day(period)
    for day in period:
        yield Measured(day, "", Decimal(found.get(day, (0, 0))[0]))


def refused(period: Period) -> Iterator[Measured]:
    """Attempts to open that were refused or found nothing."""
    found = audit.openings_by_day(period)
    for day in period:
        yield Measured(day, "", Decimal(found.get(day, (0, 0))[1]))


def in_time(period: Period) -> Iterator[Measured]:
    """Requests of people closed by their due day, of all closed on the day."""
    for day, (good, n) in retention.answered_by_day(period).items():
        yield Measured(day, "", Decimal(good), Decimal(n))


def waited(period: Period) -> Iterator[Measured]:
    """Hours that approvals waited, over those decided on the day."""
    for day, (hours, n) in approvals.decided_by_day(period).items():
        yield Measured(day, "", hours, Decimal(n))


indicators.add("house.1-opened", Indicator(
    "shared", Text("개인정보 열람", "Personal data opened"), Text("사유를 적고 연 값의 수. 일괄 열람은 한 값씩 셉니다.", "Values opened for a purpose; a bulk opening counts each."),
    "count", "flow", "none", audit.RECORD_VIEW, opened, ("건", "opening", "openings")))  # fmt: skip
indicators.add("house.2-refused", Indicator(
    "shared", Text("거절된 열람", "Openings refused"), Text("거절되었거나 값이 없던 열람 시도.", "Attempts that were refused or found nothing."),
    "count", "flow", "down", audit.RECORD_VIEW, refused, ("건", "attempt", "attempts")))  # fmt: skip
indicators.add("house.3-in-time", Indicator(
    "shared", Text("기한 안에 답한 요구", "Requests answered in time"), Text("정보주체 요구 가운데 기한 안에 답한 비율. 철회는 빠집니다.",
    "Of subject requests closed, the share closed by their due day; withdrawn ones are left out."), "share", "ratio", "up", REQUEST_HANDLE, in_time))  # fmt: skip
indicators.add("house.4-waited", Indicator(
    "shared", Text("결재 대기 시간", "Hours an approval waits"), Text("올린 때부터 결정까지의 평균 시간.", "Mean hours from asking to the decision."),
    "hours", "ratio", "down", REQUEST_USE, waited))  # fmt: skip
