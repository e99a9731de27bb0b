"""How sure a figure is: the bootstrap, by package.

Places in one package are alike, so what is drawn again and again are packages, not places (a cluster bootstrap:
Efron & Tibshirani 1993). Two ways are compared on the same places: each draw gives both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]

_DRAWS = 2000
_SEED = 7
_OUTSIDE = 2.5  # Per cent at either end.


def of_mean(values: Sequence[float], packages: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of the mean of `values`; each belongs to the package of its place."""
    sums, sizes = _drawn(values, packages)
    return _middle(sums / sizes)


def of_difference(
    ours: Sequence[float], theirs: Sequence[float], packages: Sequence[str]
) -> tuple[float, float]:
    """The 95 % interval of how much higher the mean of `ours` is, place by place the same as `theirs`."""
    pairs = zip(ours, theirs, strict=True)
    return of_mean([one - other for one, other in pairs], packages)


def of_ratio(
    ours: Sequence[float], theirs: Sequence[float], packages: Sequence[str]
) -> tuple[float, float]:
    """The 95 % interval of the mean of `ours` over that of `theirs`."""
    above, _ = _drawn(ours, packages)
    below, _ = _drawn(theirs, packages)
    return _middle(above / np.maximum(below, 1e-9))


def _drawn(values: Sequence[float], packages: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Of each draw the sum of its values, and how many these are. The draws are the same every time."""
    names, which = np.unique(np.array(packages), return_inverse=True)
    sums = np.bincount(which, np.array(values, np.float64), len(names))
    sizes = np.bincount(which, minlength=len(names)).astype(np.float64)
    random = np.random.default_rng(_SEED)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), _DRAWS)
    drawn: Numbers = times.astype(np.float64)
    return drawn @ sums, drawn @ sizes


def _middle(values: Numbers) -> tuple[float, float]:
    low, high = np.percentile(values, [_OUTSIDE, 100 - _OUTSIDE])
    return round(float(low), 4), round(float(high), 4)
