"""Fit a gate: the weights under which what the files say was likeliest.

Every language of every model counts alike. A kind of source has weights of its own, drawn towards those that all
share, so that what was rarely seen is as trusted as its like. Maximum likelihood by Adam (Kingma & Ba 2015).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

import numpy as np

from polylsp.engine.memory import Kind
from polylsp.engine.mix import KINDS, ORDERS, ROWS, Gate
from polylsp.evals.positions import Numbers, Positions
from polylsp.evals.table import SIZE, SIZES, STARTS, Table, gate_of

STEPS = 300
_RATE = 0.05
_START = -1.5  # Log-odds of any match against the model.
_PULL = 2e-5  # On the square of each weight of one kind,
_PULL_SHARED = 4e-6  # and of each that all kinds share.
# Kinds that no file at rest can show, and whom they are most like.
_LIKE = {
    Kind.DELETED: Kind.OPEN,
    Kind.RECENT: Kind.OPEN,
    Kind.DEPENDENCIES: Kind.WORKSPACE,
}


def fitted(
    samples: Sequence[Positions],
    without: Collection[str] = (),
    steps: int = STEPS,
    say: Callable[[str], None] = lambda _: None,
) -> Gate:
    """The gate that fits `samples`, one a model, `without` some of its rows."""
    tables = [(Table.of(one), _alike(one) / len(samples)) for one in samples]
    free = np.concatenate([np.full(SIZES[name], name not in without) for name in ROWS])
    weights = np.concatenate(
        [np.full(SIZES[name], _START if name == "bias" else 0.0) for name in ROWS]
    )
    shared = np.zeros(len(_SHARED))
    climb = _Adam(SIZE + len(_SHARED))
    for step in range(steps):
        if step % 20 == 0:
            say(f"fitting: step {step} of {steps}")
        slope = sum(
            (_slope(table, weight, weights + shared[_SHARES]) for table, weight in tables),
            start=np.zeros(SIZE),
        )
        slope *= free
        of_shared = np.bincount(_SHARES, slope, len(_SHARED)) * _SHARED
        pulled = np.where(_IS_BIAS, 0.0, 2 * _PULL * weights)
        move = climb.step(np.concatenate([slope + pulled, of_shared + 2 * _PULL_SHARED * shared]))
        weights, shared = weights - move[:SIZE], shared - move[SIZE:]
    return gate_of(_filled(weights, samples) + shared[_SHARES])


def _shared_places() -> Numbers:
    """Where the shared part of each weight is: by row, order and bucket."""
    places, start = [], 0
    for buckets in ROWS.values():
        one = start + np.arange(ORDERS * buckets)
        places.append(np.tile(one, KINDS))
        start += ORDERS * buckets
    return np.concatenate(places)


_SHARES = _shared_places()
_IS_BIAS = np.arange(SIZE) < SIZES["bias"]
# 0 for what stands for a bias: that of each kind is its own.
_SHARED = (np.arange(_SHARES.max() + 1) >= ORDERS).astype(float)


def _alike(positions: Positions) -> Numbers:
    """The weight of each position: languages weigh alike, together 1."""
    count: Counter[str] = Counter()
    for one in positions.documents:
        count[one.language] += one.end - one.first
    each = [
        np.full(one.end - one.first, 1 / count[one.language] / len(count))
        for one in positions.documents
    ]
    return np.concatenate(each)


def _slope(table: Table, weight: Numbers, weights: Numbers) -> Numbers:
    """How the bits that all positions cost change with each weight."""
    own, shares = table.shares(weights)
    right = own * table.own + np.bincount(table.at, shares * table.given, len(own))
    right = np.maximum(right, 1e-9)
    gain = shares * (table.given / right[table.at] - 1) * weight[table.at] / np.log(2)
    spread = np.repeat(gain, table.cells.shape[1])
    result: Numbers = -np.bincount(table.cells.ravel(), spread, SIZE)
    return result


class _Adam:
    """Steps of a like size, whatever the slope's."""

    def __init__(self, size: int) -> None:
        self._mean, self._square = np.zeros(size), np.zeros(size)
        self._steps = 0

    def step(self, slope: Numbers) -> Numbers:
        self._steps += 1
        self._mean = 0.9 * self._mean + 0.1 * slope
        self._square = 0.999 * self._square + 0.001 * slope**2
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.999**self._steps)
        result: Numbers = _RATE * mean / (np.sqrt(square) + 1e-8)
        return result


def _filled(weights: Numbers, samples: Sequence[Positions]) -> Numbers:
    """With the weights of kinds that were not seen taken from others that are like them."""
    seen = {int(kind) for one in samples for kind in np.unique(one.kind)}
    result = weights.copy()
    for kind, like in _LIKE.items():
        if kind not in seen and like in seen:
            for name, buckets in ROWS.items():
                size = ORDERS * buckets
                to, source = STARTS[name] + kind * size, STARTS[name] + like * size
                result[to : to + size] = weights[source : source + size]
    return result
