"""The faces of a demo: who sees them, who one becomes by a click, and that nothing real is opened by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house_settings
from django.test import Client

from numaru.config import demo, web
from numaru.config.commands import up
from numaru.config.edge import Edge
from numaru.config.stage import cast
from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.actions import Action
from numaru.kernel.errors import Conflict, NotAllowed
from numaru.kernel.models import AuditRecord, Staff
from numaru.kernel.staff import api as staff
from numaru.kernel.staff.models import SignInAttempt, StaffSession
from tests.config.running import apart

pytestmark = pytest.mark.django_db
HOUSE = Actor.system("test")
HERE: dict[str, Any] = {"asgi.scope": {"numaru.direct": True, "client": ("127.0.0.1", 40_000)}, "HTTP_HOST": "localhost:8600"}


@pytest.fixture
def stage(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A demo home with its people, served on the loopback interface."""
    settings.HOME = tmp_path
    (tmp_path / demo.MARK).write_text('{"wanted": false}')
    monkeypatch.setattr(web, "bound", "127.0.0.1")
    cast.hire()
    yield tmp_path


def enter(client: Client, key: str, next: str = "/account/", **more: Any) -> Any:
    return client.post("/faces/put-on/", {"face": key, "next": next}, **(HERE | more))


def test_the_page_names_everybody_and_one_click_is_that_person(stage: Path, client: Client) -> None:
    shown = client.get("/faces/", **HERE)
    assert shown.status_code == 200
    text = shown.content.decode()
    assert all(part.name in text and str(part.morning) in text for part in cast.CAST)
    for part in cast.CAST:
        answer = enter(client, part.key)
        assert (answer.status_code, answer["Location"]) == (302, "/account/")
        page = client.get("/account/", **HERE)
        assert page.status_code == 200 and part.name in page.content.decode()
        assert "/faces/" in page.content.decode(), "no way back to the faces"
        session = StaffSession.objects.get(staff__login=part.login)
        assert session.how == staff.faces.FACE
    assert StaffSession.objects.count() == 1, "the seats one left are still taken"


def test_a_click_is_on_record(stage: Path, client: Client) -> None:
    enter(client, "billing")
    person = Staff.objects.get(as_face__key="billing")
    record = AuditRecord.objects.filter(object="kernel.staff", key=str(person.pk)).latest("pk")
    assert (record.actor_id, record.after) == (person.pk, {"session": "face"})
    assert SignInAttempt.objects.filter(staff=person, how="face", outcome="ok").count() == 1


def test_no_second_factor_is_asked_of_a_face_even_when_the_grace_is_over(stage: Path, client: Client) -> None:
    Staff.objects.update(created_at=clock.now().replace(year=2020))
    enter(client, "operations")
    assert client.get("/access/staff/", **HERE).status_code == 200


def test_next_leads_nowhere_else(stage: Path, client: Client) -> None:
    assert enter(client, "billing", next="https://evil.example/")["Location"] == "/"
    assert enter(client, "billing", next="//evil.example/")["Location"] == "/"


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        ("a peer from elsewhere", {"asgi.scope": {"numaru.direct": True, "client": ("192.0.2.7", 1)}}),
        ("a proxy between", {"asgi.scope": {"numaru.direct": False, "client": ("127.0.0.1", 1)}}),
        ("no connection known", {"asgi.scope": {}}),
        ("an address that a header claims", {"asgi.scope": {}, "REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}),
        ("another name", {"HTTP_HOST": "testserver"}),
        ("a name that only looks like this machine", {"HTTP_HOST": "localhost.testserver"}),
    ],
)
def test_who_does_not_sit_here_finds_no_faces(stage: Path, client: Client, settings: Any, why: str, changed: dict[str, Any]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert client.get("/faces/", **(HERE | changed)).status_code == 404, why
    before = StaffSession.objects.count()
    assert enter(client, "billing", **changed).status_code == 404, why
    assert StaffSession.objects.count() == before


@pytest.mark.parametrize("bound", ["", "0.0.0.0", "::", "192.0.2.1"])
def test_a_house_that_others_can_reach_shows_none(stage: Path, client: Client, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(web, "bound", bound)
    assert client.get("/faces/", **HERE).status_code == 404 and enter(client, "billing").status_code == 404


def test_a_real_home_shows_none(stage: Path, client: Client) -> None:
    (stage / demo.MARK).unlink()
    assert client.get("/faces/", **HERE).status_code == 404 and enter(client, "billing").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"])
@pytest.mark.parametrize("proxies", ["", "127.0.0.0/8"])
def test_the_edge_tells_a_request_that_came_through_a_proxy(header: str, proxies: str) -> None:
    """Trusted or not: what stands in the header is never taken for a seat at this machine."""
    seen: dict[str, Any] = {}

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)

    async def nothing(*_: Any) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "method": "GET", "path": "/faces/", "scheme": "http", "query_string": b"", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8600),
        "headers": [(b"host", b"localhost"), (header.lower().encode(), b"127.0.0.1")],
    }  # fmt: skip
    apart(Edge(inside, proxies=proxies, tls=False)(scope, nothing, nothing))
    assert seen["numaru.direct"] is False
    scope["headers"] = [(b"host", b"localhost")]
    apart(Edge(inside, proxies=proxies, tls=False)(scope, nothing, nothing))
    assert seen["numaru.direct"] is True


def test_the_click_needs_its_token(stage: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    assert enter(client, "billing").status_code == 403
    assert client.get("/faces/put-on/", **HERE).status_code == 405
    assert StaffSession.objects.filter(staff__isnull=False).count() == 0


def test_a_real_account_is_no_face(stage: Path, client: Client) -> None:
    real = staff.add_staff.do(HOUSE, login="boss", name="사장", roles=["administrator"], password="four words and more").staff
    for key in ("boss", str(real.pk), "", "face-billing"):
        assert enter(client, key).status_code == 404
    assert not StaffSession.objects.filter(staff__isnull=False).exists()
    assert str(real.name) not in client.get("/faces/", **HERE).content.decode()


def test_a_face_that_was_cut_off_is_none(stage: Path, client: Client) -> None:
    staff.cut_off.do(HOUSE, staff=Staff.objects.get(as_face__key="billing").pk, reason="시험")
    assert enter(client, "billing").status_code == 404


def test_a_face_has_no_password_and_gets_none(stage: Path, client: Client) -> None:
    for person in staff.faces.faces().values():
        assert not person.has_usable_password()
        with pytest.raises(Conflict):
            staff.issue_link.do(HOUSE, staff=person.pk, reason="시험")
        with pytest.raises(Conflict):
            staff.set_password.do(person.actor, password="four words and more")
    answer = client.post("/sign-in/", {"username": "face-billing", "password": "four words and more"})
    assert answer.status_code == 422


def test_only_the_house_makes_faces(stage: Path) -> None:
    boss = Staff.objects.get(as_face__key="operations").actor
    made: Action[..., Any] = staff.faces.add_face
    with pytest.raises(NotAllowed):
        made.do(boss, key="new", login="new", name="새 얼굴", roles=["administrator"])
    assert "new" not in staff.faces.faces()


def test_a_database_with_a_demo_company_marks_its_home_again(stage: Path) -> None:
    """A home that was filled from a backup of a demo is a demo; one without a demo company is not."""
    (stage / demo.MARK).unlink()
    demo.stays_demo(stage)
    assert not demo.is_demo()
    demo._work(60)
    demo.stays_demo(stage)
    assert demo.is_demo() and stage == house_settings.HOME


def _watch(home: Path, host: str, no_open: bool = False) -> up._Watch:
    return up._Watch(home, None, None, host, 8600, 0.0, no_open)  # type: ignore[arg-type]


@pytest.fixture
def opened(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `up` would open in a browser; a person sits at a terminal with a screen."""
    found: list[str] = []
    monkeypatch.setattr(up.webbrowser, "open", found.append)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(up.threading, "Thread", Now)
    return found


class Now:
    """A thread that is done when it begins."""

    def __init__(self, target: Any, args: tuple[Any, ...], daemon: bool) -> None:
        self.start = lambda: target(*args)


def test_up_names_the_faces_and_opens_them_for_somebody_who_looks(
    stage: Path, opened: list[str], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up.sys.stdout, "isatty", lambda: True)  # the stream that is captured now
    assert up.somebody_looks()
    _watch(stage, "127.0.0.1")._faces("127.0.0.1")
    assert "http://127.0.0.1:8600/faces/" in capsys.readouterr().out
    assert opened == ["http://127.0.0.1:8600/faces/"]


def test_up_opens_no_browser_when_it_should_not(stage: Path, opened: list[str], capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _watch(stage, "127.0.0.1", no_open=True)._faces("127.0.0.1")
    monkeypatch.setenv("CI", "true")
    _watch(stage, "127.0.0.1")._faces("127.0.0.1")
    monkeypatch.delenv("CI")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(up.sys, "platform", "linux")
    _watch(stage, "127.0.0.1")._faces("127.0.0.1")
    assert opened == [] and capsys.readouterr().out.count("/faces/") == 3


def test_up_is_silent_about_faces_where_there_are_none(stage: Path, opened: list[str], capsys: Any) -> None:
    _watch(stage, "0.0.0.0")._faces("127.0.0.1")
    (stage / demo.MARK).unlink()
    _watch(stage, "127.0.0.1")._faces("127.0.0.1")
    assert opened == [] and capsys.readouterr().out == ""
