"""The door of the subscribers room."""

from numaru.domains.subscribers.actions.enlist import enlist, serve, serve_staged
from numaru.domains.subscribers.actions.open_many import open_many
from numaru.domains.subscribers.ports import BillLine, BillSoFar, Happening, PlanDirectory, PlanSummary, SubscriberStory
from numaru.domains.subscribers.reads import (
    Directory,
    Scope,
    SubscriberCard,
    cards,
    numbers_of,
    of_parties,
    of_references,
    parse_number,
    subject_keys,
    subscriber,
)
from numaru.domains.subscribers.states import PLAN

__all__ = [
    "PLAN",
    "BillLine",
    "BillSoFar",
    "Directory",
    "Happening",
    "PlanDirectory",
    "PlanSummary",
    "Scope",
    "SubscriberCard",
    "SubscriberStory",
    "cards",
    "enlist",
    "numbers_of",
    "of_parties",
    "of_references",
    "open_many",
    "parse_number",
    "serve",
    "serve_staged",
    "subject_keys",
    "subscriber",
]
