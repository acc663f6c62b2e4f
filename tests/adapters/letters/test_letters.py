"""Letters: a message becomes a page with its address in the window, is posted, and comes back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from numaru.adapters import drivers
from numaru.adapters.carrying import Attachment, Outgoing
from numaru.adapters.letters.addresses import known
from numaru.adapters.letters.carrier import LetterCarrier
from numaru.adapters.letters.models import Letter, LetterBatch, PostalAddress
from numaru.adapters.letters.policies import WINDOW
from numaru.facilities.messaging import api as messaging
from numaru.facilities.messaging.models import Message
from numaru.kernel import clock, ports
from tests.domains.billing.world import HOUSE, World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
HOME = {"receiver": "김하늘", "postcode": "03172", "road": "서울특별시 종로구 세종대로 209", "detail": "행복아파트 101동"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def posting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = [(port, ports.get(port)) for port in (messaging.Carriers, messaging.Addresses)]
    ports.bind(messaging.Carriers, drivers.ChosenCarriers())  # type: ignore[type-abstract]
    ports.bind(messaging.Addresses, drivers.ChosenAddresses())  # type: ignore[type-abstract]
    monkeypatch.setenv("NUMARU_LETTERS", "print")
    with clock.pinned(AT):
        yield
    for port, was in kept:
        ports.bind(port, was)


def template() -> str:
    key = "test.letter"
    messaging.open_template.do(HOUSE, key=key, purpose="service", name_ko="우편 안내", name_en="Letter", chain=["letter"])
    messaging.write_draft.do(
        HOUSE, key=key, variables=[], wordings={"letter": {"ko": {"subject": "점검 안내", "text": "{name}님,\n내일 새벽 점검합니다."}}}
    )
    messaging.publish_template.do(HOUSE, key=key, reason="시험")
    return key


def words(pdf: bytes, tmp_path: Path) -> str:
    (tmp_path / "x.pdf").write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(tmp_path / "x.pdf"), "-"], check=True, capture_output=True, text=True).stdout


def outgoing(n: int, **more: Any) -> Outgoing:
    return Outgoing(f"M-{n:010d}.0", "letter", f"받는이{n}\n길 {n}\n0317{n % 10}", "ko", "안내", more.pop("text", f"글 {n}"), **more)


def test_from_the_address_to_the_post_and_back(naru: World, sign_in: SignIn, posting: None, tmp_path: Path) -> None:  # noqa: F811
    clerk, person = sign_in("subscriber_clerk"), naru.subscriber("haneul").party_id
    number = naru.subscriber("haneul").number
    wrong = clerk.post("/letters/address/", HOME | {"number": number, "postcode": "3172"})
    assert wrong.status_code == 422 and not PostalAddress.objects.exists()
    assert clerk.post("/letters/address/", HOME | {"number": "S-9999999"}).status_code == 422
    assert clerk.post("/letters/address/", HOME | {"number": number}).status_code == 302
    key = template()
    batch = messaging.post(template=key, actor=HOUSE, people=[person])
    messaging.send(batch)
    message = Message.objects.get(batch__number=batch)
    letter = Letter.objects.get()
    assert (message.state, message.carrier, message.provider_id) == ("accepted", "letter", letter.number)
    assert "1통 묶음 만들기" in clerk.get("/letters/").content.decode()
    assert clerk.post("/letters/make/").status_code == 302
    made = LetterBatch.objects.get()
    pdf = clerk.post(f"/letters/{made.number}/pdf").content
    shown = words(pdf, tmp_path)
    for one in ("김하늘", "세종대로 209", "03172", letter.number, "점검 안내", "내일 새벽 점검합니다."):
        assert one in shown
    from hashlib import sha256

    assert sha256(pdf).hexdigest() == made.digest and clerk.post(f"/letters/{made.number}/pdf").content == pdf
    listed = clerk.get(f"/letters/{made.number}/list.csv").content.decode().split("\r\n")
    assert listed[1] == f"{made.number},1,1,{made.digest}" and listed[3] == f"{letter.number},1" and "하늘" not in "".join(listed)
    early = clerk.post("/letters/returns/", {"why": "moved", "numbers": letter.number})
    assert early.status_code == 422, "it was not posted yet"
    assert clerk.post(f"/letters/{made.number}/sent/").status_code == 302
    back = clerk.post("/letters/returns/", {"why": "moved", "numbers": f"{letter.number.lower()}\n12, x"})
    assert (
        back.status_code == 422
        and "1통을 반송으로 적었습니다" in back.content.decode()
        and "보낸 우편의 번호가 아닙니다: 12, x" in back.content.decode()
    )
    message.refresh_from_db()
    assert message.state == "returned" and known([person]) == set() and PostalAddress.objects.get().doubtful
    assert clerk.post("/letters/returns/", {"why": "moved", "numbers": letter.number}).status_code == 200, (
        "noted once more it says nothing new"
    )
    assert clerk.post("/letters/address/", HOME | {"number": number, "road": "부산광역시 중구 중앙대로 1"}).status_code == 302
    assert known([person]) == {person}


def test_who_has_no_address_is_not_written_to(naru: World, posting: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    key, person = template(), naru.subscriber("noeul").party_id
    batch = messaging.post(template=key, actor=HOUSE, people=[person])
    messaging.send(batch)
    assert Message.objects.get().state == "blocked" and not Letter.objects.exists()
    monkeypatch.delenv("NUMARU_LETTERS")
    assert drivers.ChosenCarriers().of("letter") is None


def test_a_key_is_written_once_and_files_cannot_go(db: None) -> None:
    by = LetterCarrier()
    first = by.send([outgoing(1), outgoing(2)])
    assert by.send([outgoing(1), outgoing(3)])[0] == first[0] and Letter.objects.count() == 3
    assert set(by.ask(["M-0000000001.0", "M-0000000009.0"])) == {"M-0000000001.0"}
    (refused,) = by.send([outgoing(4, attachments=(Attachment("a.pdf", "application/pdf", b"x"),))])
    assert (refused.state, refused.permanent, refused.code) == ("refused", True, "attachment") and Letter.objects.count() == 3


def test_each_letter_begins_a_page_and_the_list_says_which(sign_in: SignIn, naru: World, posting: None, tmp_path: Path) -> None:  # noqa: F811
    LetterCarrier().send([outgoing(1), outgoing(2, text="긴 글\n" * 90), outgoing(3)])
    clerk = sign_in("billing_clerk")
    clerk.post("/letters/make/")
    made = LetterBatch.objects.get()
    pages = words(clerk.post(f"/letters/{made.number}/pdf").content, tmp_path).split("\f")
    firsts = [int(row.split(",")[1]) for row in clerk.get(f"/letters/{made.number}/list.csv").content.decode().split("\r\n")[3:6]]
    assert made.pages == len([p for p in pages if p.strip()]) > 3 and firsts[0] == 1 and firsts[1] == 2 and firsts[2] == made.pages
    for n, first in zip((1, 2, 3), firsts, strict=True):
        assert f"받는이{n}" in pages[first - 1]
    assert all("받는이" not in page for at, page in enumerate(pages, 1) if at not in firsts)
    assert clerk.post("/letters/make/").status_code == 409, "nothing waits any more"


def test_the_window_stays_on_the_paper() -> None:
    assert WINDOW.check is not None and WINDOW.check(WINDOW.value) is None
    for wrong in ({"left": 20}, WINDOW.value | {"left": 150}, WINDOW.value | {"top": "45"}, WINDOW.value | {"height": 100}):
        assert WINDOW.check(wrong) is not None


def test_who_only_reads_prints_nothing(sign_in: SignIn, naru: World, posting: None) -> None:  # noqa: F811
    LetterCarrier().send([outgoing(1)])
    reader = sign_in("auditor")
    assert reader.get("/letters/").status_code == 200 and "묶음 만들기" not in reader.get("/letters/").content.decode()
    assert reader.post("/letters/make/").status_code == 403 and not LetterBatch.objects.exists()
    assert sign_in().get("/letters/").status_code == 403
