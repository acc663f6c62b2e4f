"""A house run by the one command, as a person runs it, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

COMMAND = ROOT / "numaru"


def apart[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: a browser test before may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who has set nothing but the home."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("NUMARU_") and key not in ("DATABASE_URL", "PYTHONPATH", "LC_ALL", "LC_MESSAGES")
    }
    kept |= {key: os.environ[key] for key in ("NUMARU_PG_BIN", "NUMARU_VENV", "NUMARU_REFUSE") if key in os.environ}
    return kept | {"NUMARU_HOME": str(home), "LANG": "en_US.UTF-8"} | more


def call(*words: str, home: Path, seconds: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        [str(COMMAND), *words],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@dataclass
class House:
    """A running `up`. ``lines`` grows while it speaks."""

    home: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def said(self, pattern: str, seconds: float = 90) -> re.Match[str]:
        """Wait until a line matches; fails with everything that was said."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            for line in list(self.lines):
                found = re.search(pattern, line)
                if found:
                    return found
            if self.process.poll() is not None:
                time.sleep(0.2)
                if not any(re.search(pattern, line) for line in self.lines):
                    break
            time.sleep(0.05)
        raise AssertionError(f"nothing like {pattern!r} was said:\n" + "\n".join(self.lines))

    @property
    def port(self) -> int:
        return int(self.said(r"http://[^:]+:(\d+)/").group(1))

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            link.request("GET", path, headers=headers or {})
            answer = link.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            link.close()

    def healthy(self, seconds: float = 60) -> None:
        """Wait for /health to say 200."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            with contextlib.suppress(OSError):
                if self.get("/health")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("not healthy:\n" + "\n".join(self.lines))

    def parts(self) -> dict[str, int]:
        """Process ids of the parts by name, and of the database as "postgres"."""
        found: dict[str, int] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                told = (folder / "environ").read_bytes()
                if b"numaru" in words and f"NUMARU_HOME={self.home}\0".encode() in told + b"\0":
                    verb = words[words.index(b"numaru") + 1].decode()
                    found[verb] = int(folder.name)
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.home / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, 0)
            found["postgres"] = pid
        return found

    def stop(self, number: int = signal.SIGINT, seconds: float = 20) -> int:
        """Send a signal to the command itself and wait for its end."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


@contextlib.contextmanager
def up(home: Path, *words: str, **more: str) -> Iterator[House]:
    """`./numaru up` on a free port; whatever is left is killed at the end."""
    process = subprocess.Popen(
        [str(COMMAND), "up", "--port", "0", *words],
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    house = House(home, process)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            house.lines.append(line.rstrip("\n"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield house
    finally:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
        for pid in house.parts().values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(2)
