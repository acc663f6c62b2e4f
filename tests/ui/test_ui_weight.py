"""What an ordinary page weighs on the wire: its HTML and every style sheet, script and picture it names, as the house serves them.

At most 150 kB before fonts. Files are collected as ``up`` collects them (hashed names, a gzip beside each text) and asked for as a browser
asks; what a page fetches later and only if needed (the chart library) is not part of it, and a test says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from starlette.applications import Starlette
from starlette.routing import Route

from numaru.config import static
from numaru.kernel.models import Staff
from numaru.ui.templatetags import nm
from tests.attacks.serving import ask, served
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401

LIMIT = 150_000
NAMED = re.compile(r"""<(?:script|link|use|img)\b[^>]*?\b(?:src|href)="(/static/[^"#]+)""")
INSIDE = re.compile(r"""(?:url\(|\bfrom\s*|\bimport\s*)["']?((?:\.{1,2}/|/static/)[^"')]+)""")
FONTS = (".woff2", ".woff", ".otf")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port at which the collected files are served."""
    from django.test import override_settings

    root = tmp_path_factory.mktemp("weight") / "static"
    hashed = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "numaru.config.static.HashedFiles"},
    }
    with override_settings(STATIC_ROOT=root, STATIC_HASHED=True, STORAGES=hashed):
        static.collect()
        forget()
        with served(Starlette(routes=[Route("/static/{path:path}", static.static)])) as port:
            yield port
    forget()


def forget() -> None:
    """The names of the files under the other settings."""
    staticfiles_storage._setup()  # type: ignore[attr-defined]
    nm._plain_icon.cache_clear()


def fetched(port: int, page: bytes) -> dict[str, int]:
    """Every file that the page names and what these name, fonts left out, with the bytes that travel."""
    todo, found = set(NAMED.findall(page.decode())), {}
    while todo:
        path = todo.pop()
        status, headers, body = ask(port, "GET", path, headers={"Accept-Encoding": "gzip, br"})
        assert status == 200 and "immutable" in headers["cache-control"], path
        found[path] = len(body)
        if path.endswith((".css", ".js")):
            plain = ask(port, "GET", path)[2].decode()
            assert len(body) < len(plain) or len(plain) <= 1024, f"{path} travels uncompressed"
            near = {urljoin(path, name) for name in INSIDE.findall(plain) if not name.startswith("data:")}
            todo |= {n for n in near if not n.endswith(FONTS) and n not in found and "/vendor/vega" not in n}
    return found


@pytest.mark.parametrize("path", ["/access/staff/", "/", "/subscribers/", "/billing/runs/R2026-09/"])
def test_an_ordinary_page_weighs_at_most_150_kilobytes(sign_in: SignIn, files: int, path: str, capsys: Any) -> None:  # noqa: F811
    client = sign_in("administrator", "subscriber_clerk")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    Staff.objects.bulk_create(Staff(login=f"s{n:03d}", name=f"김하늘{n}", created_at=at) for n in range(60))  # a full page of rows
    page = client.get(path, follow=True)
    assert page.status_code == 200
    parts = fetched(files, page.content)
    total = len(page.content) + sum(parts.values())
    with capsys.disabled():
        heaviest = ", ".join(
            f"{Path(name).name.split('.')[0]} {size / 1000:.1f}" for name, size in sorted(parts.items(), key=lambda i: -i[1])[:6]
        )
        print(
            f"\n{path}: {total / 1000:.1f} kB = page {len(page.content) / 1000:.1f} + {len(parts)} files {sum(parts.values()) / 1000:.1f} ({heaviest})"
        )
    assert total <= LIMIT, parts


def test_the_chart_library_is_asked_for_only_by_a_chart(sign_in: SignIn) -> None:  # noqa: F811
    asking = sign_in("administrator")
    assert not re.search(r"/ui/charts[.\w]*js", asking.get("/access/staff/").content.decode())
    page = asking.get("/billing/runs/R2026-09/").content.decode()
    assert re.search(r"/ui/charts[.\w]*js", page) and "vega" not in page
