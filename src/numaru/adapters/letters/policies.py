"""Where the address stands on the paper."""

from typing import Any

from numaru.kernel.policies import policy
from numaru.values.text import Text

SIDES = ("left", "top", "width", "height")


def _wrong(value: Any) -> Text | None:
    if set(value) != set(SIDES) or not all(isinstance(value[k], int) and 5 <= value[k] <= 200 for k in SIDES):
        return Text("left, top, width, height를 5~200 mm로 적으십시오.", "Give left, top, width and height from 5 to 200 mm.")
    if value["left"] + value["width"] > 205 or value["top"] + value["height"] > 130:
        return Text("창이 종이의 윗부분을 벗어납니다.", "The window leaves the upper part of the paper.")
    return None


WINDOW = policy(
    "letters.window_mm", Text("봉투 창의 자리: A4 왼쪽 위에서 (mm)", "Where the envelope’s window is, from the upper left of A4 (mm)"),
    {"left": 20, "top": 45, "width": 85, "height": 45},
    "DIN 5008 form B, address field 85 × 45 mm at 20/45 mm. Korea Post fixes no window; measure the envelope that is used (unsure).",
    check=_wrong,
)  # fmt: skip
