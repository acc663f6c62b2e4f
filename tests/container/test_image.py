"""The image: built from the Containerfile without a registry and without a network index, run as somebody who may not change it.

The base is made of Debian packages (mmdebstrap); in production BASE is an official image. The build has no daemon: chroot isolation, which
shares this machine's network, users and processes. So what a real runtime isolates (network, pids, memory) is not tested here.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.container, pytest.mark.slow]
RELEASE, PYTHON = "trixie", "3.13"  # the Debian release of the base and the Python that it brings
USER = "10001:10001"


@dataclass
class Store:
    """Images and containers of this test alone."""

    root: Path

    def buildah(self, *words: str, seconds: float = 300, **more: str) -> str:
        done = subprocess.run(
            ["buildah", "--root", str(self.root / "store"), "--runroot", str(self.root / "run"), *words],
            env=os.environ | {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"} | more,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"buildah {words[0]}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout.strip()


def _missing() -> str:
    lacking = [name for name in ("buildah", "mmdebstrap", "git") if not shutil.which(name)]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    return "" if os.geteuid() == 0 else "building without a daemon needs root here"


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    missing = _missing()
    if missing and os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="numaru-image-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield Store(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def image(store: Store) -> str:
    """The image, built from what is committed and what is changed in this tree."""
    base, wheels, tree = store.root / "base.tar", store.root / "wheels", store.root / "tree"
    wheels.mkdir()
    tree.mkdir()
    making = subprocess.Popen(
        ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,python3,python3-venv", RELEASE, str(base)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    got = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version", PYTHON,
         "-r", str(ROOT / "requirements.lock"), "-d", str(wheels)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    said, _ = making.communicate(timeout=300)
    assert got.returncode == 0, got.stderr[-3000:]
    assert making.returncode == 0, said[-3000:]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, tree / name)
    empty = store.buildah("from", "scratch")
    store.buildah("add", "--quiet", empty, str(base), "/")
    store.buildah("commit", "--quiet", "--rm", empty, "numaru-base")
    store.buildah(
        "bud", "--isolation", "chroot", "-v", f"{wheels}:/wheels:ro", "--build-arg", "BASE=localhost/numaru-base",
        "--build-arg", "PIP_NO_INDEX=1", "--build-arg", "PIP_FIND_LINKS=/wheels", "-t", "numaru-image", "-f", str(tree / "Containerfile"), str(tree),
    )  # fmt: skip
    return "localhost/numaru-image"


def _port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass
class Running:
    port: int
    said: Path

    def get(
        self, path: str, method: str = "GET", body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, list[tuple[str, str]], str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            link.request(method, path, body, headers or {})
            answer = link.getresponse()
            return answer.status, answer.getheaders(), answer.read().decode()
        finally:
            link.close()


@pytest.fixture(scope="module")
def house(store: Store, image: str) -> Iterator[Running]:
    """The image's own command: supervisor, web, worker and the PostgreSQL that comes along, on loopback, as user 10001."""
    made = store.buildah("from", image)
    home, said, port = store.root / "home", store.root / "said", _port()
    home.mkdir()
    os.chown(home, 10001, 10001)
    with said.open("w") as out:
        process = subprocess.Popen(
            ["buildah", "--root", str(store.root / "store"), "--runroot", str(store.root / "run"), "run", "--isolation", "chroot",
             "--user", USER, "-v", f"{home}:/var/lib/numaru", "-e", f"NUMARU_PORT={port}", "-e", "NUMARU_HOST=127.0.0.1",
             made, "--", "/srv/numaru/numaru", "up", "--empty"],
            env=os.environ | {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"},
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    running = Running(port, said)
    try:
        limit = time.monotonic() + 120
        while time.monotonic() < limit and process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if running.get("/health")[0] == 200:
                    break
            time.sleep(0.2)
        else:
            pytest.fail(f"not healthy:\n{said.read_text()[-4000:]}")
        yield running
    finally:
        for pid in _processes(home):  # the house's own supervisor first; it ends the others
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        store.buildah("rm", made)


def _processes(home: Path) -> list[int]:
    """The `up` of this container: the process whose volume is ``home``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"up" in words and b"numaru" in words and str(home) in (folder / "mountinfo").read_text():
                found.append(int(folder.name))
    return found


def test_the_house_runs_whole_in_its_image_and_somebody_signs_in(house: Running) -> None:
    told = json.loads(house.get("/health")[2])
    assert told["healthy"] and told["database"] and told["worker"] and told["parts"]["files"] == "ok"
    assert house.get("/health/ready")[0] == 200
    password = re.search(r"(?:password|비밀번호): (\S+)", house.said.read_text())
    assert password
    _, headers, text = house.get("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert token
    cookies = "; ".join(v.split(";")[0] for k, v in headers if k.lower() == "set-cookie")
    form = {"csrfmiddlewaretoken": token.group(1), "username": "admin", "login": "admin", "password": password.group(1)}
    status, headers, text = house.get(
        "/sign-in/", "POST", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
    )
    assert status == 302, text[:500]
    assert any(k.lower() == "set-cookie" and "sessionid=" in v and "sessionid=;" not in v for k, v in headers)
    lines = [json.loads(line) for line in house.said.read_text().splitlines() if line.startswith("{")]
    assert any(line["logger"] == "numaru.access" and line["route"] == "sign-in/" for line in lines)  # logs go to whoever runs the container
    assert password.group(1) not in json.dumps(lines)


def test_the_program_cannot_be_changed_by_the_one_who_runs_it(store: Store, image: str) -> None:
    made = store.buildah("from", image)
    try:
        found = store.buildah(
            "run", "--isolation", "chroot", "--user", USER, made, "--", "sh", "-c", "id -u; find /srv/numaru -writable ! -type l | head -5"
        )
    finally:
        store.buildah("rm", made)
    assert found.splitlines() == ["10001"]


def test_the_image_holds_no_secret_no_tests_and_no_address_of_an_index(store: Store, image: str) -> None:
    told = store.buildah("inspect", "--type", "image", image)
    config = json.loads(told)["OCIv1"]["config"]
    assert config["User"] == USER and "/var/lib/numaru" in config["Volumes"] and config["StopSignal"] == "SIGTERM"
    assert not [e for e in config["Env"] if re.search(r"PIP_|SECRET|PASSWORD|TOKEN|DATABASE_URL", e)]
    made = store.buildah("from", image)
    try:
        names = store.buildah(
            "run", "--isolation", "chroot", "--user", "0:0", made, "--", "sh", "-c", "ls -a /srv/numaru; ls -A /var/lib/numaru; ls /root -A"
        )
    finally:
        store.buildah("rm", made)
    assert "Containerfile" in names and not {".git", "tests", ".ci", ".numaru", "keys", ".cache", "pip.conf", ".env"} & set(names.split())
