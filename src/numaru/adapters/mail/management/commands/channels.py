"""``./numaru manage channels``: which driver carries each channel, whether it answers, and how the mailboxes go.

``--send ADDRESS`` sends one mail or text there through the driver, to see that it arrives.
"""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from numaru.adapters import drivers
from numaru.adapters.carrying import CarrierDown, Outgoing
from numaru.adapters.mail.models import Mailbox
from numaru.adapters.text.solapi import SolapiCarrier
from numaru.values.masked import phone_digits

WORDS = {
    "email": ("메일", "E-mail"), "sms": ("단문 문자", "Text"), "lms": ("장문 문자", "Long text"), "alimtalk": ("알림톡", "Alimtalk"), "push": ("웹 푸시", "Web push"),
    "letter": ("우편", "Letters"),
}  # fmt: skip


class Command(BaseCommand):
    help = "Which driver carries each channel, whether it answers, and how the mailboxes go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--send", metavar="ADDRESS", default="", help="send one test message to an e-mail address or a telephone number"
        )
        parser.add_argument("--from", dest="sender", default="", help="the registered calling number, for a text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["send"]:
            self._send(options["send"], options["sender"])
            return
        for channel, (ko, en) in WORDS.items():
            try:
                carrier = drivers.ChosenCarriers().of(channel)
                told = "보낸 메시지함 (outbox)" if carrier is None else f"{carrier.name}: {carrier.check() or '답합니다 (answers)'}"
                if isinstance(carrier, SolapiCarrier) and channel == "sms" and not carrier.check():
                    told += f", {carrier.balance()}"
            except drivers.NotAnAddress as fault:
                told = f"설정이 잘못됐습니다 (wrong setting): {fault}"
            self.stdout.write(f"{ko} · {en}: {told}")
        try:
            names = drivers.mailbox_names()
        except drivers.NotAnAddress as fault:
            raise CommandError(f"NUMARU_MAIL_IN: {fault}") from None
        known = {box.name: box for box in Mailbox.objects.filter(name__in=names)}
        for name in names:
            box = known.get(name)
            told = (
                "아직 읽지 않았습니다 (not read yet)" if box is None else box.fault or f"{box.good_at:%Y-%m-%d %H:%M}, UID {box.last_uid}"
            )
            self.stdout.write(f"편지함 · Mailbox {name}: {told}")

    def _send(self, to: str, sender: str) -> None:
        channel = "email" if "@" in to else "sms"
        try:
            carrier = drivers.ChosenCarriers().of(channel)
            if carrier is None:
                raise CommandError("이 채널에는 드라이버가 없습니다. (This channel has no driver.)")
            message = Outgoing(
                key=f"try-{secrets.token_hex(6)}", channel=channel, to=to, language="ko", subject="시험 메일 · Test",
                text="누마루가 보낸 시험 메시지입니다. A test from Numaru.", sender=phone_digits(sender) if channel == "sms" else "",
            )  # fmt: skip
            (outcome,) = carrier.send([message])
        except (drivers.NotAnAddress, CarrierDown) as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{outcome.key}: {outcome.state} {outcome.code}".strip())
