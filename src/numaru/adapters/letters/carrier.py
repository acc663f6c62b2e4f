"""The carrier of letters: a message becomes a row that waits to be printed. It remembers keys, so that a letter is never written twice.

What came back is told when somebody notes it (:mod:`numaru.adapters.letters.printing`), not by asking.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from numaru.adapters.carrying import Outcome, Outgoing, Report
from numaru.adapters.letters.addresses import marks
from numaru.adapters.letters.models import Letter
from numaru.kernel import clock


class LetterCarrier:
    name = "letter"
    most = 500
    remembers = True

    def __repr__(self) -> str:
        return "LetterCarrier"

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Files cannot go with a letter yet: such a message is refused, and the next channel takes it."""
        now, rows, refused = clock.now(), [], set()
        for m in messages:
            if m.attachments:
                refused.add(m.key)
                continue
            content = json.dumps({"to": m.to, "subject": m.subject, "text": m.text}, ensure_ascii=False)
            rows.append(Letter(key=m.key, language=m.language, content=content, mark=marks(m.to)[0], at=now))
        Letter.objects.bulk_create(rows, ignore_conflicts=True)
        taken = self.ask([row.key for row in rows])
        return [Outcome(m.key, "refused", code="attachment", permanent=True) if m.key in refused else taken[m.key] for m in messages]

    def ask(self, keys: Sequence[str]) -> dict[str, Outcome]:
        rows = Letter.objects.filter(key__in=list(keys)).only("id", "key")
        return {row.key: Outcome(row.key, "accepted", provider_id=row.number) for row in rows}

    def reports(self, cursor: str) -> tuple[list[Report], str]:
        return [], cursor

    def check(self) -> str:
        """It stands in the house."""
        return ""
