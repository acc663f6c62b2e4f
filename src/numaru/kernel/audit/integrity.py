"""How well the log is: the latest checks, the lag, and a word for the health page."""

from __future__ import annotations

from datetime import timedelta

from numaru.kernel import clock, gauges, health, policies
from numaru.kernel.audit.chain import last
from numaru.kernel.audit.models import Verification
from numaru.kernel.audit.seal import ChainBroken, agree, lag
from numaru.values.text import Text

LAG_WARN = policies.policy(
    "audit.lag_warn", Text("감사 봉인이 늦다고 보는 시간 (초)", "Seconds after which sealing counts as late"), 30,
    "Operator's own rule: what is not sealed yet is not protected yet.",
)  # fmt: skip
LOOK = Text("./numaru audit verify를 실행해 무엇이 다른지 보십시오.", "Run ./numaru audit verify to see what differs.")


def latest(*, full: bool | None = None) -> Verification | None:
    """The latest check; only full ones or only partial ones when asked."""
    rows = Verification.objects.all() if full is None else Verification.objects.filter(full=full)
    return rows.order_by("-id").first()


def look() -> health.Seen:
    """Bad when the latest check found something or the head outside disagrees; a warning when sealing is late or nobody has checked for two days."""
    try:
        agree(last())
    except (ChainBroken, ValueError):
        return health.bad(Text("감사 사슬이 바깥의 머리와 다릅니다.", "The audit chain differs from the head outside."), LOOK)
    checks = [c for c in (latest(full=True), latest(full=False)) if c is not None]
    if any(c.problems for c in checks):
        return health.bad(
            Text("감사 기록 점검에서 문제 {n}건을 찾았습니다.", "The check of the audit log found {n} problems.").fill(
                n=max(c.problems for c in checks)
            ),
            LOOK,
        )
    waiting, oldest = lag()
    if oldest > int(policies.value(LAG_WARN.key, clock.today())):
        return health.warn(
            Text("감사 기록 {n}건이 {s}초째 봉인을 기다립니다.", "{n} audit records have waited {s} s for their seal.").fill(
                n=waiting, s=int(oldest)
            ),
            Text("작업 프로세스가 도는지 보십시오.", "See whether the worker runs."),
        )
    if checks and max(c.at for c in checks) < clock.now() - timedelta(days=2):
        return health.warn(Text("감사 기록을 이틀 넘게 점검하지 않았습니다.", "The audit log was not checked for two days."), LOOK)
    return health.ok("감사 기록이 봉인되고 있습니다. 대기 {n}건.", "Audit records are sealed; {n} waiting.", n=waiting)


health.parts.add("audit", health.Part(Text("감사 기록", "Audit log"), look, every=10))
gauges.gauges.add("audit_unsealed", gauges.Gauge("Audit records and openings that wait for their seal", lambda: lag()[0]))
gauges.gauges.add("audit_seal_lag_seconds", gauges.Gauge("Age of the oldest record that is not sealed", lambda: lag()[1]))
gauges.gauges.add(
    "audit_problems",
    gauges.Gauge("What the latest checks of the audit chain found", lambda: max((c.problems for c in (latest(full=True), latest(full=False)) if c), default=0)),
)  # fmt: skip
