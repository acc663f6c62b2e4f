"""Figures of leak cases, each with its basis."""

from numaru.kernel.policies import policy
from numaru.values.text import Text

HOURS = Text("시간", "hours")
LAW = "Collected from secondary pages on 2026-11-22; thresholds unsure, the operator's counsel decides."
NOTICE_HOURS = policy(
    "leaks.notice_hours", Text("유출을 안 때부터 본인에게 알릴 때까지", "From knowing of a leak until people are told"), 72,
    f"Personal Information Protection Act, art. 34: notice to people within 72 hours of knowing. {LAW}", unit=HOURS, least=1,
)  # fmt: skip
REPORT_HOURS = policy(
    "leaks.report_hours", Text("유출을 안 때부터 감독기관에 신고할 때까지", "From knowing of a leak until it is reported"), 72,
    f"Personal Information Protection Act, art. 34: report within 72 hours of knowing. {LAW}", unit=HOURS, least=1,
)  # fmt: skip
INTRUSION_HOURS = policy(
    "leaks.intrusion_hours", Text("침해를 안 때부터 신고할 때까지", "From knowing of an intrusion until it is reported"), 24,
    f"Network Act, art. 48-3: report of an intrusion within 24 hours of knowing. {LAW}", unit=HOURS, least=1,
)  # fmt: skip
WARN_HOURS = policy(
    "leaks.warn_hours", Text("기한 몇 시간 앞에 경고하는가", "Hours before a deadline at which the house warns"), 6,
    "Operator's own rule: early enough to finish what is missing.", unit=HOURS, least=1,
)  # fmt: skip
PUBLIC_DAYS = policy(
    "leaks.public_days", Text("연락할 수 없는 사람을 위해 누리집에 알리는 기간", "Days of public notice for people who can't be reached"), 30,
    f"Personal Information Protection Act, enforcement decree: notice on the site where contacts are unknown. {LAW}",
    unit=Text("일", "days"), least=1,
)  # fmt: skip
PUBLIC_COUNTS = policy(
    "leaks.public_counts", Text("누리집 공지를 연락할 수 없는 사람에 대한 통지로 세는가", "Public notice counts as notice to those who can't be reached"), True,
    f"The law's substitute where contacts are unknown. {LAW}",
)  # fmt: skip
