"""Which weights decide at each position: a gate's cells of every match, as numbers to compute with at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from polylsp.engine.mix import KINDS, ORDERS, ROWS, Gate, cells
from polylsp.evals.positions import Numbers, Positions

SIZES = {name: KINDS * ORDERS * buckets for name, buckets in ROWS.items()}
STARTS = dict(zip(ROWS, np.cumsum([0, *SIZES.values()]).tolist(), strict=False))
SIZE = sum(SIZES.values())  # Of all rows, one after the other.


@dataclass(frozen=True, slots=True)
class Table:
    """Of each match: its position, its cells, and how often the file's own token followed."""

    own: Numbers  # Of each position, the model's probability of what the file says.
    at: Numbers
    cells: Numbers  # [matches, rows]
    given: Numbers  # A share of what followed.

    @classmethod
    def of(cls, positions: Positions) -> Table:
        likeliest, sure = positions.likeliest.tolist(), np.exp(positions.sure).tolist()
        where = [
            [STARTS[row] + kind * ROWS[row] + bucket for row, kind, bucket in one]
            for at, match in zip(positions.at.tolist(), positions.matches(), strict=True)
            for one in [cells(match, likeliest[at], sure[at])]
        ]
        right = positions.named == positions.token[positions.at[positions.match]]
        count = len(positions.at)
        given = np.bincount(positions.match, positions.count * right, count)
        total = np.bincount(positions.match, positions.count, count)
        shaped = np.array(where, np.int64).reshape(-1, len(ROWS))
        return cls(np.exp(positions.own), positions.at, shaped, given / np.maximum(1, total))

    def shares(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """The share of the model at each position, and of each match; `weights` are a gate's, flat."""
        trusts = weights[self.cells].sum(1)
        highest = np.zeros(len(self.own))  # The model's own log-odds.
        np.maximum.at(highest, self.at, trusts)
        odds = np.exp(trusts - highest[self.at])
        own = np.exp(-highest)
        total = own + np.bincount(self.at, odds, len(own))
        return own / total, odds / total[self.at]

    def right(self, weights: Numbers) -> Numbers:
        """The probability that the mixture gives what the file says, at each position."""
        own, shares = self.shares(weights)
        result: Numbers = own * self.own + np.bincount(self.at, shares * self.given, len(own))
        return result


def flat(gate: Gate) -> Numbers:
    """The weights one after the other."""
    return np.concatenate([np.array(gate.rows[name]).ravel() for name in ROWS])


def gate_of(weights: Numbers) -> Gate:
    """The inverse of `flat`."""
    return Gate(rows(weights))


def rows(weights: Numbers) -> Mapping[str, list[list[float]]]:
    return {
        name: weights[STARTS[name] : STARTS[name] + SIZES[name]].reshape(-1, buckets).tolist()
        for name, buckets in ROWS.items()
    }
