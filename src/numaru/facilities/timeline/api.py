"""The door of the line of time."""

from numaru.facilities.timeline.feeds import CHUNK, COLUMNS, Feed, Span, by_id, counted, feeds
from numaru.facilities.timeline.kinds import Group, Happening, Kind, Line, Row, groups, kinds, offered
from numaru.facilities.timeline.merging import Computed, merged
from numaru.facilities.timeline.permissions import ENTRY_REBUILD
from numaru.facilities.timeline.reads import (
    Found,
    Place,
    Stretch,
    Thing,
    of_object,
    of_party,
    out_of_sight,
    parse_place,
    person,
    search,
    stretch,
    thing,
)
from numaru.facilities.timeline.rebuilding import Rebuilt, clear, clear_later, fill, fill_later, order_rebuild, pass_over, rebuild
from numaru.facilities.timeline.web.line import TimeLine, answer, days_of, line
from numaru.facilities.timeline.writing import New, add, pull, withdraw, withdraw_all

__all__ = [
    "CHUNK",
    "COLUMNS",
    "ENTRY_REBUILD",
    "Computed",
    "Feed",
    "Found",
    "Group",
    "Happening",
    "Kind",
    "Line",
    "New",
    "Place",
    "Rebuilt",
    "Row",
    "Span",
    "Stretch",
    "Thing",
    "TimeLine",
    "add",
    "answer",
    "by_id",
    "clear",
    "clear_later",
    "counted",
    "days_of",
    "feeds",
    "fill",
    "fill_later",
    "groups",
    "kinds",
    "line",
    "merged",
    "of_object",
    "of_party",
    "offered",
    "order_rebuild",
    "out_of_sight",
    "parse_place",
    "pass_over",
    "person",
    "pull",
    "rebuild",
    "search",
    "stretch",
    "thing",
    "withdraw",
    "withdraw_all",
]
