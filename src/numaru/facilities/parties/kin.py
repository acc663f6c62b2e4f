"""Comparing people by blind tokens for the audit of openings: nobody is opened for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from numaru.facilities.parties.actions.people import search_tokens
from numaru.facilities.parties.models import Party


class Kin:
    """Answers audit's questions: the tokens of whole values, and who carries one of them."""

    def of(self, values: Sequence[str]) -> list[int]:
        """Tokens of full names, whole phone numbers and e-mail addresses. Made under the blind keys asked now."""
        return sorted({token for value in values if len(value.strip()) > 1 for token in search_tokens(value.strip())})

    def sharing(self, persons: Collection[int], tokens: Collection[int]) -> set[int]:
        """Those of ``persons`` with at least one of ``tokens``. One query."""
        return set(Party.objects.filter(pk__in=persons, tokens__overlap=list(tokens)).values_list("pk", flat=True))
