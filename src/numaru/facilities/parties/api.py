"""The door of parties."""

from numaru.facilities.parties.actions.correct import correct_contact
from numaru.facilities.parties.actions.exports import NAMES, begin_export, fetch_export, most, show_passphrase
from numaru.facilities.parties.actions.opening import open_contact
from numaru.facilities.parties.actions.people import KINDS, Person, register, register_unnamed, search_tokens
from numaru.facilities.parties.kin import Kin
from numaru.facilities.parties.permissions import CONTACT_CORRECT, CONTACT_EXPORT, CONTACT_OPEN, EXPORT_APPROVE
from numaru.facilities.parties.ports import PartyScope
from numaru.facilities.parties.purposes import PURPOSES, Why
from numaru.facilities.parties.reads import ExportCard, MaskedPerson, export, exports, found, masked

__all__ = [
    "CONTACT_CORRECT",
    "CONTACT_EXPORT",
    "CONTACT_OPEN",
    "EXPORT_APPROVE",
    "KINDS",
    "NAMES",
    "PURPOSES",
    "ExportCard",
    "Kin",
    "MaskedPerson",
    "PartyScope",
    "Person",
    "Why",
    "begin_export",
    "correct_contact",
    "export",
    "exports",
    "fetch_export",
    "found",
    "masked",
    "most",
    "open_contact",
    "register",
    "register_unnamed",
    "search_tokens",
    "show_passphrase",
]
