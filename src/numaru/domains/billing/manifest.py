"""The manifest of a run: everything it reads, frozen and named by hash, so that the same manifest makes the same bills for ever.

Contract facts as known at the cut-off, price terms, the list of usage files. The frozen rows lie in the run's folder as CSV; they hold
ids, days and prices, nothing personal.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from numaru.domains.billing.models import BillRun, ChargeTerm, ContractFact, ParkedAccount
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.metering import api as metering
from numaru.kernel import bulk
from numaru.values.money import exponent
from numaru.values.period import Period
from numaru.values.text import Text

RULES = "2026.1"  # the version of rating and document rules; a change of a rule that changes an amount is a new one

CONTRACTS = """
SELECT c.id AS contract_id, c.account_id, s.subject_key AS subject, a.currency
  FROM billing_contract c
  JOIN subscribers_subscriber s ON s.id = c.subscriber_id
  JOIN billing_account a ON a.id = c.account_id
 WHERE c.service_id = %s AND c.created_at <= %s ORDER BY c.id
"""
FACTS = """
SELECT f.id AS fact_id, f.contract_id, f.kind,
       f.effective_at AT TIME ZONE 'UTC' AS effective_at,
       (f.effective_at AT TIME ZONE %s)::date AS effective_day,
       f.recorded_at AT TIME ZONE 'UTC' AS recorded_at,
       f.version_id, nullif(f.charge_key, '') AS charge_key, f.price
  FROM billing_contractfact f JOIN billing_contract c ON c.id = f.contract_id
 WHERE c.service_id = %s AND f.recorded_at <= %s ORDER BY f.contract_id, f.id
"""
TERMS = """
SELECT t.version_id, t.id AS charge_id, t.key AS charge_key, t.ordinal, t.kind, t.timing, t.proration, t.price,
       nullif(t.meter, '') AS meter, t.tax_mode, t.tax_rate, t.currency
  FROM billing_chargeterm t JOIN catalogue_offerversion v ON v.id = t.version_id JOIN catalogue_offer o ON o.id = v.offer_id
 WHERE o.service_id = %s AND v.recorded_at <= %s ORDER BY t.version_id, t.ordinal
"""
TIERS = """
SELECT r.charge_id, r.number AS tier_no, r.upper, r.unit_price, r.flat
  FROM billing_tier r JOIN billing_chargeterm t ON t.id = r.charge_id JOIN catalogue_offerversion v ON v.id = t.version_id
  JOIN catalogue_offer o ON o.id = v.offer_id
 WHERE o.service_id = %s AND v.recorded_at <= %s ORDER BY charge_id, tier_no
"""


class Drifted(Exception):
    """What a run froze is gone or is not what it was. ``text`` says which."""

    code = "drifted"

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Frozen:
    """A run's manifest with the paths of its frozen rows and usage files."""

    manifest: dict[str, Any]
    folder: Path
    usage: list[Path]

    @property
    def period(self) -> Period:
        start, end = self.manifest["period"]
        return Period(datetime.fromisoformat(start).date(), datetime.fromisoformat(end).date())

    def rows(self, kind: str) -> Path:
        return self.folder / f"{kind}.csv"


def folder(number: str) -> Path:
    path: Path = settings.HOME / "runs" / number
    return path


def fingerprint(manifest: dict[str, Any]) -> str:
    """sha256 of the manifest's canonical JSON."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _draw(run: BillRun, known_at: datetime) -> dict[str, str]:
    """Write the frozen rows beside, then in place; returns their hashes.

    Two queries go on at once without sharing a snapshot: what was recorded up to ``known_at`` is settled and is only ever added to.
    """
    assert run.service_id is not None
    card = next(s for s in catalogue.services() if s.id == run.service_id)
    target = folder(run.number)
    target.mkdir(parents=True, exist_ok=True)
    sources: dict[str, tuple[str, list[object]]] = {
        "contracts": (CONTRACTS, [card.id, known_at]),
        "facts": (FACTS, [card.zone, card.id, known_at]),
        "terms": (TERMS, [card.id, known_at]),
        "tiers": (TIERS, [card.id, known_at]),
    }

    def draw(kind: str) -> tuple[str, str]:
        query, values = sources[kind]
        part = target / f".{kind}.part"
        bulk.copy_out(query, values, part)
        digest = _sha(part)
        part.replace(target / f"{kind}.csv")
        return kind, digest

    return dict(bulk.side_by_side(draw, list(sources)))


def freeze(run: BillRun, known_at: datetime) -> dict[str, Any]:
    """Draw and name everything that the run will read, as known at ``known_at``; the caller stores the result on the run.

    ``known_before`` is the cut-off of the live run of the month before: what it billed in advance is recomputed from the facts it knew.
    """
    card = next(s for s in catalogue.services() if s.id == run.service_id)
    span = Period(run.period_from, run.period_to)
    before = (
        BillRun.objects.filter(service_id=card.id, period_from=span.previous_month().start, kind="period", state="posted")
        .values_list("number", "known_at")
        .first()
    )
    return {
        "rules": RULES,
        "service": card.slug,
        "zone": card.zone,
        "currency": card.currency,
        "period": [span.start.isoformat(), span.end.isoformat()],
        "known_at": known_at.isoformat(),
        "before": {"run": before[0], "known_at": before[1].isoformat()} if before and before[1] else None,
        "apart": apart(card.id, before[0]) if before and before[1] else [],
        "rows": _draw(run, known_at),
        "usage": [{"path": f.path, "rows": f.rows, "sha256": f.sha256} for f in metering.files(card.slug, span, known_at)],
    }


def apart(service_id: int, before: str) -> list[int]:
    """Accounts that the run ``before`` parked and that were not billed since from what that run knew.

    What they were charged in advance is not what the difference would assume, so they are billed on their own once more. Accounts without
    a charge in advance are not concerned.
    """
    advance = ChargeTerm.objects.filter(version__offer__service_id=service_id, timing="advance").values("version_id")
    concerned = ContractFact.objects.filter(contract__account_id=OuterRef("account_id"), version_id__in=advance)
    rows = ParkedAccount.objects.filter(Exists(concerned), run__number=before).exclude(known_at=F("run__known_at"))
    return list(rows.order_by("account_id").values_list("account_id", flat=True))


def frozen(run: BillRun) -> Frozen:
    """The run's frozen rows and usage files, every byte verified against the manifest. Rows that are gone or damaged are drawn again.

    Raises Drifted when the rows cannot be drawn as they were, or a usage file is gone or was changed.
    """
    target = folder(run.number)
    wanted: dict[str, str] = run.manifest["rows"]
    if any(not (target / f"{kind}.csv").exists() or _sha(target / f"{kind}.csv") != sha for kind, sha in wanted.items()):
        assert run.known_at is not None
        if _draw(run, run.known_at) != wanted:
            raise Drifted(
                Text(
                    "{n}이 고정한 계약·요금 자료를 같은 내용으로 다시 만들 수 없습니다.",
                    "The contracts and prices that {n} froze can't be drawn again as they were.",
                ).fill(n=run.number)
            )
    paths = []
    for entry in run.manifest["usage"]:
        path: Path = settings.HOME / entry["path"]
        if not path.exists():
            raise Drifted(Text("이용 기록 파일이 없습니다: {p}", "A usage file is gone: {p}").fill(p=entry["path"]))
        if _sha(path) != entry["sha256"]:
            raise Drifted(Text("이용 기록 파일이 달라졌습니다: {p}", "A usage file has changed: {p}").fill(p=entry["path"]))
        paths.append(path)
    return Frozen(run.manifest, target, paths)


def exponents(currencies: set[str]) -> dict[str, int]:
    return {c: exponent(c) for c in currencies}
