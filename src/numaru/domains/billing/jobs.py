"""Queued work of billing."""

from __future__ import annotations

from numaru.domains.billing.actions.runs import KIND, defer
from numaru.kernel.jobs import job, resumable


@job(queue="bulk", name="billing.run")
def bill(number: str) -> None:
    """Carry out the run ``number``. The number is the resume key: a second call goes on where the first ended, or does nothing."""
    from numaru.domains.billing.run_work import carry_out

    carry_out(number)


resumable.add(KIND, defer)
