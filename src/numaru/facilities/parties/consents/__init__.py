"""The ledger of consents: what people said to what, when, in which words, and where they stand. Others reach this as ``parties.api.consents``."""

from numaru.facilities.parties.consents.children import CHECKS, check_guardian, mark_child, unmark_child
from numaru.facilities.parties.consents.documents import (
    TextCard,
    draft_text,
    in_force,
    publish_text,
    retire_document,
    texts,
    write_document,
)
from numaru.facilities.parties.consents.documents import by_id as texts_by_id
from numaru.facilities.parties.consents.due import Notice, notices, overdue, raise_confirmations, raise_results, told
from numaru.facilities.parties.consents.links import stop_link, token_for
from numaru.facilities.parties.consents.saying import (
    Statement,
    Stopped,
    behind_link,
    children_of,
    say,
    say_many,
    say_own,
    withdraw_by_link,
)
from numaru.facilities.parties.consents.standings import Standings, Traits, standing, traits
from numaru.facilities.parties.consents.stops import REASONS, lift_stop, stop_contact
from numaru.facilities.parties.consents.words import ACTOR, CHANNEL, KIND, MEDIUM, PURPOSE
from numaru.facilities.parties.rules.consents import MEDIA, PURPOSES, Standing

__all__ = [
    "ACTOR",
    "CHANNEL",
    "CHECKS",
    "KIND",
    "MEDIA",
    "MEDIUM",
    "PURPOSE",
    "PURPOSES",
    "REASONS",
    "Notice",
    "Standing",
    "Standings",
    "Statement",
    "Stopped",
    "TextCard",
    "Traits",
    "behind_link",
    "check_guardian",
    "children_of",
    "draft_text",
    "in_force",
    "lift_stop",
    "mark_child",
    "notices",
    "overdue",
    "publish_text",
    "raise_confirmations",
    "raise_results",
    "retire_document",
    "say",
    "say_many",
    "say_own",
    "standing",
    "stop_contact",
    "stop_link",
    "texts",
    "texts_by_id",
    "token_for",
    "told",
    "traits",
    "unmark_child",
    "withdraw_by_link",
    "write_document",
]
