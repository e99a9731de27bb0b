"""Does a model folder that was just written load, and say the same however a prompt is cut into pieces?

Knows nothing of what the model should say; `compare` measures that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from polylsp.engine.backend import Weights
from polylsp.engine.load import load
from polylsp.errors import ModelError

_READ = 12  # Tokens.
_CONTINUED = 4
_APART = 0.2  # How far logits may be apart, in their standard deviation: roundings differ, positions do not.


def verify(folder: Path, say: Callable[[str], None]) -> None:
    """Read a few tokens in one piece and in two, then go on greedily. Raises ModelError."""
    weights = load(folder)
    ids = [index * 7919 % weights.n_vocab for index in range(1, min(_READ, weights.n_ctx - 1) + 1)]
    apart = _apart(weights, ids)
    if not apart < _APART:  # Nor is what is not a number.
        raise ModelError(
            f"what was written to {folder} computes something else when read in pieces "
            f"({apart:.2g} standard deviations apart): please report it"
        )
    told = _greedy(weights, ids, min(_CONTINUED, weights.n_ctx - len(ids)))
    size = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
    say(
        f"verified: {size:.1f} MB load, {len(ids)} tokens have finite logits, the same in two pieces "
        f"to {apart:.1g} standard deviations, and go on with {told}"
    )


def _apart(weights: Weights, ids: list[int]) -> float:
    half = max(1, len(ids) // 2)
    whole = np.array(weights.tape().extend(ids))
    tape = weights.tape()
    tape.extend(ids[:half])
    pieces = tape.extend(ids[half:]) if ids[half:] else whole
    return float(np.abs(whole - pieces).max() / whole.std())


def _greedy(weights: Weights, ids: list[int], count: int) -> list[int]:
    tape = weights.tape()
    following = int(tape.extend(ids)[0].argmax())
    told = [following]
    while len(told) < count:
        following = int(tape.extend([following])[0].argmax())
        told.append(following)
    return told
