"""The audit pages in a browser: both languages, light and dark, desk and phone; nothing runs off the side, axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_screens import naru  # noqa: F401
from watching import DESK, PHONE

from numaru.kernel import clock
from numaru.kernel.audit import api as audit
from numaru.kernel.audit.models import AccessFinding
from numaru.kernel.models import AuditRecord
from numaru.kernel.vault.models import VaultOpening

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("lang", "theme", "view"), [("ko", "light", DESK), ("en", "dark", DESK), ("ko", "dark", PHONE), ("en", "light", PHONE)]
)  # fmt: skip
def test_the_audit_pages_stand_in_every_form(
    open_page: Callable[..., Any],
    staff: Any,
    naru: Any,  # noqa: F811
    tmp_path: Path,
    lang: str,
    theme: str,
    view: dict[str, int],
) -> None:
    VaultOpening.objects.bulk_create(
        VaultOpening(
            person=naru.subscriber("haneul").party_id, kind="phone", at=clock.now(), actor="staff:박서연", staff=9, purpose="상담 중 본인 확인", code="caller",
            case_ref="C-0000012", outcome="opened",
        )
        for _ in range(100)
    )  # fmt: skip
    audit.Sealer().all()
    audit.watch()
    audit.lay_out(audit.month_before())
    found = AccessFinding.objects.get(severity="severe", rule="mass")
    month = audit.month_before()
    seen = open_page(lang=lang, theme=theme, viewport=view, user=staff)
    for name, path in {
        "records": "/audit/", "record": f"/audit/records/{AuditRecord.objects.filter(object='billing.run').latest('id').pk}/", "openings": "/audit/openings/",
        "findings": "/audit/findings/", "finding": f"/audit/findings/{found.number}/", "reviews": "/audit/reviews/",
        "review": f"/audit/reviews/{month.year}-{month.month}/",
    }.items():  # fmt: skip
        assert seen.go(path).status == 200, path
        seen.picture(f"audit-{name}-{lang}-{theme}-{view['width']}")
        assert seen.overflow() <= 0, path
        assert not seen.axe(), (path, seen.axe())
        assert seen.complaints == [], (path, seen.complaints)
