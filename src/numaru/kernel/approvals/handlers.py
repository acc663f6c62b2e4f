"""Open pages show at once that a request came or was decided."""

from __future__ import annotations

from numaru.kernel import live
from numaru.kernel.approvals.events import ApprovalAsked, ApprovalDecided
from numaru.kernel.events import handles


@handles(ApprovalAsked)
def asked(event: ApprovalAsked) -> None:
    live.announce("approval", event.number)


@handles(ApprovalDecided)
def decided(event: ApprovalDecided) -> None:
    live.announce("approval", event.number)
