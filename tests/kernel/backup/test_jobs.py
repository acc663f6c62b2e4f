"""What the night queues, and that it is queued once."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pyrage import x25519

from numaru.kernel import clock
from numaru.kernel.backup import folder, jobs, sealing

pytestmark = pytest.mark.django_db


def queued() -> list[str]:
    return sorted(ProcrastinateJob.objects.values_list("task_name", flat=True))


def test_a_house_without_a_place_queues_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMARU_BACKUP_TO", "NUMARU_ARCHIVE"):
        monkeypatch.delenv(name, raising=False)
    jobs.nightly(0)
    jobs.ship_minutely(0)
    assert queued() == []


def test_the_night_queues_a_backup_and_a_base_when_the_last_one_is_a_week_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMARU_BACKUP_TO", str(tmp_path / "b"))
    monkeypatch.setenv("NUMARU_ARCHIVE", str(tmp_path / "a"))
    jobs.nightly(0)
    assert queued() == ["backup.base", "backup.run"]
    (tmp_path / "a").mkdir()
    with folder.draft(tmp_path / "a", "base") as draft:
        draft.parts["a"] = sealing.seal(io.BytesIO(b"x"), draft.path / "a", [x25519.Identity.generate().to_public()])
        folder.finish(draft)
    assert not jobs.archive.due_for_base()
    with clock.pinned(clock.now() + timedelta(days=8)):
        assert jobs.archive.due_for_base()
