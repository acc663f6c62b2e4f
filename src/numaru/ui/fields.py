"""Fields of forms that take what people write: amounts, days, phone numbers. Each accepts many spellings and shows one (SCREENS §7, §9).

The parsers are plain functions with examples; the fields put their refusals under the control, with how to write it right.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from numaru.kernel import clock
from numaru.ui.forms import spoken
from numaru.values.masked import phone_digits, phone_grouped
from numaru.values.money import Money, exponent
from numaru.values.text import Text

_AMOUNT = re.compile(r"([+\-\u2212]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
FAR = timedelta(days=183)  # a day without a year means the one nearest to today


def read_amount(text: str, currency: str = "KRW") -> Money:
    """The amount that was written, exactly. Grouping must be right or absent; the unit may stand before or after. Raises ValueError.

    >>> read_amount("13,900원"), read_amount("₩13,900"), read_amount("−1390")
    (Money(minor=13900, currency='KRW'), Money(minor=13900, currency='KRW'), Money(minor=-1390, currency='KRW'))
    >>> read_amount("US$12.40", "USD")
    Money(minor=1240, currency='USD')
    >>> read_amount("13,90")
    Traceback (most recent call last):
    ValueError: 13,90
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^(−|-|\+)?(?:₩|US\$|\$|€|¥|[A-Z]{3})", r"\1", plain)
    plain = re.sub(r"(?:원|[A-Z]{3})$", "", plain)
    found = _AMOUNT.fullmatch(plain)
    if found is None or len(plain) > 24:
        raise ValueError(text)
    places = exponent(currency)
    if found[3] and len(found[3]) - 1 > places:
        raise ValueError(text)
    try:
        value = Decimal(found[2].replace(",", "") + (found[3] or ""))
    except InvalidOperation:
        raise ValueError(text) from None
    minor = int(value.scaleb(places))
    return Money(-minor if found[1] in ("-", "\u2212") else minor, currency)


def read_day(text: str, today: date | None = None) -> date:
    """The day that was written. Without a year the one nearest to today is meant. Raises ValueError for no day and for one that no month has.

    >>> now = date(2026, 11, 27)
    >>> [read_day(t, now).isoformat() for t in ("20261122", "2026-11-22", "2026. 11. 22.", "11/22", "1/3", "11월 22일")]
    ['2026-11-22', '2026-11-22', '2026-11-22', '2026-11-22', '2027-01-03', '2026-11-22']
    >>> read_day("2026-02-30", now)
    Traceback (most recent call last):
    ValueError: 2026-02-30
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).rstrip(".일")
    whole = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain) or re.fullmatch(r"(\d{4})[-./년](\d{1,2})[-./월](\d{1,2})", plain)
    short = re.fullmatch(r"(\d{1,2})[-./월](\d{1,2})", plain)
    try:
        if whole:
            return date(*(int(part) for part in whole.groups()))
        if short:
            today = today or clock.today()
            month, day = (int(part) for part in short.groups())
            near = [date(year, month, day) for year in (today.year - 1, today.year, today.year + 1) if _exists(year, month, day)]
            return min(near, key=lambda one: (abs(one - today), one))
    except ValueError:
        pass
    raise ValueError(text)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def read_phone(text: str) -> str:
    """A Korean phone number as it is shown, whatever its spelling. Raises ValueError.

    >>> read_phone("010 1234.2201"), read_phone("+82-10-1234-2201"), read_phone("0212345678")
    ('010-1234-2201', '010-1234-2201', '02-1234-5678')
    >>> read_phone("1234")
    Traceback (most recent call last):
    ValueError: 1234
    """
    digits = phone_digits(unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"0\d{8,10}", digits):
        raise ValueError(text)
    return phone_grouped(digits)


class MoneyInput(forms.TextInput):
    """Right-aligned; grouped when it is left."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "data-as": "money", "class": "amount", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, Money):
            return f"{value.decimal:,.{exponent(value.currency)}f}"
        return super().format_value(value)


class MoneyField(forms.CharField):
    """An amount in one currency; cleans to :class:`Money`. ``least`` and ``most`` are in the same currency and may be reached."""

    widget = MoneyInput

    def __init__(self, *, currency: str = "KRW", least: int | None = None, most: int | None = None, **more: Any) -> None:
        self.currency, self.least, self.most = currency, least, most
        super().__init__(**more)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = read_amount(text, self.currency)
        except ValueError:
            raise forms.ValidationError(
                spoken(Text("금액을 13,900처럼 적으십시오.", "Write the amount like 13,900.")), code="amount"
            ) from None
        if (self.least is not None and amount.minor < self.least) or (self.most is not None and amount.minor > self.most):
            low, high = (Money(n, self.currency) if n is not None else None for n in (self.least, self.most))
            raise forms.ValidationError(str(_bounds(low, high)), code="bounds")
        return amount


def _bounds(low: Money | None, high: Money | None) -> Text:
    from numaru.ui import formats

    if low is not None and high is not None:
        return Text("{a}부터 {b}까지 적으십시오.", "Write an amount from {a} to {b}.").fill(a=formats.money(low), b=formats.money(high))
    if low is not None:
        return Text("{a} 이상을 적으십시오.", "Write at least {a}.").fill(a=formats.money(low))
    return Text("{b} 이하를 적으십시오.", "Write at most {b}.").fill(b=formats.money(high or Money(0, "KRW")))


class DayInput(forms.TextInput):
    """A day, typed, or picked with the browser's own calendar beside it."""

    template_name = "ui/parts/day_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "data-as": "day", "placeholder": "2026-11-22", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


class DayField(forms.CharField):
    """A calendar day in any of its spellings; cleans to a date."""

    widget = DayInput

    def __init__(self, *, least: date | None = None, most: date | None = None, **more: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**more)

    def clean(self, value: Any) -> Any:
        text = super().clean(value.isoformat() if isinstance(value, date) else value)
        if not text:
            return None
        try:
            day = read_day(text)
        except ValueError:
            raise forms.ValidationError(
                spoken(Text("날짜를 2026-11-22나 11/22처럼 적으십시오.", "Write the day like 2026-11-22 or 11/22.")), code="day"
            ) from None
        if (self.least and day < self.least) or (self.most and day > self.most):
            raise forms.ValidationError(spoken(Text("쓸 수 없는 날짜입니다.", "This day cannot be used here.")), code="bounds")
        return day

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial.isoformat() if isinstance(initial, date) else initial, data)


class PhoneField(forms.CharField):
    """A phone number in any spelling; cleans to 010-0000-0000."""

    def __init__(self, **more: Any) -> None:
        more.setdefault(
            "widget", forms.TextInput({"inputmode": "tel", "autocomplete": "off", "data-as": "phone", "placeholder": "010-0000-0000"})
        )
        super().__init__(**more)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return read_phone(text)
        except ValueError:
            raise forms.ValidationError(
                spoken(Text("전화번호를 010-1234-5678처럼 적으십시오.", "Write the number like 010-1234-5678.")), code="phone"
            ) from None
