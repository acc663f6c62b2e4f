"""Console pages of plain records: tables, a row with its history, forms that foretell what they do and mind what others did meanwhile."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from numaru.faces.console.records.rooms import NAME
from numaru.kernel.access import Actor
from numaru.kernel.audit import api as audit
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import asking, lists
from numaru.ui.beside import beside
from numaru.ui.detail import Fact, facts
from numaru.ui.forms import checked, refuse
from numaru.ui.pages import actor_of, page
from numaru.ui.records import Record, Step, history, reason_field, records
from numaru.ui.shell import Crumb
from numaru.values.text import Text


def _record(request: HttpRequest, key: str) -> tuple[Record, Actor]:
    """The table, for who may look at it. Raises NotFound and NotAllowed."""
    record, actor = records.get(key), actor_of(request)
    if record is None:
        raise NotFound.named(NAME, key)
    if not actor.may_somewhere(record.permission):
        raise NotAllowed.for_permission(record.permission)
    return record, actor


def _may(actor: Actor, record: Record, step: Step) -> None:
    if not record.may(actor, step):
        raise NotAllowed.for_permission(step.action.permission)


def _crumbs(record: Record, *more: Crumb) -> list[Crumb]:
    return [Crumb(NAME, reverse("records:index")), Crumb(record.name, reverse("records:list", args=[record.key])), *more]


def index(request: HttpRequest) -> HttpResponse:
    """Every table that the reader may see, with how many rows are in use."""
    actor = actor_of(request)
    seen = [one for _, one in records if actor.may_somewhere(one.permission)]
    if not seen:
        raise NotAllowed.for_permission(next(iter(records))[1].permission)
    told = [(one, one.rows.filter(**{f"{one.retired_field}__isnull": True}).count()) for one in seen]
    return page(request, "console/records/index.html", {"tables": told}, room="shared", place="records", crumbs=[Crumb(NAME)])


def rows(request: HttpRequest, key: str) -> HttpResponseBase:
    """One table."""
    record, actor = _record(request, key)
    context = {"record": record, "may_add": record.may(actor, record.add), "add": reverse("records:add", args=[key])}
    crumbs = [Crumb(NAME, reverse("records:index")), Crumb(record.name)]
    return lists.respond(
        request, record.listing(), record.rows, "console/records/list.html", context, room="shared", place="records", crumbs=crumbs
    )


def one(request: HttpRequest, key: str, row: str) -> HttpResponse:
    """One row: what stands in it, what uses it, and its history."""
    record, actor = _record(request, key)
    found = record.row(row)
    line = beside(request, record.listing(), record.rows, found, record.url, reverse("records:list", args=[key]))
    context = {
        "record": record, "row": found, "title": record.title(found), "face": record.face(found), "retired": record.retired(found),
        "facts": facts(*(Fact(f.label, (f.said(found) if f.said else getattr(found, f.key)) or None) for f in record.fields)),
        "uses": record.uses(found), "history": history(record, row), "beside": line, "may_change": record.may(actor, record.change),
        "may_turn": record.may(actor, record.restore if record.retired(found) else record.retire), "may_audit": actor.may(audit.RECORD_VIEW),
        "change": reverse("records:change", args=[key, row]),
        "turn": reverse("records:restore" if record.retired(found) else "records:retire", args=[key, row]),
    }  # fmt: skip
    crumbs = [Crumb(NAME, reverse("records:index")), Crumb(record.name, line.back), Crumb(row)]
    return page(request, "console/records/one.html", context, room="shared", place="records", crumbs=crumbs)


def _given(record: Record, step: Step, form: forms.Form, row: str | None) -> dict[str, Any]:
    given = {k: v for k, v in form.cleaned_data.items() if k != "reason"}
    return {**given, step.by: row} if row is not None else given


def _seal(form: forms.Form) -> str:
    """A mark of what was typed, so that only what was foretold is done."""
    plain = {k: v for k, v in form.data.items() if k in form.fields}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]


def add(request: HttpRequest, key: str) -> HttpResponse:
    """A new row: the form, then what it does, then done."""
    record, actor = _record(request, key)
    _may(actor, record, record.add)
    form = record.form(request.POST if request.method == "POST" else None)
    if (said := checked(request, form)) is not None:
        return said
    effects: list[Text] = []
    if request.method == "POST" and form.is_valid():
        given = _given(record, record.add, form, None)
        try:
            if request.POST.get("seen") == _seal(form):
                record.add.action.do(actor, **given)
                return redirect("records:one", key, given[record.key_field])
            effects = record.add.action.plan(actor, **given).effects
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
    title = Text("{w} 추가", "Add a {w}").fill(w=record.one)
    context = {
        "record": record, "form": form, "title": title, "effects": effects, "seen": _seal(form) if effects else "",
        "back": reverse("records:list", args=[key]), "act": Text("{w} 추가", "Add the {w}").fill(w=record.one), "second": None,
    }  # fmt: skip
    return _form(request, record, context, Crumb(title), bool(effects))


def _form(request: HttpRequest, record: Record, context: dict[str, Any], crumb: Crumb, foretold: bool, *more: Crumb) -> HttpResponse:
    status = 422 if request.method == "POST" and not foretold else 200
    return page(
        request, "console/records/form.html", context, room="shared", place="records", crumbs=_crumbs(record, *more, crumb), status=status
    )


def change(request: HttpRequest, key: str, row: str) -> HttpResponse:
    """Change a row. A form that was filled over what no longer stands there changes nothing and shows both (409)."""
    record, actor = _record(request, key)
    _may(actor, record, record.change)
    found = record.row(row)
    form = record.form(request.POST if request.method == "POST" else None, found)
    if (said := checked(request, form)) is not None:
        return said
    effects: list[Text] = []
    differences: list[tuple[Text, str, str]] = []
    stale = request.method == "POST" and request.POST.get("mark") != record.mark(found)
    valid = request.method == "POST" and form.is_valid()
    if valid:
        differences = record.differences(found, form.cleaned_data)
    if valid and not stale:
        given, reason = _given(record, record.change, form, row), form.cleaned_data.get("reason", "")
        try:
            if not differences:
                form.add_error(None, str(Text("바뀐 것이 없습니다.", "Nothing was changed.")))
            elif request.POST.get("seen") == _seal(form):
                with transaction.atomic():
                    locked = record.rows.select_for_update(of=("self",)).get(pk=found.pk)
                    stale = record.mark(locked) != request.POST.get("mark")
                    if not stale:
                        outcome = asking.carry_out(actor, record.change.action, reason=reason, **given)
                if not stale:
                    return asking.follow(outcome, "records:one", key, row)
            else:
                effects = record.change.action.plan(actor, reason=reason, **given).effects
        except (NotAllowed, NotFound):
            raise
        except Refused as refused:
            refuse(form, refused)
    foretold = valid and not stale and not form.errors and bool(differences)
    found = record.row(row) if stale else found
    title = Text("{t} 고치기", "Change {t}").fill(t=record.title(found))
    context = {
        "record": record, "form": form, "title": title, "effects": effects, "differences": differences if foretold or stale else [],
        "seen": _seal(form) if foretold else "", "mark": record.mark(found), "back": reverse("records:one", args=[key, row]), "stale": stale,
        "last": next(iter(history(record, row)), None) if stale else None, "act": _act(len(differences)),
        "fixed": [Fact(f.label, f.said(found) if f.said else getattr(found, f.key)) for f in record.fields if f.fixed],
        "second": asking.need(actor, record.change.action, **{record.change.by: row}),
    }  # fmt: skip
    answer = _form(request, record, context, Crumb(Text("고치기", "Change")), foretold, Crumb(row, reverse("records:one", args=[key, row])))
    if stale:
        answer.status_code = 409
    return answer


def _act(n: int) -> Text:
    return Text(f"{n}개 항목 바꾸기", f"Change {n} {'field' if n == 1 else 'fields'}")


class Why(forms.Form):
    """Only a reason."""

    reason = reason_field()


def turn(request: HttpRequest, key: str, row: str, retire: bool) -> HttpResponse:
    """Retire a row or take it up again: what it does, a reason, done."""
    record, actor = _record(request, key)
    step = record.retire if retire else record.restore
    _may(actor, record, step)
    found = record.row(row)
    form = Why(request.POST if request.method == "POST" else None)
    faults: list[Any] = []
    effects: list[Text] = []
    try:
        effects = step.action.plan(actor, **{step.by: row}).effects
        if request.method == "POST" and form.is_valid():
            outcome = asking.carry_out(actor, step.action, reason=form.cleaned_data["reason"], **{step.by: row})
            return asking.follow(outcome, "records:one", key, row)
    except (NotAllowed, NotFound):
        raise
    except Refused as refused:
        if any(f.field == "reason" for f in refused.findings):
            refuse(form, refused)
        else:
            faults = refused.findings
    title = Text("{t} 은퇴", "Retire {t}") if retire else Text("{t} 되살리기", "Restore {t}")
    context = {
        "record": record, "form": form, "title": title.fill(t=record.title(found)), "effects": effects, "faults": faults, "retire": retire,
        "back": reverse("records:one", args=[key, row]), "second": asking.need(actor, step.action, **{step.by: row}),
    }  # fmt: skip
    crumbs = _crumbs(
        record,
        Crumb(row, reverse("records:one", args=[key, row])),
        Crumb(Text("은퇴", "Retire") if retire else Text("되살리기", "Restore")),
    )
    status = 409 if faults and request.method == "POST" else 422 if request.method == "POST" else 200
    return page(request, "console/records/turn.html", context, room="shared", place="records", crumbs=crumbs, status=status)
