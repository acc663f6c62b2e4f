"""Long work told: imports that ended, and what they are called in the bell."""

from __future__ import annotations

from django.urls import reverse

from numaru.kernel.imports import api as imports
from numaru.kernel.imports.models import ImportRun
from numaru.ui import bell, since
from numaru.ui.since import Told
from numaru.ui.timeline import Entry
from numaru.ui.today import Reader
from numaru.values.text import Text

bell.works.add("import", bell.Work(Text("들이기", "The import"), lambda key: reverse("imports:run", args=[key])))
bell.works.add(
    "parties.export", bell.Work(Text("일괄 열람 파일", "The file of a bulk opening"), lambda key: reverse("exports:export", args=[key]))
)
bell.works.add("backup", bell.Work(Text("백업", "The backup"), lambda key: reverse("backups:overview")))


@since.teller("kernel.WorkEnded", permission=imports.RUN_VIEW)
def ended(reader: Reader, told: list[Told]) -> list[Entry]:
    """Imports for real that are done or have failed, of the services of the reader."""
    keys = {one.payload["key"] for one in told if one.payload["kind"] == "import" and one.payload["state"] in ("done", "failed")}
    rows = ImportRun.objects.filter(number__in=keys, dry=False).defer("mapping_text")
    services = reader.services(imports.RUN_VIEW)
    if services is not None:
        rows = rows.filter(service_slug__in=services)
    found = {row.number: row for row in rows} if keys else {}
    out = []
    for one in told:
        row = found.pop(one.payload["key"], None) if one.payload["kind"] == "import" else None
        if row is None:
            continue
        failed = one.payload["state"] == "failed"
        what = (
            Text("파일 ‘{f}’을(를) 들이지 못했습니다", "The file “{f}” was not imported")
            if failed
            else Text("파일 ‘{f}’을(를) 들였습니다", "The file “{f}” was imported")
        )
        why = Text("{a}건 들임 · {r}행 거름", "{a} taken · {r} rows refused").fill(a=f"{row.accepted:,}", r=f"{row.refused:,}")
        out.append(
            Entry(
                one.at,
                "database-import",
                what.fill(f=row.file_name),
                why,
                "bad" if failed else "",
                url=reverse("imports:run", args=[row.number]),
                act=Text("보기", "See"),
            )
        )
    return out
