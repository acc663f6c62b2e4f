"""A service with subscribers, opened and enrolled through the rooms' own actions; the directories that answer metering are the real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from numaru.domains.billing import api as billing
from numaru.domains.billing.actions.offers import ChargeSpec
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import ports
from numaru.kernel.access import Actor

ACTOR = Actor.system("test")


@dataclass(frozen=True)
class Cast:
    """The service ``video`` (Asia/Seoul, KRW) and the subject keys of its subscribers u1 … u5."""

    service: str
    subjects: dict[str, int]


@pytest.fixture
def cast(db: None, settings: object, tmp_path: Path) -> Cast:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    catalogue.open_service.do(ACTOR, slug="video", name_ko="비디오", name_en="Video", zone="Asia/Seoul", currency="KRW")
    charge = ChargeSpec(key="use", name_ko="이용", name_en="Use", kind="per_unit", meter="play", price=Decimal(1), tax_mode="none")
    offer = billing.publish_offer.do(
        ACTOR, service="video", slug="basic", name_ko="기본", name_en="Basic", valid_from=date(2026, 1, 1), charges=[charge]
    )
    names = [f"u{n}" for n in range(1, 6)]
    rows = pa.table(
        {
            "row": pa.array(range(1, 6), pa.int64()), "external_id": names, "reference": names, "version_id": pa.array([offer.version_id] * 5, pa.int64()),
            "started_on": pa.array([date(2026, 1, 1)] * 5), "ended_on": pa.nulls(5, pa.date32()), "digest": ["x"] * 5,
        }
    )  # fmt: skip
    billing.enrol.do(ACTOR, service="video", rows=rows, source="test")
    return Cast("video", ports.get(metering.SubjectDirectory).subjects("video", names))  # type: ignore[type-abstract]


@pytest.fixture
def event() -> Callable[..., dict[str, object]]:
    """``event(id, quantity, **attributes)``: a CloudEvent of u1 at 2026-11-22 10:00 in Seoul."""

    def make(
        event_id: str = "e1", quantity: object = "1.5", *, data: dict[str, object] | None = None, **attributes: object
    ) -> dict[str, object]:
        return {
            "specversion": "1.0", "id": event_id, "source": "player", "type": "play", "subject": "u1", "time": "2026-11-22T10:00:00+09:00",
            "data": {"quantity": quantity} | (data or {}),
        } | attributes  # fmt: skip

    return make
