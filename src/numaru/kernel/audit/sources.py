"""What is sealed, and its canonical form: for each source the columns that stay and those that a retention rule may destroy.

A row's text is a JSON array as PostgreSQL writes it (jsonb: one form for equal values, strings quoted, so no two rows share a text); its
hash is SHA-256 of that text in UTF-8. Times are whole microseconds since 1970 UTC. A changed form gets a new number in ``FORM``, and the
blocks sealed under the former keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

FORM = 1
MARK = f"numaru-audit-{FORM}"


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows are sealed. ``core`` stays for good; ``payload`` becomes ``blank`` when its time is over."""

    key: str
    table: str
    core: tuple[str, ...]
    blank: dict[str, str]
    share: int  # of a block's rows at most

    def payload_hash(self, alias: str) -> str:
        """SQL of the hash of what may be destroyed."""
        columns = ", ".join(f"{alias}.{name}" for name in self.blank)
        return f"sha256(convert_to(jsonb_build_array({columns})::text, 'UTF8'))"

    def row_hash(self, alias: str, position: str, payload: str, row: str = "") -> str:
        """SQL of the hash of a whole row at ``position``."""
        columns = ", ".join(_time(alias, name) if name in ("at", "before") else f"{alias}.{name}" for name in self.core)
        parts = f"'{MARK}', {position}::bigint, '{self.key}', {row or alias + '.id'}, {columns}, encode({payload}, 'hex')"
        return f"sha256(convert_to(jsonb_build_array({parts})::text, 'UTF8'))"

    def is_blank(self, alias: str) -> str:
        """SQL that is true for a row whose payload was destroyed."""
        return " AND ".join(f"{alias}.{name} IS NOT DISTINCT FROM {value}" for name, value in self.blank.items()) or "false"


def _time(alias: str, name: str) -> str:
    return f"(extract(epoch FROM {alias}.{name}) * 1000000)::bigint"


SOURCES: dict[str, Source] = {
    s.key: s
    for s in (
        Source(
            "r", "kernel_auditrecord", ("at", "actor_kind", "action", "object"),
            {"actor_id": "NULL::bigint", "actor_name": "''", "key": "''", "reason": "''", "before": "'{}'::jsonb", "after": "'{}'::jsonb",
             "cause": "NULL::bigint", "approval": "NULL::bigint"},
            6000,
        ),
        Source(
            "o", "vault_opening", ("at", "kind", "outcome"),
            {"person": "0", "actor": "''", "staff": "NULL::bigint", "client": "NULL::bigint", "service": "''", "code": "''", "purpose": "''",
             "case_ref": "''", "bulk": "''"},
            3900,
        ),
        Source("d", "audit_destruction", ("source", "before", "upto", "count", "rule", "at"), {}, 100),
    )
}  # fmt: skip
