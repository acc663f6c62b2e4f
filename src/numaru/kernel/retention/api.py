"""The door of retention."""

from numaru.kernel.retention.certificate import Certificate, certificate, listed
from numaru.kernel.retention.classes import (
    ACTS,
    Act,
    Asking,
    Purpose,
    Ref,
    RetentionClass,
    Section,
    classes,
    exempt,
    keep,
    leave,
    needed,
    needed_for,
    purposes,
)
from numaru.kernel.retention.destruction import Part, destroy_person, is_destroyed, of_person, parts_of
from numaru.kernel.retention.holds import active, lift_hold, place_hold
from numaru.kernel.retention.house import end_of
from numaru.kernel.retention.journal import JournalDamaged, follow, place, unknown
from numaru.kernel.retention.packages import (
    drop_package,
    fetch_package,
    finish_package,
    make,
    order_package,
)
from numaru.kernel.retention.permissions import (
    CALENDAR_VIEW,
    HOLD_PLACE,
    PACKAGE_MAKE,
    PERSON_APPROVE,
    PERSON_DESTROY,
    REQUEST_HANDLE,
    RUN_START,
)
from numaru.kernel.retention.ports import BackupHorizon, PackagePaper, PolicyHorizon
from numaru.kernel.retention.replaying import replay
from numaru.kernel.retention.requests import (
    CHANNELS,
    IDENTITIES,
    KINDS,
    OUTCOMES,
    REFUSALS,
    answer,
    request,
    take_request,
    verify_identity,
    visible,
    withdraw_request,
)
from numaru.kernel.retention.runs import Outlook, execute, named, order_run, outlook
from numaru.kernel.retention.spans import Span

__all__ = [
    "ACTS", "CALENDAR_VIEW", "CHANNELS", "HOLD_PLACE", "IDENTITIES", "KINDS", "OUTCOMES", "PACKAGE_MAKE", "PERSON_APPROVE", "PERSON_DESTROY",
    "REFUSALS", "REQUEST_HANDLE", "RUN_START", "Act", "Asking", "BackupHorizon", "Certificate", "JournalDamaged", "Outlook",
    "PackagePaper", "Part", "PolicyHorizon", "Purpose", "Ref", "RetentionClass", "Section", "Span", "active", "answer", "certificate", "classes",
    "destroy_person", "drop_package", "end_of", "execute", "exempt", "fetch_package", "finish_package", "follow", "is_destroyed", "keep", "leave",
    "lift_hold", "listed", "make", "named", "needed", "needed_for", "of_person", "order_package", "order_run", "outlook", "parts_of", "place",
    "place_hold", "purposes", "replay", "request", "take_request", "unknown", "verify_identity", "visible", "withdraw_request",
]  # fmt: skip
