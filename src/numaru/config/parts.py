"""The parts of the house that the ground itself answers for: database, tables, worker, outbox, disk, server that comes along, files, clock.

Rooms and sub-apps of the kernel register theirs in :data:`numaru.kernel.health.parts`.
"""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from numaru.config.home import LEAST_FREE
from numaru.kernel.files import store
from numaru.kernel.health import Part, Seen, bad, ok, parts, warn
from numaru.values.text import Text

WORKER_SILENT = 20.0
LATE = 60.0  # seconds that an event may wait before somebody is told
LOW = 2 * 2**30  # bytes free below which somebody is told
SKEW = (2.0, 30.0)  # seconds between our clock and the database's: told, bad
_tables_are_there = False


def _row(sql: str) -> tuple[float, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(float(cell or 0) for cell in cursor.fetchone())


def database() -> Seen:
    began = time.monotonic()
    try:
        _row("SELECT 1")
    except Exception:  # whatever it is, it does not answer
        connection.close()
        return bad(
            Text("데이터베이스가 답하지 않습니다.", "The database does not answer."),
            Text("데이터베이스 서버와 DATABASE_URL을 확인하십시오.", "Check the database server and DATABASE_URL."),
        )
    ms = round((time.monotonic() - began) * 1000)
    if ms > 500:
        return warn(
            Text("데이터베이스가 느립니다 ({n}ms).", "The database is slow ({n} ms).").fill(n=ms),
            Text("데이터베이스 서버의 부하와 연결 수를 확인하십시오.", "Check the load and the connections of the database server."),
        )
    return ok("{n}ms 안에 답합니다.", "It answers within {n} ms.", n=ms)


def tables() -> Seen:
    """Asked until they are all there: a running program loses none."""
    global _tables_are_there
    if not _tables_are_there:
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return bad(
                Text("테이블 변경 {n}건이 적용되지 않았습니다.", "{n} changes of the tables are not applied.").fill(n=missing),
                Text("./numaru up을 다시 시작하십시오.", "Start ./numaru up again."),
            )
        _tables_are_there = True
    return ok("모두 적용되었습니다.", "All are applied.")


def worker() -> Seen:
    alive, silent = _row(
        f"SELECT count(*), extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
        f" WHERE last_heartbeat > now() - interval '{WORKER_SILENT} s'"
    )
    if not alive:
        return bad(
            Text("일하는 작업자가 없습니다. 청구와 들이기가 멈춰 있습니다.", "No worker is at work. Bill runs and imports stand still."),
            Text("작업자 기록(worker.log)을 보고 다시 시작하십시오.", "See the worker's log (worker.log) and start it again."),
        )
    return ok("마지막 신호 {n}초 전", "last sign of life {n} s ago", n=round(silent))


def outbox() -> Seen:
    parked, waiting, oldest = _row(
        "SELECT count(*) FILTER (WHERE parked_at IS NOT NULL), count(*) FILTER (WHERE parked_at IS NULL),"
        " extract(epoch FROM now() - min(recorded_at) FILTER (WHERE parked_at IS NULL)) FROM kernel_outboxevent WHERE dispatched_at IS NULL"
    )
    if parked:
        return warn(
            Text("처리하지 못해 세워 둔 사건이 {n}건 있습니다.", "{n} events are parked after five failures.").fill(n=round(parked)),
            Text(
                "작업자 기록에서 원인을 찾으십시오. 다른 사건은 계속 처리됩니다.", "Find the cause in the worker's log. Other events go on."
            ),
        )
    if oldest > LATE:
        return warn(
            Text("가장 오래된 사건이 {n}초째 기다립니다.", "The oldest event has waited {n} s.").fill(n=round(oldest)),
            Text("작업자가 일하는지 확인하십시오.", "Check that the worker is at work."),
        )
    return ok("기다리는 사건 {n}건", "{n} events waiting", n=round(waiting))


def disk() -> Seen:
    free = shutil.disk_usage(settings.HOME).free
    mb = free // 2**20
    if free < LEAST_FREE:
        return bad(
            Text("데이터 폴더에 {n}MB 남았습니다.", "{n} MB are left for the data folder.").fill(n=mb),
            Text("지금 공간을 비우십시오. 가득 차면 저장이 실패합니다.", "Free some space now. When it is full nothing can be stored."),
        )
    if free < LOW:
        return warn(
            Text("데이터 폴더에 {n}MB 남았습니다.", "{n} MB are left for the data folder.").fill(n=mb),
            Text("공간을 비우거나 디스크를 늘리십시오.", "Free some space or enlarge the disk."),
        )
    return ok("{n}GB 남았습니다.", "{n} GB are left.", n=free // 2**30)


def _server_folder() -> Path | None:
    """The data folder of the server that comes along, when this house has one."""
    note = settings.HOME / "pg-is-at"
    root = Path(note.read_text().strip()) if note.exists() else settings.HOME / "pg"
    return root / "data" if (root / "data").exists() else None


def server() -> Seen:
    from numaru.kernel.postgres import is_postgres

    data = _server_folder()
    if data is None:
        return ok("다른 곳의 데이터베이스를 씁니다.", "A database elsewhere is used.")
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
    except PermissionError:  # the folder belongs to the server's own user; the part "database" says whether it answers
        return ok("이 기계에서 함께 실행됩니다.", "It runs with the house, on this machine.")
    except (OSError, ValueError, IndexError):
        pid = 0
    if not pid or not is_postgres(pid, data):
        return warn(
            Text("함께 오는 데이터베이스 서버가 멈춰 있습니다.", "The database server that comes along is not running."),
            Text("DATABASE_URL로 다른 서버를 쓴다면 문제가 아닙니다. 아니면 ./numaru up을 다시 시작하십시오.",
                 "This is no trouble when DATABASE_URL names another server. Otherwise start ./numaru up again."),
        )  # fmt: skip
    return ok("이 기계에서 함께 실행됩니다.", "It runs with the house, on this machine.")


def files() -> Seen:
    """Writes a few bytes, reads them again and takes them away."""
    key = f"health/{time.time_ns()}"
    try:
        store().put(key, io.BytesIO(b"here"))
        with store().open(key) as file:
            good = file.read() == b"here"
        store().delete(key)
    except Exception as error:  # whatever the store's driver raises
        good, why = False, type(error).__name__
    else:
        why = "" if good else "read"
    if not good:
        return bad(
            Text("파일 저장소에 쓸 수 없습니다 ({e}).", "The file store cannot be written ({e}).").fill(e=why),
            Text("데이터 폴더의 권한과 공간을 확인하십시오.", "Check the rights and the space of the data folder."),
        )
    return ok("쓰고 읽을 수 있습니다.", "It can be written and read.")


def clocks() -> Seen:
    """Half of the way to the database and back is taken off; the clock of the machine is meant, not one that a job has pinned."""
    before = time.time()
    (theirs,) = _row("SELECT extract(epoch FROM clock_timestamp())")
    after = time.time()
    skew = abs(theirs - (before + after) / 2)
    if skew > SKEW[0]:
        answer = bad if skew > SKEW[1] else warn
        return answer(
            Text("이 기계와 데이터베이스의 시계가 {n}초 다릅니다.", "The clocks of this machine and the database differ by {n} s.").fill(n=round(skew, 1)),
            Text("두 기계의 시각 동기화(NTP)를 확인하십시오.", "Check the time service (NTP) of both machines."),
        )  # fmt: skip
    return ok("시계가 맞습니다.", "The clocks agree.")


parts.add("database", Part(Text("데이터베이스", "Database"), database, every=0.5, vital=True, ready=True))
parts.add("tables", Part(Text("테이블 판", "Tables"), tables, every=10, vital=True, ready=True))
parts.add("worker", Part(Text("작업자", "Worker"), worker, every=0.5, vital=True))
parts.add("outbox", Part(Text("사건 전달", "Outbox"), outbox, every=2))
parts.add("disk", Part(Text("디스크", "Disk"), disk, every=10))
parts.add("server", Part(Text("함께 오는 서버", "Server that comes along"), server, every=10))
parts.add("files", Part(Text("파일 저장소", "File store"), files, every=30))
parts.add("clocks", Part(Text("시계", "Clocks"), clocks, every=30))
