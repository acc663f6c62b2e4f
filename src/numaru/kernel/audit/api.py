"""The door of audit."""

from numaru.kernel.audit.accept import accept_chain
from numaru.kernel.audit.chain import head
from numaru.kernel.audit.destroy import destroy_expired, due, horizon
from numaru.kernel.audit.seal import ChainBroken, Sealer, lag
from numaru.kernel.audit.verify import Fault, Report, keep, verify

__all__ = ["ChainBroken", "Fault", "Report", "Sealer", "accept_chain", "destroy_expired", "due", "head", "horizon", "keep", "lag", "verify"]
