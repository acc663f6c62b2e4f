"""The blind index of people, as it is offered to the rotation of its key."""

from __future__ import annotations

from django.db import connection

from numaru.facilities.parties.actions.people import KINDS, PENDING, blind_tokens
from numaru.facilities.parties.models import Party
from numaru.kernel import bulk
from numaru.kernel.vault import api as vault
from numaru.values.text import Text


class PeopleIndex:
    """Rows with tokens of another version; people without tokens (nothing known, or destroyed) are none of it."""

    name = Text("사람 검색 토큰", "Search tokens of people")

    def behind(self, version: int) -> int:
        return Party.objects.exclude(token_version=version).exclude(tokens=[]).count()

    def renew(self, index: vault.Blind, after: int, limit: int) -> tuple[int, int]:
        """Locks the rows it renews, so that nobody is corrected or destroyed in between; opens their values and shows them to nobody."""
        rows = Party.objects.select_for_update().filter(pk__gt=after).exclude(token_version=index.version).exclude(tokens=[])
        people = list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
        if not people:
            return 0, 0
        found = {one.person: one.values for one in vault.read_many(people, KINDS)}
        lines = []
        for person in people:
            values = found.get(person, {})
            tokens = blind_tokens(index, *(values.get(kind, "") for kind in KINDS))
            lines.append(f"{person}\t{{{','.join(map(str, tokens))}}}\n")
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('gin_pending_list_limit', %s, true)", [PENDING])
            cursor.execute("CREATE TEMP TABLE IF NOT EXISTS renewed_tokens (id bigint, tokens bigint[]) ON COMMIT DELETE ROWS")
        bulk.copy_lines("renewed_tokens", ["id", "tokens"], ["".join(lines)])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE parties_party p SET tokens = r.tokens, token_version = %s FROM renewed_tokens r WHERE p.id = r.id", [index.version]
            )
        return len(people), people[-1]


vault.indexes.add("parties.party", PeopleIndex())
