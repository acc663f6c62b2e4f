"""Open pages show at once that a figure has changed."""

from __future__ import annotations

from numaru.kernel import live
from numaru.kernel.events import handles
from numaru.kernel.policies.events import PolicyChanged


@handles(PolicyChanged)
def changed(event: PolicyChanged) -> None:
    live.announce("policy", event.key)
