"""Whatever is killed comes back, and nothing that was told to the database is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import psycopg
import pytest

from numaru.kernel.postgres import Server
from tests.config.running import House, up

pytestmark = [pytest.mark.kill, pytest.mark.slow]


def _changed(house: House, part: str, before: int, seconds: float = 40) -> int:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        now = house.parts().get(part)
        if now is not None and now != before:
            return now
        time.sleep(0.1)
    raise AssertionError(f"{part} did not come back:\n" + "\n".join(house.lines))


def test_a_killed_part_comes_back_and_the_others_stay(home: Path) -> None:
    with up(home, "--empty") as house:
        house.healthy()
        for part in ("web", "worker"):
            before = house.parts()
            os.kill(before[part], signal.SIGKILL)
            _changed(house, part, before[part])
            house.healthy()
            after = house.parts()
            assert {k: v for k, v in after.items() if k != part} == {k: v for k, v in before.items() if k != part}
            house.said(rf"{part} stopped \(SIGKILL\); starting again")
        before = house.parts()
        os.kill(before["postgres"], signal.SIGKILL)
        _changed(house, "postgres", before["postgres"])
        house.said("The database has stopped; starting it again")
        house.healthy()
        assert house.stop() == 0


def test_the_parts_end_by_themselves_when_the_supervisor_is_killed(home: Path) -> None:
    with up(home, "--empty") as house:
        house.healthy()
        os.kill(house.parts()["up"], signal.SIGKILL)
        limit = time.monotonic() + 15
        while {"web", "worker"} & set(house.parts()) and time.monotonic() < limit:
            time.sleep(0.1)
        assert set(house.parts()) == {"postgres"}
        with up(home, "--empty") as again:  # it takes over the server that was left
            again.healthy()
            assert again.stop() == 0
        assert house.parts() == {}


def test_kill_9_of_everything_and_up_again_loses_nothing(home: Path) -> None:
    seeded = random.Random(20261122)
    told = 0
    for _ in range(3):
        with up(home, "--empty") as house:
            house.healthy()
            server = Server(home)
            with contextlib.suppress(psycopg.Error), psycopg.connect(server.url, autocommit=True) as con:
                con.execute("create table if not exists told (n bigint primary key)")
                stop_at = time.monotonic() + seeded.uniform(0.2, 1.2)
                while time.monotonic() < stop_at:
                    con.execute("insert into told values (%s)", [told + 1])
                    told += 1
            for pid in house.parts().values():
                os.kill(pid, signal.SIGKILL)
            house.process.wait(10)
    with up(home, "--empty") as house:
        house.healthy()
        with psycopg.connect(Server(home).url) as con:
            assert con.execute("select count(*), max(n) from told").fetchone() == (told, told)
        assert told > 100
        assert house.stop() == 0
