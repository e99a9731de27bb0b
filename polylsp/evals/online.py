"""Weights that learn: somebody types one file after the other, and every token tells who was right."""

from __future__ import annotations

import numpy as np

from polylsp.engine.backend import Logits
from polylsp.engine.learn import Learner
from polylsp.engine.memory import Match
from polylsp.engine.mix import Gate, mixed
from polylsp.evals.positions import Numbers, Positions


def learnt(positions: Positions, gate: Gate) -> Numbers:
    """The bits of each position, with weights that start as `gate` in every package and learn in it."""
    logits = _Logits(positions)
    bits: Numbers = -positions.own / np.log(2)
    matches = _by_position(positions)
    for package in dict.fromkeys(one.package for one in positions.documents):
        learner = Learner(gate)
        for one in positions.documents:
            if one.package != package:
                continue
            for at in range(one.first, one.end):
                if found := matches.get(at):
                    token = int(positions.token[at])
                    here = mixed(logits.of(at), found, learner.gate)
                    bits[at] = -np.log2(max(1e-30, sum(here.parts(token))))
                    learner.learn(here, token)
    return bits


def _by_position(positions: Positions) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = {}
    for at, match in zip(positions.at.tolist(), positions.matches(), strict=True):
        found.setdefault(at, []).append(match)
    return found


class _Logits:
    """What the model said, as far as it was kept: of all that nobody names, each token is as likely."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        named = [positions.token, positions.likeliest, positions.named]
        self._size = 1 + max(int(one.max(initial=0)) for one in named)
        match = np.searchsorted(positions.at, np.arange(len(positions) + 1))
        self._bounds = np.searchsorted(positions.match, match)

    def of(self, at: int) -> Logits:
        """Logarithms of probabilities that are those of the model where it matters."""
        kept = self._positions
        part = slice(int(self._bounds[at]), int(self._bounds[at + 1]))
        tokens = np.concatenate([[kept.token[at], kept.likeliest[at]], kept.named[part]])
        said = np.concatenate([[kept.own[at], kept.sure[at]], kept.said[part]])
        tokens, first = np.unique(tokens, return_index=True)
        rest = max(1e-9, 1 - float(np.exp(said[first]).sum())) / max(1, self._size - len(tokens))
        logits = np.full(self._size, np.log(rest), np.float32)
        logits[tokens] = said[first]
        return logits
