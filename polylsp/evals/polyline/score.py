"""How much of an answer is right: all of it, its letters, its start, its first word."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST = re.compile(r"\s*(\w+|[^\w\s]|$)")


@dataclass(frozen=True, slots=True)
class Score:
    """Of one answer; shares of 1."""

    exact: float  # 1 where it is what the file says, white space aside.
    similarity: float  # Of the characters, as an edit distance without replacement sees them.
    prefix: float  # How much of what the file says it says from the start on.
    first: float  # 1 where the first word or sign is the file's.


def score(said: str, truth: str) -> Score:
    """`said` against the rest of a line."""
    said, truth = said.rstrip(), truth.rstrip()
    return Score(
        exact=float(said.split() == truth.split()),
        similarity=similarity(said.strip(), truth.strip()),
        prefix=_agreed(said, truth) / max(1, len(truth)),
        first=float(_word(said) == _word(truth)),
    )


def similarity(one: str, other: str) -> float:
    """Twice what both have in common, in order, over what they have together.

    The ratio that line completion is reported with (CodeXGLUE's edit similarity, over 100).
    """
    together = len(one) + len(other)
    return 2 * _in_common(one, other) / together if together else 1.0


def _in_common(one: str, other: str) -> int:
    """The length of the longest common subsequence, a whole row of the table at once (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for at, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << at
    row = (1 << len(one)) - 1
    for character in other:
        here = row & places.get(character, 0)
        row = (row + here) | (row - here)
    return len(one) - (row & (1 << len(one)) - 1).bit_count()


def _agreed(said: str, truth: str) -> int:
    pairs = zip(said, truth, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(said), len(truth)))


def _word(text: str) -> str:
    found = _FIRST.match(text)
    return found.group(1) if found else ""
