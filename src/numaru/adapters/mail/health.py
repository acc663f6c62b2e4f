"""Mailboxes as a part of the house's health."""

from __future__ import annotations

from datetime import timedelta

from numaru.adapters.mail.models import ArrivedMail, Mailbox
from numaru.kernel import clock, health
from numaru.kernel.health import Part, Seen, bad, ok, warn
from numaru.values.text import Text

SILENT = timedelta(minutes=15)


def mailboxes() -> Seen:
    """Every mailbox that is read answers, and no mail was set aside unread in the last week."""
    from numaru.adapters import drivers

    try:
        wanted = drivers.mailbox_names()
    except drivers.NotAnAddress:
        return bad(Text("NUMARU_MAIL_IN이 서버 주소가 아닙니다.", "NUMARU_MAIL_IN is no address of a server."),
                   Text("운영 설명서의 ‘채널’ 장을 보고 고치십시오.", "Put it right by the chapter on channels in the manual."))  # fmt: skip
    if not wanted:
        return ok("읽는 편지함이 없습니다.", "No mailbox is read.")
    now = clock.now()
    boxes = {box.name: box for box in Mailbox.objects.filter(name__in=wanted)}
    wrong = [n for n in wanted if n in boxes and boxes[n].fault]
    if wrong:
        tried = max(boxes[n].faults for n in wrong)
        return (bad if tried >= 5 else warn)(
            Text("편지함 {n}곳을 읽지 못했습니다 ({k}, {t}번째).", "{n} mailboxes could not be read ({k}, {t} times).").fill(n=len(wrong), k=boxes[wrong[0]].fault, t=tried),
            Text("메일 서버와 NUMARU_MAIL_IN을 확인하십시오. 다음 분에 다시 읽습니다.", "Check the mail server and NUMARU_MAIL_IN. It is tried again each minute."),
        )  # fmt: skip
    late = [n for n in wanted if n not in boxes or (good := boxes[n].good_at) is None or now - good > SILENT]
    if late:
        return warn(Text("편지함 {n}곳을 15분 넘게 읽지 않았습니다.", "{n} mailboxes were not read for 15 minutes.").fill(n=len(late)),
                    Text("작업자가 일하는지 확인하십시오.", "Check that the worker is at work."))  # fmt: skip
    broken = ArrivedMail.objects.filter(state="broken", arrived_at__gt=now - timedelta(days=7)).count()
    if broken:
        return warn(Text("읽지 못해 따로 둔 메일이 {n}통 있습니다.", "{n} mails could not be read and were set aside.").fill(n=broken),
                    Text("원문은 봉인해 두었습니다. ‘./numaru manage channels’로 어느 편지함인지 보십시오.", "They are kept sealed. See ./numaru manage channels for the mailbox."))  # fmt: skip
    return ok("편지함 {n}곳을 읽고 있습니다.", "{n} mailboxes are read.", n=len(wanted))


health.parts.add("mailboxes", Part(Text("편지함", "Mailboxes"), mailboxes, every=30))
