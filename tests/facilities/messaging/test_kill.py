"""A hundred thousand messages whose worker is killed again and again: each is taken by the provider once, none twice, none never."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from numaru.facilities.messaging.models import Message, MessageBatch
from numaru.facilities.messaging.sending import LOCK
from numaru.kernel import clock
from numaru.kernel.models import Policy
from numaru.kernel.vault.models import VaultOpening
from tests.conftest import ROOT
from tests.facilities.messaging.people import DAY, people, post, states, tallied, template

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MANY = 100_000
POINTS = ("claimed", "sending", "sent", "noted")


@pytest.fixture
def no_limit(transactional_db: None) -> Iterator[None]:
    """No channel is held to a rate: this is about what is lost or doubled, not about how fast a provider takes it."""
    Policy.objects.create(key="messaging.rates", value={"sms": 0}, basis="시험", valid_from=DAY.date(), recorded_at=clock.now())
    yield
    call_command("flush", verbosity=0, interactive=False)


def process(number: str, folder: Path, minutes: int = 0, kill: str = "") -> subprocess.Popen[str]:
    """``carry.py`` on the database of this test, ``minutes`` after the day's ten o'clock."""
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}" + (f"&port={found['PORT']}" if found["PORT"] else "")
    told = {k: v for k, v in os.environ.items() if not k.startswith("NUMARU_")}
    told |= {"DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src"), "NUMARU_KILL": kill, "NUMARU_HOME": os.environ.get("NUMARU_HOME", "")}
    instant = (DAY + timedelta(minutes=minutes)).isoformat()
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("carry.py")), number, str(folder), instant],
        env={k: v for k, v in told.items() if v}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def released(batch: MessageBatch) -> None:
    """Wait until the database has noticed that the process is gone."""
    limit = time.monotonic() + 20
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s", [LOCK, batch.pk % 2**31])
            if cursor.fetchone() is None:
                return
            assert time.monotonic() < limit, "the lock of a dead process is held"
            time.sleep(0.02)


def taken(folder: Path) -> Counter[str]:
    """How often the provider took each key."""
    return Counter((folder / "taken").read_text().split())


def to_the_end(number: str, folder: Path) -> None:
    """Undisturbed workers at later and later hours, until nothing is queued or unknown."""
    for minutes in (10, 60, 240, 480):
        carried = process(number, folder, minutes)
        _, said = carried.communicate(timeout=400)
        assert carried.returncode == 0, said
        if set(states(number)) == {"accepted"}:
            return


@pytest.mark.usefixtures("no_limit")
def test_a_batch_whose_worker_dies_again_and_again_reaches_each_once(tmp_path: Path) -> None:
    with clock.pinned(DAY):
        who = people(MANY, email=False)
        number = post(template(chain=("sms",)), who)
    batch, luck = MessageBatch.objects.get(number=number), random.Random(20261128)
    deaths: Counter[str] = Counter()
    for name in [*POINTS, *luck.choices(POINTS, k=4)]:
        killed = process(number, tmp_path, minutes=deaths.total(), kill=f"{name}:{luck.randint(1, 20)}")
        _, said = killed.communicate(timeout=400)
        assert killed.returncode == -signal.SIGKILL, said
        deaths[name] += 1
        released(batch)
        halfway = taken(tmp_path)
        assert not halfway or max(halfway.values()) == 1, name
    assert 0 < sum(taken(tmp_path).values()) < MANY  # it died on the way, not before or after
    to_the_end(number, tmp_path)
    assert states(number) == Counter(accepted=MANY)
    keys = taken(tmp_path)
    assert max(keys.values()) == 1 and len(keys) == MANY
    assert keys.keys() == {f"M-{pk:010d}.0" for pk in Message.objects.filter(batch=batch).values_list("pk", flat=True)}
    assert sorted(Message.objects.filter(batch=batch).values_list("party", flat=True)) == who
    assert tallied(number) == Counter(accepted=MANY) and MessageBatch.objects.get(number=number).state == "done"
    opened: Any = VaultOpening.objects.filter(bulk=number, kind="phone").values("person").distinct().count()
    assert opened == MANY


@pytest.mark.usefixtures("no_limit")
def test_two_workers_on_a_batch_send_nothing_twice(tmp_path: Path) -> None:
    with clock.pinned(DAY):
        number = post(template(chain=("sms",)), people(2_000, email=False))
    both = [process(number, tmp_path) for _ in range(2)]
    for one in both:
        _, said = one.communicate(timeout=300)
        assert one.returncode == 0, said
    to_the_end(number, tmp_path)
    keys = taken(tmp_path)
    assert len(keys) == 2_000 and max(keys.values()) == 1 and states(number) == Counter(accepted=2_000)
