"""The engine's own mixture at a position that was kept, as far as it matters there."""

from __future__ import annotations

import numpy as np

from polylsp.engine.backend import Logits, softmax
from polylsp.engine.memory import Match
from polylsp.engine.mix import Gate, Mixed, experts, mixed
from polylsp.evals.positions import Positions


class Again:
    """Positions as the engine has them."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._matches: dict[int, list[Match]] = {}
        for at, match in zip(positions.at.tolist(), positions.matches(), strict=True):
            self._matches.setdefault(at, []).append(match)
        named = [positions.token, positions.likeliest, positions.named]
        self._size = 1 + max(int(one.max(initial=0)) for one in named)
        first = np.searchsorted(positions.at, np.arange(len(positions) + 1))
        self._bounds = np.searchsorted(positions.match, first)

    def mixed(self, at: int, gate: Gate) -> Mixed | None:
        """Model and memory at a position; None where memory knows nothing."""
        matches = self._matches.get(at)
        return mixed(softmax(self._logits(at)), experts(matches, gate)) if matches else None

    def _logits(self, at: int) -> Logits:
        """What the model said, as logarithms of probabilities; tokens that nobody names are alike in them."""
        kept = self._positions
        part = slice(int(self._bounds[at]), int(self._bounds[at + 1]))
        tokens = np.concatenate([[kept.token[at], kept.likeliest[at]], kept.named[part]])
        said = np.concatenate([[kept.own[at], kept.sure[at]], kept.said[part]])
        tokens, first = np.unique(tokens, return_index=True)
        rest = max(1e-9, 1 - float(np.exp(said[first]).sum())) / max(1, self._size - len(tokens))
        logits = np.full(self._size, np.log(rest), np.float32)
        logits[tokens] = said[first]
        return logits
