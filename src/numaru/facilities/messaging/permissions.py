"""What may be done with messages, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

SEEING = ("subscriber_clerk", "billing_clerk", "privacy_officer", "support_engineer", "auditor")
BATCH_VIEW = permission("messaging.batch.view", Text("발송과 메시지 보기", "See batches and messages"), *SEEING)
BATCH_MAKE = permission("messaging.batch.make", Text("발송 만들고 보내기", "Make and send batches"), "subscriber_clerk", "billing_clerk")
BATCH_CONTROL = permission(
    "messaging.batch.control",
    Text("발송 멈춤·재개·중단", "Pause, resume and stop batches"),
    "subscriber_clerk",
    "billing_clerk",
    "support_engineer",
)
BATCH_APPROVE = permission(
    "messaging.batch.approve", Text("많은 사람에게 보내는 발송 결재", "Approve batches to many people"), "billing_clerk", "privacy_officer"
)
MESSAGE_SEND = permission(
    "messaging.message.send", Text("한 사람에게 메시지 보내기", "Send a message to one person"), "subscriber_clerk", "billing_clerk"
)
MESSAGE_DECIDE = permission(
    "messaging.message.decide",
    Text("결과를 모르는 메시지 정하기", "Decide on messages of unknown outcome"),
    "subscriber_clerk",
    "support_engineer",
)
MESSAGE_PROVE = permission(
    "messaging.message.prove", Text("보낸 내용 증명하기", "Prove what was sent"), "privacy_officer", administrator=False
)
MESSAGE_OPEN = permission(
    "messaging.message.open",
    Text("보낸 메시지의 내용 열기", "Open what a message said"),
    "subscriber_clerk",
    "billing_clerk",
    administrator=False,
)
TEMPLATE_VIEW = permission("messaging.template.view", Text("메시지 서식 보기", "See message templates"), *SEEING)
TEMPLATE_EDIT = permission(
    "messaging.template.edit", Text("메시지 서식 고치기", "Edit message templates"), "subscriber_clerk", "billing_clerk"
)
TEMPLATE_PUBLISH = permission(
    "messaging.template.publish", Text("메시지 서식 발행", "Publish message templates"), "billing_clerk", "privacy_officer"
)
CAP_OVERRIDE = permission("messaging.cap.override", Text("횟수 제한 무시하고 보내기", "Send over a cap"), "privacy_officer")
HOURS_OVERRIDE = permission(
    "messaging.hours.override",
    Text("낮에만 보내는 안내를 밤에 보내기", "Send a daytime notice at night"),
    "subscriber_clerk",
    "support_engineer",
)
SUPPRESSION_VIEW = permission("messaging.suppression.view", Text("발송 억제 보기", "See suppressed addresses"), *SEEING)
SUPPRESSION_LIFT = permission(
    "messaging.suppression.lift", Text("발송 억제 풀기", "Lift suppressions"), "subscriber_clerk", "privacy_officer"
)
OUTBOX_VIEW = permission("messaging.outbox.view", Text("보낼 편지함 보기", "See the outbox"), "support_engineer", "subscriber_clerk")
OUTBOX_OPEN = permission(
    "messaging.outbox.open", Text("보낼 편지함의 내용 열기", "Open what the outbox holds"), "subscriber_clerk", administrator=False
)
REPORTS_TAKE = permission("messaging.report.take", Text("발송 결과 받기", "Take delivery reports"))
OWN_READ = permission("messaging.message.read", Text("자기에게 온 메시지 (가입자 본인)", "One’s own messages (the subscriber)"), own=True)
