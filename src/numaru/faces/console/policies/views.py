"""The screens of policies. A change is asked for here and approved under approvals."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from numaru.faces.console.policies import words
from numaru.faces.console.policies.forms import ChangeForm
from numaru.faces.console.policies.rooms import NAME
from numaru.kernel import clock
from numaru.kernel.errors import NotAllowed, Refused
from numaru.kernel.policies import api as policies
from numaru.ui import asking
from numaru.ui.forms import refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.shell import Crumb
from numaru.values.text import Text


def _look(request: HttpRequest) -> None:
    if not actor_of(request).may_somewhere(policies.POLICY_VIEW):
        raise NotAllowed.for_permission(policies.POLICY_VIEW)


def _row(one: policies.Standing) -> dict[str, Any]:
    soonest = one.coming[0] if one.coming else None
    return {
        "key": one.shipped.key,
        "text": one.shipped.text,
        "value": words.shown(one.shipped, one.value),
        "basis": one.basis,
        "own": one.row,
        "apart": len(one.apart),
        "coming": soonest and (soonest.row.valid_from, words.shown(one.shipped, soonest.value)),
        "room": one.room,
    }


def _holds(row: dict[str, Any], q: str) -> bool:
    text = row["text"]
    return q.lower() in " ".join([row["key"], text.ko, text.en, row["basis"], row["value"]]).lower()


def table(request: HttpRequest) -> HttpResponse:
    """Every figure of the house in force today, by room; the search looks into names, values and bases."""
    _look(request)
    q = request.GET.get("q", "").strip()[:100]
    rows = [_row(one) for one in policies.standings(clock.today())]
    found = [row for row in rows if not q or _holds(row, q)]
    groups = [(words.room(key), list(group)) for key, group in groupby(found, key=lambda row: row["room"])]
    context = {"groups": groups, "q": q, "total": len(found), "all": len(rows), "own": sum(1 for row in rows if row["own"])}
    return page(request, "console/policies/list.html", context, room="shared", place="policies", crumbs=[Crumb(NAME)])


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One figure: in force, set apart, coming, and every version there was."""
    _look(request)
    found = policies.standing(key, clock.today())
    names = words.scope_names()
    versions = [
        {
            "scope": words.scope(v.row.scope, names),
            "value": words.shown(found.shipped, v.value),
            "state": words.STATES[v.state],
            "row": v.row,
        }
        for v in found.versions
    ]
    context = {
        "one": found,
        "value": words.shown(found.shipped, found.value),
        "shipped": words.shown(found.shipped, found.shipped.value),
        "apart": [v for v in versions if v["row"] in [a.row for a in found.apart]],
        "coming": [v for v in versions[::-1] if v["row"] in [c.row for c in found.coming]],
        "versions": versions,
        "room_name": words.room(found.room),
        "may_change": actor_of(request).may_somewhere(policies.POLICY_CHANGE),
        "address": reverse("policies:policy", args=[key]),
    }
    crumbs = [Crumb(NAME, reverse("policies:list")), Crumb(found.shipped.text)]
    return page(request, "console/policies/policy.html", context, room="shared", place="policies", crumbs=crumbs)


def _scopes(request: HttpRequest, one: policies.Shipped) -> list[tuple[str, str]]:
    seen = actor_of(request).services(policies.POLICY_CHANGE)
    out = []
    for key, name in words.scope_names().items():
        kind, _, slug = key.partition(":")
        if kind in one.scopes and (seen is None or (kind == "service" and slug in seen)):
            out.append((key, str(name)))
    return out


def change(request: HttpRequest, key: str) -> HttpResponse:
    """GET shows the form, POST asks a second person, or sets the value where the house has nobody else."""
    found = policies.standing(key, clock.today())
    actor = actor_of(request)
    if not actor.may_somewhere(policies.POLICY_CHANGE):
        raise NotAllowed.for_permission(policies.POLICY_CHANGE)
    first = {
        "value": policies.KINDS[found.shipped.kind].typed(found.value),
        "basis": found.basis,
        "source": found.row.source if found.row else "",
    }
    form = ChangeForm(request.POST or None, initial=first, one=found.shipped, scopes=_scopes(request, found.shipped))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            outcome = asking.carry_out(
                actor, policies.change, reason=data["reason"], key=key, value=data["value"], scope=data["scope"], valid_from=data["valid_from"],
                basis=data["basis"], source=data["source"], past=data["past"],
            )  # fmt: skip
            return asking.follow(outcome, "policies:policy", key)
        except Refused as refusal:
            refuse(form, refusal)
    context = {
        "form": form,
        "one": found,
        "value": words.shown(found.shipped, found.value),
        "second": asking.need(actor, policies.change, scope="operator"),
    }
    crumbs = [
        Crumb(NAME, reverse("policies:list")),
        Crumb(found.shipped.text, reverse("policies:policy", args=[key])),
        Crumb(Text("변경", "Change")),
    ]
    status = 422 if form.is_bound else 200
    return page(request, "console/policies/change.html", context, room="shared", place="policies", crumbs=crumbs, status=status)
