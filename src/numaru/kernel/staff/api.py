"""The door of staff access."""

from numaru.kernel.staff import faces, factors, permissions, throttle
from numaru.kernel.staff.clients import NewClient, make_client, revoke, rotate
from numaru.kernel.staff.grants import end_grant, grant
from numaru.kernel.staff.leaving import Departure, cut_off, departures
from numaru.kernel.staff.people import (
    NewStaff,
    Ticket,
    add_staff,
    end_session,
    end_sessions_of,
    issue_link,
    note_factor,
    reset_factors,
    set_password,
    speak,
    ticket_holder,
    unlock,
)
from numaru.kernel.staff.reads import (
    approvers,
    attempts,
    client,
    client_rows,
    grants,
    history,
    holders,
    locked,
    own_factors,
    pending,
    person,
    reviewed,
    sessions,
    several,
    staff_rows,
    with_factor,
)
from numaru.kernel.staff.reviews import decide, next_due, open_review, overdue, review, reviews
from numaru.kernel.staff.sessions import end_everything

__all__ = [
    "Departure", "NewClient", "NewStaff", "Ticket", "add_staff", "approvers", "attempts", "client", "client_rows", "cut_off", "decide", "departures",
    "end_everything", "end_grant", "end_session", "end_sessions_of", "faces", "factors", "grant", "grants", "history", "holders", "issue_link", "locked", "make_client", "next_due", "note_factor",
    "open_review", "overdue", "own_factors", "pending", "permissions", "person", "reset_factors", "review", "reviewed", "reviews", "revoke", "rotate",
    "sessions", "set_password", "several", "speak", "staff_rows", "throttle", "ticket_holder", "unlock", "with_factor",
]  # fmt: skip
