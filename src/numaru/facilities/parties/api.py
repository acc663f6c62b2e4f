"""The door of parties."""

from numaru.facilities.parties.actions.people import Person, open_contact, register, register_unnamed, search_tokens
from numaru.facilities.parties.permissions import CONTACT_OPEN
from numaru.facilities.parties.reads import MaskedPerson, found, masked

__all__ = ["CONTACT_OPEN", "MaskedPerson", "Person", "found", "masked", "open_contact", "register", "register_unnamed", "search_tokens"]
