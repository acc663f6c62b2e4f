"""Imports, for whoever searches from anywhere."""

from __future__ import annotations

from typing import Any

from numaru.faces.console.find.numbered import numbered
from numaru.faces.console.imports import states
from numaru.faces.console.imports.rooms import NAME
from numaru.kernel.imports import api as imports
from numaru.ui import search
from numaru.ui.search import Act
from numaru.values.text import Text


def _title(row: Any) -> Text:
    return Text(f"{states.kind_name(row.kind).ko} {row.file_name}", f"{states.kind_name(row.kind).en} {row.file_name}")


numbered(
    "import", Text("들이기", "Import"), NAME, "file-import", imports.RUN_VIEW, "IMP-", "imports:run",
    lambda actor: imports.listed(actor.services(imports.RUN_VIEW)).defer("mapping_text", "counts", "result"), _title,
    lambda row: states.face(row.dry, row.state), lambda row: row.service_slug, words=60, order=45, everywhere=False,
)  # fmt: skip
search.acts.add(
    "imports.new",
    Act(
        Text("파일 들이기", "Import a file"),
        "file-import",
        "imports:new",
        imports.RUN_START,
        "가져오기 올리기 업로드 csv excel 엑셀 upload",
        order=20,
    ),
)
