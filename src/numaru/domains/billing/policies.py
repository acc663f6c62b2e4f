"""Figures of billing that are settings with a basis."""

from numaru.kernel.policies import policy
from numaru.values.text import Text

DUE_DAYS = policy(
    "billing.invoice.due_days",
    Text("납부 기한, 확정일부터 며칠", "Days from issue until an invoice is due"),
    14,
    "Contract terms of the operator; no law fixes it for monthly content services.",
)
