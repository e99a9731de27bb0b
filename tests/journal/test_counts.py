"""Numbers add up over days and servers, and medians come out of histograms."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from polylsp.journal.counts import Key, add, bucket, figures, median, total

KEY = Key("2026-11-26", "python", "tiny", "line")


def test_counts_of_the_same_add_up() -> None:
    counts = {KEY: Counter(shown=1)}
    add(counts, {KEY: Counter(shown=2, accepted=1)})
    other = Key("2026-11-27", "python", "tiny", "line")
    add(counts, {other: Counter(shown=5)})
    assert counts == {KEY: Counter(shown=3, accepted=1), other: Counter(shown=5)}
    assert total(counts.values()) == Counter(shown=8, accepted=1)


@given(times=some.lists(some.floats(0.1, 9000), min_size=1, max_size=30))
def test_the_median_is_in_the_bucket_of_the_true_one(times: list[float]) -> None:
    estimated = median(Counter(map(bucket, times)))
    assert estimated is not None
    low, high = statistics.median_low(times), statistics.median_high(times)
    # An estimate at a bucket's very end is in it.
    names = {bucket(estimated), bucket(estimated - 0.1), bucket(estimated + 0.1)}
    assert names & {bucket(low), bucket(high)}


def test_there_is_no_median_of_nothing() -> None:
    assert median({}) is None
    assert figures({})["medianMilliseconds"] is None
    assert figures({})["shown"] == 0


@pytest.mark.parametrize(
    ("milliseconds", "name"),
    [
        (0, "milliseconds<=1"),
        (12, "milliseconds<=15"),
        (15, "milliseconds<=15"),
        (60_000, "milliseconds>10000"),
    ],
)
def test_every_latency_has_a_bucket(milliseconds: float, name: str) -> None:
    assert bucket(milliseconds) == name
