"""The door of the subscribers room."""

from numaru.domains.subscribers.actions.enlist import enlist, serve, serve_staged
from numaru.domains.subscribers.actions.open_many import open_many
from numaru.domains.subscribers.journey import Strand, strands
from numaru.domains.subscribers.portal import portal_session_for
from numaru.domains.subscribers.ports import (
    Allowance,
    BillLine,
    BillSoFar,
    PaidTogether,
    PlanDirectory,
    PlanSummary,
    SubscriberStory,
)
from numaru.domains.subscribers.reads import (
    Directory,
    Scope,
    SubscriberCard,
    cards,
    numbers_of,
    of_parties,
    of_references,
    own,
    parse_number,
    subject_keys,
    subscriber,
)
from numaru.domains.subscribers.states import PLAN, face

__all__ = [
    "PLAN",
    "Allowance",
    "BillLine",
    "BillSoFar",
    "Directory",
    "PaidTogether",
    "PlanDirectory",
    "PlanSummary",
    "Scope",
    "Strand",
    "SubscriberCard",
    "SubscriberStory",
    "cards",
    "enlist",
    "face",
    "numbers_of",
    "of_parties",
    "of_references",
    "open_many",
    "own",
    "parse_number",
    "portal_session_for",
    "serve",
    "serve_staged",
    "strands",
    "subject_keys",
    "subscriber",
]
