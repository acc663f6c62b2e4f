"""``./numaru bench bill-run|usage|pages|paint|vault|audit|leaks|retention|clocks|timeline|messages [--json] …``: runs ``bench/<name>.py`` on a server of its own, durable as in real use."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from numaru.config.home import ROOT
from numaru.config.words import Stop
from numaru.kernel.postgres import Server
from numaru.kernel.postgres_programs import owner, reachable
from numaru.values.text import Text


def names() -> list[str]:
    """The benchmarks there are, as they are typed."""
    return sorted(path.stem.replace("_", "-") for path in (ROOT / "bench").glob("[a-z]*.py"))


def main(argv: list[str]) -> int:
    """Run one benchmark and return its status. Uses DATABASE_URL when it is set, else a fresh embedded server that is deleted afterwards."""
    if not argv or argv[0] not in names():
        raise Stop(Text("잴 것을 고르세요: {names}", "Choose what to measure: {names}").fill(names=", ".join(names()) or "–"), status=2)
    sys.path.insert(0, str(ROOT))
    if os.environ.get("DATABASE_URL"):
        return _run(argv)
    base = Path(tempfile.gettempdir())
    home = Path(tempfile.mkdtemp(prefix="numaru-bench-", dir=base if reachable(base, owner()) else "/tmp"))
    home.chmod(0o755)
    os.environ["NUMARU_HOME"] = str(home)
    server = Server(home)
    try:
        with server.used() as url:
            os.environ["DATABASE_URL"] = url
            return _run(argv)
    finally:
        os.environ.pop("DATABASE_URL", None)
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(server.sockets, ignore_errors=True)


def _run(argv: list[str]) -> int:
    from numaru.config import world

    world.set_up()
    world.migrate()
    try:
        module = importlib.import_module("bench." + argv[0].replace("-", "_"))
        return int(module.main(argv[1:]) or 0)
    finally:
        world.forget_connections()
