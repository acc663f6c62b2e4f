"""Acts on many rows as people meet them: the floor of a list, the question what is to hold for all, then the preview of each row.

The list's own page answers ``?bulk=KEY`` with ``row=…`` (rows picked by hand) or ``all=1`` (whatever the address shows): nothing about a list is
said twice, and who may not see a row cannot choose it. A room declares an act in :data:`numaru.kernel.desk.acts`; the preview, the last step and
what came of it are pages of the desk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from numaru.kernel.desk import api as desk
from numaru.kernel.errors import NotAllowed, NotFound, Refused
from numaru.ui.counts import Counted
from numaru.ui.forms import checked, refuse, spoken
from numaru.ui.lists import Page
from numaru.values.text import Text

SAMPLE = 8  # names said before the preview


class BulkForm(forms.Form):
    """What holds for all rows of an act. A room adds its fields before the reason."""

    reason = forms.CharField(
        label=spoken(Text("사유", "Reason")), max_length=400,
        help_text=spoken(Text("행마다 감사 기록에 남습니다. 개인정보는 적지 마십시오.", "It stands in the audit record of every row. Write no personal data.")),
        error_messages={"required": spoken(Text("왜 하는지 한 줄로 적으십시오.", "Write in one line why you do it."))},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def offered(request: HttpRequest, page: Page) -> list[tuple[str, desk.BulkAct]]:
    """The acts on the floor of this list, for this reader."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not page.listing.row_field:
        return []
    return desk.acts_of(page.listing.key, user.actor)


def chosen(request: HttpRequest, page: Page) -> tuple[list[str], bool]:
    """The keys of the rows picked by hand, and whether everything that matches is meant."""
    everything = request.GET.get("all") == "1"
    return ([] if everything else list(dict.fromkeys(request.GET.getlist("row")))[: desk.MOST], everything)


def answer(request: HttpRequest, page: Page, frame: Mapping[str, Any]) -> HttpResponse | None:
    """The question of an act, or its preview when the question was answered; None when no act was asked for."""
    from numaru.ui.pages import page as render

    key = request.GET.get("bulk", "")
    if not key:
        return None
    act = desk.acts.get(key)
    if act is None or act.list_key != page.listing.key:
        raise NotFound.named(Text("일괄 작업", "bulk act"), key[:60])
    actor = request.user.actor  # type: ignore[union-attr]
    if not actor.may_somewhere(act.permission):
        raise NotAllowed.for_permission(act.permission)
    rows, everything = chosen(request, page)
    if not rows and not everything:
        return redirect(page.address())
    matching = page.everything(rows)
    form = act.form(request.POST if request.method == "POST" else None)
    if (said := checked(request, form)) is not None:
        return said
    if request.method == "POST" and form.is_valid():
        data = DjangoJSONEncoder().encode(form.cleaned_data)
        try:
            number = desk.begin.do(
                actor, key=key, params=page.params() | ({"q": "…"} if page.q else {}), data=json.loads(data), everything=everything,
                rows=(str(k) for k in matching.values_list(page.listing.row_field, flat=True).iterator(chunk_size=5_000)),
            )  # fmt: skip
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("desk:bulk", number)
    count = page.total if everything else Counted(matching.count())
    sample = [str(k) for k in matching.values_list(page.listing.row_field, flat=True)[:SAMPLE]]
    names = act.names(sample)
    context = {
        "list": page, "act": act, "form": form, "everything": everything, "count": page.listing.counted(count), "n": count.n,
        "sample": [names.get(k, k) for k in sample], "more": count.more or count.n > len(sample), "back": page.address(), "send": page.here,
    }  # fmt: skip
    return render(request, "ui/bulk.html", context, status=422 if request.method == "POST" else 200, **frame)
