"""Weights that learn from what is typed: every token shows which of the experts was right.

A step up the log-likelihood of the token that came, smaller for weights that have moved much already (AdaGrad,
Duchi et al. 2011), and never far from the fitted weights: what one file teaches must not spoil the next.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from polylsp.engine.mix import Cell, Gate, Mixed

# Measured on development packages (docs/log.md).
_STEP = 0.1
_FARTHEST = 1.0  # Log-odds, from the fitted weight.


class Learner:
    """A gate that moves; `gate` always holds its present weights."""

    def __init__(self, fitted: Gate) -> None:
        self._fitted = fitted
        self.reset()

    def reset(self) -> None:
        """Back to the fitted weights."""
        self.gate = Gate(self._fitted.rows)
        self._moved: defaultdict[Cell, float] = defaultdict(float)  # Sums of squared slopes.

    def learn(self, mixed: Mixed, token: int) -> None:
        """`token` is what came where `mixed` had been expected."""
        own, given = mixed.parts(token)
        chances = [match.chance(token) / (own + given) for match in mixed.matches]
        self.step(mixed.where, mixed.shares, chances)

    def step(
        self,
        where: Sequence[Sequence[Cell]],
        shares: Sequence[float],
        chances: Sequence[float],
    ) -> None:
        """Trust more the experts whose `chances` of what came, over the mixture's, are above 1, others less."""
        for cells, share, chance in zip(where, shares, chances, strict=True):
            slope = share * (chance - 1)
            for cell in cells:
                self._move(cell, slope)

    def _move(self, cell: Cell, slope: float) -> None:
        self._moved[cell] += slope * slope
        row, at, bucket = cell
        weights, fitted = self.gate.rows[row][at], self._fitted.rows[row][at][bucket]
        to = weights[bucket] + _STEP * slope / math.sqrt(1 + self._moved[cell])
        weights[bucket] = min(fitted + _FARTHEST, max(fitted - _FARTHEST, to))
