"""Mail as it really comes back: shapes of mail servers, providers and people, with the verdict that each must get."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from numaru.adapters.mail.tokens import Tokens

TOKENS = Tokens(b"a secret of the tests")
KEY = "M-0000123.1"
T = TOKENS.of(KEY)
VERP = f"bounce+{T}@naru.example"
OURS = f"<m.{T}@naru.example>"
ORIGINAL = (
    f"Message-ID: {OURS}\nX-Numaru-Ref: {T}\nFrom: Naru <notice@naru.example>\nTo: who@there.example\nSubject: =?utf-8?b?7JqU6riI?=\n"
)


@dataclass(frozen=True)
class Case:
    name: str
    raw: bytes
    kind: str
    code: str | None = None  # None: not looked at
    key: str = KEY


def mail(
    body: str | bytes, *, sender: str = "MAILER-DAEMON@mx.there.example", subject: str = "Undelivered Mail Returned to Sender", to: str = VERP, kind: str = "text/plain; charset=utf-8", head: str = "", path: str | None = "<>"
) -> bytes:  # fmt: skip
    lines = [f"Return-Path: {path}"] if path is not None else []
    lines += [
        f"Delivered-To: {to}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        "Date: Fri, 27 Nov 2026 10:00:00 +0900",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
    ]
    lines += head.strip().splitlines()
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + (body if isinstance(body, bytes) else body.encode())


def dsn(
    said: str, *, action: str = "failed", status: str = "5.1.1", diagnostic: str = "smtp; 550 5.1.1 <who@there.example>: user unknown", original: str = ORIGINAL, extra: str = "", encoding: str = "",
    sender: str = "MAILER-DAEMON@mx.there.example (Mail Delivery System)", subject: str = "Undelivered Mail Returned to Sender", to: str = VERP, kind: str = "message/delivery-status", path: str | None = "<>", words: str = "text/plain; charset=utf-8",
) -> bytes:  # fmt: skip
    fields = f"Reporting-MTA: dns; mx.there.example\nArrival-Date: Fri, 27 Nov 2026 10:00:00 +0900\n\nFinal-Recipient: rfc822; who@there.example\nAction: {action}\nStatus: {status}\n"
    fields += (f"Diagnostic-Code: {diagnostic}\n" if diagnostic else "") + extra
    cte = ""
    if encoding == "base64":
        fields, cte = base64.encodebytes(fields.encode()).decode(), "Content-Transfer-Encoding: base64\n"
    back = f"--b\nContent-Type: message/rfc822\n\n{original}\nbody\n" if original else ""
    body = f"--b\nContent-Type: {words}\n\n{said}\n\n--b\nContent-Type: {kind}\n{cte}\n{fields}\n{back}--b--\n"
    return mail(body, sender=sender, subject=subject, to=to, kind='multipart/report; report-type=delivery-status; boundary="b"', path=path)


def arf(feedback: str, original: str = ORIGINAL, *, sender: str = "staff@fbl.example", to: str = "abuse@naru.example") -> bytes:
    body = f"--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nUser-Agent: SomeFBL/1.0\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n{original}\nbody\n--b--\n"
    return mail(body, sender=sender, subject="FW: hello", to=to, kind='multipart/report; report-type=feedback-report; boundary="b"', path="<fbl@fbl.example>")  # fmt: skip


def person(body: str, subject: str, *, head: str = "", path: str | None = "<who@there.example>", to: str = "help@naru.example", sender: str = "Who <who@there.example>", reply: bool = True) -> bytes:  # fmt: skip
    return mail(body, sender=sender, subject=subject, to=to, head=(f"In-Reply-To: {OURS}\n" if reply else "") + head, path=path)


def reports() -> Iterator[Case]:
    """With the fields of RFC 3464."""
    yield Case("postfix: user unknown", dsn("I'm sorry to have to inform you that your message could not be delivered."), "gone", "5.1.1")
    yield Case("postfix: mailbox full", dsn("", status="5.2.2", diagnostic="smtp; 552 5.2.2 Mailbox full"), "returned", "5.2.2")
    yield Case(
        "postfix: greylisted, delayed",
        dsn(
            "delayed",
            action="delayed",
            status="4.7.1",
            diagnostic="smtp; 450 4.7.1 Greylisted, try again later",
            subject="Delayed Mail (still being retried)",
        ),
        "delayed",
        "4.7.1",
    )
    yield Case(
        "postfix: gave up after five days",
        dsn("", status="4.4.1", diagnostic="connect to mx.there.example: Connection timed out"),
        "returned",
        "4.4.1",
    )
    yield Case(
        "postfix: no such domain",
        dsn("", status="5.4.4", diagnostic="X-Postfix; Host or domain name not found. Name service error"),
        "gone",
        "5.4.4",
    )
    yield Case(
        "postfix: relayed",
        dsn("", action="relayed", status="2.0.0", diagnostic="smtp; 250 ok", subject="Successful Mail Delivery Report"),
        "relayed",
        "2.0.0",
    )
    yield Case(
        "postfix: delivered",
        dsn("", action="delivered", status="2.0.0", diagnostic="", subject="Successful Mail Delivery Report"),
        "delivered",
        "2.0.0",
    )
    yield Case("sendmail: general code, words say it", dsn("", status="5.0.0", diagnostic="smtp; 550 No such user here"), "gone", "5.0.0")
    yield Case(
        "sendmail: warning for four hours",
        dsn(
            "**      THIS IS A WARNING MESSAGE ONLY      **",
            action="delayed",
            status="4.4.2",
            diagnostic="",
            subject="Warning: could not send message for past 4 hours",
        ),
        "delayed",
    )
    yield Case(
        "sendmail: finer code among the words",
        dsn("", status="5.0.0", diagnostic="smtp; 550-5.1.1 The email account that you tried to reach does not exist"),
        "gone",
        "5.1.1",
    )
    yield Case(
        "exchange 2019: resolver",
        dsn(
            "",
            status="5.1.10",
            diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            sender="MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@there.example",
            subject="Undeliverable: hello",
        ),
        "gone",
        "5.1.10",
    )
    yield Case(
        "365 in Korean",
        dsn(
            "who@there.example에게 보낸 메시지를 배달할 수 없습니다.",
            status="5.1.1",
            diagnostic="smtp;550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
            sender="Microsoft Outlook <postmaster@there.example>",
            subject="배달되지 않음: 요금 안내",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "365: directory edge blocking",
        dsn("", status="5.4.1", diagnostic="smtp;550 5.4.1 Recipient address rejected: Access denied"),
        "gone",
        "5.4.1",
    )
    yield Case(
        "365: group closed to strangers",
        dsn("", status="5.7.133", diagnostic="smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"),
        "gone",
        "5.7.133",
    )
    yield Case(
        "365: hop count",
        dsn("", status="5.4.14", diagnostic="smtp;554 5.4.14 Hop count exceeded - possible mail loop"),
        "returned",
        "5.4.14",
    )
    yield Case(
        "365: mailbox full in German",
        dsn(
            "Postfach ist voll",
            status="5.2.2",
            diagnostic="smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException",
            subject="Unzustellbar: hello",
        ),
        "returned",
        "5.2.2",
    )
    yield Case(
        "gmail: no such account",
        dsn(
            "** Address not found **",
            diagnostic="smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking",
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Failure)",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "gmail: disabled account",
        dsn("", status="5.2.1", diagnostic="smtp; 550 5.2.1 The email account that you tried to reach is disabled"),
        "gone",
        "5.2.1",
    )
    yield Case(
        "gmail: delay",
        dsn(
            "Gmail will retry for 46 more hours.",
            action="delayed",
            status="4.4.1",
            diagnostic="",
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Delay)",
        ),
        "delayed",
        "4.4.1",
    )
    yield Case(
        "gmail: blocked as spam",
        dsn("", status="5.7.1", diagnostic="smtp; 550-5.7.1 Our system has detected that this message is likely unsolicited mail. blocked"),
        "returned",
        "5.7.1",
    )
    yield Case(
        "dmarc refusal",
        dsn(
            "",
            status="5.7.26",
            diagnostic="smtp; 550-5.7.26 Unauthenticated email from naru.example is not accepted due to domain's DMARC policy.",
        ),
        "returned",
        "5.7.26",
    )
    yield Case(
        "policy code over an unknown user", dsn("", status="5.7.1", diagnostic="smtp; 550 5.7.1 User unknown; rejected"), "gone", "5.7.1"
    )
    yield Case(
        "bad sender is not the receiver's",
        dsn("", status="5.1.8", diagnostic="smtp; 553 5.1.8 Sender address rejected: Domain not found"),
        "returned",
        "5.1.8",
    )
    yield Case("too large", dsn("", status="5.3.4", diagnostic="smtp; 552 5.3.4 Message size exceeds fixed limit"), "returned", "5.3.4")
    yield Case("members only list", dsn("", status="5.7.2", diagnostic="smtp; 550 5.7.2 This list is for members only"), "gone", "5.7.2")
    yield Case("report in base64", dsn("", encoding="base64"), "gone", "5.1.1")
    yield Case("report in base64, delayed", dsn("", action="delayed", status="4.2.0", diagnostic="", encoding="base64"), "delayed", "4.2.0")
    yield Case("report as plain text", dsn("", kind="text/plain"), "gone", "5.1.1")
    yield Case("report without the original", dsn("", original=""), "gone", "5.1.1")
    yield Case(
        "without the token in the envelope: by Message-ID",
        dsn("", to="bounce@naru.example", original=f"Message-ID: {OURS}\nSubject: x\n"),
        "gone",
        "5.1.1",
    )
    yield Case(
        "without the token in the envelope: by the header",
        dsn("", to="bounce@naru.example", original=f"X-Numaru-Ref: {T}\nMessage-ID: <changed@relay>\n"),
        "gone",
        "5.1.1",
    )
    yield Case("capitals on the way", dsn("", to=VERP.upper(), original=""), "gone", "5.1.1")
    yield Case("nothing of ours in it", dsn("", to="bounce@naru.example", original="Subject: M-0000123.1\n"), "gone", "5.1.1", key="")
    yield Case("a token that somebody made up", dsn("", to=f"bounce+{T[:-3]}aaa@naru.example", original=""), "gone", "5.1.1", key="")
    yield Case("action missing", dsn("", action="").replace(b"Action: \n", b""), "gone", "5.1.1")
    yield Case("status missing", dsn("", status="", diagnostic="smtp; 550 unknown user"), "gone")
    yield Case(
        "two receivers, one gone",
        dsn(
            "",
            action="delivered",
            status="2.0.0",
            diagnostic="",
            extra="\nFinal-Recipient: rfc822; other@there.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "a bounce of a bounce", dsn("double bounce", original=f"From: MAILER-DAEMON@x\nTo: {VERP}\nSubject: Undelivered\n"), "gone", "5.1.1"
    )
    yield Case("return path lost on the way", dsn("", path=None), "gone", "5.1.1")
    yield Case("a huge one", dsn("", original="").rstrip(b"-\n") + b"\nContent-Type: text/plain\n\n" + b"x" * 11_000_000, "gone", "5.1.1")
    yield Case(
        "Korean disk full, EUC-KR called latin-1",
        dsn("", status="5.0.0", diagnostic="").replace(
            b"text/plain; charset=utf-8\n\n",
            b"text/plain; charset=iso-8859-1\n\n" + "수신자의 메일함 용량이 초과되어 배달하지 못했습니다.".encode("cp949"),
            1,
        ),
        "returned",
    )
    yield Case("global report", dsn("", kind="message/global-delivery-status"), "gone", "5.1.1")


def by_words() -> Iterator[Case]:
    """Without fields: by what servers and providers write."""
    back = f"------ This is a copy of the message, including all the headers. ------\n\n{ORIGINAL}\nuser unknown in the quoted text\n"
    yield Case(
        "exim: unrouteable",
        mail(
            f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  who@there.example\n    Unrouteable address\n\n{back}",
            sender="Mail Delivery System <Mailer-Daemon@mx.there.example>",
            subject="Mail delivery failed: returning message to sender",
            head="X-Failed-Recipients: who@there.example",
        ),
        "gone",
    )
    yield Case(
        "exim: retry timeout exceeded",
        mail(
            f"A message that you sent could not be delivered:\n\n  who@there.example\n    host mx [10.0.0.1]: Connection timed out: retry timeout exceeded\n\n{back}",
            sender="Mail Delivery System <Mailer-Daemon@mx.there.example>",
            subject="Mail delivery failed: returning message to sender",
            head="X-Failed-Recipients: who@there.example",
        ),
        "returned",
    )
    yield Case(
        "exim: delay warning",
        mail(
            f"A message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours on the queue. No action is required on your part. Delivery attempts will continue for some time.\n{back}",
            sender="Mail Delivery System <Mailer-Daemon@mx.there.example>",
            subject="Warning: message 1abc delayed 24 hours",
        ),
        "delayed",
    )
    yield Case(
        "qmail: no mailbox",
        mail(
            f"Hi. This is the qmail-send program at mx.there.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<who@there.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}",
            subject="failure notice",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "qmail: over quota",
        mail(
            f"Hi. This is the qmail-send program.\n\n<who@there.example>:\nThe user is over quota, mailbox is full. (#5.2.2)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}",
            subject="failure notice",
        ),
        "returned",
        "5.2.2",
    )
    yield Case(
        "naver: no such user",
        mail(
            "보내신 메일이 아래와 같은 사유로 전송되지 못했습니다.\n받는사람: who@naver.example\n실패 사유: 존재하지 않는 사용자입니다. (550 5.1.1)\n",
            sender="MAILER-DAEMON@naver.example",
            subject="[메일전송실패] 요금 안내",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "naver: dormant",
        mail(
            "받는 사람의 계정이 휴면 상태여서 메일을 받을 수 없습니다.\n",
            sender="네이버 메일 <mailer-daemon@naver.example>",
            subject="메일 전송 실패 안내",
        ),
        "gone",
    )
    yield Case(
        "naver: full",
        mail(
            "받는 사람의 메일함 용량이 초과되어 메일을 보낼 수 없습니다.\n", sender="mailer-daemon@naver.example", subject="메일 발송 실패"
        ),
        "returned",
    )
    yield Case(
        "daum in EUC-KR",
        mail(
            "수신자의 메일 주소가 존재하지 않습니다. 아이디를 확인해 주세요.".encode("cp949"),
            sender="postmaster@hanmail.example",
            subject="=?euc-kr?B?" + base64.b64encode("메일 반송 안내".encode("cp949")).decode() + "?=",
            kind="text/plain; charset=euc-kr",
        ),
        "gone",
    )
    yield Case(
        "daum, labelled us-ascii",
        mail(
            "없는 사용자 계정입니다.".encode("cp949"),
            sender="postmaster@hanmail.example",
            subject="failure notice",
            kind="text/plain; charset=us-ascii",
        ),
        "gone",
    )
    yield Case(
        "Korean delay",
        mail("메일 전송이 지연되고 있습니다. 다시 보내실 필요는 없습니다. 계속 시도합니다.", subject="메일 전송 지연 안내"),
        "delayed",
    )
    yield Case("Korean spam block", mail("귀하의 서버는 스팸 차단 정책에 의해 수신이 거부되었습니다.", subject="메일 반송"), "returned")
    yield Case(
        "html only",
        mail(
            "<html><body><p>Delivery has failed to these recipients</p><p>The email address <b>who</b> couldn't be found.</p></body></html>",
            kind="text/html; charset=utf-8",
            sender="postmaster@there.example",
            subject="Undeliverable: hello",
        ),
        "gone",
    )
    yield Case(
        "winmail.dat beside the words",
        mail(
            "--b\nContent-Type: text/plain\n\nYour message did not reach some recipients. 550 5.1.1 User unknown\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IhAAAAA=\n--b--\n",
            kind="multipart/mixed; boundary=b",
            sender="System Administrator <postmaster@there.example>",
            subject="Undeliverable: hello",
        ),
        "gone",
        "5.1.1",
    )
    yield Case(
        "a list that refuses",
        mail(
            "Your message to the list was rejected: only members are allowed to post to this list; not permitted to post.",
            sender="list-bounces@there.example (Mailer-Daemon)",
            subject="Undeliverable: your message",
        ),
        "gone",
    )
    yield Case(
        "broken boundaries",
        mail("550 5.1.1 no such user\n--x", kind="multipart/report; report-type=delivery-status; boundary=never"),
        "gone",
        "5.1.1",
    )


def answers() -> Iterator[Case]:
    """Complaints, robots, people."""
    yield Case("ARF: abuse", arf("abuse"), "complaint", "abuse")
    yield Case(
        "ARF: of another provider, key in the return path",
        arf("abuse", f"Return-Path: <{VERP}>\nSubject: x\n", sender="complaints@yahoo.example"),
        "complaint",
        "abuse",
    )
    yield Case("ARF: fraud", arf("fraud"), "complaint", "fraud")
    yield Case("ARF: not spam after all", arf("not-spam"), "receipt", "not-spam")
    yield Case("ARF: opt-out", arf("opt-out"), "unsubscribe", "opt-out")
    yield Case("ARF: our DMARC", arf("auth-failure"), "list", "auth-failure")
    mdn = "--b\nContent-Type: text/plain\n\nread\n\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;who@there.example\nOriginal-Message-ID: {id}\nDisposition: manual-action/MDN-sent-manually; {what}\n\n--b--\n"
    for what in ("displayed", "deleted"):
        yield Case(
            f"MDN: {what}",
            mail(
                mdn.format(id=OURS, what=what),
                sender="who@there.example",
                subject="Read: hello",
                to="notice@naru.example",
                kind="multipart/report; report-type=disposition-notification; boundary=b",
            ),
            "receipt",
            what,
        )
    yield Case(
        "out of office by RFC 3834",
        person("I am away until Monday.", "Out of office", head="Auto-Submitted: auto-replied"),
        "automatic",
        "auto-replied",
    )
    yield Case(
        "Exchange: automatic reply, empty return path",
        person("I am out", "Automatic reply: hello", head="X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated", path="<>"),
        "automatic",
        "auto-generated",
    )
    yield Case(
        "X-Auto-Response-Suppress alone is a person",
        person("요금이 왜 올랐나요?", "Re: 요금 안내", head="X-Auto-Response-Suppress: OOF"),
        "reply",
    )
    yield Case("vacation in Korean, no header", person("12월 1일까지 휴가입니다.", "[부재중] 휴가 안내"), "automatic", "subject")
    yield Case("Korean auto reply", person("메일 잘 받았습니다.", "자동 응답: 요금 안내"), "automatic", "subject")
    yield Case("vacation program", person("away", "Re: hello", head="X-Autoreply: yes"), "automatic", "x-autoreply")
    yield Case("Precedence: auto_reply", person("away", "Re: hello", head="Precedence: auto_reply"), "automatic", "precedence auto_reply")
    yield Case("Precedence: junk", person("ticket made", "Re: hello", head="Precedence: junk"), "automatic", "precedence junk")
    yield Case("empty return path, a person's words", person("received", "Re: hello", path="<>"), "automatic", "empty return path")
    yield Case("Auto-Submitted: no is a person", person("hi", "Re: hello", head="Auto-Submitted: no"), "reply")
    yield Case(
        "challenge of a filter",
        person(
            "To prove you are human, click here. Spam Arrest",
            "Re: hello (please confirm your message)",
            head="Auto-Submitted: auto-replied",
        ),
        "challenge",
    )
    yield Case(
        "Korean challenge", person("스팸 방지 인증을 하시면 메일이 전달됩니다.", "발신자 인증 요청", head="Precedence: bulk"), "challenge"
    )
    yield Case(
        "unsubscribe by the address",
        mail("", sender="who@there.example", subject="unsubscribe", to=f"unsubscribe+{T}@naru.example", path="<who@there.example>"),
        "unsubscribe",
        "mail",
    )
    yield Case(
        "unsubscribe by the address, other subject",
        mail("", sender="who@there.example", subject="(no subject)", to=f"unsubscribe+{T}@naru.example", path="<who@there.example>"),
        "unsubscribe",
        "mail",
    )
    yield Case("수신거부 as a reply", person("수신거부", "Re: (광고) 겨울 할인"), "unsubscribe", "mail")
    yield Case(
        "a question about unsubscribing is a person",
        person("수신거부를 했는데 왜 또 오나요? 확인 부탁드립니다. 계속 오면 신고하겠습니다.", "Re: (광고) 겨울 할인"),
        "reply",
    )
    yield Case(
        "a person who quotes a bounce", person("친구에게 보냈더니 이렇게 왔어요.\n\n> 550 5.1.1 user unknown\n", "Re: 문의"), "reply"
    )
    yield Case(
        "a reply in CP949 under utf-8", person("", "Re: hi").replace(b"\n\n", b"\n\n" + "요금이 궁금합니다".encode("cp949"), 1), "reply"
    )
    yield Case("a stranger's first mail", person("안녕하세요", "문의드립니다", reply=False), "reply", key="")
    yield Case(
        "newsletter of a list",
        person("news", "Weekly", head="List-Id: <news.there.example>\nPrecedence: list", reply=False),
        "list",
        key="",
    )
    yield Case(
        "our own mail come home",
        mail(
            "body",
            sender="Naru <notice@naru.example>",
            subject="요금",
            to="help@naru.example",
            head=f"X-Numaru-Ref: {T}\nMessage-ID: {OURS}\nAuto-Submitted: auto-generated",
            path=f"<{VERP}>",
        ),
        "loop",
    )
    yield Case("nothing at all", b"", "reply", key="")
    yield Case("bytes that are no mail", bytes(range(256)) * 50, "reply", key="")
    yield Case("headers without end", b"Subject: " + b"=?utf-8?q?" + b"a" * 100_000, "reply", key="")


CASES = [*reports(), *by_words(), *answers()]
