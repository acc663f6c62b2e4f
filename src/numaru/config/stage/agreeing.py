"""The consents of the demo company: its documents, and what most of its subscribers said to them weeks ago. A part of the load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from numaru.config import demo_world as plan
from numaru.facilities.parties.api import consents
from numaru.kernel import clock
from numaru.kernel.access import Actor

type At = Callable[[datetime], AbstractContextManager[None]]
HOUSE = Actor.system("demo")
WHY = "시연 회사의 동의"
SINCE = 45  # days ago: what was said is told by then
DOCUMENTS = (
    ("terms", "service", True, "이용약관", "Terms of use",
     "제1조 (목적)\n누리미디어의 콘텐츠 서비스를 쓰는 조건을 정합니다.\n제2조 (해지)\n언제든 해지할 수 있습니다.",
     "Article 1 (purpose)\nThese terms govern the use of Nuri Media’s services.\nArticle 2 (ending)\nYou may end the contract at any time."),
    ("advertising", "advertising", False, "광고성 정보 수신 동의", "Consent to advertising",
     "새 작품, 할인, 행사 소식을 고른 수단으로 보냅니다.\n동의하지 않아도 서비스를 쓸 수 있고, 언제든 무료로 끌 수 있습니다.",
     "We send news, discounts and events by the ways you choose.\nYou can use the service without it, and stop it at any time for free."),
    ("night", "advertising_night", False, "야간 광고성 정보 수신 동의", "Consent to advertising at night",
     "21시부터 다음 날 8시 사이에도 광고를 보냅니다.\n동의하지 않으면 낮에만 보냅니다.",
     "We send advertising between 21:00 and 08:00 too.\nWithout it we send by day alone."),
    ("partners", "third_party", False, "제휴사 제공 동의", "Passing on to partners",
     "받는 곳: 달빛유통(지어낸 회사)\n항목: 가입번호, 이용 중인 서비스\n목적: 제휴 할인\n기간: 동의를 거둘 때까지",
     "To: Moonlight Trading (invented)\nWhat: subscriber number, services in use\nFor: partner discounts\nUntil: you withdraw it"),
)  # fmt: skip


def prepare(calendar: plan.Calendar, at: At, people: Iterable[int]) -> None:
    """Publish the documents before the first subscriber, and write down what ``people`` said."""
    with at(plan.moment(calendar.opened, 9) - timedelta(days=1)):
        for key, purpose, required, ko, en, text_ko, text_en in DOCUMENTS:
            consents.write_document.do(HOUSE, key=key, purpose=purpose, required=required, name_ko=ko, name_en=en)
            consents.draft_text.do(HOUSE, key=key, ko=text_ko, en=text_en, valid_from=clock.today())
            consents.publish_text.do(HOUSE, key=key, reason=WHY)
    with at(plan.moment(calendar.day - timedelta(days=SINCE), 12)):
        texts = {text.purpose: text.id for text in consents.in_force()}
        statements = [line for party in people for line in _said(party, texts)]
        consents.say_many.do(HOUSE, statements=sorted(statements, key=lambda line: line.at), reason=WHY)


def _said(party: int, texts: dict[str, int]) -> list[consents.Statement]:
    """What one person said: most take the terms and e-mail, some texts, few nights; some stopped again."""
    now = clock.now() - timedelta(minutes=party % 1440)

    def line(purpose: str, kind: str, medium: str = "", minutes: int = 0, channel: str = "portal") -> consents.Statement:
        return consents.Statement(party, purpose, kind, now - timedelta(minutes=minutes), medium, texts[purpose], channel, "ko", "self")

    lines = [line("service", "yes", minutes=40)]
    if party % 3:
        lines += [line("advertising", "yes", "email", 30), line("advertising", "yes", "push", 29)]
    if party % 4 == 1:
        lines.append(line("advertising", "yes", "text", 28))
    if party % 10 == 1:
        lines.append(line("advertising_night", "yes", "push", 20))
    if party % 7 == 2:
        lines.append(line("advertising", "withdrawn", "email", 5, "link"))
    if party % 5 == 0:
        lines.append(line("third_party", "yes", minutes=10))
    return lines
