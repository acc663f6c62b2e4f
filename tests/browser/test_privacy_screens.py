"""Retention, holds, the destruction log, subject requests and the contacts of a leak in Chromium: both languages, light and dark, desktop and
phone; axe finds nothing, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from watching import DESK, PHONE

from numaru.domains.subscribers import api as subscribers
from numaru.kernel import clock
from numaru.kernel.leaks import api as leaks
from numaru.kernel.models import Staff, StaffGrant
from numaru.kernel.retention import api as retention
from tests.domains.billing import world
from tests.domains.billing.world import HOUSE
from tests.kernel.retention.cast import destroyed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def prepared(staff: Staff) -> dict[str, str]:
    """A person who left and was destroyed, one who is held, requests at three points of their way, figures of the calendar, a case of leak."""
    StaffGrant.objects.bulk_create(
        StaffGrant(staff=staff, role=role, granted_at=clock.now()) for role in ("privacy_officer", "subscriber_clerk")
    )
    officer = Staff.objects.get(pk=staff.pk).actor
    naru = world.company()
    world.used(naru)
    with world.on("2026-09-20"):
        naru.fact("noeul", "ended", "2026-09-25")
    noeul, haneul, gyeoul = (naru.subscriber(who) for who in ("noeul", "haneul", "gyeoul"))
    for month in ("2026-08", "2026-09", "2026-10"):
        naru.bill(month)
    retention.place_hold.do(officer, person=gyeoul.party_id, until=date(2027, 3, 31), reason="보존 명령", reference="2026카단1")
    asked = {
        kind: retention.take_request.do(
            officer, person=one.party_id, subject=one.number, kind=kind, channel="phone", received_on=clock.today() - timedelta(days=days)
        )
        for kind, one, days in (("access", haneul, 1), ("deletion", noeul, 8), ("correction", haneul, 12))
    }  # fmt: skip
    for number in (asked["access"], asked["deletion"]):
        retention.verify_identity.do(officer, number=number, identity=next(iter(retention.IDENTITIES)))
    number = destroyed(noeul.party_id, request=asked["deletion"])
    for _, klass in retention.classes:
        retention.tally(klass, clock.today())
    retention.execute("kernel.answers", clock.today(), HOUSE)
    case = leaks.open_case.do(HOUSE, kind="leak", known_at=clock.now() - timedelta(hours=1), happened="확인 중입니다.")
    leaks.find_affected.do(HOUSE, case=case, steps=[leaks.Step("add", "list", numbers=(haneul.number, gyeoul.number))])
    leaks.edit.do(HOUSE, case=case, kind="notice", ko="개인정보 유출 안내\n\n내용\n확인", en="Notice\n\nWhat\nseen")
    leaks.freeze.do(HOUSE, case=case, kind="notice", version=1, reason="확인")
    leaks.hand_over.do(HOUSE, case=case)
    assert subscribers.subscriber(noeul.number, None).number == noeul.number
    return {
        "calendar": "/privacy/retention/", "class": "/privacy/retention/parties.contact/", "holds": "/privacy/holds/",
        "hold-new": "/privacy/holds/new/", "log": "/privacy/destruction/", "certificate": f"/privacy/destruction/{number}/",
        "destroy": f"/privacy/destruction/new/?subject={naru.subscriber('saebom').number}", "requests": "/privacy/requests/",
        "requests-all": "/privacy/requests/?view=all", "request-new": f"/privacy/requests/new/?subject={haneul.number}",
        "request": f"/privacy/requests/{asked['access']}/", "request-late": f"/privacy/requests/{asked['correction']}/",
        "request-done": f"/privacy/requests/{asked['deletion']}/", "gone-subscriber": f"/subscribers/{noeul.number}/",
        "subscriber": f"/subscribers/{haneul.number}/", "leak": f"/leaks/{case}/", "leak-contacts": f"/leaks/{case}/contacts/",
        "leak-proof": f"/leaks/{case}/proof/",
    }  # fmt: skip


@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: Callable[..., Any], staff: Staff, settings: Any, tmp_path: Any, lang: str, theme: str
) -> None:
    settings.HOME = tmp_path
    paths = prepared(staff)
    wrong = []
    for view in (DESK, PHONE):
        window = open_page(lang=lang, theme=theme, viewport=view, user=staff)
        for name, path in paths.items():
            assert window.go(path).status == 200, path
            window.picture(f"privacy-{name}-{lang}-{theme}-{view['width']}", full=False)
            wrong += [(name, lang, theme, view["width"], fault) for fault in window.axe()]
            if window.overflow() > 0:
                wrong.append((name, lang, theme, view["width"], "overflows"))
        assert [c for c in window.complaints if "404" not in c] == []  # this server has no /events
    assert wrong == []
