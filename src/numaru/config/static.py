"""Style, script, font and picture files: collected under names that hold their hash, so that a browser may keep them for a year.

`up` collects them once for each state of the sources (`collect`). Without that, in tests and while a page is being written, they are
served from where they lie and never kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import os
import shutil
from pathlib import Path

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

FOREVER = "public, max-age=31536000, immutable"
SQUEEZED = (".css", ".js", ".svg", ".json", ".txt", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")


class HashedFiles(ManifestStaticFilesStorage):
    """Names with hashes, also inside style sheets and script modules."""

    support_js_module_import_aggregation = True
    manifest_strict = False


def collect() -> int:
    """Collect every static file into STATIC_ROOT under its hashed name, with a gzip beside each text; nothing when nothing has changed.

    Returns the number of files collected. A kill in the middle leaves the former state in use: the folder is changed by renaming.
    """
    from django.conf import settings
    from django.contrib.staticfiles import finders

    root = Path(settings.STATIC_ROOT)
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            seen = os.stat(storage.path(path))
            digest.update(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
    stamp = root / ".stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return 0
    half = root.with_name(root.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    storage = HashedFiles(location=str(half), base_url=settings.STATIC_URL)
    found: dict[str, tuple[object, str]] = {}
    for finder in finders.get_finders():
        for path, source in finder.list([]):
            if path not in found:
                with source.open(path) as file:
                    storage.save(path, file)
                found[path] = (storage, path)
    for _name, _hashed, problem in storage.post_process(found):
        if isinstance(problem, Exception):
            raise problem
    kept = set(json.loads((half / "staticfiles.json").read_text())["paths"].values())
    for path in [p for p in half.rglob("*") if p.is_file()]:
        if str(path.relative_to(half)) in kept and path.suffix in SQUEEZED and path.stat().st_size > 1024:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    (half / ".stamp").write_text(digest.hexdigest())
    old = root.with_name(root.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    half.rename(root)
    shutil.rmtree(old, ignore_errors=True)
    return len(found)


def _headers(cache: str) -> dict[str, str]:
    return {"Cache-Control": cache, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}


async def static(request: Request) -> Response:
    """One file, or 404. Hashed files may be kept for ever; others are asked for again each time."""
    from django.conf import settings
    from django.contrib.staticfiles import finders

    name = request.path_params["path"]
    root = Path(settings.STATIC_ROOT).resolve()
    found: Path | None = None
    cache = "no-cache"
    if settings.STATIC_HASHED:
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file() and not path.name.startswith("."):
            found = path
            parts = path.name.split(".")
            cache = FOREVER if len(parts) > 2 and len(parts[-2]) == 12 else "no-cache"
    elif ".." not in Path(name).parts and not name.startswith("/"):
        seen = finders.find(name)
        found = Path(str(seen)) if seen and Path(str(seen)).is_file() else None
    if found is None:
        return PlainTextResponse("not found\n", status_code=404)
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    squeezed = found.with_name(found.name + ".gz")
    if "gzip" in Headers(scope=request.scope).get("accept-encoding", "") and cache == FOREVER and squeezed.is_file():
        return FileResponse(squeezed, media_type=kind, headers=_headers(cache) | {"Content-Encoding": "gzip"})
    return FileResponse(found, media_type=kind, headers=_headers(cache))
