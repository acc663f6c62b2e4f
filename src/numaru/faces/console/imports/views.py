"""Console pages of imports: the list, a new one (tested first unless the reader says otherwise), and the page of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from numaru.faces.console.imports import states
from numaru.faces.console.imports.forms import UPLOAD, NewImport
from numaru.faces.console.imports.page import page_of
from numaru.faces.console.imports.rooms import NAME
from numaru.facilities.catalogue import api as catalogue
from numaru.facilities.timeline import api as timeline
from numaru.kernel.errors import NotFound, Refused
from numaru.kernel.imports import api as imports
from numaru.ui import formats, lists
from numaru.ui.lists import Choice, Column, Listing, Sort
from numaru.ui.pages import actor_of, page, services_of, wants_fragment
from numaru.ui.shell import Crumb
from numaru.values.finding import Finding
from numaru.values.text import Text

EXAMPLES = "examples"  # the folder of shipped mappings


def _faces(rows: list[Any]) -> None:
    for row in rows:
        row.face = states.face(row.dry, row.state)


def _services(request: HttpRequest) -> list[tuple[str, Text]]:
    seen = services_of(request, imports.RUN_VIEW)
    return [(s.slug, s.name) for s in catalogue.services() if seen is None or s.slug in seen]


LISTING = Listing(
    key="imports",
    live="import:*",
    name=NAME,
    unit=("건", "import", "imports"),
    columns=(
        Column("number", Text("번호", "Number"), lambda r: r.number, "text", url=lambda r: reverse("imports:run", args=[r.number])),
        Column("kind", Text("종류", "Kind"), lambda r: states.kind_name(r.kind)),
        Column("service", Text("서비스", "Service"), lambda r: r.service_slug),
        Column("file", Text("파일", "File"), lambda r: r.file_name),
        Column("state", Text("상태", "State"), lambda r: r.face, "state"),
        Column("rows", Text("행", "Rows"), lambda r: r.rows_read, "count"),
        Column("accepted", Text("들인 행", "Accepted"), lambda r: r.accepted, "count"),
        Column("unchanged", Text("그대로", "Unchanged"), lambda r: r.unchanged, "count"),
        Column("refused", Text("들이지 않음", "Refused"), lambda r: r.refused, "count"),
        Column("at", Text("시작", "Asked"), lambda r: r.created_at, "when", short=False),
        Column("who", Text("누가", "Who"), lambda r: r.actor_name),
    ),
    sorts=(Sort("new", Text("최근 순", "Newest first"), ("pk",), descending=True),),
    filters=(
        Choice(
            "kind", Text("종류", "Kind"), lambda request: [(key, kind.name) for key, kind in imports.kinds], lambda rows, kind: rows.filter(kind=kind)
        ),
        Choice("service", Text("서비스", "Service"), _services, lambda rows, slug: rows.filter(service_slug=slug)),
        Choice("state", Text("상태", "State"), [(k, s.word) for k, s in states.STATES.items()], lambda rows, state: rows.filter(state=state)),
    ),
    prepare=_faces,
)  # fmt: skip


def imports_list(request: HttpRequest) -> HttpResponseBase:
    """The list; it refreshes itself while something runs."""
    rows = imports.listed(services_of(request, imports.RUN_VIEW))
    context = {"may_start": actor_of(request).may_somewhere(imports.RUN_START), "here": request.get_full_path()}
    return lists.respond(request, LISTING, rows, "console/imports/list.html", context, room="shared", place="imports", crumbs=[Crumb(NAME)])


def _shipped() -> dict[str, Path]:
    """The mappings that come with the house, by their choice."""
    return {f"shipped:{path.parent.name}": path for path in sorted((settings.ROOT / EXAMPLES).glob("*/mapping.toml"))}


def _choices(request: HttpRequest) -> list[tuple[str, str]]:
    used = imports.used_mappings(services_of(request, imports.RUN_START))
    found = [
        (f"run:{c.number}", f"{c.service} · {states.kind_name(c.kind)} · {c.mapping_name} ({formats.when(c.created_at)})")  # type: ignore[arg-type]
        for c in used
    ]
    return found + [(key, str(Text("예: {n}", "Example: {n}").fill(n=path.parent.name))) for key, path in _shipped().items()]


def _chosen(form: NewImport) -> tuple[str, str]:
    """(name, text) of the mapping that the form asks for. Raises Refused for one that is not text."""
    choice, given = form.cleaned_data["mapping"], form.cleaned_data["mapping_file"]
    if choice.startswith("run:"):
        return imports.mapping_of(choice.removeprefix("run:"))
    if choice != UPLOAD:
        path = _shipped()[choice]
        return f"{path.parent.name}/{path.name}", path.read_text(encoding="utf-8")
    try:
        return str(given.name), given.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused.because(
            "mapping.not_utf8", Text("매핑 파일이 UTF-8이 아닙니다.", "The mapping is not UTF-8."), Text("UTF-8로 저장하십시오.", "Save it as UTF-8."),
        ) from None  # fmt: skip


def new(request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST keeps the file and queues the import. A mapping with faults starts nothing and keeps no file."""
    mappings = _choices(request)
    form = NewImport(request.POST or None, request.FILES or None, mappings=mappings)
    faults: list[Finding] = []
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("imports:run", _start(request, form).number)
        except Refused as refused:
            faults = refused.findings
    crumbs = [Crumb(NAME, reverse("imports:list")), Crumb(Text("새로 들이기", "New import"))]
    status = 422 if request.method == "POST" else 200
    return page(
        request, "console/imports/new.html", {"form": form, "faults": faults}, room="shared", place="imports", crumbs=crumbs, status=status
    )


def _start(request: HttpRequest, form: NewImport) -> imports.ImportCard:
    actor, upload = actor_of(request), form.cleaned_data["file"]
    name, text = _chosen(form)
    mapping = imports.read_mapping(text, name)
    asked = {
        "kind": mapping.kind.key,
        "file_name": upload.name,
        "mapping_name": name,
        "mapping_text": text,
        "dry": form.cleaned_data["dry"],
    }
    imports.start.plan(actor, sha256="", **asked)  # whoever may not import leaves no file behind
    key, sha = imports.keep(upload, str(upload.name))
    return imports.start.do(actor, sha256=sha, file_key=key, **asked)


def _visible(request: HttpRequest, number: str, permission: str = imports.RUN_VIEW) -> imports.ImportCard:
    """The import, if the reader may see its service. Raises NotFound for both alike."""
    seen = services_of(request, permission)
    card = imports.run(number)
    if seen is not None and card.service not in seen:
        raise NotFound.named(Text("가져오기", "import"), number)  # in the words of imports.run: the two are told alike
    return card


def run(request: HttpRequest, number: str) -> HttpResponse:
    """One import; the fragment ``live`` is everything that changes while it goes on."""
    card = _visible(request, number)
    if (told := _line(request, card)).asked:
        return timeline.answer(request, told)
    return _run(request, card, told=told)


def _line(request: HttpRequest, card: imports.ImportCard) -> timeline.TimeLine:
    things = [timeline.thing("import", card.number)]
    return timeline.line(request, things, address=reverse("imports:run", args=[card.number]), service=card.service)


def _run(
    request: HttpRequest, card: imports.ImportCard, refusal: Refused | None = None, told: timeline.TimeLine | None = None
) -> HttpResponse:
    may = actor_of(request).may(imports.RUN_START, card.service)
    context = page_of(card)
    ready = may and card.dry and card.state == "done" and not context["real"]
    context |= {
        "may_go": ready and card.accepted > 0 and imports.has_source(card.number),
        "gone": ready and card.accepted > 0 and not imports.has_source(card.number),
        "may_stop": may and card.state == "running",
        "may_start": may,
        "refused": refusal.findings if refusal else [],
        "oob": wants_fragment(request),
        "line": told or _line(request, card),
    }
    crumbs = [Crumb(NAME, reverse("imports:list")), Crumb(card.number)]
    status = refusal.status if refusal else 200
    return page(request, "console/imports/run.html", context, room="shared", place="imports", crumbs=crumbs, fragment="live", status=status)


@require_POST
def go(request: HttpRequest, number: str) -> HttpResponse:
    """Import for real what the dry run tested, and go to its page."""
    card = _visible(request, number, imports.RUN_START)
    try:
        return redirect("imports:run", imports.follow.do(actor_of(request), number=card.number).number)
    except Refused as refusal:
        return _run(request, card, refusal)


@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a running import to stop, and go back to its page."""
    card = _visible(request, number, imports.RUN_START)
    try:
        imports.halt.do(actor_of(request), number=card.number)
    except Refused as refusal:
        return _run(request, imports.run(number), refusal)
    return redirect("imports:run", card.number)


def findings(request: HttpRequest, number: str) -> FileResponse:
    """All findings as a CSV. Raises NotFound when there are none or they were forgotten."""
    card = _visible(request, number)
    return FileResponse(
        imports.findings_file(card.number), as_attachment=True, filename=f"{card.number}.csv", content_type="text/csv; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip
