"""The door of parties."""

from numaru.facilities.parties import accounts, consents
from numaru.facilities.parties.actions.correct import correct_contact
from numaru.facilities.parties.actions.exports import NAMES, begin_export, fetch_export, most, show_passphrase
from numaru.facilities.parties.actions.opening import open_contact
from numaru.facilities.parties.actions.people import KINDS, Person, register, register_unnamed, search_tokens
from numaru.facilities.parties.events import (
    ConfirmationsDue,
    ConsentChanged,
    ConsentsChanged,
    ContactStopped,
    ResultsDue,
    TextPublished,
)
from numaru.facilities.parties.kin import Kin
from numaru.facilities.parties.permissions import (
    CONSENT_RECORD,
    CONSENT_SAY,
    CONSENT_VIEW,
    CONTACT_CORRECT,
    CONTACT_EXPORT,
    CONTACT_OPEN,
    DOCUMENT_PUBLISH,
    DOCUMENT_VIEW,
    EXPORT_APPROVE,
    GUARDIAN_SET,
    PORTAL_MANAGE,
    PORTAL_USE,
    STOP_SET,
)
from numaru.facilities.parties.ports import PartyScope
from numaru.facilities.parties.purposes import PURPOSES, Why
from numaru.facilities.parties.reads import ExportCard, MaskedPerson, export, exports, found, masked, named, portal_users, reachable

__all__ = [
    "CONSENT_RECORD",
    "CONSENT_SAY",
    "CONSENT_VIEW",
    "CONTACT_CORRECT",
    "CONTACT_EXPORT",
    "CONTACT_OPEN",
    "DOCUMENT_PUBLISH",
    "DOCUMENT_VIEW",
    "EXPORT_APPROVE",
    "GUARDIAN_SET",
    "KINDS",
    "NAMES",
    "PORTAL_MANAGE",
    "PORTAL_USE",
    "PURPOSES",
    "STOP_SET",
    "ConfirmationsDue",
    "ConsentChanged",
    "ConsentsChanged",
    "ContactStopped",
    "ExportCard",
    "Kin",
    "MaskedPerson",
    "PartyScope",
    "Person",
    "ResultsDue",
    "TextPublished",
    "Why",
    "accounts",
    "begin_export",
    "consents",
    "correct_contact",
    "export",
    "exports",
    "fetch_export",
    "found",
    "masked",
    "most",
    "named",
    "open_contact",
    "portal_users",
    "reachable",
    "register",
    "register_unnamed",
    "search_tokens",
    "show_passphrase",
]
