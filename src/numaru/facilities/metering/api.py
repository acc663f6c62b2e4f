"""The door of metering."""

from numaru.facilities.metering.actions.accept import MAX_BATCH, Acceptance, accept, conflict_finding
from numaru.facilities.metering.actions.store import Ingested, compact, ingest
from numaru.facilities.metering.permissions import USAGE_STORE, USAGE_WRITE
from numaru.facilities.metering.ports import ServiceZones, SubjectDirectory
from numaru.facilities.metering.reads import UsageEvent, UsageFile, check_files, events_of, files, first_day, late, usage_frame, waiting

__all__ = [
    "MAX_BATCH",
    "USAGE_STORE",
    "USAGE_WRITE",
    "Acceptance",
    "Ingested",
    "ServiceZones",
    "SubjectDirectory",
    "UsageEvent",
    "UsageFile",
    "accept",
    "check_files",
    "compact",
    "conflict_finding",
    "events_of",
    "files",
    "first_day",
    "ingest",
    "late",
    "usage_frame",
    "waiting",
]
