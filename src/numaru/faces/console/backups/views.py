"""Console pages of backups: one overview with two acts (back up now, check now), and taking note of a restored house."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.backups import states
from numaru.faces.console.backups.rooms import NAME
from numaru.kernel.backup import api as backup
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui import formats
from numaru.ui.forms import refuse, spoken
from numaru.ui.pages import actor_of, page, wants_fragment
from numaru.ui.shell import Crumb
from numaru.values.text import Text


class Noted(forms.Form):
    """What the administrator looked at before the house goes on."""

    reason = forms.CharField(
        label=spoken(Text("확인한 것", "What was checked")),
        max_length=400,
        help_text=spoken(
            Text("빠진 것을 어떻게 처리했는지 한두 문장으로 적으십시오.", "Write in a sentence or two how what is missing was dealt with.")
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": spoken(Text("무엇을 확인했는지 적으십시오.", "Write what was checked."))},
    )


def _look(request: HttpRequest, permission: str = backup.RUN_VIEW) -> None:
    if not actor_of(request).may(permission):
        raise NotAllowed.for_permission(permission)


def overview(request: HttpRequest) -> HttpResponse:
    """How the backups stand; the part that changes while one runs is fetched again by itself."""
    _look(request)
    return _overview(request)


def _overview(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    rows = list(backup.recent())
    for row in rows:
        row.face, row.what, row.proof = states.RUN[row.state], states.KINDS[row.kind], states.VERIFIED[row.verified]  # type: ignore[attr-defined]
        row.why = Text(row.failure["ko"], row.failure["en"]) if row.failure else None  # type: ignore[attr-defined]
    last = backup.last_check()
    context: dict[str, Any] = {
        "view": backup.overview(),
        "rows": rows,
        "check": last,
        "check_face": states.CHECK[last.state] if last else None,
        "checks": _checks(last),
        "restoration": backup.unacknowledged(),
        "may_start": actor_of(request).may(backup.RUN_START),
        "refused": refusal.findings if refusal else [],
        "oob": wants_fragment(request),
        "proof": states.VERIFIED,
    }
    if context["view"].last:
        context["last_proof"] = states.VERIFIED[context["view"].last.verified]
    status = refusal.status if refusal else 200
    return page(
        request,
        "console/backups/overview.html",
        context,
        room="shared",
        place="backups",
        crumbs=[Crumb(NAME)],
        fragment="live",
        status=status,
    )


def _checks(last: Any) -> list[dict[str, Any]]:
    """What each check of the last look found, with names in both languages; a check that no room offers any more keeps its key."""
    names = backup.check_names()
    out = []
    for row in last.checks if last else []:
        text, unit = names.get(row["key"], (Text(row["key"], row["key"]), Text("", "")))
        findings = [(Text(f["message_ko"], f["message_en"]), Text(f["remedy_ko"], f["remedy_en"])) for f in row["findings"]]
        out.append({"text": text, "looked": _counted(row["looked"], unit), "found": row["found"], "findings": findings})
    return out


def _counted(number: int, unit: Text) -> Text:
    return Text(f"{formats.count(number, 'ko')}{unit.ko}", f"{formats.count(number, 'en')} {unit.en}")


@require_POST
def now(request: HttpRequest) -> HttpResponse:
    """Start a full backup and go back to the overview."""
    _look(request, backup.RUN_START)
    try:
        backup.ask_backup.do(actor_of(request))
    except Refused as refusal:
        return _overview(request, refusal)
    return redirect("backups:overview")


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Start an integrity check and go back to the overview."""
    _look(request, backup.RUN_START)
    try:
        backup.ask_check.do(actor_of(request))
    except Refused as refusal:
        return _overview(request, refusal)
    return redirect("backups:overview")


def restored(request: HttpRequest) -> HttpResponse:
    """What is missing after a restore, and the note that it was dealt with."""
    _look(request)
    row = backup.unacknowledged()
    if row is None:
        raise NotFound.named(Text("확인할 되돌림", "restore to take note of"), "")
    may = actor_of(request).may(backup.RESTORATION_NOTE)
    form = Noted(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            backup.acknowledge.do(actor_of(request), restoration=row.pk, reason=form.cleaned_data["reason"])
            return redirect("backups:overview")
        except Refused as refusal:
            refuse(form, refusal)
    context = {"row": row, "missing": [Text(ko, en) for ko, en in row.missing], "form": form, "may": may}
    crumbs = [Crumb(NAME, reverse("backups:overview")), Crumb(Text("되돌림 확인", "Take note of the restore"))]
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "console/backups/restored.html", context, room="shared", place="backups", crumbs=crumbs, status=status)
