"""Weights that learn: somebody types one file after the other, and every token tells who was right."""

from __future__ import annotations

import numpy as np

from polylsp.engine.learn import Learner
from polylsp.engine.mix import Gate
from polylsp.evals.again import Again
from polylsp.evals.positions import Numbers, Positions


def learnt(positions: Positions, gate: Gate) -> Numbers:
    """The bits of each position, with weights that start as `gate` in every package and learn in it."""
    again = Again(positions)
    bits: Numbers = -positions.own / np.log(2)
    for package in dict.fromkeys(one.package for one in positions.documents):
        learner = Learner(gate)
        for one in positions.documents:
            if one.package != package:
                continue
            for at in range(one.first, one.end):
                if here := again.mixed(at, learner.gate):
                    token = int(positions.token[at])
                    bits[at] = -np.log2(max(1e-30, sum(here.parts(token))))
                    learner.learn(here, token)
    return bits
