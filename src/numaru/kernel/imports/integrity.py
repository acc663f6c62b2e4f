"""Files that came in by the console against the hashes under which they were taken."""

from __future__ import annotations

from numaru.kernel.backup.api import Check, Looked, checks, same_file
from numaru.kernel.files import store
from numaru.kernel.imports.models import ImportRun
from numaru.values.text import Text


def look() -> Looked:
    """Every file that is still kept is there and is what came in. Reads all of them; a finding names the import, never the file's own name."""
    looked = Looked()
    rows = ImportRun.objects.exclude(file_key="").order_by("id").values_list("file_key", "sha256", "number")
    for key, sha256, number in rows.iterator():
        same_file(looked, store().local(key) if store().exists(key) else None, sha256, number)
    return looked


checks.add("imports.files", Check(Text("들인 파일", "Imported files"), Text("개", "files"), look))
