"""The door of metering."""

from numaru.facilities.metering.actions.accept import MAX_BATCH, Acceptance, accept, conflict_finding
from numaru.facilities.metering.actions.store import Ingested, compact, ingest
from numaru.facilities.metering.permissions import USAGE_STORE, USAGE_WRITE
from numaru.facilities.metering.ports import ServiceZones, SubjectDirectory
from numaru.facilities.metering.reads import (
    DayUse,
    UsageEvent,
    UsageFile,
    check_files,
    daily,
    daily_use,
    events_of,
    files,
    first_day,
    late,
    rows_by_day,
    usage_frame,
    waiting,
)

__all__ = [
    "MAX_BATCH",
    "USAGE_STORE",
    "USAGE_WRITE",
    "Acceptance",
    "DayUse",
    "Ingested",
    "ServiceZones",
    "SubjectDirectory",
    "UsageEvent",
    "UsageFile",
    "accept",
    "check_files",
    "compact",
    "conflict_finding",
    "daily",
    "daily_use",
    "events_of",
    "files",
    "first_day",
    "ingest",
    "late",
    "rows_by_day",
    "usage_frame",
    "waiting",
]
