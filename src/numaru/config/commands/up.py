"""``./numaru up``: database, migrations, first administrator, web and worker, in that order; then the address."""

from __future__ import annotations

import argparse
import errno
import getpass
import http.client
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

from numaru.config.home import alone, database, full, ready
from numaru.config.supervisor import Part, Supervisor, part_command
from numaru.config.words import Stop, language, say
from numaru.kernel.postgres import Server
from numaru.values.text import Text

PORT = 8600
HEALTHY_WITHIN = 60.0  # seconds that the house has to become healthy before we say that something is slow
DEMO = "demo.json"  # in the home: {"wanted": true} until the demo company is in


def main(argv: list[str]) -> int:
    """Run until Ctrl-C or SIGTERM. Refuses with words: a second `up`, a taken port, a folder or database that cannot be used."""
    words = argparse.ArgumentParser(prog="./numaru up")
    words.add_argument("--port", type=int, default=int(os.environ.get("NUMARU_PORT", PORT)))
    words.add_argument("--host", default=os.environ.get("NUMARU_HOST", "127.0.0.1"))
    words.add_argument("--admin", metavar="NAME", default="admin")
    words.add_argument("--empty", action="store_true")
    words.add_argument("--no-open", action="store_true")
    chosen = words.parse_args(argv)
    home = ready()
    with alone(home), _listening(chosen.host, chosen.port) as door:
        return _up(home, door, chosen)


def _listening(host: str, port: int) -> socket.socket:
    """An open door on ``host:port`` that outlives restarts of the web process; 0 takes a free port."""
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(512)
    except OverflowError as error:
        raise Stop(Text("포트는 0~65535입니다.", "A port is a number from 0 to 65535."), status=2) from error
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                Text("포트 {port}을(를) 다른 프로그램이 쓰고 있습니다.", "Port {port} is used by another program.").fill(port=port),
                Text(
                    "그 프로그램을 끄거나 다른 포트로 실행하세요: ./numaru up --port {n}",
                    "Stop that program or take another port: ./numaru up --port {n}",
                ).fill(n=port + 1),
            ) from error
        if error.errno == errno.EACCES:
            raise Stop(
                Text("포트 {port}을(를) 열 권한이 없습니다.", "Port {port} may not be opened by this user.").fill(port=port),
                Text("1024 이상의 포트로 실행하세요: ./numaru up --port 8600", "Take one from 1024 upwards: ./numaru up --port 8600"),
            ) from error
        raise Stop(
            Text("주소 {host}:{port}을(를) 열 수 없습니다: {why}", "{host}:{port} cannot be opened: {why}").fill(
                host=host, port=port, why=error.strerror
            ),
            Text("--host와 --port를 확인하세요.", "Check --host and --port."),
        ) from error
    return door


def _up(home: Path, door: socket.socket, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    embedded = Server(home) if not os.environ.get("DATABASE_URL") else None
    if embedded is not None and embedded.root.parent != home:
        say(Text("데이터베이스 폴더: {place}", "The database is in {place}").fill(place=embedded.root))
    # a stop asked for before everything runs must unwind, not kill
    signal.signal(signal.SIGTERM, _interrupt)
    with database(home) as url:
        _prepare(home, chosen)
        supervisor = Supervisor(home / "log", os.environ | {"DATABASE_URL": url, "NUMARU_HOME": str(home), "NUMARU_STATIC_HASHED": "1"})
        supervisor.add(Part("web", Text("웹", "web"), part_command("web", "--fd", str(door.fileno())), keep=(door.fileno(),)))
        supervisor.add(Part("worker", Text("작업자", "worker"), part_command("worker")))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.ask_stop)
        host, port = door.getsockname()[:2]
        watch = _Watch(home, supervisor, embedded, host, port, began, chosen.no_open)
        supervisor.run(watch)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C must not break the orderly end of the database
        say(Text("모두 멈췄습니다.", "Everything has stopped."))
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _prepare(home: Path, chosen: argparse.Namespace) -> None:
    """Migrations, style and script files, the first administrator, the wish for a demo company."""
    from numaru.config import world
    from numaru.config.static import collect

    world.set_up()
    try:
        count = world.migrate()
        if count:
            say(Text("데이터베이스를 준비했습니다 (변경 {n}건).", "The database is prepared ({n} changes).").fill(n=count))
        again = destroyed_again()
        if again:
            say(
                Text("되살린 데이터에서 파기 {n}건을 다시 실행했습니다.", "{n} destructions were done again on the restored data.").fill(
                    n=again
                )
            )
        collect()
        if first_administrator(chosen.admin, demo=not chosen.empty) and not chosen.empty:
            (home / DEMO).write_text(json.dumps({"wanted": True}))
        importlib.import_module("numaru.config.demo").stays_demo(home)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise full(home) from error
        raise
    finally:
        world.forget_connections()


def destroyed_again() -> int:
    """Before anybody can sign in: what the journal of destructions names and an older database brought back is destroyed again. How many.

    A journal that is not whole keeps the house shut, because nobody could say what must not be read.
    """
    from numaru.kernel.retention import api as retention

    try:
        return retention.replay()
    except retention.JournalDamaged as damage:
        raise Stop(
            Text("파기 기록이 손상되어 열지 않습니다: {w}", "The house stays shut, the journal of destructions is damaged: {w}").fill(
                w=damage
            ),
            Text("destroyed/journal을 백업에서 되돌린 뒤 다시 켜십시오.", "Bring destroyed/journal back from a backup, then start again."),
        ) from damage


def first_administrator(name: str, demo: bool = False) -> bool:
    """Create the first member of staff when there is none; True when this call did. Asks on a terminal, else prints a password once.

    An administrator does not open personal data; the one of a demo is a subscriber clerk as well, so that a newcomer can try it.
    """
    from numaru.kernel.access import Actor
    from numaru.kernel.models import Staff
    from numaru.kernel.staff.api import add_staff

    if Staff.objects.exists():
        return False
    login, password = name, ""
    asked = sys.stdin is not None and sys.stdin.isatty()
    if asked:
        say(Text("첫 관리자 계정을 만듭니다.", "Let us make the first administrator's account."))
        login = input(Text("로그인 이름 [{name}]: ", "log-in name [{name}]: ").fill(name=login).pick(language())).strip() or login
        while not password:
            password = _asked_password()
    made = add_staff.do(
        Actor.system("up"),
        login=login,
        name=login,
        roles=["administrator", *(["subscriber_clerk"] if demo else [])],
        language=language(),
        password=password,
    )
    if not asked:
        say(
            Text("첫 관리자: {login}  비밀번호: {password}", "First administrator: {login}  password: {password}").fill(
                login=made.staff.login, password=made.password
            )
        )
        say(Text("이 비밀번호는 지금 한 번만 보여 드립니다.", "This password is shown this once only."))
    return True


def _asked_password() -> str:
    """A password typed twice alike and long enough, or "" after saying what is wrong."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    first = getpass.getpass(Text("비밀번호 (12자 이상): ", "password (12 characters or more): ").pick(language()))
    try:
        validate_password(first)
    except ValidationError:
        say(Text("12자 이상이어야 합니다.", "It needs 12 characters or more."), error=True)
        return ""
    if first != getpass.getpass(Text("한 번 더: ", "once more: ").pick(language())):
        say(Text("두 번이 서로 다릅니다.", "The two differ."), error=True)
        return ""
    return first


class _Watch:
    """What the supervisor's loop does besides: the database lives, the house is healthy, the demo company is loaded."""

    def __init__(
        self, home: Path, supervisor: Supervisor, embedded: Server | None, host: str, port: int, began: float, no_open: bool = False
    ) -> None:
        self.home, self.supervisor, self.embedded = home, supervisor, embedded
        self.host, self.port, self.began, self.no_open = host, port, began, no_open
        self.healthy = self.complained = False
        self._next = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (1.0 if self.healthy else 0.2)
        if self.embedded is not None and self.embedded.process() is None:
            self._revive(self.embedded)
        if not self.healthy:
            self._look(now)

    def _revive(self, embedded: Server) -> None:
        from numaru.kernel.postgres_programs import ServerTrouble

        say(Text("데이터베이스가 멈춰 다시 시작합니다.", "The database has stopped; starting it again."), error=True)
        try:
            embedded.ensure()
        except ServerTrouble as trouble:
            say(trouble.what, error=True)
            say(trouble.remedy, error=True)
            self._next = time.monotonic() + 10

    def _look(self, now: float) -> None:
        if ask_health(self.host, self.port):
            self.healthy = True
            shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else f"[{self.host}]" if ":" in self.host else self.host
            self._faces(shown)
            say(
                Text(
                    "준비됐습니다 ({s}초): http://{host}:{port}/   멈추기: Ctrl-C", "Ready ({s} s): http://{host}:{port}/   stop: Ctrl-C"
                ).fill(s=f"{now - self.began:.1f}", host=shown, port=self.port)
            )
            self._demo()
        elif now - self.began > HEALTHY_WITHIN and not self.complained:
            self.complained = True
            say(
                Text("아직 준비되지 않았습니다. 기록: {log}", "It is not ready yet. See the logs in {log}").fill(log=self.home / "log"),
                error=True,
            )

    def _faces(self, shown: str) -> None:
        """In a demo that is reached from this machine alone: where one chooses whom to be, opened in a browser when somebody sits before one."""
        from numaru.config.stage.gate import loopback

        if not (self.home / DEMO).exists() or not loopback(self.host):
            return
        place = f"http://{shown}:{self.port}/faces/"
        say(Text("시연: 사람을 골라 들어가기: {place}", "Demo: choose who to be: {place}").fill(place=place))
        if not self.no_open and somebody_looks():
            threading.Thread(target=webbrowser.open, args=(place,), daemon=True).start()

    def _demo(self) -> None:
        """Load the demo company beside the running house when it is wanted; a load that was interrupted is taken up again."""
        wish = self.home / DEMO
        if (
            not wish.exists()
            or not json.loads(wish.read_text() or "{}").get("wanted")
            or not importlib.util.find_spec("numaru.config.demo")
        ):
            return
        say(Text("데모 회사를 싣는 중입니다. 그동안에도 쓸 수 있습니다…", "Loading the demo company; the house can be used meanwhile…"))
        began = time.monotonic()

        def loaded(_status: int) -> None:
            say(Text("데모 회사를 실었습니다 ({s}초).", "The demo company is loaded ({s} s).").fill(s=f"{time.monotonic() - began:.0f}"))

        self.supervisor.add(Part("demo", Text("데모 싣기", "demo load"), part_command("load-demo"), once=True, ended=loaded))


def load_demo(_argv: list[str]) -> int:
    """The process that loads the demo company and then takes the wish off."""
    from numaru.config import world
    from numaru.config.supervisor import follow_supervisor

    follow_supervisor()
    home = ready()
    world.set_up()
    importlib.import_module("numaru.config.demo").load()
    (home / DEMO).write_text(json.dumps({"wanted": False}))
    return 0


def somebody_looks() -> bool:
    """Whether a person sits at a terminal with a screen on which a browser can open."""
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(screen) and not os.environ.get("CI") and sys.stdout.isatty()


def ask_health(host: str, port: int) -> bool:
    """Whether `/health` answers 200 within two seconds."""
    address = "127.0.0.1" if host in ("0.0.0.0", "") else "::1" if host == "::" else host
    link = http.client.HTTPConnection(address, port, timeout=2)
    try:
        link.request("GET", "/health", headers={"Connection": "close"})
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
