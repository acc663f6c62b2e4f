"""From the carrier to the report: a real SMTP server answers with a bounce, a real IMAP server keeps it, the reader takes it once."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from numaru.adapters import drivers
from numaru.adapters.carrying import Outgoing, Report
from numaru.adapters.mail import mailbox as reader
from numaru.adapters.mail.incoming.reading import MOST, Unreadable
from numaru.adapters.mail.mailbox import MailboxDown, look
from numaru.adapters.mail.models import ArrivedMail, Mailbox
from numaru.adapters.mail.ports import ReportTaker
from numaru.adapters.mail.relay import Server
from numaru.adapters.mail.smtp import SmtpCarrier
from numaru.adapters.mail.taking import tell_all
from numaru.kernel import clock, health, ports
from numaru.kernel.models import AuditRecord
from tests.adapters.mail.mails import TOKENS, dsn, person
from tests.adapters.mail.servers import Place, controller, free_port

pytestmark = pytest.mark.django_db


class Takes:
    def __init__(self) -> None:
        self.told: list[Report] = []
        self.fails = False

    def take(self, carrier: str, reports: Sequence[Report]) -> None:
        assert carrier == "smtp"
        if self.fails:
            raise RuntimeError
        self.told += reports


@pytest.fixture
def taker(monkeypatch: pytest.MonkeyPatch) -> Takes:
    takes = Takes()
    monkeypatch.setitem(ports._bound, ReportTaker, takes)
    return takes


class Post:
    """An IMAP server in a process of its own, with one empty mailbox."""

    def __init__(self) -> None:
        self.port = free_port()
        self.server = Server("imap", "127.0.0.1", self.port, "house", "s3cret", "INBOX")
        program = Path(sys.executable).with_name("pymap")
        self._process = subprocess.Popen(
            [str(program), "--no-service", "admin", "--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "dict", "--demo-user", "house", "--demo-password", "s3cret"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 20
        while True:
            try:
                self._client().logout()
                break
            except (OSError, imaplib.IMAP4.error):
                assert time.monotonic() < until and self._process.poll() is None, "pymap did not start"
                time.sleep(0.05)

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login("house", "s3cret")
        return client

    def put(self, *mails: bytes) -> None:
        client = self._client()
        for one in mails:
            status, _ = client.append("INBOX", "", imaplib.Time2Internaldate(0), one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            assert status == "OK"
        client.logout()

    def seen(self) -> int:
        client = self._client()
        client.select("INBOX", readonly=True)
        _, found = client.search(None, "SEEN")
        client.logout()
        return len((found[0] or b"").split())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post()
    yield post
    post.close()


def test_from_the_carrier_to_the_report(post: Post, taker: Takes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_MAIL_FROM", "나루 <notice@naru.example>")
    place = Place()
    place.on_taken = lambda path, to, content: post.put(
        dsn("user unknown", to=path, original=content.decode("ascii").partition("\r\n\r\n")[0].replace("\r\n", "\n") + "\n")
    )
    run = controller(place)
    run.start()
    try:
        carrier = SmtpCarrier(Server("smtp", "127.0.0.1", run.port), drivers.mail_house(), clock.now)
        (outcome,) = carrier.send([Outgoing("M-0000007.1", "email", "gone@there.example", "ko", "요금 안내", "안녕하세요")])
    finally:
        run.stop()
    assert outcome.state == "accepted"
    assert look(post.server, drivers.tokens().key) == 1
    assert tell_all() == 1
    (report,) = taker.told
    assert (report.state, report.key, report.permanent, report.code) == ("bounced", "M-0000007.1", True, "5.1.1")
    assert post.seen() == 1
    assert look(post.server, drivers.tokens().key) == 0 and tell_all() == 0 and len(taker.told) == 1
    assert AuditRecord.objects.filter(object="mail.arrived").count() == 1


def test_one_bad_mail_is_set_aside_and_the_mailbox_goes_on(post: Post, taker: Takes, monkeypatch: pytest.MonkeyPatch) -> None:
    real = reader.take_mail.function.__globals__["read"]

    def breaks(raw: bytes, key_of: Any) -> Any:
        if b"poison" in raw:
            raise Unreadable
        return real(raw, key_of)

    monkeypatch.setitem(reader.take_mail.function.__globals__, "read", breaks)
    post.put(
        dsn("a"),
        b"Subject: poison\n\n\xb0\xa1 what a mail",
        dsn("b", status="4.4.1", diagnostic="timed out"),
        person("요금이 왜 올랐나요?", "Re: 요금"),
    )
    assert look(post.server, TOKENS.key) == 4
    rows = list(ArrivedMail.objects.order_by("uid"))
    assert [(r.kind, r.state) for r in rows] == [("gone", "waiting"), ("", "broken"), ("returned", "waiting"), ("reply", "kept")]
    assert rows[1].raw.encode("latin-1").endswith(b"\xb0\xa1 what a mail")
    assert "요금이 왜" in rows[3].raw.encode("latin-1").decode()
    assert rows[0].raw == ""  # what is understood is not kept
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT raw FROM mail_arrivedmail WHERE state = 'kept'")
        assert "요금".encode() not in bytes(cursor.fetchone()[0])  # sealed in the table
    assert post.seen() == 4
    health.forget()
    monkeypatch.setenv("NUMARU_MAIL_IN", f"imap://house:s3cret@127.0.0.1:{post.port}/INBOX")
    assert (seen := health.parts["mailboxes"].look()).state == "warn" and "1" in seen.fact.en


def test_a_worker_killed_before_the_commit_takes_it_again_and_after_it_not(
    post: Post, taker: Takes, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put(dsn("a"), dsn("b", status="5.2.1", diagnostic="disabled"))

    def dies(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(reader.take_mail, "do", dies)
        with pytest.raises(KeyboardInterrupt):
            look(post.server, TOKENS.key)
    assert post.seen() == 0 and not ArrivedMail.objects.exists()
    with monkeypatch.context() as m:  # committed, but killed before it was marked as seen
        m.setattr("imap_tools.MailBoxUnencrypted.flag", dies)
        with pytest.raises(KeyboardInterrupt):
            look(post.server, TOKENS.key)
    assert ArrivedMail.objects.count() == 1
    assert look(post.server, TOKENS.key) == 1
    tell_all()
    assert len(taker.told) == 2


def test_numbers_that_begin_anew_bring_nothing_twice(post: Post, taker: Takes) -> None:
    post.put(dsn("a"), person("hello", "Re: hello"))
    look(post.server, TOKENS.key)
    Mailbox.objects.update(validity=1)
    ArrivedMail.objects.update(validity=1)
    post.put(dsn("new", status="5.1.2"))
    look(post.server, TOKENS.key)
    tell_all()
    assert len(taker.told) == 2
    assert ArrivedMail.objects.filter(state="twice").count() == 2


def test_of_a_mail_that_is_too_large_the_beginning_is_read(post: Post, taker: Takes) -> None:
    post.put(
        dsn("a", original="").rstrip(b"-\n")
        + b"\nContent-Type: text/plain\n\n"
        + b"x" * 79
        + b"\n" * 1
        + (b"y" * 78 + b"\n") * (MOST // 79)
    )
    look(post.server, TOKENS.key)
    row = ArrivedMail.objects.get()
    assert row.size > MOST and (row.kind, row.state) == ("gone", "waiting")


def test_reports_wait_until_somebody_takes_them_and_a_taker_that_fails_loses_none(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ports._bound, ReportTaker, raising=False)
    post.put(dsn("a"))
    look(post.server, TOKENS.key)
    assert tell_all() == 0 and ArrivedMail.objects.get().state == "waiting"
    takes = Takes()
    monkeypatch.setitem(ports._bound, ReportTaker, takes)
    takes.fails = True
    with suppress(RuntimeError):
        tell_all()
    assert ArrivedMail.objects.get().state == "waiting"
    takes.fails = False
    assert tell_all() == 1 and ArrivedMail.objects.get().state == "told"


def test_a_mailbox_that_is_away_or_refuses_is_said_on_the_health_page(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Server("imap", "127.0.0.1", post.port, "house", "wr0ng", "INBOX")
    with pytest.raises(MailboxDown) as fault:
        look(wrong, TOKENS.key)
    assert "wr0ng" not in str(fault.value) + Mailbox.objects.get().fault
    monkeypatch.setenv("NUMARU_MAIL_IN", f"imap://house:s3cret@127.0.0.1:{post.port}/INBOX")
    assert health.parts["mailboxes"].look().state == "warn"
    look(post.server, TOKENS.key)
    assert health.parts["mailboxes"].look().state == "ok"
    post.close()
    for _ in range(5):
        with pytest.raises(MailboxDown):
            look(post.server, TOKENS.key)
    assert health.parts["mailboxes"].look().state == "bad"
    monkeypatch.setenv("NUMARU_MAIL_IN", "http://nowhere")
    assert health.parts["mailboxes"].look().state == "bad"


def test_the_command_says_who_carries_what(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from numaru.adapters.text.standin import StandIn

    monkeypatch.setenv("NUMARU_MAIL", f"smtp://me:s3cret@127.0.0.1:{free_port()}")
    monkeypatch.setenv("NUMARU_MAIL_FROM", "notice@naru.example")
    with StandIn() as stand:
        monkeypatch.setenv("NUMARU_TEXT", f"solapi+http://KEY:SECRET@{stand.base.removeprefix('http://')}")
        call_command("channels")
        call_command("channels", send="010-0000-0001", sender="02-123-4567")
        assert len(stand.sent) == 1
    told = capsys.readouterr().out
    assert "does not answer" in told and "solapi: 답합니다" in told and "accepted" in told
    assert "s3cret" not in told and "SECRET" not in told
