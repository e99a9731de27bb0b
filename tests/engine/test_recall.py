"""The memory in one generation: what it drafts, without having looked that up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from polylsp.engine.backend import softmax
from polylsp.engine.live import BORDER, Live
from polylsp.engine.memory import Kind, Match, Memory
from polylsp.engine.mix import KINDS, ORDERS, ROWS, Gate
from polylsp.engine.recall import Recall

SAYS_NOTHING = softmax(np.zeros(50, np.float32))
GATE = Gate({name: [[0.0] * count] * KINDS * ORDERS for name, count in ROWS.items()})
STREAM = [1, 2, 3, 4, 5, 6, 7, 8, 9, BORDER, 2, 3, 20, 21, 22, BORDER, 11, 3, 4, 5, 30]


class Watched(Memory):
    """Tells what it was asked."""

    def __init__(self, tokens: Sequence[int]) -> None:
        super().__init__([Live(Kind.ABOVE, np.array(tokens, np.uint32))])
        self.asked: list[list[int]] = []

    def look(self, history: Sequence[int]) -> list[Match]:
        self.asked.append(list(history))
        return super().look(history)


@pytest.mark.parametrize("guessing", [False, True])  # Read between two passes, or along with one.
@pytest.mark.parametrize(
    ("said", "most", "drafted"),
    [
        ([4], 3, [5, 6, 7]),  # As where the most stood before it.
        ([4], 9, [5, 6, 7, 8, 9]),  # To the stream's end.
        ([20], 1, [21]),
        ([4, 5], 2, [6, 7]),
        ([40], 3, []),
    ],
)
def test_what_stood_behind_a_token_is_drafted_without_a_look_up(
    said: list[int], most: int, drafted: list[int], guessing: bool
) -> None:
    memory = Watched(STREAM)
    recall = Recall(memory, GATE, [1, 2, 3])
    for end in range(len(said)):
        recall.expect(said[:end], guessing=guessing)
        recall.mix(said[:end], SAYS_NOTHING)
    asked = list(memory.asked)
    assert recall.draft(said, most) == drafted
    assert memory.asked == asked
