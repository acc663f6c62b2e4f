"""The supervisor on processes of a few lines."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from numaru.config import supervisor as module
from numaru.config.supervisor import Part, Supervisor
from numaru.values.text import Text


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(tmp_path, dict(os.environ))


def part(code: str, **more: object) -> Part:
    return Part("part", Text("부분", "part"), [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


def until(supervisor: Supervisor, condition: Callable[[], bool], seconds: float = 15) -> None:
    """Let it work until the condition holds, then stop it."""
    limit = time.monotonic() + seconds

    def tend() -> None:
        if condition() or time.monotonic() > limit:
            supervisor.ask_stop()

    supervisor.run(tend)
    assert condition()


def test_a_crashing_part_is_started_again_later_and_later(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "BACK_OFF", (0.1, 0.6, 30))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    marks = tmp_path / "marks"
    supervisor.add(part(f"import time, sys; open({str(marks)!r}, 'a').write(f'{{time.time()}}\\n'); sys.exit('no such luck')"))
    until(supervisor, lambda: marks.exists() and len(marks.read_text().splitlines()) == 3)
    times = [float(line) for line in marks.read_text().splitlines()]
    assert times[1] - times[0] >= 0.1
    assert times[2] - times[1] >= 0.6
    said = capsys.readouterr().err
    assert "part stopped (exit 1); starting again in 0.1 s: no such luck" in said


def test_a_part_that_ends_well_once_is_not_started_again(supervisor: Supervisor) -> None:
    ended: list[int] = []
    supervisor.add(part("", once=True, ended=ended.append))
    until(supervisor, lambda: bool(ended))
    supervisor.look()
    assert ended == [0]
    assert supervisor.parts[0].process is None


def test_a_part_that_will_not_stop_is_killed(supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE", 0.5)
    ready = tmp_path / "ready"
    supervisor.add(
        part(f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w').close(); time.sleep(60)")
    )
    supervisor.look()
    process = supervisor.parts[0].process
    assert process is not None
    while not ready.exists():
        time.sleep(0.02)
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    assert process.returncode == -9


def test_a_part_notices_that_its_supervisor_is_gone(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = f"from numaru.config.supervisor import follow_supervisor; follow_supervisor(); open({str(ready)!r}, 'w').write(str(__import__('os').getpid())); __import__('time').sleep(60)"
    code = f"import sys, os; from pathlib import Path; from numaru.config.supervisor import *; s = Supervisor(Path({str(tmp_path)!r}), os.environ); s.add(Part('p', None, [sys.executable, '-c', {child!r}])); s.look(); import time; time.sleep(60)"
    import subprocess

    parent = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": "src"})
    limit = time.monotonic() + 15
    while not (ready.exists() and ready.read_text()) and time.monotonic() < limit:
        time.sleep(0.05)
    pid = int(ready.read_text())
    parent.kill()
    parent.wait()
    while Path(f"/proc/{pid}").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_stop_may_be_asked_from_another_thread(supervisor: Supervisor) -> None:
    supervisor.add(part("import time; time.sleep(60)"))
    threading.Timer(0.5, supervisor.ask_stop).start()
    began = time.monotonic()
    supervisor.run()
    assert time.monotonic() - began < 5
