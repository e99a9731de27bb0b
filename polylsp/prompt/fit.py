"""Which chunks fit the budget, and where the near text starts.

The near text may start only at borders that lie on a grid over the file: typing moves its end, and its
start only every quarter of the budget, in one step. So the KV cache of everything before stays good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from polylsp.types import Chunk, ChunkKind

_STEPS = 4  # Grid cells in the near text.
_CHARACTERS_PER_TOKEN = 3  # Of source code, with the vocabularies at hand: 2.2 to 3.7.


Count = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Near:
    """Where near text may start: `borders[first]` is the earliest border that fits."""

    borders: list[int]
    first: int

    @property
    def edge(self) -> int:
        return self.borders[self.first]


def near(text: str, budget: int, count: Count) -> Near:
    """Where near text of at most `budget` tokens that ends with `text` may start.

    Borders behind the first are there for when the whole is longer than the sum of its parts.
    """
    cell = max(64, budget * _CHARACTERS_PER_TOKEN // _STEPS)
    # No token is longer than this on average: what lies further back cannot fit.
    reach = budget * 16
    borders = _borders(text, cell, max(0, len(text) - reach))
    parts = [text[start:end] for start, end in zip(borders, [*borders[1:], len(text)], strict=True)]
    room = budget
    first = len(borders)
    for tokens in reversed(count(parts)):
        if tokens > room:
            break
        room -= tokens
        first -= 1
    if first == len(borders):
        borders, first = _inside_line(text, borders[-1], cell), 0
    return Near(borders, first)


def choose(chunks: Sequence[Chunk], room: int, count: Count) -> list[Chunk]:
    """The best chunks that fit `room` tokens together. `chunks` come best first."""
    chosen = []
    for chunk, tokens in zip(chunks, count([chunk.text for chunk in chunks]), strict=True):
        tokens += _MARKER
        if chunk.kind is not ChunkKind.NEAR and tokens <= room:
            chosen.append(chunk)
            room -= tokens
    return chosen


# What the line that stands for left-out code, or names a file, may take beside a chunk.
_MARKER = 6


def _borders(text: str, cell: int, start: int) -> list[int]:
    """Line starts, one in each cell: the first at or after each multiple of `cell`."""
    borders = [0] if start == 0 else []
    for corner in range(-(-max(start, 1) // cell) * cell, len(text), cell):
        border = text.find("\n", corner - 1) + 1
        if border == 0:
            break
        if not borders or border > borders[-1]:
            borders.append(border)
    return borders or [text.rfind("\n") + 1]


def _inside_line(text: str, line_start: int, cell: int) -> list[int]:
    """Borders within one very long line."""
    corners = range(line_start // cell * cell + cell, len(text), cell)
    return [*corners, len(text)][-2 * _STEPS :]
