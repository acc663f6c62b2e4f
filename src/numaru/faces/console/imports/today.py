"""Imports on the first page: files that failed, stand still or left rows behind, and dry runs that wait to be done for real."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from numaru.faces.console.imports import states
from numaru.faces.console.imports.rooms import NAME
from numaru.kernel import clock
from numaru.kernel.imports import api as imports
from numaru.kernel.imports.models import ImportRun
from numaru.ui import today
from numaru.ui.today import Item, Reader
from numaru.values.text import Text

READ = 100  # of the newest runs
FRESH = timedelta(days=14)


def _needs(row: ImportRun) -> tuple[Text, Text] | None:
    """What to say of a run and what to do next; None when nothing is left to do."""
    if row.state == "failed":
        return Text("파일 ‘{f}’을(를) 들이지 못했습니다", "The file “{f}” was not imported"), Text("원인 보기", "See why")
    if row.state in ("paused", "stopped"):
        return Text("파일 ‘{f}’ 들이기가 멈춰 있습니다", "The import of “{f}” stands still"), Text("열기", "Open")
    if row.state != "done":
        return None
    if row.refused:
        return Text("파일 ‘{f}’에서 {n}행을 들이지 못했습니다", "{n} rows of “{f}” were refused"), Text("지적 보기", "See the findings")
    if row.dry and row.file_key:
        return Text(
            "파일 ‘{f}’의 시험이 끝났습니다. {a}행을 들일 수 있습니다", "The dry run of “{f}” is done: {a} rows can be imported"
        ), Text("들이기", "Import")
    return None


@today.finder("imports", room="shared", word=NAME, permission=imports.RUN_START, live="work:import")
def unfinished(reader: Reader) -> list[Item]:
    """The last run of each file of the last two weeks, where it left something to do. A later run of the same file settles it."""
    rows = ImportRun.objects.all()
    services = reader.services(imports.RUN_START)
    if services is not None:
        rows = rows.filter(service_slug__in=services)
    seen, items, since = set(), [], clock.now() - FRESH
    for row in rows.defer("mapping_text").order_by("-id")[:READ]:
        name = row.kind, row.service_slug, row.file_name
        if name in seen or row.created_at < since:
            continue
        seen.add(name)
        found = _needs(row)
        if found is None:
            continue
        title, act = found
        title = title.fill(f=row.file_name, n=f"{row.refused:,}", a=f"{row.accepted:,}")
        who = Text(row.actor_name, row.actor_name)
        why = Text("{k} · {n} · {w}", "{k} · {n} · {w}").fill(k=states.kind_name(row.kind), n=row.number, w=who)
        owner = row.actor_id if row.actor_kind == "staff" else None
        items.append(
            Item(
                f"import:{row.number}", "clock", title, why, act, reverse("imports:run", args=[row.number]), weight=row.refused, owner=owner
            )
        )

    def rest(n: int) -> Item:
        return Item(
            "import:more", "clock", Text("살펴볼 들이기가 {n}건 더 있습니다", "{n} more imports need a look").fill(n=n), NAME,
            Text("모두 보기", "See all"), reverse("imports:list"), rest=n,
        )  # fmt: skip

    return today.limited(items, rest)
