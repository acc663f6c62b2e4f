"""Files of evidence: taken as every upload is, kept with the case, and gone again when what they were to prove is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

from numaru.kernel import uploads
from numaru.kernel.errors import Invalid, Refused
from numaru.kernel.files import store

EVIDENCE_LIMIT = 10 * uploads.MIB
ENDINGS = frozenset({"pdf", "png", "jpg", "csv", "txt", "xlsx"})


@contextmanager
def kept(content: BinaryIO | None, name: str) -> Iterator[tuple[str, str]]:
    """The key and SHA-256 of a file of evidence for the action within ("", "" for no file); what raises inside leaves no file behind.

    Refuses (Invalid, field ``evidence``) what :func:`numaru.kernel.uploads.check` refuses: empty, over 10 MB, another form, macros, programs.
    """
    if content is None:
        yield "", ""
        return
    try:
        found = uploads.put("leaks", content, name, ENDINGS, EVIDENCE_LIMIT)
    except Refused as refusal:
        raise Invalid(*(replace(finding, field="evidence") for finding in refusal.findings)) from refusal
    try:
        yield found.key, found.sha256
    except BaseException:
        store().delete(found.key)
        raise
