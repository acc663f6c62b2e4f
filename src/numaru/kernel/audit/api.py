"""The door of audit."""

from numaru.kernel.audit.accept import accept_chain, after_restore, resume_chain
from numaru.kernel.audit.chain import head, noted
from numaru.kernel.audit.destroy import destroy_expired, due, horizon
from numaru.kernel.audit.findings import by_number, confirm, explain, held, lift, missed_search, said, set_ties, waiting, watch
from numaru.kernel.audit.integrity import latest
from numaru.kernel.audit.models import AccessFinding, AccessReview, OpeningHold, StaffTie
from numaru.kernel.audit.permissions import ACCESS_VIEW, FINDING_DECIDE, RECORD_VIEW, REVIEW_SIGN
from numaru.kernel.audit.ports import PersonTokens
from numaru.kernel.audit.reads import (
    Proof,
    Seen,
    approval_number,
    openings,
    openings_by_day,
    positions,
    proof,
    record,
    record_at,
    records,
    search_by_person,
    seen_by_others,
    staff_named,
)
from numaru.kernel.audit.reviews import lay_out, month_before, prepare_review, sign_review
from numaru.kernel.audit.rules import figure, figures_ahead, rules
from numaru.kernel.audit.seal import ChainBroken, Sealer, agree_now, lag
from numaru.kernel.audit.verify import Fault, Report, keep, verify

__all__ = [
    "ACCESS_VIEW", "FINDING_DECIDE", "RECORD_VIEW", "REVIEW_SIGN", "AccessFinding", "AccessReview", "ChainBroken", "Fault", "OpeningHold", "PersonTokens",
    "Proof", "Report", "Sealer", "Seen", "StaffTie", "accept_chain", "after_restore", "agree_now", "approval_number", "by_number", "confirm", "destroy_expired", "due", "explain", "figure", "figures_ahead", "head",
    "held", "horizon", "keep", "lag", "latest", "lay_out", "lift", "missed_search", "month_before", "noted", "openings", "openings_by_day", "positions", "prepare_review", "proof", "record", "record_at", "records",
    "resume_chain", "rules", "said", "search_by_person", "seen_by_others", "set_ties", "sign_review", "staff_named", "verify", "waiting", "watch",
]  # fmt: skip
