"""Choosing the next token."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from polylsp.engine.backend import softmax
from polylsp.engine.sample import GREEDY, Sampling, pick

PROBABILITIES = np.array([0.05, 0.4, 0.25, 0.2, 0.1])
SAID = softmax((np.log(PROBABILITIES) + 3).astype(np.float32))


def drawn(sampling: Sampling, allowed: list[int] | None = None, count: int = 4000) -> Counter[int]:
    random = np.random.default_rng(0)
    ids = None if allowed is None else np.array(allowed, np.int64)
    return Counter(pick(SAID, sampling, random, ids)[0] for _ in range(count))


def test_greedy_takes_the_likeliest() -> None:
    token, logprob = pick(SAID, GREEDY, np.random.default_rng(0))
    assert token == 1
    assert logprob == pytest.approx(np.log(0.4), abs=1e-6)


def test_greedy_takes_the_likeliest_of_those_allowed_and_says_how_likely_among_them() -> None:
    token, logprob = pick(SAID, GREEDY, np.random.default_rng(0), np.array([4, 0, 3]))
    assert token == 3
    assert logprob == pytest.approx(np.log(0.2 / 0.35), abs=1e-6)


def test_temperature_one_draws_by_the_models_probabilities() -> None:
    counts = drawn(Sampling(temperature=1, top_p=1))
    shares = np.array([counts[token] for token in range(5)]) / 4000
    assert np.abs(shares - PROBABILITIES).max() < 0.03


def test_a_high_temperature_evens_out_and_a_low_one_sharpens() -> None:
    hot = drawn(Sampling(temperature=50, top_p=1))
    assert min(hot[token] for token in range(5)) > 700
    assert drawn(Sampling(temperature=0.02, top_p=1)) == {1: 4000}


def test_the_probability_told_is_at_temperature_one() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        token, logprob = pick(SAID, Sampling(temperature=3, top_p=1), random)
        assert logprob == pytest.approx(np.log(PROBABILITIES[token]), abs=1e-6)


@pytest.mark.parametrize(
    ("top_p", "tokens"),
    [(0.3, {1}), (0.5, {1, 2}), (0.7, {1, 2, 3}), (0.9, {1, 2, 3, 4}), (1.0, {0, 1, 2, 3, 4})],
)
def test_top_p_keeps_the_fewest_tokens_that_reach_it(top_p: float, tokens: set[int]) -> None:
    assert drawn(Sampling(temperature=1, top_p=top_p)).keys() == tokens


@pytest.mark.parametrize(("top_k", "tokens"), [(1, {1}), (2, {1, 2}), (9, {0, 1, 2, 3, 4})])
def test_top_k_keeps_the_likeliest_k(top_k: int, tokens: set[int]) -> None:
    assert drawn(Sampling(temperature=1, top_p=1, top_k=top_k)).keys() == tokens


def test_only_allowed_tokens_are_drawn() -> None:
    assert drawn(Sampling(temperature=1, top_p=1), [0, 4]).keys() == {0, 4}


def test_equal_seeds_draw_equally() -> None:
    sampling = Sampling(temperature=1)
    one, other = np.random.default_rng(7), np.random.default_rng(7)
    assert [pick(SAID, sampling, one) for _ in range(50)] == [
        pick(SAID, sampling, other) for _ in range(50)
    ]


def test_a_flat_distribution_over_a_large_vocabulary_is_drawn_from_as_a_whole() -> None:
    logits, random = np.zeros(50_000, np.float32), np.random.default_rng(0)
    found = {
        pick(softmax(logits), Sampling(temperature=1, top_p=0.9), random)[0] for _ in range(500)
    }
    assert len(found) > 450
    assert max(found) > 40_000


def test_a_peaked_distribution_over_a_large_vocabulary_keeps_to_its_peak() -> None:
    logits, random = np.zeros(50_000, np.float32), np.random.default_rng(0)
    logits[[17, 40_017]] = 20
    found = Counter(pick(softmax(logits), Sampling(temperature=1), random)[0] for _ in range(500))
    assert found.keys() == {17, 40_017}
    assert min(found.values()) > 200
