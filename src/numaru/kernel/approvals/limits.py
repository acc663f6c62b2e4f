"""From what amount an action needs a second person: a limit per currency, kept as a policy and so changed without a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numaru.kernel import clock, policies
from numaru.kernel.actions import Second
from numaru.values.money import Money
from numaru.values.text import Text


def above(
    limit: str, amounts: Callable[..., Mapping[str, int] | None], why: Text, *, approver: str = "", alone: bool = True
) -> Callable[..., Second | None]:
    """The ``second`` of an action: somebody else approves when an amount reaches the policy ``limit``.

    ``amounts`` finds from the arguments of the call what it moves, in minor units by currency; None or nothing for arguments that name
    nothing. The value of the policy is the limit by currency in minor units (``{"KRW": 10000000}``); it is read as of today. A currency
    without a limit always needs a second person: what nobody set a limit for is not small.
    """

    def found(**arguments: Any) -> Second | None:
        moved = amounts(**arguments)
        if not moved:
            return None
        limits: dict[str, int] = policies.value(limit, clock.today())
        over = [Money(minor, currency) for currency, minor in sorted(moved.items()) if minor and abs(minor) >= limits.get(currency, 0)]
        return Second(why.fill(a=", ".join(map(str, over))), approver, alone=alone) if over else None

    return found
