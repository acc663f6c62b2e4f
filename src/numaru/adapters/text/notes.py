"""The notes that let a key be sent only once: committed before the provider hears of the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from numaru.kernel import clock


class Notes(Protocol):
    def note(self, keys: Sequence[str], group: str) -> None:
        """Remember that these keys go into ``group``; holds once it returns."""
        ...

    def of(self, keys: Sequence[str]) -> dict[str, str]:
        """The group of each key that has one."""
        ...


class TableNotes:
    """Notes in the database. Called outside of transactions: a note that could be rolled back is none."""

    def note(self, keys: Sequence[str], group: str) -> None:
        from numaru.adapters.text.models import SentGroup

        at = clock.now()
        SentGroup.objects.bulk_create(
            [SentGroup(key=key, group=group, noted_at=at) for key in keys], batch_size=2000, update_conflicts=True,
            unique_fields=["key"], update_fields=["group", "noted_at"],
        )  # fmt: skip

    def of(self, keys: Sequence[str]) -> dict[str, str]:
        from numaru.adapters.text.models import SentGroup

        return dict(SentGroup.objects.filter(key__in=list(keys)).values_list("key", "group"))
