"""`./numaru up` as a person meets it: it comes up, says where, and goes down cleanly; what is wrong it says in words."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.config.running import call, environment, up


@pytest.mark.slow
def test_it_comes_up_says_where_and_goes_down_leaving_nothing(home: Path) -> None:
    with up(home, "--empty") as house:
        password = house.said(r"First administrator: admin  password: (\S+)").group(1)
        assert len(password) >= 12
        house.healthy()
        status, headers, body = house.get("/health")
        assert status == 200 and b'"healthy":true' in body and headers["cache-control"] == "no-store"
        status, headers, _ = house.get("/")
        assert status in (200, 302)
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert house.get("/no/such/page")[0] in (302, 404)
        assert set(house.parts()) == {"up", "web", "worker", "postgres"}
        began = time.monotonic()
        assert house.stop() == 0
        assert time.monotonic() - began < 10
        assert house.parts() == {}
    log = "".join(path.read_text() for path in (home / "log").glob("*.log"))
    assert "Traceback" not in log
    assert password not in log
    with up(home, "--empty") as house:
        house.healthy()
        assert not any("password" in line for line in house.lines)


@pytest.mark.slow
def test_a_second_up_on_the_same_home_is_refused_in_words(home: Path) -> None:
    with up(home, "--empty") as house:
        house.healthy()
        other = call("up", "--port", "0", home=home)
        assert other.returncode == 1
        assert "running already" in other.stderr and str(house.parts()["up"]) in other.stderr
        assert "Traceback" not in other.stderr
        korean = call("up", "--port", "0", home=home, LANG="ko_KR.UTF-8")
        assert "이미 실행 중입니다" in korean.stderr
        assert house.get("/health")[0] == 200
        assert call("manage", "check", home=home).returncode == 0  # other verbs share the database and leave it running
        assert house.get("/health")[0] == 200


def test_a_busy_port_is_said_in_both_languages(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        english = call("up", "--empty", "--port", str(port), home=home)
        korean = call("up", "--empty", "--port", str(port), home=home, LC_ALL="ko_KR.UTF-8")
    assert english.returncode == korean.returncode == 1
    assert f"Port {port} is used by another program" in english.stderr and "--port" in english.stderr
    assert f"포트 {port}을(를) 다른 프로그램이 쓰고 있습니다" in korean.stderr
    assert "Traceback" not in english.stderr + korean.stderr


def test_a_home_that_is_a_file_is_said_in_words(home: Path) -> None:
    file = home / "file"
    file.write_text("")
    told = call("up", "--port", "0", home=file)
    assert told.returncode == 1 and "is not a folder" in told.stderr and "Traceback" not in told.stderr


def test_a_read_only_folder_is_said_in_words(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o755)
    if os.geteuid() == 0:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(closed)], check=False, capture_output=True).returncode:
            pytest.skip("no file system can be mounted here")
    else:
        closed.chmod(0o555)
    try:
        told = call("up", "--port", "0", home=closed)
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(closed)], check=True)
    assert told.returncode == 1
    assert f"{closed} cannot be written" in told.stderr and "NUMARU_HOME" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small file system")
def test_a_full_disk_is_said_in_words_before_anything_is_started(home: Path) -> None:
    small = home / "small"
    small.mkdir(mode=0o755)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", str(small)], check=False, capture_output=True
    ).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        told = call("up", "--port", "0", home=small)
        korean = call("up", "--port", "0", home=small, LANG="ko_KR.UTF-8")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert told.returncode == 1 and "The disk is full" in told.stderr and "Traceback" not in told.stderr
    assert "디스크에 공간이 모자랍니다" in korean.stderr


@pytest.mark.slow
def test_a_damaged_database_is_said_in_words(home: Path) -> None:
    assert call("manage", "check", home=home).returncode == 0
    (home / "pg" / "data" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    told = call("up", "--port", "0", home=home)
    assert told.returncode == 1 and "The database does not start" in told.stderr and "Traceback" not in told.stderr
    (home / "pg" / "data" / "PG_VERSION").write_text("13\n")
    told = call("up", "--port", "0", home=home)
    assert told.returncode == 1 and "The data are of PostgreSQL 13" in told.stderr and "Traceback" not in told.stderr


def test_a_database_url_that_does_not_answer_is_said_in_words(home: Path) -> None:
    told = call("up", "--port", "0", home=home, DATABASE_URL="postgresql://x@127.0.0.1:1/none")
    assert told.returncode == 1 and "does not answer" in told.stderr and "Traceback" not in told.stderr


def test_verbs_are_listed_and_a_wrong_one_is_named(home: Path) -> None:
    listed = call("help", home=home)
    assert listed.returncode == 0
    for verb in ("up", "test", "check", "bench", "import", "bill", "capabilities", "where", "budget", "manage"):
        assert f"  {verb} " in listed.stdout
    wrong = call("upp", home=home)
    assert wrong.returncode == 2 and "upp" in wrong.stderr


@pytest.mark.slow
def test_it_runs_on_a_database_of_ones_own(home: Path) -> None:
    """DATABASE_URL replaces the embedded server: nothing of it is made in the home."""
    from numaru.kernel.postgres import throwaway

    with throwaway() as url, up(home, "--empty", DATABASE_URL=url) as house:
        house.healthy()
        assert not (home / "pg").exists()
        assert house.stop() == 0


def test_the_environment_of_these_tests_is_a_newcomers(home: Path) -> None:
    assert "DATABASE_URL" not in environment(home)
