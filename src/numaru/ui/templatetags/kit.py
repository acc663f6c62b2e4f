"""Tags of the parts that show how much, how far and what next: sparks, bars, stat lines, stations, people, tips, key caps.

``{% load kit %}`` beside ``{% load nm %}``. Everything drawn is SVG with attributes, so no style attribute is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from numaru.ui import formats
from numaru.ui.progress import Station
from numaru.ui.states import TONES
from numaru.ui.templatetags.nm import icon
from numaru.values.text import Text

register = template.Library()
BARS = ("good", "warn", "bad", "info", "timber", "mute")


@register.simple_tag
def spark(values: Sequence[float | int | None], tone: str = "", label: str | Text = "") -> SafeString:
    """A small line of how a figure went, oldest first; ``tone``: warn, bad, mute. With ``label`` it is read aloud, without it is decoration."""
    known = [float(v) for v in values if v is not None]
    if len(known) < 2:
        return SafeString("")
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = 100 / (len(values) - 1)
    points = " ".join(f"{n * step:.1f},{20 - (float(v) - low) / span * 18:.1f}" for n, v in enumerate(values) if v is not None)
    cls = "spark" + (f" spark-{tone}" if tone in ("warn", "bad", "mute") else "")
    said = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    return format_html('<svg class="{}" viewBox="0 0 100 22" preserveAspectRatio="none"{}><polyline points="{}"/></svg>', cls, said, points)


@register.simple_tag
def bar(part: int | float, whole: int | float, tone: str = "", label: str | Text = "", mark: float | None = None) -> SafeString:
    """How much of a whole, as a thin bar; ``mark`` is a place on it that counts (a limit). Always beside its figure, or with ``label``."""
    share = max(0.0, min(1.0, float(part) / float(whole))) if whole else 0.0
    cls = "bar" + (f" bar-{tone}" if tone in BARS else "")
    said = format_html(' role="img" aria-label="{}"', label) if label else SafeString(' aria-hidden="true"')
    drawn = format_html('<rect class="val" width="{}" height="4" rx="2"/>', f"{share * 100:.1f}") if share else SafeString("")
    if mark is not None and whole:
        drawn += format_html(
            '<rect class="mrk" x="{}" y="-2" width="1" height="8"/>', f"{max(0.0, min(1.0, mark / float(whole))) * 100:.1f}"
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 100 4" preserveAspectRatio="none"{}><rect class="trk" width="100" height="4" rx="2"/>{}</svg>',
        cls,
        said,
        drawn,
    )


@register.inclusion_tag("ui/parts/stat.html")
def stat(
    label: Text | str, value: Any, change: Text | str = "", values: Sequence[float] = (), tone: str = "", unit: Text | str = ""
) -> dict[str, Any]:
    """One line of figures in a ``<dl class="stats">``: what, how much, how it changed, how it went."""
    return {"label": label, "value": value, "change": change, "values": values, "tone": tone, "unit": unit}


@register.inclusion_tag("ui/parts/stations.html")
def stations(items: Sequence[Station]) -> dict[str, Any]:
    """A journey as a line of stations: done, now, wait, bad."""
    return {"stations": items}


@register.simple_tag
def person(name: str, number: str, url: str = "") -> SafeString:
    """A person as a chip: the masked name and the number; a link where there is a page."""
    inner = format_html('{}<span class="masked">{}</span><span class="idno">{}</span>', icon("user"), name, number)
    return (
        format_html('<a class="chip who-c" href="{}">{}</a>', url, inner)
        if url
        else format_html('<span class="chip who-c">{}</span>', inner)
    )


@register.inclusion_tag("ui/parts/tip.html")
def tip(words: Text | str, label: Text | str, key: str = "") -> dict[str, Any]:
    """A word of explanation behind an i: opened by press, key or touch, closed by Esc; never a ``title``. ``label`` names what it explains."""
    return {"words": words, "label": label, "id": f"tip-{key or slugify(formats.word(label, 'en'))}"}


@register.simple_tag
def keys(written: str) -> SafeString:
    """Key caps: ``{% keys "Ctrl K" %}``."""
    return format_html_join(" ", "<kbd>{}</kbd>", ((key,) for key in written.split()))


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon that goes with a tone."""
    return icon(TONES[tone])
