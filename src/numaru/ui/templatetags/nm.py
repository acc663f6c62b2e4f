"""The tags of every page: both languages side by side, icons, and figures in the house's one form (SCREENS §9).

``{% load nm %}`` then ``{% t "가입자" "Subscribers" %}``. Texts in a tag are written by us and may hold markup; values are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms, template
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.static import static
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from numaru.kernel import clock
from numaru.ui import formats
from numaru.ui import forms as form_parts
from numaru.ui import peek as peeking
from numaru.ui.charts import Chart
from numaru.ui.counts import Counted
from numaru.ui.detail import Fact
from numaru.ui.icons import KNOWN
from numaru.ui.lists import Column, Page
from numaru.ui.states import State
from numaru.values import hangul
from numaru.values.money import Money
from numaru.values.period import Period
from numaru.values.text import Text, language

register = template.Library()


def _literal(bit: str) -> str | None:
    return bit[1:-1] if len(bit) >= 2 and bit[0] in "\"'" and bit[-1] == bit[0] else None


class TextNode(template.Node):
    """``{% t "ko" "en" ["en for many"] n=value … [as name] %}``"""

    child_nodelists = ()

    def __init__(self, texts: list[str], values: dict[str, FilterExpression], target: str | None) -> None:
        self.ko, self.en = texts[0], texts[1]
        self.many = texts[2] if len(texts) > 2 else None
        self.values = values
        self.target = target

    def render(self, context: template.Context) -> SafeString:
        lang = language()
        text = self.ko if lang == "ko" else self.en
        if self.values:
            found = {key: value.resolve(context) for key, value in self.values.items()}
            if lang == "en" and self.many is not None and _many(found.get("n")):
                text = self.many
            words = {k: conditional_escape(v if isinstance(v, SafeString) else formats.word(v, lang)) for k, v in found.items()}
            text = text.format(**words)
        shown = mark_safe(text)  # a literal of the template; its values are escaped
        if self.target:
            context[self.target] = shown
            return SafeString("")
        return shown


def _many(value: object) -> bool:
    return (value.n if isinstance(value, Counted) else value) != 1


@register.tag
def t(parser: Parser, token: Token) -> TextNode:
    """Korean and English, and the values to put in: whole numbers are grouped, money and days written by their format.

    A third text is the English plural, taken when ``n`` is not 1: ``{% t "{n}건" "{n} row" "{n} rows" n=total %}``.
    Only literals are taken as texts, so that nothing typed by a person can become markup.
    """
    bits = token.split_contents()[1:]
    target = None
    if len(bits) > 2 and bits[-2] == "as":
        target = bits[-1]
        bits = bits[:-2]
    texts: list[str] = []
    while bits and (text := _literal(bits[0])) is not None:
        texts.append(text)
        bits = bits[1:]
    if len(texts) not in (2, 3):
        raise template.TemplateSyntaxError("t takes two or three quoted texts: Korean, English and perhaps the English plural")
    values = {}
    for bit in bits:
        name, equals, value = bit.partition("=")
        if not equals or not name.isidentifier():
            raise template.TemplateSyntaxError(f"t takes name=value after its texts, not {bit!r}")
        values[name] = parser.compile_filter(value)
    for text in texts:
        try:
            text.format(**dict.fromkeys(values, "x"))
        except (KeyError, IndexError, ValueError) as error:
            raise template.TemplateSyntaxError(f"t: {text!r} asks for a value that is not given: {error}") from error
    return TextNode(texts, values, target)


@register.simple_tag
def icon(name: str, label: str | Text = "", cls: str = "") -> SafeString:
    """An icon from the sprite. Without ``label`` it is decoration; with it, it is read aloud."""
    if name not in KNOWN:
        raise template.TemplateSyntaxError(f"no such icon: {name}; add it to numaru.ui.icons")
    classes = f"icon {cls}".strip()
    if not label:
        return _plain_icon(name, classes)
    href = f"{static('ui/vendor/icons.svg')}#{name}"
    return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)


@cache
def _plain_icon(name: str, classes: str) -> SafeString:
    href = f"{static('ui/vendor/icons.svg')}#{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


def _unknown() -> SafeString:
    return format_html(
        '<span class="unknown"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>',
        formats.UNKNOWN,
        Text("알 수 없음", "unknown"),
    )


_ZERO = SafeString('<span class="zero">0</span>')


@register.simple_tag
def money(amount: Money | None, diff: bool = False, quiet: bool = False) -> SafeString:
    """An amount with its unit set small. ``diff`` shows a plus; ``quiet`` writes nothing owed as a faint 0."""
    if amount is None:
        return _unknown()
    if quiet and not amount:
        return _ZERO
    parts = formats.money_parts(amount, diff=diff)
    before = format_html('<small class="cur">{}</small>', parts.before) if parts.before else ""
    after = format_html("<small>{}</small>", parts.after) if parts.after else ""
    return format_html('<span class="won">{}{}{}{}</span>', parts.sign, before, parts.digits, after)


@register.simple_tag
def day(value: date | datetime | None, short: bool = False) -> SafeString:
    """A calendar day; ``short`` drops the present year. An instant is the day that the operator's clock shows then."""
    if value is None:
        return _unknown()
    on = formats.local(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), formats.day(on, year=clock.today().year if short else None))


@register.simple_tag
def plainday(value: date | datetime | None) -> SafeString:
    """A day as customers read it, without the present year; an instant on the operator's clock."""
    if value is None:
        return _unknown()
    on = formats.local(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), formats.plain_day(on, year=clock.today().year))


@register.simple_tag
def when(at: datetime | None, short: bool = False) -> SafeString:
    """An instant on the operator's clock; ``short`` drops the present year."""
    if at is None:
        return _unknown()
    shown = formats.when(at, year=clock.today().year if short else None)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), shown)


@register.simple_tag
def hm(at: datetime) -> SafeString:
    """The time of day alone."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), formats.clock(at))


@register.simple_tag
def ago(at: datetime | None) -> SafeString:
    """How long ago, up to an hour; then the clock or the date."""
    if at is None:
        return _unknown()
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), formats.ago(at, clock.now()))


@register.simple_tag
def left(until: datetime, label: str | Text = "", mine: bool = False) -> SafeString:
    """The time left until an instant, units set small; it counts down by itself (clocks.js). A day and more away it is the date.

    ``label`` names what ends, for the one sentence at a breach; ``mine`` says it at once.
    """
    now = clock.now()
    seconds = int((until - now).total_seconds())
    parts = formats.left_parts(seconds)
    if parts is None:
        return day(formats.local(until).date(), short=True)
    tone = " clock-bad" if seconds <= 0 else " clock-warn" if seconds < 600 else ""
    more = format_html(' data-label="{}"', label) if label else SafeString("")
    more += SafeString(" data-mine") if mine else SafeString("")
    shown = format_html_join(" ", "{}<small>{}</small>", parts)
    return format_html(
        '<span class="clock{}" data-until="{}" data-now="{}"{}>{}</span>',
        tone,
        until.isoformat(timespec="seconds"),
        now.isoformat(),
        more,
        shown,
    )


@register.simple_tag
def period(value: Period | None, short: bool = False, days: bool = True) -> SafeString:
    """A period, last day included; ``short`` drops the present year, ``days=False`` its length."""
    if value is None:
        return _unknown()
    shown = formats.period(value, days=days, year=clock.today().year if short else None)
    return format_html('<span class="nowrap">{}</span>', shown)


@register.simple_tag
def month(value: date, short: bool = False) -> str:
    """The month of a day."""
    return formats.month(value, year=clock.today().year if short else None)


@register.simple_tag
def state(value: State, pill: bool = False, word: str | Text = "") -> SafeString:
    """Word, icon and tone of a state; ``pill`` in the head of an object, ``word`` when the state says a figure."""
    cls = f"st st-{value.tone}" + (" st-pill" if pill else "")
    return format_html('<span class="{}">{}{}</span>', cls, icon(value.icon), word or value.word)


@register.simple_tag
def masked(value: str, url: str = "", label: str | Text = "") -> SafeString:
    """A personal value in its masked form, as it came from parties. ``url`` asks for the reason and shows it; ``label`` says of what: "이름 보기"."""
    if not value:
        return _unknown()
    show = format_html('<a class="unmask" href="{}" aria-label="{}">{}</a>', url, label, Text("보기", "Show")) if url else ""
    return format_html('<span class="masked">{}{}</span>', value, show)


@register.simple_tag
def count(number: int | Counted | None) -> SafeString:
    """A whole number, grouped; nothing is a faint 0, unknown a dash, and what was not counted to the end carries a plus."""
    if number is None:
        return _unknown()
    if isinstance(number, Counted):
        return format_html("{}", number) if number.n else _ZERO
    return format_html("{}", formats.count(number)) if number else _ZERO


@register.simple_tag
def qty(value: Decimal | None) -> SafeString:
    """A quantity without idle zeros; nothing is a faint 0."""
    if value is None:
        return _unknown()
    return format_html("{}", formats.qty(value)) if value else _ZERO


@register.filter
def tongue(value: object) -> SafeString | str:
    """A text that was written in one language alone, marked so that it is read aloud in its own: Korean on an English page."""
    text = str(value)
    if language() != "ko" and any("가" <= c <= "힣" for c in text):
        return format_html('<span lang="ko">{}</span>', text)
    return conditional_escape(text)


@register.simple_tag
def share(part: int, whole: int, diff: bool = False) -> str:
    """A share in percent with one place."""
    return formats.share(part, whole, diff=diff)


@register.simple_tag
def duration(spent: Any) -> str:
    """How long a thing took."""
    return formats.duration(spent)


@register.inclusion_tag("ui/parts/field.html")
def field(bound: forms.BoundField, check: bool = False) -> dict[str, Any]:
    """A labelled control with its hint and its errors; what is not required says so. ``check``: asked about when it is left (forms.checked)."""
    attrs = form_parts.control_attrs(bound) | (form_parts.check_attrs(bound) if check else {})
    return {"bound": bound, "control": bound.as_widget(attrs=attrs), "optional": not bound.field.required, "errors": bound.errors}


@register.inclusion_tag("ui/parts/errsum.html")
def errsum(form: forms.BaseForm) -> dict[str, Any]:
    """The summary of a form that came back: what is wrong, each linked to its field."""
    return {"wrong": form_parts.summary(form) if form.is_bound and form.errors else []}


@register.inclusion_tag("ui/parts/chart.html")
def chart(value: Chart) -> dict[str, Any]:
    """A picture with its sentence and its table."""
    return {"chart": value}


@register.simple_tag
def cell(column: Column, value: Any) -> SafeString | str:
    """A value of a list, written by the kind of its column."""
    if value is None:
        return _unknown()
    match column.kind:
        case "money":
            return money(value, quiet=column.quiet)
        case "count":
            return count(value)
        case "qty":
            return qty(value)
        case "date":
            return day(value, short=column.short)
        case "when":
            return when(value, short=column.short)
        case "period":
            return period(value, short=column.short)
        case "state":
            return state(value)
        case "masked":
            return masked(value)
        case _:
            return conditional_escape(formats.word(value))


@register.simple_tag
def written(value: Any, diff: bool = False) -> SafeString | str:
    """Any value of a page, written by its kind: an unknown one as a dash, a state with its icon, an amount with its small unit."""
    match value:
        case None | "":
            return _unknown()
        case SafeString():
            return value
        case Money():
            return money(value, diff=diff)
        case State():
            return state(value)
        case datetime():
            return when(value)
        case date():
            return day(value)
        case Period():
            return period(value)
        case Counted():
            return count(value)
        case bool():
            return formats.word(Text("예", "yes") if value else Text("아니요", "no"))
        case int():
            return count(value)
        case Decimal():
            return qty(value)
        case _:
            return conditional_escape(formats.word(value))


@register.inclusion_tag("ui/parts/facts.html")
def facts(items: Sequence[Fact]) -> dict[str, Any]:
    """The one line of facts under the head of an object."""
    return {"facts": items}


@register.simple_tag
def figure(value: Any) -> SafeString | str:
    """A figure beside others, written by its kind."""
    if isinstance(value, Money):
        return money(value)
    return conditional_escape(formats.word(value)) if value is not None else _unknown()


@register.simple_tag
def marked(value: Text | str, typed: str) -> SafeString:
    """A title with what was typed marked in it; of a masked name, which shows less than it was found by, all of it."""
    shown = str(formats.word(value))
    found = (0, len(shown)) if "*" in shown and typed else hangul.span(shown, typed)
    if found is None:
        return format_html("{}", shown)
    start, end = found
    return format_html("{}<mark>{}</mark>{}", shown[:start], shown[start:end], shown[end:])


@register.simple_tag
def peek_at(url: str) -> SafeString:
    """The attributes of a link to an object behind which there is a glance; nothing for any other address."""
    found = peeking.address(url) if url else ""
    return format_html(' data-peek="{}" aria-keyshortcuts="Alt+Enter"', found) if found else SafeString("")


@register.inclusion_tag("ui/parts/chip.html")
def chip(url: str, label: Any) -> dict[str, Any]:
    """The number or name of an object as a link with a glance behind it, where its room offers one (``numaru.ui.peek``); without an address only
    its label."""
    return {"url": url, "label": formats.word(label)}


@register.simple_tag
def list_rows(page: Page) -> SafeString:
    """The rows of a list. Written here and not in the template because a page has hundreds of cells."""
    choose = Text("{key} 고르기", "Choose {key}")
    out: list[str] = []
    for key, cells in page.cells():
        first = next((url for _, _, url in cells if url), "")
        out.append(format_html('<tr data-row="{}">', key or first.partition("?")[0]))
        if page.listing.row_field:
            out.append(
                format_html(
                    '<td class="pick"><input class="form-check-input" type="checkbox" name="row" value="{}" form="chosen-{}" aria-label="{}"></td>',
                    key,
                    page.listing.key,
                    choose.fill(key=key),
                )
            )
        for column, value, url in cells:
            cls = ' class="num"' if column.right else ' class="idno"' if column.kind == "id" else ""
            shown = conditional_escape(cell(column, value))
            look = peek_at(url) if column.peek else ""
            out.append(f'<td{cls}><a href="{escape(url)}"{look}>{shown}</a></td>' if url else f"<td{cls}>{shown}</td>")
        out.append("</tr>\n")
    return mark_safe("".join(out))  # every part above is escaped
