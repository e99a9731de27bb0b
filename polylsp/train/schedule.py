"""Warm-up, a constant rate for as long as one likes, and decay: what holds at each step."""

from __future__ import annotations

import math

from polylsp.train.config import Training


def share(training: Training, step: int) -> float:
    """The share of the rates at `step`, from 0 on."""
    left = training.steps - step
    if step < training.warmup:
        return (step + 1) / training.warmup
    if left > training.decay or not training.decay:
        return 1.0
    done = 1 - left / training.decay
    cosine = training.decay_form == "cosine"
    falling = (1 + math.cos(math.pi * done)) / 2 if cosine else 1 - done
    return training.last_rate + (1 - training.last_rate) * falling


def length(training: Training, step: int, context: int) -> int:
    """Of a window at `step`."""
    if training.decay_length and training.steps - step <= training.decay:
        return training.decay_length
    found = context
    for first in sorted(map(int, training.lengths)):
        if first <= step:
            found = training.lengths[str(first)]
    return found
