"""Who is affected: computed from openings and the vault, step by step, equal to what a plain loop over the same evidence says."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from numaru.kernel import clock
from numaru.kernel.access import Actor
from numaru.kernel.errors import Invalid
from numaru.kernel.leaks import api as leaks
from numaru.kernel.leaks.models import AffectedPerson, AffectedSet
from numaru.kernel.vault.models import VaultEntry, VaultOpening
from tests.domains.billing.world import World
from tests.screens import naru, shared  # noqa: F401

pytestmark = pytest.mark.django_db
OFFICER = Actor("staff", 31, "보호 담당", (("privacy_officer", None),))
START = clock.now() - timedelta(days=10)
KINDS = ["email", "name", "phone"]


def opened(
    person: int,
    kind: str,
    hour: int,
    *,
    staff: int | None = None,
    client: int | None = None,
    bulk: str = "",
    service: str = "",
    outcome: str = "opened",
) -> int:
    return VaultOpening.objects.create(
        person=person, kind=kind, at=START + timedelta(hours=hour), actor="x", staff=staff, client=client, bulk=bulk, service=service, purpose="시험",
        outcome=outcome,
    ).pk  # fmt: skip


def held(person: int, *kinds: str) -> None:
    VaultEntry.objects.bulk_create(VaultEntry(person=person, kind=kind, version=1, sealed=b"x", at=START) for kind in kinds)


def a_case() -> str:
    return leaks.open_case.do(OFFICER, kind="leak", known_at=clock.now() - timedelta(hours=1), happened="열람 기록에 이상한 점이 있음")


def found(case: str, *steps: leaks.Step) -> dict[int, tuple[list[str], list[int]]]:
    version = leaks.find_affected.do(OFFICER, case=case, steps=list(steps))
    rows = AffectedPerson.objects.filter(set__case__number=case, set__version=version)
    return {row.person: (row.kinds, sorted(row.openings)) for row in rows}


def test_only_what_was_really_opened_in_the_time_by_the_account_counts() -> None:
    a, b = opened(1, "phone", 1, staff=7), opened(1, "name", 2, staff=7)
    opened(2, "phone", 3, staff=7, outcome="refused")
    opened(3, "phone", 3, staff=8)
    opened(4, "phone", 9, staff=7)
    c = opened(5, "email", 8, staff=7)
    case = a_case()
    got = found(case, leaks.Step("add", "openings", staff=7, since=START, until=START + timedelta(hours=9)))
    assert got == {1: (["name", "phone"], [a, b]), 5: (["email"], [c])}
    made = AffectedSet.objects.get()
    assert (made.people, made.openings, made.by_kind) == (2, 3, {"email": 1, "name": 1, "phone": 1}) and len(made.sha256) == 64


def test_steps_add_remove_and_keep() -> None:
    for person in range(1, 6):
        opened(person, "phone", person, staff=7, bulk="B-1" if person > 3 else "")
    opened(9, "name", 1, client=2, service="naru-video")
    case = a_case()
    assert set(found(case, leaks.Step("add", "openings", staff=7), leaks.Step("remove", "openings", bulk="B-1"))) == {1, 2, 3}
    assert set(found(case, leaks.Step("add", "openings", staff=7), leaks.Step("keep", "openings", bulk="B-1"))) == {4, 5}
    assert set(found(case, leaks.Step("add", "openings", bulk="B-1"), leaks.Step("add", "openings", client=2))) == {4, 5, 9}
    assert set(found(case, leaks.Step("add", "openings", service="naru-video"))) == {9}
    assert list(AffectedSet.objects.order_by("version").values_list("version", "people")) == [(1, 3), (2, 2), (3, 3), (4, 1)]


def test_a_service_everybody_and_a_list(naru: World) -> None:  # noqa: F811
    case = a_case()
    everyone = found(case, leaks.Step("add", "service", service=naru.slug))
    parties = {naru.subscriber(who).party_id for who in naru_cast()}
    assert set(everyone) == parties and all(not openings for _, openings in everyone.values())
    haneul = naru.subscriber("haneul")
    assert everyone[haneul.party_id][0] == KINDS  # the kinds that the vault really holds of them
    assert set(found(case, leaks.Step("add", "everyone", kinds=("email",)))) == {haneul.party_id}
    got = found(case, leaks.Step("add", "list", numbers=(haneul.number, "noeul", "S-9999999", haneul.number)))
    assert set(got) == {haneul.party_id, naru.subscriber("noeul").party_id}
    step = AffectedSet.objects.order_by("-version")[0].steps[0]
    assert step["numbers"] == 4 and step["unknown"] == 1 and haneul.number not in str(step)


def naru_cast() -> list[str]:
    from tests.domains.billing.world import CAST

    return [who for who, *_ in CAST]


@pytest.mark.parametrize(
    "steps",
    [
        [], [leaks.Step("remove", "everyone")], [leaks.Step("add", "openings")], [leaks.Step("add", "service")], [leaks.Step("add", "list")],
        [leaks.Step("add", "nothing")], [leaks.Step("add", "everyone", kinds=("blood",))],
        [leaks.Step("add", "openings", staff=7, since=START, until=START)], [leaks.Step("add", "openings", staff=7)],
    ],
)  # fmt: skip
def test_what_looks_nowhere_or_finds_nobody_is_refused(steps: list[leaks.Step]) -> None:
    case = a_case()
    with pytest.raises(Invalid):
        leaks.find_affected.do(OFFICER, case=case, steps=steps)
    assert not AffectedSet.objects.exists()


def test_a_frozen_set_is_not_edited() -> None:
    opened(1, "phone", 1, staff=7)
    case = a_case()
    found(case, leaks.Step("add", "openings", staff=7))
    before = AffectedSet.objects.get().sha256
    opened(2, "phone", 1, staff=7)  # learned later: the next version, another hash
    assert set(found(case, leaks.Step("add", "openings", staff=7))) == {1, 2}
    assert (
        AffectedSet.objects.order_by("version").values_list("sha256", flat=True)[0]
        == before
        != AffectedSet.objects.order_by("version")[1].sha256
    )
    for sql in (
        "UPDATE leaks_affectedset SET people = 0",
        "UPDATE leaks_affectedperson SET kinds = '{}'",
        "UPDATE leaks_leakentry SET why = 'x'",
        "DELETE FROM leaks_leakentry",
    ):
        with pytest.raises(DatabaseError, match="not edited"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


OPENING = st.tuples(
    st.integers(1, 8),
    st.sampled_from(KINDS),
    st.integers(0, 6),
    st.sampled_from([None, 7, 8]),
    st.sampled_from(["", "B-1"]),
    st.sampled_from(["opened", "opened", "refused"]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "keep"]), st.sampled_from([7, 8, None]), st.sampled_from(["", "B-1"]), st.sampled_from([(), ("phone",), ("name", "email")]), st.integers(0, 6)),
    min_size=1, max_size=4,
)  # fmt: skip


class AgainstTheLoop(TestCase):
    """Any steps over any evidence against the same written as a loop."""

    @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(OPENING, min_size=1, max_size=25), STEPS)
    def test_equal(self, openings: list[Any], plan: list[Any]) -> None:
        rows = [(opened(p, k, h, staff=s, bulk=b, outcome=o), p, k, h, s, b, o) for p, k, h, s, b, o in openings]
        now: dict[int, tuple[set[str], set[int]]] = {}
        steps = []
        for n, (op, staff, bulk, kinds, hour) in enumerate(plan):
            op = "add" if n == 0 else op
            steps.append(leaks.Step(op, "openings", staff=staff, bulk=bulk, kinds=kinds, since=START + timedelta(hours=hour)))
            hit: dict[int, tuple[set[str], set[int]]] = defaultdict(lambda: (set(), set()))
            for pk, p, k, h, s, b, o in rows:
                if o == "opened" and h >= hour and (staff is None or s == staff) and (not bulk or b == bulk) and (not kinds or k in kinds):
                    hit[p][0].add(k)
                    hit[p][1].add(pk)
            if op == "add":
                for p, (k, i) in hit.items():
                    have = now.setdefault(p, (set(), set()))
                    have[0].update(k)
                    have[1].update(i)
            else:
                now = {p: v for p, v in now.items() if (p in hit) == (op == "keep")}
        case = a_case()
        if not now:
            with pytest.raises(Invalid):
                found(case, *steps)
            return
        assert found(case, *steps) == {p: (sorted(k), sorted(i)) for p, (k, i) in now.items()}
