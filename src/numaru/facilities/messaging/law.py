"""The policies of messaging, and the law as it stands at a moment: each figure with the version that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from numaru.facilities.messaging.rules.channels import CHANNELS, Limit
from numaru.facilities.messaging.rules.gate import ADVERTISING, SERVICE, Law
from numaru.facilities.messaging.rules.label import Sender
from numaru.kernel.policies import policy
from numaru.kernel.policies.api import standings
from numaru.values.money import Money, round_half_away
from numaru.values.text import Text

NETWORK = "Information and Communications Network Act art. 50"
OWN = "Operator's own rule"
WAITS, LAPSES = "wait", "lapse"


def _caps(value: Any) -> Text | None:
    if isinstance(value, dict) and all(
        (k == "all" or k in CHANNELS) and isinstance(v, list) and len(v) == 2 and all(isinstance(n, int) and n > 0 for n in v) for k, v in value.items()
    ):  # fmt: skip
        return None
    return Text('{{"all": [168, 3], "email": [24, 1]}}처럼 채널과 [시간, 횟수]로 적으십시오.'.replace("{{", "{").replace("}}", "}"),
                'Write channels with [hours, messages], like {"all": [168, 3], "email": [24, 1]}.')  # fmt: skip


def _channels(value: Any) -> Text | None:
    if isinstance(value, list) and all(v in CHANNELS for v in value):
        return None
    return Text(f"채널만 적을 수 있습니다: {', '.join(CHANNELS)}", f"Only channels: {', '.join(CHANNELS)}")


def _purposes(value: Any) -> Text | None:
    known = (SERVICE, ADVERTISING)
    return (
        None
        if isinstance(value, list) and all(v in known for v in value)
        else Text("service, advertising 가운데 적으십시오.", "Write service or advertising.")
    )


def _numbers(value: Any) -> Text | None:
    if (
        isinstance(value, dict)
        and set(value) <= set(CHANNELS)
        and all(isinstance(v, int) and not isinstance(v, bool) and v >= 0 for v in value.values())
    ):
        return None
    return Text("채널과 0 이상의 정수로 적으십시오.", "Write channels with whole numbers of at least 0.")


def _lengths(value: Any) -> Text | None:
    if isinstance(value, dict) and set(value) == set(CHANNELS) and all(
        isinstance(v, list) and len(v) == 3 and v[2] in ("bytes", "characters") and all(isinstance(n, int) and n >= 0 for n in v[:2]) for v in value.values()
    ):  # fmt: skip
        return None
    return Text(
        "모든 채널을 [글, 제목, bytes 또는 characters]로 적으십시오.", "Write every channel with [text, subject, bytes or characters]."
    )


def _prices(value: Any) -> Text | None:
    try:
        if isinstance(value, dict) and set(value) <= set(CHANNELS):
            for v in value.values():
                if Decimal(str(v["price"])) < 0 or len(v["currency"]) != 3:
                    raise ValueError
            return None
    except (TypeError, KeyError, ValueError, ArithmeticError):
        pass
    return Text(
        '{"sms": {"price": "9.9", "currency": "KRW"}}처럼 적으십시오.', 'Write it like {"sms": {"price": "9.9", "currency": "KRW"}}.'
    )


CONSENT = policy(
    "messaging.consent", Text("광고 수신 동의가 필요한 수신 매체", "Channels whose advertising needs prior consent"), list(CHANNELS),
    f"{NETWORK}(1): prior consent; letters by the Personal Information Protection Act art. 22 (consent to marketing).", kind="list", check=_channels,
)  # fmt: skip
EXISTING = policy(
    "messaging.existing_customers", Text("기존 거래 고객에게 동의 없이 광고를 보내는지", "Advertising to existing customers without consent"), False,
    f"{NETWORK}(1) proviso 1: contact data gathered directly in a transaction, goods of the same kind; shipped off, counsel decides.",
)  # fmt: skip
EXISTING_MONTHS = policy(
    "messaging.existing_months", Text("기존 거래로 보는 기간 (개월)", "Months for which a transaction counts as existing"), 6,
    f"{NETWORK}(1) proviso 1, decree art. 61: within six months of the transaction.",
)  # fmt: skip
NIGHT_FROM = policy("messaging.night_from", Text("광고에 밤 동의가 필요한 시각의 시작", "From when advertising needs a consent for the night"), "21:00",
                    f"{NETWORK}(3): 21:00 to 08:00 of the next day.", kind="time")  # fmt: skip
NIGHT_TO = policy("messaging.night_to", Text("광고에 밤 동의가 필요한 시각의 끝", "Until when advertising needs a consent for the night"), "08:00",
                  f"{NETWORK}(3): 21:00 to 08:00 of the next day.", kind="time")  # fmt: skip
NIGHT_EXEMPT = policy(
    "messaging.night_exempt", Text("밤 동의가 없어도 되는 채널", "Channels exempt from the consent for the night"), ["letter"],
    f"{NETWORK}(3), decree art. 61(2): e-mail is named as exempt by secondary sources (unsure), so it is not exempt as shipped; a letter is no electronic medium.",
    kind="list", check=_channels,
)  # fmt: skip
NIGHT_CATCH = policy("messaging.night_catch", Text("밤에 걸린 광고: 아침까지 기다림(wait) 또는 보내지 않음(lapse)", "Advertising caught at night: waits for the morning, or lapses"),
                     WAITS, f"{OWN}: the law forbids the hour, not the message.", choices=(WAITS, LAPSES))  # fmt: skip
SENSIBLE_FROM = policy("messaging.sensible_from", Text("낮에만 보내는 서비스 안내의 시작 시각", "From when service messages that wait for the day go out"), "08:00", f"{OWN}: nobody is woken by a notice that can wait.", kind="time")  # fmt: skip
SENSIBLE_TO = policy("messaging.sensible_to", Text("낮에만 보내는 서비스 안내의 끝 시각", "Until when service messages that wait for the day go out"), "21:00", f"{OWN}: nobody is woken by a notice that can wait.", kind="time")  # fmt: skip
SILENCES = policy(
    "messaging.do_not_contact", Text("‘연락 금지’가 막는 목적", "Purposes that “do not contact” stops"), [ADVERTISING],
    f"{OWN}: bills and notices that a contract or a law demands still go out.", kind="list", check=_purposes,
)  # fmt: skip
CHILDREN = policy(
    "messaging.child_service", Text("14세 미만에 관한 서비스 안내를 받는 사람 (guardian 또는 child)", "Who receives service messages about a child under 14"), "guardian",
    "Personal Information Protection Act art. 22-2: the guardian acts for a child under 14.", choices=("guardian", "child"),
)  # fmt: skip
CAPS = policy(
    "messaging.caps", Text("광고 횟수 제한: 채널과 [시간, 횟수], all은 모든 채널", "Caps on advertising: channel with [hours, messages]; all for every channel"),
    {"all": [168, 3], "email": [24, 1], "sms": [24, 1], "lms": [24, 1], "push": [24, 2]}, f"{OWN}: rolling hours, per channel and over all.", kind="json", check=_caps,
)  # fmt: skip
OTHER_LANGUAGE = policy("messaging.other_language", Text("받는 사람의 언어로 된 글이 없으면 다른 언어로 보내는지", "Whether the other language is sent where the receiver’s is missing"), True, f"{OWN}: a notice in another language is better than none.")  # fmt: skip
SOFT_TIMES = policy("messaging.soft_bounces", Text("억제하기 전 일시 반송 횟수", "Soft bounces before an address is suppressed"), 3, f"{OWN}: a mailbox that stays full is as good as gone.", least=1)  # fmt: skip
SOFT_DAYS = policy("messaging.soft_bounce_days", Text("일시 반송을 세는 기간 (일)", "Days over which soft bounces are counted"), 30, f"{OWN}: a mailbox that stays full is as good as gone.", least=1)  # fmt: skip
TRIES = policy("messaging.tries", Text("한 채널을 시도하는 횟수", "Tries of one channel"), 5, f"{OWN}: after 1, 5, 30 and 120 minutes.", least=1)  # fmt: skip
SECOND_ABOVE = policy("messaging.second_above", Text("결재 없이 보낼 수 있는 사람 수", "People to whom a batch may go without a second person"), 1_000, f"{OWN}: what reaches many is read by two.")  # fmt: skip
RATES = policy(
    "messaging.rates", Text("채널별 초당 발송 수 (0은 제한 없음)", "Messages a second by channel (0: no limit)"), {"email": 50, "sms": 100, "lms": 100, "alimtalk": 100, "push": 200},
    f"{OWN}, below what providers promise; a batch may go slower.", kind="json", check=_numbers,
)  # fmt: skip
LENGTHS = policy(
    "messaging.lengths", Text("채널별 길이: [글, 제목, 단위]", "Lengths by channel: [text, subject, unit]"),
    {"email": [100_000, 150, "characters"], "sms": [90, 0, "bytes"], "lms": [2_000, 40, "bytes"], "alimtalk": [1_000, 0, "characters"],
     "push": [240, 50, "characters"], "inapp": [2_000, 80, "characters"], "letter": [4_000, 80, "characters"]},
    "Carriers' terms: SMS 90 and LMS 2,000 bytes counted in EUC-KR, Alimtalk 1,000 characters; the rest is the operator's own rule.", kind="json", check=_lengths,
)  # fmt: skip
PRICES = policy(
    "messaging.prices", Text("견적에 쓰는 채널별 한 건 값", "Price of one message by channel, for estimates"),
    {"sms": {"price": "9.9", "currency": "KRW"}, "lms": {"price": "29.9", "currency": "KRW"}, "alimtalk": {"price": "7.5", "currency": "KRW"}, "letter": {"price": "520", "currency": "KRW"}},
    f"{OWN}: replace by the contract with the provider; what was charged is what the carrier reports.", kind="json", check=_prices,
)  # fmt: skip
SENDER = policy(
    "messaging.sender", Text("광고에 적는 보내는 곳: 이름, 연락처, 무료 수신거부 번호, 보내는 주소", "Sender in advertising: name, contact, free opt-out number, addresses"),
    {"name": "누마루", "contact": "1588-0000", "free_number": "080-000-0000", "email": "", "phone": "", "kakao": ""},
    f"{NETWORK}(4), decree art. 61(3): name and contact of the sender and a free way to refuse.", kind="json",
)  # fmt: skip
FALLBACK_WAIT = policy("messaging.fallback_minutes", Text("앞 채널이 실패한 뒤 다음 채널까지 기다리는 시간 (분)", "Minutes between the failure of a channel and the next one"), 0, f"{OWN}.")  # fmt: skip
LETTERS_LABEL = policy("messaging.label", Text("(광고) 표시가 필요한 채널", "Channels whose advertising carries the label"), list(CHANNELS), f"{NETWORK}(4): exactly “(광고)” at the beginning; on letters the operator's own rule.", kind="list", check=_channels)  # fmt: skip
ALIMTALK = policy("messaging.alimtalk", Text("알림톡은 제공자가 승인한 서식의 정보성 안내만", "Alimtalk only for informational templates that the provider approved"), True, "Kakao's terms for Alimtalk: informational messages by approved template.")  # fmt: skip
NO_CHILDREN = policy("messaging.children", Text("14세 미만에게 광고를 보내지 않음", "No advertising to children under 14"), True, "Operator's own rule beside the Personal Information Protection Act art. 22-2.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """The law of a day with what stands behind it. ``sources``: policy → (number of its version, 0 for the shipped one; value; basis)."""

    law: Law
    limits: Mapping[str, Limit]
    sender: Sender
    free_number: str
    addresses: Mapping[str, str]
    tries: int
    rates: Mapping[str, int]
    prices: Mapping[str, tuple[Decimal, str]]
    fallback_minutes: int
    second_above: int
    soft: tuple[int, int]
    sources: Mapping[str, tuple[int, Any, str]] = field(default_factory=dict)

    def estimate(self, channel: str, count: int) -> Money | None:
        """What ``count`` messages are reckoned to cost, rounded once; None where no price is known."""
        known = self.prices.get(channel)
        if known is None:
            return None
        price, currency = known
        num, den = (price * count).as_integer_ratio()
        from numaru.values.money import exponent

        return Money(round_half_away(num * 10 ** exponent(currency), den), currency)


def standing(at: datetime) -> Standing:
    """What holds on the operator's day of ``at``. One query."""
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    found = {s.shipped.key: s for s in standings(day) if s.shipped.key.startswith("messaging.")}
    v = {key: s.value for key, s in found.items()}
    sender = v[SENDER.key]
    law = Law(
        operator_zone=settings.TIME_ZONE, night_from=time.fromisoformat(v[NIGHT_FROM.key]), night_to=time.fromisoformat(v[NIGHT_TO.key]),
        night_exempt=frozenset(v[NIGHT_EXEMPT.key]), night_waits=v[NIGHT_CATCH.key] == WAITS, sensible_from=time.fromisoformat(v[SENSIBLE_FROM.key]),
        sensible_to=time.fromisoformat(v[SENSIBLE_TO.key]), existing=bool(v[EXISTING.key]), existing_months=int(v[EXISTING_MONTHS.key]),
        silences=frozenset(v[SILENCES.key]), child_to_guardian=v[CHILDREN.key] == "guardian", caps={k: (int(h), int(n)) for k, (h, n) in v[CAPS.key].items()},
        other_language=bool(v[OTHER_LANGUAGE.key]),
    )  # fmt: skip
    return Standing(
        law, {k: Limit(t, s, u) for k, (t, s, u) in v[LENGTHS.key].items()}, Sender(str(sender.get("name", "")), str(sender.get("contact", ""))),
        str(sender.get("free_number", "")), {k: str(sender.get(k, "")) for k in ("email", "phone", "kakao")}, int(v[TRIES.key]),
        {k: int(n) for k, n in v[RATES.key].items()}, {k: (Decimal(str(p["price"])), str(p["currency"])) for k, p in v[PRICES.key].items()},
        int(v[FALLBACK_WAIT.key]), int(v[SECOND_ABOVE.key]), (int(v[SOFT_TIMES.key]), int(v[SOFT_DAYS.key])),
        {key: (s.row.pk if s.row else 0, s.value, s.basis) for key, s in found.items()},
    )  # fmt: skip
