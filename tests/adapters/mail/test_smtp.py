"""The carrier against a real SMTP server: one connection for many, one answer for each, and nothing in data that becomes a header."""

from __future__ import annotations

import email
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest

from numaru.adapters.carrying import Attachment, CarrierDown, Outgoing
from numaru.adapters.mail.letter import House, Unsendable, made
from numaru.adapters.mail.relay import NotAnAddress, Server, server, setting
from numaru.adapters.mail.smtp import SmtpCarrier
from tests.adapters.mail.mails import TOKENS
from tests.adapters.mail.servers import Place, controller, free_port

AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
HOUSE = House("달빛미디어 <notice@naru.example>", "bounce@naru.example", TOKENS, "https://my.naru.example")


def outgoing(key: str = "M-1", to: str = "haneul@there.example", **more: Any) -> Outgoing:
    given: dict[str, Any] = {
        "channel": "email",
        "language": "ko",
        "subject": "11월 요금 안내",
        "text": "안녕하세요.\n.점으로 시작하는 줄\n",
    }
    return Outgoing(key=key, to=to, **(given | more))


def parsed(content: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(content, policy=default))


@pytest.fixture(params=[False, True], ids=["plain", "pipelining"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    place = Place()
    place.pipelining = request.param
    run = controller(place)
    run.start()
    place.port = run.port  # type: ignore[attr-defined]
    yield place
    run.stop()


def carrier(place: Place) -> SmtpCarrier:
    return SmtpCarrier(Server("smtp", "127.0.0.1", place.port), HOUSE, lambda: AT, answer=5)  # type: ignore[attr-defined]


def test_many_messages_travel_over_one_connection_and_arrive_whole(place: Place) -> None:
    sent = [outgoing(f"M-{n}", f"p{n}@there.example") for n in range(50)]
    outcomes = carrier(place).send(sent)
    assert [(o.key, o.state) for o in outcomes] == [(m.key, "accepted") for m in sent]
    assert place.connections == 1
    assert [to for _, to, _ in place.taken] == [m.to for m in sent]
    path, _, content = place.taken[7]
    mail = parsed(content)
    token = TOKENS.of("M-7")
    assert path == f"bounce+{token}@naru.example" and TOKENS.key(token) == "M-7"
    assert mail["Subject"] == "11월 요금 안내"
    assert mail["From"] == "달빛미디어 <notice@naru.example>"
    assert mail["Message-ID"] == f"<m.{token}@naru.example>" == outcomes[7].provider_id
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"].datetime == AT
    assert mail.get_content().splitlines() == ["안녕하세요.", ".점으로 시작하는 줄"]


def test_each_receiver_has_an_answer_of_their_own(place: Place) -> None:
    place.answers = {
        "gone@there.example": "550 5.1.1 no such user", "grey@there.example": "450 4.7.1 greylisted", "full@there.example": "data 552 5.2.2 over quota",
        "old@there.example": "550 no", "later@there.example": "data 451 try again",
    }  # fmt: skip
    names = ["a", "gone", "grey", "b", "full", "old", "later", "c"]
    outcomes = carrier(place).send([outgoing(f"M-{n}", f"{n}@there.example") for n in names])
    assert [(o.state, o.permanent, o.code) for o in outcomes if o.state != "accepted"] == [
        ("refused", True, "5.1.1"), ("refused", False, "4.7.1"), ("refused", True, "5.2.2"), ("refused", True, "550"), ("refused", False, "451"),
    ]  # fmt: skip
    assert [to for _, to, _ in place.taken] == ["a@there.example", "b@there.example", "c@there.example"]
    assert place.connections == 1


def test_what_was_cut_before_the_dot_goes_again_and_what_was_cut_after_it_is_unknown(place: Place) -> None:
    place.answers = {"cut@there.example": "hang dot"}
    outcomes = {o.key: o for o in carrier(place).send([outgoing(k, f"{k}@there.example") for k in ("a", "cut", "b")])}
    assert {k: o.state for k, o in outcomes.items()} == {"a": "accepted", "cut": "unknown", "b": "accepted"}
    assert [to for _, to, _ in place.taken] == ["a@there.example", "cut@there.example", "b@there.example"]  # nothing twice
    place.taken.clear()
    place.answers = {"away@there.example": "hang rcpt"}
    outcomes = {o.key: o for o in carrier(place).send([outgoing(k, f"{k}@there.example") for k in ("x", "away", "y")])}
    assert {k: (o.state, o.permanent) for k, o in outcomes.items()} == {
        "x": ("accepted", False),
        "away": ("refused", False),
        "y": ("accepted", False),
    }
    assert [to for _, to, _ in place.taken] == ["x@there.example", "y@there.example"]


def test_a_server_that_is_away_takes_nothing_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    away = SmtpCarrier(Server("smtp", "127.0.0.1", free_port(), "user", "s3cret-password"), HOUSE, lambda: AT)
    with pytest.raises(CarrierDown) as down:
        away.send([outgoing()])
    assert down.value.retry_after
    assert away.check()
    told = caplog.text + repr(away.server) + str(down.value) + repr(outgoing())
    assert "s3cret" not in told and "haneul@" not in told


@pytest.mark.parametrize("bad", ["a@b.example\nBcc: x@y.example", "a@b.example\r\nBcc: x@y", "a@b.example, c@d.example", "a b@c.example", "", "nobody", "a@b..example", "<a@b.example> x", 'a"@b.example', "x" * 65 + "@b.example"])  # fmt: skip
def test_an_address_that_is_not_exactly_one_is_refused_for_good(place: Place, bad: str) -> None:
    (outcome,) = carrier(place).send([outgoing(to=bad)])
    assert (outcome.state, outcome.permanent) == ("refused", True)
    assert not place.taken


@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n", "\x00", "\u2028", "\x0b", "\x85"])
def test_nothing_in_data_adds_a_header(break_: str) -> None:
    given = f"Hello{break_}Bcc: thief@evil.example{break_}{break_}body"
    mail = parsed(made(outgoing(subject=given), HOUSE, AT).content)
    assert "Bcc" not in mail and mail.get_content().startswith("안녕")
    for field in ({"headers": {"Reply-To": f"a@b.example{break_}Bcc: x@y.example"}}, {"sender": f"a{break_}b <a@b.example>"}):
        try:
            assert "Bcc" not in parsed(made(outgoing(**field), HOUSE, AT).content)
        except Unsendable:
            pass
    for name in ("Bcc", "From", "X-A\nBcc", "X-Numaru-Ref", "Content-Type", "Subject", "Received"):
        with pytest.raises(Unsendable):
            made(outgoing(headers={name: "x"}), HOUSE, AT)


def test_advertising_can_be_stopped_with_one_click_or_by_mail() -> None:
    link = "/my/stop/" + "a" * 120 + "/"
    content = made(outgoing(headers={"List-Unsubscribe": link}), HOUSE, AT).content
    token = TOKENS.of("M-1")
    line = next(x for x in content.decode().split("\r\n") if x.startswith("List-Unsubscribe:"))
    assert line == f"List-Unsubscribe: <https://my.naru.example{link}>, <mailto:unsubscribe+{token}@naru.example?subject=unsubscribe>"
    assert parsed(content)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with pytest.raises(Unsendable):
        made(outgoing(headers={"List-Unsubscribe": "javascript:alert(1)"}), HOUSE, AT)


def test_a_letter_with_everything_is_read_again_as_it_was_written() -> None:
    content = made(
        outgoing(html="<p>안녕하세요 <b>하늘</b>님</p>", subject="긴 제목 " * 30, attachments=[Attachment("11월 청구서.pdf", "application/pdf", b"%PDF-1")]), HOUSE, AT
    ).content  # fmt: skip
    mail = parsed(content)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and text.get_content().startswith("안녕하세요.")
    assert html is not None and "<b>하늘</b>" in html.get_content()
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("11월 청구서.pdf", b"%PDF-1")
    assert " ".join(mail["Subject"].split()) == ("긴 제목 " * 30).strip()
    assert content.isascii() and max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_same_message_is_known_again() -> None:
    one, two = made(outgoing(), HOUSE, AT), made(outgoing(text="다른 글"), HOUSE, AT)
    assert one.message_id == two.message_id and one.return_path == two.return_path


def test_settings_are_read_or_refused_in_words_that_repeat_nothing(tmp_path: Any) -> None:
    found = server("smtp+starttls://me%40naru:p%2Fw@mx.example:2525", ("smtp", "smtps", "smtp+starttls"))
    assert (found.user, found.password, found.port, found.name) == ("me@naru", "p/w", 2525, "smtp+starttls://mx.example:2525")
    assert "p/w" not in repr(found)
    for bad in ("http://mx.example", "smtp://", "smtp://mx:port", "mx.example:25"):
        with pytest.raises(NotAnAddress) as fault:
            server(bad, ("smtp",))
        assert "mx" not in str(fault.value)
    (tmp_path / "mail").write_text("smtp://mx.example\n")
    assert setting("NUMARU_MAIL", {"NUMARU_MAIL_FILE": str(tmp_path / "mail")}) == "smtp://mx.example"
    assert setting("NUMARU_MAIL", {}) == ""
