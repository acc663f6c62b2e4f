"""What every test has: a database that really runs, settings read before anything else, an honest word when something is missing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.register_profile("ci", settings.get_profile("house"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--ahead",
        type=int,
        default=0,
        metavar="DAYS",
        help="run as if it were DAYS later: a test must not depend on the day on which it runs",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get("DATABASE_URL"):
        pytest.exit(
            "There is no DATABASE_URL: run the tests by `./numaru test [pytest arguments]`, which starts a database for them.", returncode=2
        )


@pytest.fixture(scope="session", autouse=True)
def _ahead(request: pytest.FixtureRequest) -> Iterator[None]:
    """With ``--ahead DAYS`` the house's one clock goes that far ahead (processes that a test starts keep the machine's time)."""
    if not (days := request.config.getoption("--ahead")):
        yield
        return
    from numaru.kernel import clock

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(days=days)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", Later)
        yield


def chromium() -> str | None:
    """The path of a Chromium to drive, or None."""
    given = os.environ.get("NUMARU_CHROMIUM")
    return given or next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing in CI: .ci/run must install it", pytrace=False)
        pytest.skip("Chromium is not installed here (package chromium, or NUMARU_CHROMIUM)")


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home in a place which the database's system user can enter (pytest's own folders are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="numaru-h-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _no_jobs_of_others(request: pytest.FixtureRequest, _django_db_helper: None) -> None:
    """The queue is empty when a test begins: what tests with real commits queued stays behind, as no flush reaches the queue's tables."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
