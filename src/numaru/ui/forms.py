"""Forms: errors that point at their field, refusals of actions put where they belong, and the answer 422 (SCREENS §7)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from numaru.kernel.errors import Refused
from numaru.values.text import Text


def spoken(text: Text) -> str:
    """``text`` where Django wants a string: it stays a pair and is read in the language of each page (labels, hints, messages)."""
    return cast("str", text)


def refuse(form: forms.BaseForm, refusal: Refused) -> None:
    """Put the findings of a refusal onto ``form``: under the field they name, or at the top. Each keeps its remedy."""
    for finding in refusal.findings:
        field = finding.field if finding.field in form.fields else None
        form.add_error(field, f"{finding.message} {finding.remedy}".strip())


@dataclass(frozen=True, slots=True)
class Wrong:
    """One entry of the summary at the top: the label and the id of its control; ``control`` is empty for the form as a whole."""

    label: str
    control: str
    message: str


def summary(form: forms.BaseForm) -> list[Wrong]:
    """What is wrong with a bound form, in the order of its fields, errors of the whole form first."""
    out = [Wrong("", "", str(message)) for message in form.non_field_errors()]
    for bound in form:
        out += [Wrong(str(bound.label), bound.id_for_label, str(message)) for message in bound.errors]
    return out


def control_attrs(bound: forms.BoundField) -> dict[str, Any]:
    """Attributes that make a control ours and tie it to its hint and its errors."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        cls = "checks"  # of the group and of each box in it
    elif isinstance(widget, forms.CheckboxInput):
        cls = "form-check-input"
    elif isinstance(widget, forms.Select):
        cls = "form-select"
    else:
        cls = "form-control"
    attrs: dict[str, Any] = {"class": f"{cls} {widget.attrs.get('class', '')}".strip()}
    described = []
    if bound.help_text:
        described.append(f"{bound.auto_id}_hint")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return attrs


def check_attrs(bound: forms.BoundField) -> dict[str, str]:
    """Attributes of a control that has the server look at it when it is left with another value. Never while it is typed or composed: a
    change is told once, on leaving. Only what is said below it is swapped, so the control itself keeps focus and words."""
    return {
        "hx-post": "", "hx-trigger": "change", "hx-target": f"#{bound.auto_id}_said", "hx-swap": "outerHTML", "hx-include": "closest form",
        "hx-vals": json.dumps({"check": bound.name}),
    }  # fmt: skip


def checked(request: HttpRequest, form: forms.BaseForm) -> HttpResponse | None:
    """What is to be said below one field that was just left (POST ``check=NAME`` by htmx): its errors by the same form class, or its hint.

    None when the request is none of these. Nothing is done; a view asks this before it looks at the form::

        if (said := forms.checked(request, form)) is not None:
            return said
    """
    name = request.POST.get("check", "") if request.method == "POST" else ""
    if not name or request.headers.get("HX-Request") != "true" or name not in form.fields:
        return None
    bound = form[name]
    empty = not str(request.POST.get(bound.html_name, "")).strip()
    errors = [] if empty else list(bound.errors)  # a field left empty is told when the form is sent, not on the way through it
    answer = render(request, "ui/parts/said.html", {"bound": bound, "errors": errors})
    answer["Cache-Control"] = "no-store"
    return answer
