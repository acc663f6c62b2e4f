"""Every part in every state, drawn with the tags that screens use, in both themes side by side and in either language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation

from numaru.faces.console.gallery.rooms import NAME
from numaru.faces.console.gallery.samples import context
from numaru.faces.console.gallery.specimens import GROUPS, ON_A_LIST, Specimen
from numaru.ui.pages import page
from numaru.ui.shell import LANGUAGE_NAMES, Crumb
from numaru.values.text import LANGUAGES, language

THEMES = ("light", "dark")


def gallery(request: HttpRequest) -> HttpResponse:
    """All specimens; ``?lang=`` draws them in the other language while the frame stays in the reader's."""
    asked = request.GET.get("lang", "")
    lang = asked if asked in LANGUAGES else language()
    with translation.override(lang):
        contexts = {theme: context(request, theme) for theme in THEMES}
        groups = [(key, name, [(s, _panes(s, request, contexts)) for s in specimens]) for key, name, specimens in GROUPS]
    found = {
        "on_a_list": ON_A_LIST,
        "groups": groups,
        "lang": lang,
        "languages": [(code, LANGUAGE_NAMES[code], code == lang) for code in LANGUAGES],
    }
    return page(request, "console/gallery/gallery.html", found, room="shared", place="gallery", crumbs=[Crumb(NAME)])


def _panes(specimen: Specimen, request: HttpRequest, contexts: dict[str, dict[str, object]]) -> list[tuple[str, str]]:
    template = engines["django"].from_string(specimen.source)
    return [(theme, template.render(dict(contexts[theme]), request)) for theme in THEMES]
