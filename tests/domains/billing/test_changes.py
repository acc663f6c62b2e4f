"""By how much each account's bill differs from the month before: counted in sets when a run is tied out, drawn on its page and in its report."""

from __future__ import annotations

import json
import math
import re
from collections import Counter

import pytest
from django.db import connection
from psycopg import sql

from numaru.domains.billing import changes
from numaru.domains.billing.models import BillRun, Invoice
from numaru.domains.billing.web import run_charts
from tests.domains.billing.world import World
from tests.screens import SignIn, naru, shared, sign_in  # noqa: F401


def by_hand(run: BillRun) -> dict[str, object]:
    """The same from rows, one by one."""
    before = changes.run_before(run)
    assert before is not None
    now, then = (dict(Invoice.objects.filter(run=r).values_list("account_id", "total")) for r in (run, before))
    both = [now[a] - then[a] for a in now.keys() & then.keys()]
    return {"both": sorted(both), "new": len(now.keys() - then.keys()), "gone": len(then.keys() - now.keys())}


def test_the_distribution_is_that_of_the_rows(naru: World) -> None:  # noqa: F811
    run = BillRun.objects.get(number="R2026-09")
    (found,) = run.summary["changes"]
    want = by_hand(run)
    assert found["accounts"] == len(want["both"]) > 0  # type: ignore[arg-type]
    assert (found["new"], found["gone"]) == (want["new"], want["gone"])
    assert found["furthest"] == [want["both"][0], want["both"][-1]]  # type: ignore[index]
    assert sum(n for _, n in found["bins"]) + found["below"] + found["above"] == found["accounts"]
    width = found["width"]
    for k, n in found["bins"]:
        assert n == sum(1 for c in want["both"] if (2 * k - 1) * width <= 2 * c < (2 * k + 1) * width)  # type: ignore[attr-defined]
    assert changes.distribution(run) == [found | {"bins": [tuple(b) for b in found["bins"]]}]  # counted again it is the same


def test_the_bins_of_a_thousand_changes_are_those_counted_one_by_one(naru: World) -> None:  # noqa: F811
    """Against plain arithmetic, far beyond both ends and around every edge, on tables of a thousand accounts and two currencies."""
    totals = {
        n: 1_000_000 + 37 * n - 18_500 + (9_000_000 if n % 331 == 0 else 0) - (999_999 if n % 337 == 0 else 0) for n in range(1, 1001)
    }
    with connection.cursor() as cursor:
        for table, rows in (("later", totals), ("earlier", dict.fromkeys(range(11, 1021), 1_000_000))):
            cursor.execute(f"CREATE TEMP TABLE {table} (account_id bigint, currency varchar(3), total bigint) ON COMMIT DROP")
            cursor.executemany(
                f"INSERT INTO {table} VALUES (%s, %s, %s)", [(a, "USD" if a % 5 == 0 else "KRW", t) for a, t in rows.items()]
            )
    found = changes.between(sql.Identifier("later"), sql.Identifier("earlier"))
    assert [f["currency"] for f in found] == ["KRW", "USD"]
    assert sum(f["below"] for f in found) and sum(f["above"] for f in found)
    for one in found:
        mine = [t - 1_000_000 for a, t in totals.items() if a > 10 and (a % 5 == 0) == (one["currency"] == "USD")]
        width, edge = one["width"], (2 * changes.SIDE + 1) * one["width"]
        assert width == changes.width_for(sorted(abs(c) for c in mine)[math.ceil(changes.WITHIN * len(mine)) - 1])
        counted = Counter(math.floor((2 * c + width) / (2 * width)) for c in mine if -edge <= 2 * c < edge)
        assert dict(one["bins"]) == dict(counted)
        assert (one["below"], one["above"]) == (sum(2 * c < -edge for c in mine), sum(2 * c >= edge for c in mine))
        assert (one["new"], one["gone"]) == ((8, 16) if one["currency"] == "KRW" else (2, 4))
        assert one["quartiles"] == [sorted(mine)[math.ceil(p * len(mine)) - 1] for p in (0.25, 0.75)]
        assert (one["same"], one["furthest"]) == (mine.count(0), [min(mine), max(mine)])


def test_a_first_run_has_none(naru: World) -> None:  # noqa: F811
    first = BillRun.objects.get(number="R2026-08")
    assert first.summary["changes"] == [] and changes.distribution(first) == [] and run_charts.changes(first) == []


@pytest.mark.parametrize(("reach", "width"), [(0, 100), (2_000, 100), (2_001, 200), (20_000, 1_000), (70_000, 5_000), (10**9, 50_000_000)])
def test_bins_are_round(reach: int, width: int) -> None:
    assert changes.width_for(reach) == width


def test_the_page_has_the_picture_its_sentence_and_its_table(sign_in: SignIn) -> None:  # noqa: F811
    page = sign_in("billing_clerk").get("/billing/runs/R2026-09/").content.decode()
    spec = json.loads(re.search(r'id="chart-changes-krw">(.*?)</script>', page).group(1))  # type: ignore[union-attr]
    drawn = spec["layer"][0]["data"]["values"]
    (found,) = BillRun.objects.get(number="R2026-09").summary["changes"]
    assert sum(row["y"] for row in drawn) == found["accounts"]
    assert "지난달과 이달에 모두 청구한" in page and "표로 보기" in page and "세로는 로그 눈금" in page
    assert "계정별 증감액" not in sign_in("billing_clerk").get("/billing/runs/R2026-08/").content.decode()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_report_carries_the_same_chart(sign_in: SignIn, lang: str) -> None:  # noqa: F811
    client = sign_in("billing_clerk")
    answer = client.get(f"/billing/runs/R2026-09/report.pdf?lang={lang}")
    assert (answer.status_code, answer["Content-Type"], answer["Content-Language"]) == (200, "application/pdf", lang)
    assert answer.content.startswith(b"%PDF-1.") and b"pdfaid:part" in answer.content
    assert client.get(f"/billing/runs/R2026-09/report.pdf?lang={lang}").content == answer.content  # the same run, the same bytes


def test_an_unfinished_run_has_no_report(naru: World, sign_in: SignIn) -> None:  # noqa: F811
    BillRun.objects.create(
        number="R2026-12", period_from="2026-12-01", period_to="2027-01-01", series="R2026-12", actor="test", created_at="2026-12-31T00:00:00Z",
        service=BillRun.objects.get(number="R2026-09").service,
    )  # fmt: skip
    assert sign_in("billing_clerk").get("/billing/runs/R2026-12/report.pdf").status_code == 404
