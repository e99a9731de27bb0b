"""The rate and the length at each step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from polylsp.train.config import Training
from polylsp.train.schedule import length, share

TRAINING = Training(
    100, 64, 64, 0.001, warmup=10, decay=20, lengths={"0": 8, "50": 16}, decay_length=32
)


def test_the_rate_warms_up_stays_and_decays() -> None:
    shares = [share(TRAINING, step) for step in range(100)]
    assert shares[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert set(shares[10:80]) == {1.0}
    assert shares[80:] == pytest.approx([1 - step / 20 for step in range(20)])


def test_a_cosine_ends_at_its_last_rate() -> None:
    training = replace(TRAINING, decay_form="cosine", decay=90, last_rate=0.1)
    shares = [share(training, step) for step in range(10, 101)]
    assert shares == sorted(shares, reverse=True)
    assert shares[45] == pytest.approx(0.55)
    assert shares[-1] == pytest.approx(0.1)


def test_windows_grow() -> None:
    found = [length(TRAINING, step, 32) for step in (0, 49, 50, 79, 80, 99)]
    assert found == [8, 8, 16, 16, 32, 32]
    assert length(replace(TRAINING, lengths={}, decay_length=0), 0, 32) == 32
