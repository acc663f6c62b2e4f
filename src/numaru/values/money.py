"""Money as integer minor units, and the only ways in which it may be rounded and split.

Exponents are those of ISO 4217. Rounding is half away from zero, once, at the line (MODEL §4). Nothing here uses binary fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217 minor units of the currencies whose exponent is not 2.
_EXPONENTS = (
    dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"], 0
    )
    | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)
    | {"CLF": 4, "UYW": 4}
)

MAX_MINOR = 2**63 - 1


def exponent(currency: str) -> int:
    """Digits after the point of ``currency``: KRW 0, USD 2, KWD 3.

    Raises ValueError for anything that is not three capital letters.

    >>> exponent("KRW"), exponent("USD")
    (0, 2)
    """
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha() or not currency.isupper():
        raise ValueError(f"not an ISO 4217 code: {currency!r}")
    return _EXPONENTS.get(currency, 2)


def round_half_away(numerator: int, denominator: int) -> int:
    """numerator / denominator as the nearest integer, halves away from zero. ``denominator`` > 0.

    >>> [round_half_away(n, 2) for n in (5, -5, 4, 1)]
    [3, -3, 2, 1]
    """
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` over ``weights`` (≥ 0) so that the parts add up exactly; ties go to the earlier one (Hamilton's method).

    The sign of ``total`` is put back after the split. Raises ValueError when there is money to split and no weight.

    >>> largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    >>> largest_remainder(-7, [1, 1])
    [-4, -3]
    """
    if any(w < 0 for w in weights):
        raise ValueError("weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to split over: all weights are zero")
        return [0] * len(weights)
    size = abs(total)
    parts = [size * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in order[: size - sum(parts)]:
        parts[i] += 1
    return parts if total >= 0 else [-p for p in parts]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency. Adding or ordering two currencies is an error, never a guess.

    >>> str(Money.parse("13.90", "USD") + Money(10, "USD"))
    '14.00 USD'
    """

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str | Decimal, currency: str) -> Money:
        """Read an exact decimal. Raises ValueError when it is no number, has more places than the currency, or does not fit 64 bits."""
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError(f"not a number: {text!r}") from None
        places = value.as_tuple().exponent
        if not isinstance(places, int) or not -MAX_MINOR <= value <= MAX_MINOR or places < -60:
            raise ValueError(f"not an amount: {text}")
        numerator, denominator = value.as_integer_ratio()
        minor, rest = divmod(numerator * int(10 ** exponent(currency)), denominator)
        if rest:
            raise ValueError(f"{text} has more places than {currency} knows")
        if abs(minor) > MAX_MINOR:
            raise ValueError(f"too large: {text}")
        return cls(minor, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with exactly the currency's places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def amount(self) -> str:
        """The amount as the API writes it: plain digits, the currency's places, no grouping."""
        return f"{self.decimal:f}"

    def as_dict(self) -> dict[str, str]:
        return {"amount": self.amount, "currency": self.currency}

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added or compared")

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
