"""What a model finds of a file token by token, in the windows that PolyCoder was published with.

Xu et al. 2022 read each file on its own, an end of text before it, in windows of half of the model's context:
1,024 tokens. A window begins with the last token of the one before; only the last one, which is not full, sees a
window's worth of what stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from polylsp.models.registry import Model

WINDOW = 1024  # Tokens.


def windows(count: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Of `count` tokens, where each window begins, where in it those begin that count, and where it ends.

    The first begins before the first token, at -1: there stands the end of text.
    """
    for first in range(0, count, size):
        end = min(count, first + size)
        yield max(-1, end - size - 1) if first else -1, first, end


def nats(model: Model, ids: Sequence[int], size: int = WINDOW) -> float:
    """What all of `ids` cost together, in nats. Raises BackendError."""
    size = min(size, model.weights.n_ctx)
    layout = model.layout
    begin = layout.start or next(iter(layout.end), None)
    before = [model.tokenizer.special[begin]] if begin else [ids[0]]
    total = 0.0
    tape = model.weights.tape()
    for start, first, end in windows(len(ids), size):
        read: list[Any] = [*before, *ids[:end]] if start < 0 else list(ids[start:end])
        total -= float(np.sum(tape.score(read)[-(end - first) :], dtype=np.float64))
    return total
