"""Figures of billing that are settings with a basis."""

from numaru.kernel.policies import policy
from numaru.values.text import Text

DUE_DAYS = policy(
    "billing.invoice.due_days",
    Text("납부 기한, 확정일부터 며칠", "Days from issue until an invoice is due"),
    14,
    "Contract terms of the operator; no law fixes it for monthly content services.",
    unit=Text("일", "days"),
    scopes=("operator", "service"),
)
CANCEL_FROM = policy(
    "approvals.run_cancel_from",
    Text(
        "청구 실행을 거둘 때 결재가 필요한 합계 (최소 단위)", "Total of a bill run from which taking it back needs approval (minor units)"
    ),
    {"KRW": 1_000_000, "JPY": 100_000, "USD": 100_000, "EUR": 100_000},
    "Operator's own rule: whoever takes back many people's final bills does not decide it alone.",
)
