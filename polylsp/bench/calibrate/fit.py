"""Curves through what was shown and whether it was right; and how far from the truth a curve is.

Two ways to fit: isotonic, which only asks that a curve rises, and a scaling of the log-odds by two numbers
(Platt 1999; temperature, Guo et al. 2017, with an offset). Held-out files tell which is the better one, and
whether either is better than to take the model at its word.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from polylsp.bench.calibrate.walk import Show
from polylsp.suggest.calibration import AT_ITS_WORD, Calibration, Curve
from polylsp.types import Mode

_POINTS = 10  # Of a curve, at most.
_ENOUGH = 200  # Shows; with fewer of a mode, those of both modes are its curve.
_MOST = 0.995  # Nothing is right, or wrong, for certain.
_PULL = 128.0  # Towards what the model says itself; the same show counts at several thresholds.
Numbers = np.ndarray[Any, np.dtype[np.float64]]
_Pool = tuple[float, float, float]  # Weight, and the means of raw and right.
Fit = Callable[[Numbers, Numbers, Numbers], Curve]  # Raw, right (0 or 1), weights.


def fitted(shows: Sequence[Show], way: Fit) -> Calibration:
    """The calibration that `shows` tell of: a curve for each mode. Every language counts alike."""
    if not shows:
        return AT_ITS_WORD
    both = _curve(shows, way)
    return Calibration(*(_of_mode(shows, mode, way) or both for mode in (Mode.LINE, Mode.BLOCK)))


def _of_mode(shows: Sequence[Show], mode: Mode, way: Fit) -> Curve | None:
    some = [show for show in shows if show.mode is mode]
    return _curve(some, way) if len(some) >= _ENOUGH else None


def _curve(shows: Sequence[Show], way: Fit) -> Curve:
    count = Counter(show.language for show in shows)
    raw = np.array([show.raw for show in shows])
    right = np.array([float(show.right) for show in shows])
    weights = np.array([1 / count[show.language] for show in shows])
    order = np.argsort(raw, kind="stable")
    return way(raw[order], right[order], weights[order] / weights.sum())


def isotonic(raw: Numbers, right: Numbers, weights: Numbers) -> Curve:
    """Groups of equal weight, and of these neighbours put together that would make the curve fall."""
    group = np.minimum(_POINTS - 1, (np.cumsum(weights) * _POINTS - 1e-9).astype(int))
    pools: list[_Pool] = []
    for number in np.unique(group):
        inside = group == number
        total = float(weights[inside].sum())
        means = (float(one[inside] @ weights[inside]) / total for one in (raw, right))
        pools.append((total, next(means), next(means)))
        while len(pools) > 1 and pools[-1][2] <= pools[-2][2] + 1e-3:
            pools.append(_pooled(pools.pop(), pools.pop()))
    return _rising([(x, y) for _, x, y in pools])


def scaled(raw: Numbers, right: Numbers, weights: Numbers) -> Curve:
    """The log-odds times a number plus another, by Newton's method, as points on that curve."""
    x = np.stack([_logit(raw), np.ones_like(raw)], axis=1)
    pull, factors = _PULL / len(raw), np.array([1.0, 0.0])
    for _ in range(50):
        said = _share(x @ factors)
        slope = x.T @ (weights * (right - said)) - pull * (factors - [1.0, 0.0])
        bend = (x * (weights * said * (1 - said))[:, np.newaxis]).T @ x + pull * np.eye(2)
        step = np.linalg.solve(bend, slope)
        factors = factors + step / max(1.0, float(np.abs(step).max()))
    factors[0] = max(factors[0], 0.05)  # However noisy, a curve rises.
    at = np.array([0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.995])
    rights = _share(np.stack([_logit(at), np.ones_like(at)], axis=1) @ factors)
    return _rising(list(zip(at.tolist(), rights.tolist(), strict=True)))


def at_its_word(raw: Numbers, right: Numbers, weights: Numbers) -> Curve:  # noqa: ARG001
    return Curve()


WAYS: dict[str, Fit] = {"raw": at_its_word, "isotonic": isotonic, "scaled": scaled}


def loss(shows: Sequence[Show], calibration: Calibration) -> float:
    """The negative log-likelihood of what turned out, in nats; the sum."""
    return -sum(math.log(_of_outcome(show, calibration)) for show in shows)


def _of_outcome(show: Show, calibration: Calibration) -> float:
    said = calibration.right(show.raw, show.mode)
    return max(1e-4, said if show.right else 1 - said)


def _logit(share: Numbers) -> Numbers:
    inside = np.clip(share, 1e-4, 1 - 1e-4)
    result: Numbers = np.log(inside / (1 - inside))
    return result


def _share(odds: Numbers) -> Numbers:
    """The inverse of `_logit`."""
    result: Numbers = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return result


def _pooled(one: _Pool, other: _Pool) -> _Pool:
    total = one[0] + other[0]
    x, y = ((one[0] * one[at] + other[0] * other[at]) / total for at in (1, 2))
    return total, x, y


def _rising(points: Sequence[tuple[float, float]]) -> Curve:
    """A curve through `points`, without those that do not rise once rounded."""
    kept: list[tuple[float, float]] = []
    for x, y in points:
        point = (round(min(1.0, x), 4), round(min(_MOST, max(1 - _MOST, y)), 4))
        if point[0] > (kept[-1][0] if kept else 0) and point[1] > (kept[-1][1] if kept else 0):
            kept.append(point)
    return Curve(tuple(kept)) if kept else Curve()
