"""The figures of consent, each with its basis."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from numaru.facilities.parties.rules.consents import PURPOSES, Terms
from numaru.kernel.policies import policy, value
from numaru.values.text import Text

ARTICLE = "정보통신망법 제50조"
MONTHS, DAYS = Text("개월", "months"), Text("일", "days")


def _purposes(value: Any) -> Text | None:
    strange = [one for one in value if one not in PURPOSES]
    return Text("없는 목적입니다: {p}", "There is no such purpose: {p}").fill(p=", ".join(strange)) if strange else None


CONFIRM_MONTHS = policy(
    "consents.confirm_months", Text("광고 수신동의를 다시 확인하는 주기 (개월)", "Months after which consent to advertising is confirmed again"), 24,
    ARTICLE + " 제8항, 시행령 제62조의3: 수신동의를 받은 날부터 2년마다 확인", unit=MONTHS, least=1,
)  # fmt: skip
CONFIRM_LEAD = policy(
    "consents.confirm_lead_days", Text("재확인을 미리 알리는 날수", "Days before the end at which confirmation is asked"), 30,
    "Operator's own rule: asked early enough that nobody's consent lapses unasked.", unit=DAYS, least=1,
)  # fmt: skip
CONFIRM_GRACE = policy(
    "consents.confirm_grace_days", Text("재확인 기한이 지나도 동의로 보는 날수", "Days for which an unconfirmed consent still counts"), 0,
    ARTICLE + " 제8항은 유예를 두지 않음", unit=DAYS,
)  # fmt: skip
SILENCE_KEEPS = policy(
    "consents.silence_keeps", Text("재확인을 알렸는데 답이 없으면 동의를 유지", "Consent stays when somebody was told and says nothing"), True,
    "정보통신망법 시행령 제62조의3과 KISA 불법스팸 방지 안내서: 알린 뒤 의사표시가 없으면 동의 유지 (unsure: counsel decides).",
)  # fmt: skip
RESULT_DAYS = policy(
    "consents.result_days", Text("동의·거부·철회의 처리 결과를 알리는 기한 (일)", "Days within which the result of a consent, refusal or withdrawal is told"), 14,
    ARTICLE + " 제7항, 시행령 제62조의2: 14일 이내 (unsure)", unit=DAYS, least=1,
)  # fmt: skip
MATERIAL_LAPSES = policy(
    "consents.material_lapses", Text("본문이 중대하게 바뀌면 동의가 효력을 잃는 목적", "Purposes whose consent lapses when its text changes in substance"),
    ["advertising", "advertising_night", "third_party"],
    "개인정보 보호법 제15조 제2항, 제17조 제2항: 알린 내용이 바뀌면 다시 알리고 동의를 받음. 약관은 고지와 기간 경과로 바뀜.", check=_purposes,
)  # fmt: skip
TEXT_NOTICE = policy(
    "consents.material_notice_days", Text("중대한 변경을 시행 전에 알리는 날수", "Days before which a change of substance is announced"), 30,
    "전자상거래 표준약관 제3조: 이용자에게 불리한 변경은 30일 전 고지", unit=DAYS,
)  # fmt: skip


def terms(on: date) -> Terms:
    """What holds on a day."""
    return Terms(
        int(value(CONFIRM_MONTHS.key, on)), int(value(CONFIRM_GRACE.key, on)), frozenset(value(MATERIAL_LAPSES.key, on)), settings.TIME_ZONE
    )
