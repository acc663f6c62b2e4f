"""Forms: errors that point at their field, refusals of actions put where they belong, and the answer 422 (SCREENS §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms

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
