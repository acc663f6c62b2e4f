"""Every test of messaging begins with the house's own outbox as the carrier of every channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from numaru.facilities.messaging import api as messaging
from numaru.kernel import clock, ports
from tests.screens import naru, shared, sign_in  # noqa: F401


@pytest.fixture(autouse=True)
def _own_outbox() -> Iterator[None]:
    kept = ports.get(messaging.Carriers)  # type: ignore[type-abstract]
    ports.bind(messaging.Carriers, messaging.OwnOutbox())  # type: ignore[type-abstract]
    yield
    ports.bind(messaging.Carriers, kept)  # type: ignore[type-abstract]


@pytest.fixture
def morning() -> Iterator[datetime]:
    """Ten in the morning in Seoul, on 27 November 2026."""
    at = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    with clock.pinned(at):
        yield at
