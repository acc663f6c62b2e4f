"""Publishing an offer with its price terms: the one way in which a price comes into the house."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from numaru.domains.billing import recording
from numaru.domains.billing.events import OfferPublished
from numaru.domains.billing.models import ChargeTerm, Tier
from numaru.domains.billing.permissions import OFFER_PUBLISH
from numaru.facilities.catalogue import api as catalogue
from numaru.kernel.actions import Act, action
from numaru.kernel.errors import Invalid
from numaru.values.finding import Finding
from numaru.values.text import Text

KINDS = ("recurring", "one_off", "per_unit", "graduated", "event_priced")
METERED = ("per_unit", "graduated", "event_priced")


@dataclass(frozen=True, slots=True)
class TierSpec:
    """``upper`` is the cumulative upper bound; None for the last tier."""

    upper: Decimal | None
    unit_price: Decimal
    flat: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChargeSpec:
    """One charge as a person writes it in a mapping file or a form."""

    key: str
    name_ko: str
    name_en: str
    kind: str
    price: Decimal | None = None
    timing: str = "arrears"
    proration: str = "actual_days"
    meter: str = ""
    unit_ko: str = ""
    unit_en: str = ""
    tax_mode: str = "included"
    tax_rate: Decimal = Decimal("0.1")
    tiers: tuple[TierSpec, ...] = field(default=())


def _findings(charge: ChargeSpec) -> list[Finding]:
    """Everything that is wrong with one charge, each with its remedy."""
    found = []

    def add(code: str, name: str, ko: str, en: str, fix_ko: str, fix_en: str) -> None:
        found.append(Finding(f"offer.{code}", Text(ko, en), Text(fix_ko, fix_en), field=f"charges.{charge.key}.{name}"))

    if charge.kind not in KINDS:
        add(
            "kind",
            "kind",
            "모르는 과금 방식입니다.",
            "This kind of charge is unknown.",
            f"{', '.join(KINDS)} 가운데 하나입니다.",
            f"It is one of {', '.join(KINDS)}.",
        )
    if charge.timing not in ("advance", "arrears"):
        add(
            "timing",
            "timing",
            "모르는 청구 시점입니다.",
            "This timing is unknown.",
            "advance 또는 arrears로 적으십시오.",
            "Write advance or arrears.",
        )
    if charge.timing == "advance" and charge.kind != "recurring":
        add(
            "timing",
            "timing",
            "선불은 정액에만 쓸 수 있습니다.",
            "Only recurring charges can be in advance.",
            "arrears로 적으십시오.",
            "Write arrears.",
        )
    if charge.proration not in ("actual_days", "none"):
        add(
            "proration",
            "proration",
            "모르는 일할 방식입니다.",
            "This proration is unknown.",
            "actual_days 또는 none으로 적으십시오.",
            "Write actual_days or none.",
        )
    if charge.kind in METERED and not charge.meter:
        add(
            "meter",
            "meter",
            "이용량 과금에는 계량 항목이 필요합니다.",
            "A metered charge needs a meter.",
            "meter를 적으십시오.",
            "Name the meter.",
        )
    if charge.tax_mode not in ("included", "excluded", "none"):
        add(
            "tax",
            "tax",
            "모르는 과세 방식입니다.",
            "This tax mode is unknown.",
            "included, excluded, none 가운데 하나입니다.",
            "It is included, excluded or none.",
        )
    if charge.kind == "graduated":
        bounds = [t.upper for t in charge.tiers]
        rising = all(a is not None and (b is None or a < b) for a, b in itertools.pairwise(bounds))
        if not bounds or bounds[-1] is not None or not rising:
            add(
                "tiers",
                "tiers",
                "구간 상한은 커져야 하고 마지막은 비어 있어야 합니다.",
                "Upper bounds must rise and the last must be open.",
                "구간을 고치십시오.",
                "Correct the tiers.",
            )
    elif charge.kind == "per_unit" and charge.price is None:
        add("price", "price", "단가가 없습니다.", "The unit price is missing.", "price를 적으십시오.", "Write a price.")
    for value in [charge.price, *(t.unit_price for t in charge.tiers), *(t.flat for t in charge.tiers)]:
        if value is not None and not fits_price(value):
            add(
                "price",
                "price",
                "가격은 0 이상, 소수 여섯 자리까지입니다.",
                "A price is at least 0 with at most six places.",
                "가격을 고치십시오.",
                "Correct the price.",
            )
            break
    for upper in (t.upper for t in charge.tiers):
        if upper is not None and (not upper.is_finite() or upper <= 0 or _places(upper) > 6 or upper >= Decimal(10) ** 13):
            add(
                "tiers",
                "tiers",
                "구간 상한은 0보다 크고 소수 여섯 자리까지입니다.",
                "An upper bound is above 0 with at most six places.",
                "구간을 고치십시오.",
                "Correct the tiers.",
            )
            break
    if not charge.tax_rate.is_finite() or not 0 <= charge.tax_rate < 1 or _places(charge.tax_rate) > 6:
        add(
            "tax",
            "tax",
            "세율은 0 이상 1 미만입니다.",
            "A tax rate is at least 0 and below 1.",
            "10%는 0.1로 적으십시오.",
            "Write 0.1 for 10 %.",
        )
    if not charge.key or any(
        len(text) > most
        for text, most in zip(
            (charge.key, charge.meter, charge.name_ko, charge.name_en, charge.unit_ko, charge.unit_en),
            (40, 60, 120, 120, 20, 20),
            strict=True,
        )
    ):
        add(
            "length",
            "key",
            "이름이 비었거나 너무 깁니다.",
            "A name is empty or too long.",
            "항목 이름은 40자, 계량 항목은 60자, 표시 이름은 120자, 단위는 20자까지입니다.",
            "Keys have up to 40 characters, meters 60, names 120, units 20.",
        )
    return found  # fmt: skip


def _places(value: Decimal) -> int:
    """Decimal places that carry a digit: 1.500 has one.

    >>> _places(Decimal("1.500")), _places(Decimal("1E+3")), _places(Decimal("0.0000001"))
    (1, 0, 7)
    """
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def fits_price(value: Decimal | None) -> bool:
    """Whether a price is there, is at least 0 and fits numeric(18,6) without rounding.

    >>> [fits_price(Decimal(x)) for x in ("0", "9900.000000", "0.0000001", "-1", "1E+12", "NaN")]
    [True, True, False, False, False, False]
    """
    return value is not None and value.is_finite() and 0 <= value < Decimal(10) ** 12 and _places(value) <= 6


def terms_digest(charges: Sequence[ChargeSpec]) -> str:
    """A hash of the terms; equal for equal terms, whatever the number of trailing zeros."""

    def plain(value: object) -> object:
        return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)

    return hashlib.sha256(json.dumps([asdict(c) for c in charges], default=plain, sort_keys=True).encode()).hexdigest()


def faults(charges: Sequence[ChargeSpec]) -> list[Finding]:
    """Everything that is wrong with the charges of one offer; an empty list when it can be published."""
    found = [f for charge in charges for f in _findings(charge)]
    keys = [c.key for c in charges]
    for key in sorted({k for k in keys if keys.count(k) > 1}):
        found.append(
            Finding(
                "offer.key",
                Text("과금 항목 이름이 겹칩니다.", "Two charges have the same key."),
                Text("이름을 바꾸십시오.", "Rename one."),
                field=key,
            )
        )
    if not charges:
        found.append(
            Finding(
                "offer.empty",
                Text("과금 항목이 없습니다.", "The offer has no charge."),
                Text("하나 이상 적으십시오.", "Write at least one."),
            )
        )
    return found


@action(OFFER_PUBLISH)
def publish_offer(
    act: Act, *, service: str, slug: str, name_ko: str, name_en: str, valid_from: date, charges: Sequence[ChargeSpec]
) -> catalogue.OfferCard:
    """The version of the offer that has exactly these charges, made when it is new; terms are never edited.

    Refuses with one finding for each thing that is wrong. Publishes OfferPublished for a new version.
    """
    if found := faults(charges):
        raise Invalid(*found)
    keys = [c.key for c in charges]
    recording.writing(catalogue.service(service).id)
    digest = terms_digest(charges)
    version, owner, fresh = catalogue.offer_version(
        slug, service=service, name_ko=name_ko, name_en=name_en, valid_from=valid_from, digest=digest
    )
    if not fresh:
        act.record("billing.offer", f"{service}/{slug}")
        return version
    for ordinal, charge in enumerate(charges, 1):
        row = ChargeTerm.objects.create(
            version_id=version.version_id, key=charge.key, ordinal=ordinal, name_ko=charge.name_ko, name_en=charge.name_en, kind=charge.kind,
            timing=charge.timing, proration=charge.proration, price=charge.price, meter=charge.meter, unit_ko=charge.unit_ko,
            unit_en=charge.unit_en, tax_mode=charge.tax_mode, tax_rate=Decimal(0) if charge.tax_mode == "none" else charge.tax_rate,
            currency=owner.currency,
        )  # fmt: skip
        Tier.objects.bulk_create(
            Tier(charge=row, number=n, upper=t.upper, unit_price=t.unit_price, flat=t.flat) for n, t in enumerate(charge.tiers, 1)
        )
    act.record("billing.offer", f"{service}/{slug}", after={"version": version.version, "charges": keys, "terms": digest})
    act.event(OfferPublished(version.version_id))
    act.effect(Text("‘{o}’ 요금제의 {n}판을 등록합니다.", "Version {n} of the offer “{o}” is new.").fill(o=slug, n=version.version))
    return version
