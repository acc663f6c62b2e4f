"""The faces of clocks and of the lines of their logs."""

from __future__ import annotations

from numaru.ui.states import State
from numaru.values.text import Text

CLOCK: dict[str, State] = {
    "running": State(Text("가는 중", "Running"), "info", "clock"),
    "nearing": State(Text("기한 임박", "Due soon"), "warn", "calendar-due"),
    "breached": State(Text("기한 초과", "Breached"), "bad"),
    "paused": State(Text("멈춤", "Paused"), "calm", "player-pause"),
    "met": State(Text("기한 안", "Met"), "good"),
    "missed": State(Text("늦음", "Missed"), "bad", "circle-x"),
    "cancelled": State(Text("거둠", "Cancelled"), "calm", "x"),
}
LINES: dict[str, tuple[str, Text]] = {
    "start": ("player-play", Text("시작, 목표 {t}", "Started, target {t}")),
    "pause": ("player-pause", Text("멈춤", "Paused")),
    "resume": ("player-play", Text("다시 감", "Running again")),
    "satisfy": ("circle-check", Text("끝남", "Done")),
    "breach": ("alert-octagon", Text("기한을 넘김", "Breached")),
    "cancel": ("x", Text("거둠", "Cancelled")),
    "retarget": ("target", Text("목표나 달력이 바뀜, 목표 {t}", "Target or calendar changed, target {t}")),
}
POLICIES: dict[str, Text] = {
    "begins": Text("휴일에 시작하는 시간대를 뺍니다", "A holiday takes away the frames that begin on it"),
    "dates": Text("휴일 0시부터 24시까지 닫습니다", "A holiday is closed from midnight to midnight"),
    "works": Text("휴일에도 엽니다", "Holidays are days like others"),
}
DAYS: tuple[Text, ...] = (
    Text("월", "Mon"), Text("화", "Tue"), Text("수", "Wed"), Text("목", "Thu"), Text("금", "Fri"), Text("토", "Sat"), Text("일", "Sun"),
)  # fmt: skip


def spent(seconds: int) -> Text:
    """Open time in words; whole minutes, what is left of one is dropped."""
    hours, minutes = divmod(max(0, seconds) // 60, 60)
    ko = f"{hours:,}시간 {minutes}분" if hours and minutes else f"{hours:,}시간" if hours else f"{minutes}분"
    en = f"{hours:,} h {minutes} min" if hours and minutes else f"{hours:,} h" if hours else f"{minutes} min"
    return Text(ko, en)
