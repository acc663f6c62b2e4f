"""The supervisor: starts the parts of the house, restarts one that dies, stops all of them in a few seconds.

A part is a process of its own in a session of its own (Ctrl-C on the terminal reaches the supervisor alone). Each part holds the reading
end of a pipe whose writing end only the supervisor has: when the supervisor dies, by whatever signal, the pipe closes and the part stops
itself (`follow_supervisor`), so that a kill -9 leaves no orphan that holds the port.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from numaru.config.words import say
from numaru.values.text import Text

BACK_OFF = (0.5, 1, 2, 4, 8, 16, 30)  # seconds before the n-th restart in a row
STEADY = 60  # seconds of life after which a part's earlier crashes are forgotten
GRACE = 10  # seconds that a part has to stop by itself
LOG_LIMIT = 20 * 2**20  # bytes; a longer log is put aside
LOGS_KEPT = 5  # logs put aside, .log.1 the newest
LOG_EVERY = 10.0  # seconds between looks at the length of the logs
SUPERVISOR_PIPE = "NUMARU_SUPERVISOR_PIPE"


@dataclass
class Part:
    """One process to keep alive. ``once`` parts are not restarted when they end well."""

    name: str
    title: Text
    command: list[str]
    keep: tuple[int, ...] = ()  # descriptors it inherits
    once: bool = False
    ended: Callable[[int], None] | None = None  # told the exit status of a ``once`` part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    due: float = field(default=0.0)  # when to start it next, on the monotonic clock
    done: bool = False


class Supervisor:
    """Keeps parts alive until `ask_stop`. ``tend`` is called about five times a second between looks at the parts."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self.logs = logs
        self.environment = dict(environment)
        self.parts: list[Part] = []
        self.stopping = threading.Event()
        self.to_files = self.environment.get("NUMARU_LOG_TO", "files") != "stderr"  # in a container somebody else keeps what is written
        self._logs_at = 0.0
        self._pipe_read, self._pipe_write = os.pipe()

    def add(self, part: Part) -> None:
        self.parts.append(part)

    def ask_stop(self, *_: object) -> None:
        """Make `run` stop everything and return; also a signal handler."""
        self.stopping.set()

    def run(self, tend: Callable[[], None] = lambda: None) -> None:
        """Start the parts and keep them until a stop is asked for; all have ended when this returns, however it returns."""
        try:
            while not self.stopping.is_set():
                self.look()
                self._keep_logs_short()
                tend()
                self.stopping.wait(0.2)
        finally:
            self.stop()

    def look(self) -> None:
        """Start what is due, notice what has ended."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is None:
                if not part.done and now >= part.due:
                    self._start(part)
                continue
            status = part.process.poll()
            if status is None:
                if part.crashes and now - part.started > STEADY:
                    part.crashes = 0
                continue
            part.process = None
            if part.once and status == 0:
                part.done = True
                if part.ended:
                    part.ended(status)
                continue
            wait = BACK_OFF[min(part.crashes, len(BACK_OFF) - 1)]
            part.crashes += 1
            part.due = now + wait
            say(
                Text(
                    "{what} 중단({status}), {wait}초 뒤 다시 시작합니다: {why}",
                    "{what} stopped ({status}); starting again in {wait} s: {why}",
                ).fill(what=part.title, status=_status_words(status), wait=wait, why=self.last_words(part)),
                error=True,
            )

    def _start(self, part: Part) -> None:
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(self.log_of(part).open("ab")) if self.to_files else sys.stderr
            part.process = subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                pass_fds=(*part.keep, self._pipe_read),
                env=self.environment | {SUPERVISOR_PIPE: str(self._pipe_read)},
            )
        part.started = time.monotonic()

    def log_of(self, part: Part) -> Path:
        return self.logs / f"{part.name}.log"

    def _keep_logs_short(self) -> None:
        """Put long logs aside while their parts go on writing: the content is copied and the file emptied, since a part holds it open (for
        appending). A line written between the two is lost; nothing is lost of what was written before."""
        now = time.monotonic()
        if not self.to_files or now - self._logs_at < LOG_EVERY:
            return
        self._logs_at = now
        for part in self.parts:
            log = self.log_of(part)
            with contextlib.suppress(OSError):
                if log.stat().st_size > LOG_LIMIT:
                    put_aside(log)

    def last_words(self, part: Part) -> str:
        """The last line that the part wrote, or the path of its log."""
        if not self.to_files:
            return "stderr"
        log = self.log_of(part)
        with contextlib.suppress(OSError), log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
            if lines:
                return f"{_message(lines[-1])[:200]} ({log})"
        return str(log)

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to whatever has not ended after `GRACE` seconds."""
        alive = [part for part in self.parts if part.process and part.process.poll() is None]
        for part in alive:
            _signal(part.process, signal.SIGTERM)
        limit = time.monotonic() + GRACE
        for part in alive:
            assert part.process is not None
            try:
                part.process.wait(max(0.05, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(part.process, signal.SIGKILL)
                part.process.wait()
        for part in self.parts:
            part.process = None


def put_aside(log: Path) -> None:
    """Copy ``log`` to ``.log.1`` and empty it; older ones move up, the oldest of `LOGS_KEPT` goes."""
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_suffix(f".log.{number}")
        if older.exists():
            older.replace(log.with_suffix(f".log.{number + 1}"))
    half = log.with_suffix(".log.half")
    shutil.copyfile(log, half)
    os.truncate(log, 0)
    half.replace(log.with_suffix(".log.1"))


def _message(line: str) -> str:
    """What a line of a log says, whether it is JSON or text."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(line)
        return f"{told['message']} {told.get('error', '')}".strip()
    return line


def _signal(process: subprocess.Popen[bytes] | None, number: int) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)


def _status_words(status: int) -> str:
    """The words exit 1, or the signal's name."""
    if status < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
    return f"exit {status}"


def part_command(*words: str) -> list[str]:
    """The command line of one of our own processes."""
    return [sys.executable, "-P", "-m", "numaru", *words]


def follow_supervisor() -> None:
    """In a part: get SIGTERM when the supervisor is gone, SIGKILL 15 s later; without a supervisor nothing happens."""
    number = os.environ.pop(SUPERVISOR_PIPE, None)
    if number is None:
        return
    pipe = int(number)
    os.set_inheritable(pipe, False)

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(pipe, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(15)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="supervisor watch", daemon=True).start()
