"""Who may do what with subscriptions to pushes: their person alone; the house gives up those that are gone."""

from numaru.kernel.access import permission
from numaru.values.text import Text

PUSH_USE = permission(
    "push.device.use", Text("자기 기기로 알림 받기 (가입자 본인)", "Pushes to one’s own devices (the subscriber)"), own=True
)
PUSH_GIVE_UP = permission("push.device.give_up", Text("없어진 알림 주소 지우기", "Give up push addresses that are gone"))
