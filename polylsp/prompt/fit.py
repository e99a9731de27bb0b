"""Which chunks fit the budget, and where the near text starts.

The near text may start only at borders that lie on a grid over the file: typing moves its end, and its
start only every quarter of the budget, in one step. So the KV cache of everything before stays good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from polylsp.types import Chunk, ChunkKind

_STEPS = 4  # Grid cells in the near text.
_CHARACTERS_PER_TOKEN = 3  # Of source code, with the vocabularies at hand: 2.2 to 3.7.
_MOST_CHARACTERS_PER_TOKEN = 16  # What lies further back than this by the token cannot fit.
_MOST_TOKENS_PER_CHARACTER = 4  # One for each byte.


Count = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Near:
    """Where near text may start: `borders[first]` is the earliest border that fits."""

    borders: list[int]
    first: int

    @property
    def edge(self) -> int:
        return self.borders[self.first]


def cell_of(room: int) -> int:
    """How many characters lie between borders, in a prompt that has room for so many tokens."""
    return max(1, room * _CHARACTERS_PER_TOKEN // _STEPS)


def near(text: str, budget: int, cell: int, count: Count) -> Near:
    """Where near text of at most `budget` tokens that ends with `text` may start.

    At the start of a line, unless the last line alone is too long. Borders behind the first are there for
    when the whole is longer than its parts seemed; what lies behind the last one fits in any case.
    """
    reach = max(0, len(text) - budget * _MOST_CHARACTERS_PER_TOKEN)
    last_resort = _last_resort(text, budget)
    for borders in (_line_starts(text, cell, reach), _inside_line(text, cell, reach)):
        first = _first_fitting(text, borders, budget, count)
        if first < len(borders):
            behind = [last_resort] if last_resort > borders[-1] else []
            return Near([*borders, *behind], first)
    return Near([last_resort], 0)


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


def _first_fitting(text: str, borders: Sequence[int], budget: int, count: Count) -> int:
    """Index of the earliest border from which `text` fits, by the sum of its parts; their number for none."""
    parts = [text[start:end] for start, end in pairwise([*borders, len(text)])]
    tokens = count(parts)
    if len(parts) > 1:
        margin = budget // (_STEPS * _MARGIN)
        tokens[-1] = max(_estimated(parts, tokens), tokens[-1] - margin)
        budget -= margin
    first = len(borders)
    for each in reversed(tokens):
        budget -= each
        if budget < 0:
            break
        first -= 1
    return first


def _estimated(parts: Sequence[str], tokens: Sequence[int]) -> int:
    """About as many tokens as the last part has, by the others' density; rather fewer than more.

    It is the part that grows. Its true number may fall when a word is finished, and a number that falls when
    the part is complete would do the same: the start would jump to and fro.
    """
    density = sum(tokens[:-1]) / sum(map(len, parts[:-1]))
    return int(len(parts[-1]) * density * (1 - 1 / _MARGIN))


_MARGIN = 4  # The part of a cell that the estimate may be wrong by: a quarter.


def _line_starts(text: str, cell: int, reach: int) -> list[int]:
    """Line starts at or after `reach`, one in each cell: the first there is."""
    borders = [] if reach else [0]
    at = _next_corner(reach, cell)
    while at < len(text):
        border = text.find("\n", at - 1) + 1
        if border in (0, len(text)):
            break
        borders.append(border)
        at = _next_corner(border, cell)
    return borders


def _inside_line(text: str, cell: int, reach: int) -> list[int]:
    """Borders within one very long line."""
    start = max(reach, text.rfind("\n") + 1)
    return list(range(_next_corner(start, cell), len(text), cell))


def _next_corner(at: int, cell: int) -> int:
    """The first multiple of `cell` behind `at`."""
    return (at // cell + 1) * cell


def _last_resort(text: str, budget: int) -> int:
    """So close to the end of `text` that everything behind it fits, whatever it is."""
    cell = max(1, budget // _MOST_TOKENS_PER_CHARACTER // 2)
    return max(0, (len(text) - 1) // cell - 1) * cell
