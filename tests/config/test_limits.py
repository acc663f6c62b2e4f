"""Token buckets and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numaru.config import limits
from numaru.config.limits import Asked, Buckets, Rate


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 50), steps=st.lists(st.floats(0, 5), max_size=80))
def test_nobody_gets_more_than_burst_and_rate_allow(rate: float, burst: int, steps: list[float]) -> None:
    now = [0.0]
    buckets = Buckets(Rate(rate, burst), lambda: now[0])
    taken = 0
    for step in steps:
        now[0] += step
        wait = buckets.take("a")
        taken += wait == 0
        if wait:
            assert wait <= (1 / rate) + 1e-6
    assert taken <= burst + rate * now[0] + 1e-6


def test_the_wait_that_is_told_is_long_enough() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2, 1), lambda: now[0])
    assert buckets.take("a") == 0.0
    wait = buckets.take("a")
    assert wait == pytest.approx(0.5)
    now[0] += wait
    assert buckets.take("a") == 0.0


def test_the_memory_of_callers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KNOWN", 100)
    buckets = Buckets(Rate(1, 1))
    for n in range(1000):
        buckets.take(str(n))
    assert len(buckets._left) == 100


@pytest.mark.parametrize("given", ["x", "1", "0/5", "5/0", "1/2/3"])
def test_a_wrong_figure_is_named(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("NUMARU_LIMIT_CLIENT", given)
    with pytest.raises(ValueError, match="NUMARU_LIMIT_CLIENT"):
        Rate.read("NUMARU_LIMIT_CLIENT", "1/1")


def test_processes_share_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMARU_WEB_PROCESSES", "4")
    assert Rate.read("NUMARU_LIMIT_CLIENT", "100/200") == Rate(25, 50)


def test_a_large_body_is_for_an_upload_of_somebody_signed_in() -> None:
    assert limits.body_limit("imports/new/", signed_in=True) > limits.body_limit("imports/new/", signed_in=False)
    assert limits.body_limit("billing/", signed_in=True) == limits.SMALL


def test_secrets_are_not_kept_by_the_buckets() -> None:
    made = limits.Limits()
    made.wait(Asked("api/v1/usage", "203.0.113.1", token="nmk_secret"))
    made.wait(Asked("subscribers/", "203.0.113.1", session="mysession", query="q=1"))
    assert not any("nmk_secret" in key or "mysession" in key for b in (made.client, made.heavy) for key in b._left)
