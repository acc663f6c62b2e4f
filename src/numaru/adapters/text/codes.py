"""What the provider's codes mean for the message: on its way, arrived, refused for now or for good."""

from __future__ import annotations

from typing import Literal

type Standing = Literal["on_the_way", "arrived", "for_now", "for_good"]

ON_THE_WAY = frozenset({"2000", "3000"})
FOR_NOW = frozenset(
    {"1020", "1024", "1030", "1058", "2024", "2063", "2230", "3012", "3014", "3024", "3031", "3040", "3041", "3042", "3043", "3044", "3045", "3046", "3048",
     "3051", "3052", "3053", "3056", "3057", "3058", "3108"}
)  # fmt: skip
GONE = frozenset(
    {"1060", "1061", "2060", "2061", "3010", "3032", "3047", "3050", "3055", "3104", "3107"}
)  # the number itself: nothing of this channel again
NUMBER = "3010"  # our own refusals use the provider's words
TOO_LONG = "1031"


def standing(code: str) -> Standing:
    """Anything unknown is for good, but a code of no kind at all is on its way: it is asked for again."""
    if code in ON_THE_WAY or not code:
        return "on_the_way"
    if code == "4000":
        return "arrived"
    return "for_now" if code in FOR_NOW else "for_good"
