"""Each identity once: over the API, from files, twice, out of order, with a kill in between. What was accepted is never overwritten."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as sampling
from hypothesis import strategies as st

from numaru.domains.subscribers.models import Subscriber
from numaru.facilities.metering import api as metering
from numaru.facilities.metering.actions import store
from numaru.facilities.metering.models import Compaction, ConflictFinding, Delivery, Intake
from numaru.facilities.metering.models import UsageFile as FileRow
from numaru.kernel import clock, duck
from numaru.kernel.access import Actor
from numaru.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from numaru.values.period import Period

from .conftest import ACTOR, Cast

type Make = Callable[..., dict[str, object]]
type Row = tuple[str, int, datetime, str]  # event id, subject, at (naive UTC), quantity

NOVEMBER = Period.month("2026-11")
AT = datetime.fromisoformat("2026-11-22 01:00")  # naive UTC, as the files have it


def table(rows: list[Row], source: str = "file") -> pa.Table:
    n = len(rows)
    return pa.table(
        {
            "row": pa.array(range(2, n + 2), pa.int64()), "source": pa.array([source] * n, pa.string()), "event_id": pa.array([r[0] for r in rows], pa.string()),
            "subject": pa.array([r[1] for r in rows], pa.int64()), "meter": pa.array(["play"] * n, pa.string()), "at": pa.array([r[2] for r in rows], pa.timestamp("us")),
            "quantity": pa.array([Decimal(r[3]) for r in rows], pa.decimal128(19, 6)), "amount": pa.nulls(n, pa.decimal128(18, 6)), "currency": pa.nulls(n, pa.string()),
        }
    )  # fmt: skip


def ingest(rows: list[Row]) -> metering.Ingested:
    return metering.ingest.do(ACTOR, service="video", events=table(rows), origin="test.csv")


def stored(known_at: datetime | None = None) -> list[tuple[object, ...]]:
    """(event id, subject, at, day, quantity) of everything in files."""
    files = metering.files("video", Period(date(1970, 1, 1), date(2100, 1, 1)), known_at or clock.now())
    with duck.connection() as con:
        frame = metering.usage_frame(con, files).select("event_id", "subject", "at", "day", "quantity").collect()
        return sorted(frame.iter_rows())


def test_an_accepted_event_waits_and_then_lies_in_the_file_of_its_local_day(cast: Cast, event: Make) -> None:
    late = "2026-11-22T23:59:59.999999Z"  # the 23rd in Seoul
    got = metering.accept.do(ACTOR, service="video", events=[event("a"), event("b", 2, time=late, subject="u2")])
    assert (got.accepted, got.duplicates, got.conflicts, got.refused, got.findings) == (2, 0, 0, 0, ())
    assert metering.waiting("video") == 2 and stored() == []
    assert metering.compact.do(ACTOR, service="video") == metering.Ingested(2, 0, 0, 2)
    assert metering.waiting("video") == 0
    assert stored() == [
        ("a", cast.subjects["u1"], AT, date(2026, 11, 22), Decimal("1.5")),
        ("b", cast.subjects["u2"], datetime.fromisoformat("2026-11-22 23:59:59.999999"), date(2026, 11, 23), Decimal("2")),
    ]
    assert metering.compact.do(ACTOR, service="video") == metering.Ingested(0, 0, 0)


def test_a_repeat_is_a_duplicate_and_another_content_a_conflict(cast: Cast, event: Make) -> None:
    metering.accept.do(ACTOR, service="video", events=[event("a")])
    got = metering.accept.do(ACTOR, service="video", events=[event("a"), event("c"), event("a", "9")])
    assert (got.accepted, got.duplicates, got.conflicts) == (1, 1, 1)
    (finding,) = got.findings
    assert (finding.code, finding.row, finding.value) == ("usage.conflict", 3, "a")
    (kept,) = ConflictFinding.objects.all()
    assert (kept.quantity, kept.row, kept.origin) == (Decimal(9), 3, f"delivery:{got.delivery}")
    metering.compact.do(ACTOR, service="video")
    again = metering.accept.do(ACTOR, service="video", events=[event("a"), event("a", "9")])  # it is in a file, and still known
    assert (again.accepted, again.duplicates, again.conflicts) == (0, 1, 1)
    assert ConflictFinding.objects.count() == 1  # the same clash is told once
    assert [row[4] for row in stored() if row[0] == "a"] == [Decimal("1.5")]


def test_the_same_id_on_another_day_is_another_event(cast: Cast, event: Make) -> None:
    got = metering.accept.do(
        ACTOR, service="video", events=[event("a"), event("a", time="2026-11-21T10:00:00+09:00"), event("a", source="tv")]
    )
    assert (got.accepted, got.duplicates, got.conflicts) == (3, 0, 0)


def test_the_order_of_a_batch_decides_nothing(cast: Cast, event: Make) -> None:
    """Of three payloads with one identity the same one stands in every order, over the API as from a file."""
    payloads = ["1", "2", "3"]
    winners = set()
    for turn, order in enumerate(([0, 1, 2], [2, 1, 0], [1, 2, 0])):
        got = metering.accept.do(ACTOR, service="video", events=[event("x", payloads[i], source=f"s{turn}") for i in order])
        assert (got.accepted, got.conflicts) == (1, 2)
        rows = [("x", cast.subjects["u1"], AT, payloads[i]) for i in order]
        done = metering.ingest.do(ACTOR, service="video", events=table(rows, source=f"f{turn}"), origin="t")
        assert (done.accepted, done.conflicts) == (1, 2) and len(done.clashes) == 2
    winners = {row[4] for row in stored()}
    assert len(winners) == 1


def test_one_bad_event_spoils_no_other(cast: Cast, event: Make) -> None:
    number = Subscriber.objects.get(external_id="u5").number
    got = metering.accept.do(
        ACTOR, service="video", events=[event("a"), event("b", 0.1), "?", event("c", subject="nobody"), event("d", subject=number)]
    )
    assert (got.accepted, got.refused) == (2, 3)
    assert [(f.row, f.code) for f in got.findings] == [(2, "usage.float"), (3, "usage.not_an_event"), (4, "usage.unknown_subject")]


def test_identities_with_odd_characters_come_through_unchanged(cast: Cast, event: Make) -> None:
    names = ["back\\slash", "\\N", 'quo"te', "com,ma", "한글", "a b", "'", "{}", "%s"]
    assert metering.accept.do(ACTOR, service="video", events=[event(n, source=n) for n in names]).accepted == len(names)
    metering.compact.do(ACTOR, service="video")
    assert sorted(str(row[0]) for row in stored()) == sorted(names)
    assert metering.accept.do(ACTOR, service="video", events=[event(n, source=n) for n in names]).duplicates == len(names)


def test_a_file_and_a_program_that_tell_the_same_are_one(cast: Cast, event: Make) -> None:
    metering.accept.do(ACTOR, service="video", events=[event("a", source="file"), event("b", "3", source="file")])
    key = cast.subjects["u1"]
    rows = [("a", key, AT, "1.5"), ("b", key, AT, "4"), ("c", key, AT, "1")]
    plan = metering.ingest.plan(ACTOR, service="video", events=table(rows), origin="t").result
    assert (plan.accepted, plan.duplicates, plan.conflicts) == (1, 1, 1)
    assert metering.waiting("video") == 2 and not store.usage_root("video").exists()
    done = metering.ingest.do(ACTOR, service="video", events=table(rows), origin="t")
    assert (done.accepted, done.duplicates, done.conflicts, done.clashes) == (1, 1, 1, ((3, "b", date(2026, 11, 22)),))


@sampling(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(1, 5), st.integers(0, 3), st.sampled_from(["1", "2", "0.000001"])), max_size=25
    ),
    st.integers(),
)
def test_any_order_any_split_any_repeat_gives_the_same_events(cast: Cast, drawn: list[tuple[str, int, int, str]], seed: int) -> None:
    FileRow.objects.all().delete()
    rows: list[Row] = [(i, cast.subjects[f"u{s}"], AT + timedelta(days=d), q) for i, s, d, q in drawn]
    first = ingest(rows)
    once = stored()
    assert first.accepted + first.duplicates + first.conflicts == len(rows)
    assert first.accepted == len({(i, d) for i, _, d, _ in drawn}) == len(once)
    random.Random(seed).shuffle(rows)
    again = ingest(rows)
    assert again.accepted == 0 and stored() == once
    FileRow.objects.all().delete()
    ingest(rows)
    assert stored() == once


def test_files_are_known_from_the_moment_they_were_recorded(cast: Cast) -> None:
    key = cast.subjects["u1"]
    with clock.pinned(datetime(2026, 11, 25, tzinfo=UTC)):
        ingest([("a", key, AT, "1")])
    with clock.pinned(datetime(2026, 11, 26, tzinfo=UTC)):
        ingest([("b", key, AT, "1")])
    assert [f.rows for f in metering.files("video", NOVEMBER, datetime(2026, 11, 25, tzinfo=UTC))] == [1]
    assert len(metering.files("video", NOVEMBER, datetime(2026, 11, 26, tzinfo=UTC))) == 2
    assert metering.files("video", NOVEMBER.next_month(), clock.now()) == [] and metering.files("other", NOVEMBER, clock.now()) == []
    with duck.connection() as con:
        assert metering.usage_frame(con, []).collect().shape == (0, 10)


def test_a_kill_between_file_and_register_loses_and_doubles_nothing(cast: Cast, event: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies at each step of the writing in turn; the next store finds everything as it was and sets the orphans aside."""
    metering.accept.do(ACTOR, service="video", events=[event("a"), event("b", time="2026-11-21T10:00:00+09:00")])

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    for where, what in ((os, "fsync"), (os, "replace"), (store, "_sync"), (FileRow.objects, "bulk_create"), (Compaction, "save")):
        with monkeypatch.context() as patch:
            if what == "save":  # the second save, after the register
                patch.setattr(Compaction, "save", lambda self, *a, **k: die() if k.get("update_fields") else Compaction.save_base(self))
            else:
                patch.setattr(where, what, die)
            with pytest.raises(Killed):
                metering.compact.do(ACTOR, service="video")
        assert stored() == [] and metering.waiting("video") == 2
    orphans = list(store.usage_root("video").glob("day=*/*.parquet"))
    assert orphans
    assert metering.compact.do(ACTOR, service="video").accepted == 2
    assert [row[0] for row in stored()] == ["a", "b"]
    assert not any(path.exists() for path in orphans) and not list(store.usage_root("video").glob(".draft-*"))
    assert len(list((store.usage_root("video") / ".aside").iterdir())) == 3 * len(
        orphans
    )  # three of the five deaths came after the files had their names


def test_what_was_set_aside_long_ago_is_deleted(cast: Cast) -> None:
    root = store.usage_root("video")
    (root / "day=2026-11-01").mkdir(parents=True)
    (root / "day=2026-11-01" / "x.parquet").write_bytes(b"left by a kill")
    metering.compact.do(ACTOR, service="video")
    (aside,) = (root / ".aside").iterdir()
    os.utime(aside, (0, 0))
    metering.compact.do(ACTOR, service="video")
    assert not aside.exists()


def test_the_waiting_room_forgets_after_three_days_and_the_files_still_know(cast: Cast, event: Make) -> None:
    start = datetime(2026, 11, 22, 2, tzinfo=UTC)
    with clock.pinned(start):
        metering.accept.do(ACTOR, service="video", events=[event("a")])
        metering.compact.do(ACTOR, service="video")
    with clock.pinned(start + timedelta(days=4)):
        metering.accept.do(ACTOR, service="video", events=[event("z")])
        metering.compact.do(ACTOR, service="video")
        assert set(Intake.objects.values_list("event_id", flat=True)) == {"z"}
        assert metering.accept.do(ACTOR, service="video", events=[event("a"), event("a", "8", source="player")]).accepted == 1
        assert metering.compact.do(ACTOR, service="video").accepted == 0
    assert sorted(str(row[0]) for row in stored(start + timedelta(days=5))) == ["a", "z"]
    assert Delivery.objects.count() == 3


def test_a_file_that_is_gone_or_changed_is_told_and_not_skipped(cast: Cast) -> None:
    ingest([("a", cast.subjects["u1"], AT, "1")])
    (file,) = metering.files("video", NOVEMBER, clock.now())
    metering.check_files([file], content=True)
    file.local.write_bytes(file.local.read_bytes() + b"x")
    with pytest.raises(Conflict):
        metering.check_files([file], content=True)
    file.local.unlink()
    with duck.connection() as con, pytest.raises(Conflict) as caught:
        metering.usage_frame(con, [file])
    assert caught.value.findings[0].value == file.path


def test_who_may_not_changes_nothing(cast: Cast, event: Make) -> None:
    for actor in (
        Actor("client", 1, "x"),
        Actor("client", 1, "x", (("billing_clerk", "webtoon"),)),
        Actor("staff", 1, "x", (("auditor", None),)),
    ):
        with pytest.raises(NotAllowed):
            metering.accept.do(actor, service="video", events=[event()])
        with pytest.raises(NotAllowed):
            metering.ingest.do(actor, service="video", events=table([]), origin="t")
    assert not Delivery.objects.exists() and not Compaction.objects.exists()


def test_too_much_and_nowhere_are_refused(cast: Cast, event: Make) -> None:
    with pytest.raises(Invalid):
        metering.accept.do(ACTOR, service="video", events=[event(str(n)) for n in range(metering.MAX_BATCH + 1)])
    with pytest.raises(NotFound):
        metering.accept.do(ACTOR, service="nowhere", events=[event()])
    with pytest.raises(Invalid):
        metering.ingest.do(
            ACTOR, service="video", events=table([("a", 1, AT, "1")]).set_column(1, "source", pa.nulls(1, pa.string())), origin="t"
        )
    assert not Delivery.objects.exists() and stored() == []


def test_files_lie_below_the_home_by_service_and_day(cast: Cast) -> None:
    ingest([("a", cast.subjects["u1"], AT, "1")])
    (file,) = metering.files("video", NOVEMBER, clock.now())
    assert Path(file.path).parent == Path("usage/video/day=2026-11-22") and file.rows == 1
