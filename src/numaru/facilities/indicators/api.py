"""The door of indicators."""

from numaru.facilities.indicators.actions.boards import bring_board_back, drop_board, keep_board
from numaru.facilities.indicators.actions.measure import measure_days
from numaru.facilities.indicators.actions.targets import set_target
from numaru.facilities.indicators.permissions import BOARD_KEEP, BOARD_VIEW, TARGET_SET
from numaru.facilities.indicators.ports import Indicator, Measured, indicators
from numaru.facilities.indicators.reads import Figure, Shown, board, boards, of_room, show

__all__ = [
    "BOARD_KEEP",
    "BOARD_VIEW",
    "TARGET_SET",
    "Figure",
    "Indicator",
    "Measured",
    "Shown",
    "board",
    "boards",
    "bring_board_back",
    "drop_board",
    "indicators",
    "keep_board",
    "measure_days",
    "of_room",
    "set_target",
    "show",
]
