"""The door of the import machinery."""

from numaru.kernel.imports.kinds import Applied, FieldSpec, ImportKind, kinds
from numaru.kernel.imports.mapping import Mapping, Rule, read_mapping
from numaru.kernel.imports.permissions import RUN_START, RUN_VIEW
from numaru.kernel.imports.runs import (
    ImportCard,
    Standing,
    execute,
    findings_file,
    first_findings,
    follow,
    followed_by,
    halt,
    has_source,
    keep,
    listed,
    mapping_of,
    run,
    runs,
    sha256_of,
    standing,
    start,
    used_mappings,
)
from numaru.kernel.imports.stage import Stage
from numaru.kernel.imports.tables import Table
from numaru.kernel.imports.wording import STAGES, made, said, say

__all__ = [
    "RUN_START",
    "RUN_VIEW",
    "STAGES",
    "Applied",
    "FieldSpec",
    "ImportCard",
    "ImportKind",
    "Mapping",
    "Rule",
    "Stage",
    "Standing",
    "Table",
    "execute",
    "findings_file",
    "first_findings",
    "follow",
    "followed_by",
    "halt",
    "has_source",
    "keep",
    "kinds",
    "listed",
    "made",
    "mapping_of",
    "read_mapping",
    "run",
    "runs",
    "said",
    "say",
    "sha256_of",
    "standing",
    "start",
    "used_mappings",
]
