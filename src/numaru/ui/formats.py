"""How figures, dates and periods are written, in Korean and in English (SCREENS §9). One place for pages, papers and Excel.

Every function returns plain text and takes ``lang`` ("ko" or "en"); left out, it is the language in force. Texts that carry markup
(the small 원 beside an amount) are made from the same parts in ``templatetags/nm.py``. Minus is U+2212 and never a hyphen.
Nothing here reads a clock or a setting except ``local``, which turns an instant into the operator's wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from numaru.values.money import Money, exponent, round_half_away
from numaru.values.period import FAR, Period
from numaru.values.text import Text, language

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
UNKNOWN = DASH  # never looks like zero
WEEKDAYS = "월화수목금토일"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# What stands before an amount; a currency that is not here stands as its code and a space.
SIGNS = {
    "USD": "US$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "JP¥",
    "CNY": "CN¥",
    "HKD": "HK$",
    "SGD": "S$",
    "AUD": "A$",
    "CAD": "CA$",
    "TWD": "NT$",
}


def _korean(lang: str | None) -> bool:
    return (lang or language()).startswith("ko")


def sign(negative: bool, positive: bool, diff: bool) -> str:
    """``−`` before what is below zero; ``+`` before what is above it only in a difference."""
    return MINUS if negative else "+" if diff and positive else ""


@dataclass(frozen=True, slots=True)
class MoneyParts:
    """An amount taken apart so that a page may set the unit smaller: sign, unit before, grouped digits, unit after."""

    sign: str
    before: str
    digits: str
    after: str

    def __str__(self) -> str:
        return f"{self.sign}{self.before}{self.digits}{self.after}"


def money_parts(amount: Money, lang: str | None = None, *, diff: bool = False) -> MoneyParts:
    """``amount`` with all its minor digits, grouped by thousands. Korean won stand before 원 or after ₩, others after their sign.

    >>> str(money_parts(Money(-1390, "KRW"), "ko")), str(money_parts(Money(1240, "USD"), "ko"))
    ('−1,390원', 'US$12.40')
    """
    places = exponent(amount.currency)
    digits = f"{Decimal(abs(amount.minor)).scaleb(-places):,.{places}f}"
    mark = sign(amount.minor < 0, amount.minor > 0, diff)
    if amount.currency == "KRW":
        return MoneyParts(mark, "", digits, "원") if _korean(lang) else MoneyParts(mark, "₩", digits, "")
    return MoneyParts(mark, SIGNS.get(amount.currency, f"{amount.currency}\N{NO-BREAK SPACE}"), digits, "")


def money(amount: Money | None, lang: str | None = None, *, diff: bool = False) -> str:
    """An amount as text; ``diff`` puts a plus before what is above zero. None is unknown."""
    return UNKNOWN if amount is None else str(money_parts(amount, lang, diff=diff))


def price(value: Decimal, currency: str, lang: str | None = None) -> str:
    """A unit price: as many places as it has, at least those of its currency; 0.05 won stays 0.05.

    >>> price(Decimal("300.000000"), "KRW", "ko"), price(Decimal("0.004500"), "USD", "en")
    ('300원', 'US$0.0045')
    """
    places = max(exponent(currency), _places(value))
    digits = f"{abs(value):,.{places}f}"
    whole = money_parts(Money(0, currency), lang)
    return f"{sign(value < 0, value > 0, False)}{whole.before}{digits}{whole.after}"


def _places(value: Decimal) -> int:
    """Decimal places that carry something: 2.500000 has one."""
    power = value.normalize().as_tuple().exponent
    return max(0, -power) if isinstance(power, int) else 0


def count(number: int | None, lang: str | None = None) -> str:
    """A whole number, grouped: ``1,204``. None is unknown. The same in both languages."""
    return UNKNOWN if number is None else f"{sign(number < 0, False, False)}{abs(number):,}"


def qty(value: Decimal | None, lang: str | None = None) -> str:
    """A quantity: grouped, without idle zeros. None is unknown.

    >>> qty(Decimal("1204.500000")), qty(Decimal("10.000000"))
    ('1,204.5', '10')
    """
    return UNKNOWN if value is None else f"{sign(value < 0, False, False)}{abs(value):,.{_places(value)}f}"


def share(part: int | Decimal, whole: int | Decimal, lang: str | None = None, *, diff: bool = False) -> str:
    """part / whole in percent with one place, half away from zero; unknown when there is no whole.

    >>> share(624, 1000), share(81, 1000, diff=True)
    ('62.4%', '+8.1%')
    """
    if not whole:
        return UNKNOWN
    ratio = Decimal(part) * 100 / Decimal(whole)
    return percent(ratio, lang, diff=diff)


def percent(value: Decimal, lang: str | None = None, *, diff: bool = False) -> str:
    """A value that is in percent already, with one place: ``62.4%``."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{sign(rounded < 0, rounded > 0, diff)}{abs(rounded):,}%"


def points(value: Decimal, lang: str | None = None) -> str:
    """A difference between two percentages: ``+1.2%p`` in Korean, ``+1.2 pp`` in English."""
    rounded = value.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{sign(rounded < 0, rounded > 0, True)}{abs(rounded):,}" + ("%p" if _korean(lang) else "\N{NO-BREAK SPACE}pp")


def local(at: datetime, zone: str | None = None) -> datetime:
    """The wall clock of ``zone`` (left out: the operator's) at an aware instant. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    if zone is None:
        from django.conf import settings

        zone = str(settings.TIME_ZONE)
    return at.astimezone(ZoneInfo(zone))


def day(value: date | None, lang: str | None = None, *, year: int | None = None) -> str:
    """A calendar day. With ``year`` (the reader's present year) a day of that year drops it: ``11-22 일``, ``22 Nov``.

    >>> day(date(2026, 11, 22), "ko"), day(date(2026, 11, 22), "ko", year=2026), day(date(2026, 11, 22), "en")
    ('2026-11-22', '11-22 일', '22 Nov 2026')
    """
    if value is None:
        return UNKNOWN
    if _korean(lang):
        return f"{value:%m-%d} {WEEKDAYS[value.weekday()]}" if value.year == year else value.isoformat()
    return _english(value, with_year=value.year != year)


def plain_day(value: date | None, lang: str | None = None, *, year: int | None = None) -> str:
    """A day as a customer reads it: ``11월 22일`` in the reader's ``year``, else with the year; English as :func:`day`.

    >>> plain_day(date(2026, 11, 22), "ko", year=2026), plain_day(date(2025, 6, 1), "ko", year=2026), plain_day(date(2026, 11, 22), "en", year=2026)
    ('11월 22일', '2025년 6월 1일', '22 Nov')
    """
    if value is None:
        return UNKNOWN
    if not _korean(lang):
        return day(value, lang, year=year)
    return ("" if value.year == year else f"{value.year}년 ") + f"{value.month}월 {value.day}일"


def _english(value: date, *, with_year: bool) -> str:
    return f"{value.day} {MONTHS[value.month - 1]}" + (f" {value.year}" if with_year else "")


def when(at: datetime | None, lang: str | None = None, *, zone: str | None = None, year: int | None = None) -> str:
    """An instant on the operator's clock, to the minute: ``2026-11-22 21:42``, ``22 Nov 2026, 21:42``; short with ``year``."""
    if at is None:
        return UNKNOWN
    there = local(at, zone)
    if _korean(lang):
        return f"{there:%m-%d %H:%M}" if there.year == year else f"{there:%Y-%m-%d %H:%M}"
    if there.year == year:
        return f"{_english(there, with_year=False)} {there:%H:%M}"
    return f"{_english(there, with_year=True)}, {there:%H:%M}"


def clock(at: datetime, lang: str | None = None, *, zone: str | None = None, seconds: bool = False) -> str:
    """The time of day alone: ``21:42``, with ``seconds`` ``21:42:07``."""
    return f"{local(at, zone):{'%H:%M:%S' if seconds else '%H:%M'}}"


def ago(at: datetime, now: datetime, lang: str | None = None, *, zone: str | None = None) -> str:
    """The near past: under a minute 방금, under an hour ``12분 전``, the same day the clock, else the short date and clock."""
    minutes = int((now - at).total_seconds() // 60)
    ko = _korean(lang)
    if 0 <= minutes < 1:
        return "방금" if ko else "just now"
    if 1 <= minutes < 60:
        return f"{minutes}분 전" if ko else f"{minutes} min ago"
    here = local(now, zone)
    if local(at, zone).date() == here.date():
        return clock(at, lang, zone=zone)
    return when(at, lang, zone=zone, year=here.year)


def period(value: Period, lang: str | None = None, *, days: bool = True, year: int | None = None) -> str:
    """A half-open period as people read it, last day included, with its length unless ``days`` is False.

    With ``year`` (the reader's present year) a period inside that year drops it. A period without end says where it begins.

    >>> period(Period(date(2026, 11, 12), date(2026, 12, 1)), "ko", year=2026)
    '11-12 ~ 11-30, 19일'
    >>> period(Period(date(2026, 11, 12), date(2026, 12, 1)), "en", year=2026)
    '12 – 30 Nov, 19 days'
    """
    ko = _korean(lang)
    first, last = value.start, value.last
    if value.end >= FAR:
        shown = first.isoformat() if ko else _english(first, with_year=True)
        return f"{shown}부터" if ko else f"from {shown}"
    short = first.year == last.year == year
    if ko:
        text = first.strftime("%m-%d") if short else first.isoformat()
        if last > first:
            text += " ~ " + (last.strftime("%m-%d") if first.year == last.year else last.isoformat())
        return f"{text}, {value.days:,}일" if days else text
    text = _english(last, with_year=not short)
    if last > first:
        if (first.year, first.month) == (last.year, last.month):
            text = f"{first.day} {DASH} {text}"
        else:
            text = f"{_english(first, with_year=first.year != last.year)} {DASH} {text}"
    return f"{text}, {value.days:,} {'day' if value.days == 1 else 'days'}" if days else text


def month(value: date, lang: str | None = None, *, year: int | None = None) -> str:
    """The month of a day: ``2026년 10월`` or, in the year named, ``10월``; ``October 2026``, ``October``."""
    if _korean(lang):
        return f"{value.month}월" if value.year == year else f"{value.year}년 {value.month}월"
    return MONTH_NAMES[value.month - 1] + ("" if value.year == year else f" {value.year}")


def month_day(value: date, lang: str | None = None) -> str:
    """A day on the axis of a picture: ``11월 22일``, ``22 Nov``."""
    return f"{value.month}월 {value.day}일" if _korean(lang) else _english(value, with_year=False)


def tenure(start: date, today: date, lang: str | None = None) -> str:
    """For how long, counted as people count a membership: the month that is running. ``2년 8개월째``, ``2 y 8 mo``.

    >>> tenure(date(2026, 11, 12), date(2026, 11, 22), "ko"), tenure(date(2024, 3, 31), date(2026, 11, 22), "ko")
    ('1개월째', '2년 8개월째')
    >>> tenure(date(2024, 3, 31), date(2026, 11, 22), "en")
    '2\xa0y 8\xa0mo'
    """
    whole = (today.year - start.year) * 12 + today.month - start.month - (today.day < start.day)
    years, months = divmod(max(whole, 0) + 1, 12)
    if _korean(lang):
        return " ".join(f"{n}{u}" for n, u in ((years, "년"), (months, "개월")) if n) + "째"
    gap = "\N{NO-BREAK SPACE}"
    return " ".join(f"{n}{gap}{u}" for n, u in ((years, "y"), (months, "mo")) if n)


def left_parts(seconds: int, lang: str | None = None) -> list[tuple[str, str]] | None:
    """Time that is left, as (figure, unit) pairs: a clock under ten minutes, minutes under an hour, hours under a day; then None."""
    ko = _korean(lang)
    seconds = max(0, seconds)
    if seconds < 600:
        return [(f"{seconds // 60}:{seconds % 60:02d}", "")]
    minutes = seconds // 60
    if minutes < 60:
        return [(str(minutes), "분" if ko else "min")]
    if minutes < 24 * 60:
        parts = [(str(minutes // 60), "시간" if ko else "h")]
        return [*parts, (str(minutes % 60), "분" if ko else "min")] if minutes % 60 else parts
    return None


def left(until: datetime, now: datetime, lang: str | None = None, *, zone: str | None = None) -> str:
    """Time left until an instant: ``2:41``, ``12분``, ``1시간 18분``; a day or more away it is the date."""
    parts = left_parts(int((until - now).total_seconds()), lang)
    if parts is None:
        return day(local(until, zone).date(), lang, year=local(now, zone).year)
    space = "" if _korean(lang) else "\N{NO-BREAK SPACE}"
    return " ".join(f"{figure}{space if unit else ''}{unit}" for figure, unit in parts)


def duration(spent: timedelta | float, lang: str | None = None) -> str:
    """How long a thing took: ``4.2초`` under ten seconds, ``37초``, ``1분 12초``, ``2시간 05분``."""
    seconds = spent.total_seconds() if isinstance(spent, timedelta) else spent
    ko = _korean(lang)
    gap = "" if ko else "\N{NO-BREAK SPACE}"
    if seconds < 10:
        tenths = round_half_away(int(seconds * 1000), 100)
        return f"{tenths // 10}.{tenths % 10}{gap}{'초' if ko else 's'}"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}{gap}{'초' if ko else 's'}"
    if whole < 3600:
        return f"{whole // 60}{gap}{'분' if ko else 'min'} {whole % 60:02d}{gap}{'초' if ko else 's'}"
    return f"{whole // 3600}{gap}{'시간' if ko else 'h'} {whole % 3600 // 60:02d}{gap}{'분' if ko else 'min'}"


def word(value: object, lang: str | None = None) -> str:
    """Any value inside a sentence, written by its kind: whole numbers grouped, money, days, instants and quantities as above."""
    match value:
        case None:
            return UNKNOWN
        case bool() | str():
            return str(value)
        case Text():
            return value.ko if _korean(lang) else value.en
        case int():
            return count(value, lang)
        case Money():
            return money(value, lang)
        case Decimal():
            return qty(value, lang)
        case datetime():
            return when(value, lang)
        case date():
            return day(value, lang)
        case Period():
            return period(value, lang)
        case _:
            return str(value)


def excel_money(currency: str) -> str:
    """The number format of an amount in a spreadsheet: all its places, grouped, minus in front."""
    places = exponent(currency)
    return "#,##0" + (f".{'0' * places}" if places else "")


EXCEL_DAY = "yyyy-mm-dd"
EXCEL_WHEN = "yyyy-mm-dd hh:mm"
EXCEL_COUNT = "#,##0"
EXCEL_QTY = "#,##0.######"
