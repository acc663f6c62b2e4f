"""Usage files against the hashes under which they were registered."""

from __future__ import annotations

from django.conf import settings

from numaru.facilities.metering.models import UsageFile
from numaru.kernel.backup.api import Check, Looked, checks, same_file
from numaru.values.text import Text


def look() -> Looked:
    """Every registered usage file is there and is what was written. Reads all of them."""
    looked = Looked()
    for path, sha256 in UsageFile.objects.order_by("id").values_list("path", "sha256").iterator():
        same_file(looked, settings.HOME / path, sha256, path)
    return looked


checks.add("metering.files", Check(Text("이용 기록 파일", "Usage files"), Text("개", "files"), look))
