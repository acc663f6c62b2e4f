"""The door of billing."""

from numaru.domains.billing import own
from numaru.domains.billing.actions.enrol import Enrolled, enrol
from numaru.domains.billing.actions.facts import record_fact
from numaru.domains.billing.actions.offers import ChargeSpec, TierSpec, publish_offer
from numaru.domains.billing.actions.parked import bill_parked
from numaru.domains.billing.actions.runs import cancel_run, halt_run, resume_run, start_run
from numaru.domains.billing.customers import Customers
from numaru.domains.billing.reads import InvoicePage, RunCard, contracts_named, find_run, invoice, parked_rows, run_card, run_cards
from numaru.domains.billing.run_work import carry_out
from numaru.domains.billing.story import Plans, Story

__all__ = [
    "ChargeSpec",
    "Customers",
    "Enrolled",
    "InvoicePage",
    "Plans",
    "RunCard",
    "Story",
    "TierSpec",
    "bill_parked",
    "cancel_run",
    "carry_out",
    "contracts_named",
    "enrol",
    "find_run",
    "halt_run",
    "invoice",
    "own",
    "parked_rows",
    "publish_offer",
    "record_fact",
    "resume_run",
    "run_card",
    "run_cards",
    "start_run",
]
