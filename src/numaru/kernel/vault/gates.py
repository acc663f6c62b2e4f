"""What may stop an opening besides the permission: rooms register a gate, and every road to a plain value asks them all."""

from __future__ import annotations

from collections.abc import Callable

from numaru.kernel.access import Actor
from numaru.kernel.registers import Register

# key → function(actor) that raises a Refused when this actor may not open now. One quick question: it is asked at every opening.
opening_gates: Register[Callable[[Actor], None]] = Register("opening gates")


def pass_gates(actor: Actor) -> None:
    """Raises what the first gate that stands raises."""
    for _, gate in opening_gates:
        gate(actor)
