"""What can be imported: a room registers a kind, the import machinery does the reading, the checking of values and the reporting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from numaru.kernel.registers import Register
from numaru.values.finding import Finding
from numaru.values.text import Text

if TYPE_CHECKING:
    from numaru.kernel.access import Actor
    from numaru.kernel.imports.mapping import Mapping
    from numaru.kernel.imports.stage import Stage

TYPES = ("text", "decimal", "integer", "date", "instant", "boolean")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field that a kind wants: its type, whether every row must have it, and what it means.

    ``decimal`` is exact with ``digits`` in all and ``places`` after the point; ``instant`` is a moment, stored as naive UTC; a date given
    for it means the start of that day in the mapping's zone.
    """

    name: str
    type: str
    meaning: Text
    required: bool = False
    digits: int = 18
    places: int = 6


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import changed, or would change: rows that made something new, rows that were there already, and figures of the kind.

    The rows refused while applying are findings of the stage. ``detail`` is JSON: {"subscribers_created": 12, …}.
    """

    accepted: int
    unchanged: int
    detail: dict[str, Any] = field(default_factory=dict)


class ImportKind(Protocol):
    """One kind of import. ``sections`` are the top-level tables of the mapping that the kind reads itself."""

    key: str
    name: Text
    sections: frozenset[str]
    permission: str

    @property
    def fields(self) -> tuple[FieldSpec, ...]: ...

    def read_mapping(self, mapping: Mapping) -> list[Finding]:
        """Check the kind's own sections. No row has been read."""
        ...

    def check(self, stage: Stage) -> None:
        """Check the good rows against the house, set-wise, with ``stage.refuse``. Changes nothing."""
        ...

    def apply(self, stage: Stage, actor: Actor, dry: bool) -> Applied:
        """Write the good rows through the rooms' actions. With ``dry`` count the same and write nothing. Safe to repeat."""
        ...


kinds: Register[ImportKind] = Register("import kinds")
