"""The door of leak cases."""

from numaru.kernel.leaks.affected import OPS, SOURCES, Step, again, find_affected
from numaru.kernel.leaks.cases import DUTIES, FIELDS, KINDS, close, describe, open_case, take_over
from numaru.kernel.leaks.drafts import KINDS as DRAFTS
from numaru.kernel.leaks.drafts import draft, edit, freeze
from numaru.kernel.leaks.duties import exempt, report_done, tick, watch
from numaru.kernel.leaks.evidence import EVIDENCE_LIMIT, kept
from numaru.kernel.leaks.permissions import LEAK_APPROVE, LEAK_HANDLE, LEAK_VIEW
from numaru.kernel.leaks.policies import WARN_HOURS
from numaru.kernel.leaks.ports import PersonDirectory
from numaru.kernel.leaks.reads import CasePage, draft_versions, due_count, listed, look, page, people
from numaru.kernel.leaks.sending import (
    CHANNELS,
    RESULTS,
    Left,
    coverage,
    hand_over,
    left_to_tell,
    read_results,
    record_proof,
    record_public,
)

__all__ = [
    "CHANNELS",
    "DRAFTS",
    "DUTIES",
    "EVIDENCE_LIMIT",
    "FIELDS",
    "KINDS",
    "LEAK_APPROVE",
    "LEAK_HANDLE",
    "LEAK_VIEW",
    "OPS",
    "RESULTS",
    "SOURCES",
    "WARN_HOURS",
    "CasePage",
    "Left",
    "PersonDirectory",
    "Step",
    "again",
    "close",
    "coverage",
    "describe",
    "draft",
    "draft_versions",
    "due_count",
    "edit",
    "exempt",
    "find_affected",
    "freeze",
    "hand_over",
    "kept",
    "left_to_tell",
    "listed",
    "look",
    "open_case",
    "page",
    "people",
    "read_results",
    "record_proof",
    "record_public",
    "report_done",
    "take_over",
    "tick",
    "watch",
]
