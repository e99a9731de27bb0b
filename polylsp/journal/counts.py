"""Numbers, and what they are of: a day, a language, a model, a line or a block. Never text, never a file's name.

How long answers took is kept as a histogram, so days and servers can be added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """What some numbers are of."""

    day: str  # 2026-11-26, as the user's calendar has it.
    language: str
    model: str
    mode: str  # "line" or "block".


Counts = dict[Key, Counter[str]]

OUTCOMES = ("accepted", "partly", "typedOut", "against", "dismissed")
MOMENTS = {"15s": 15.0, "2min": 120.0}  # Seconds after an acceptance.

_LATENCY = "milliseconds"
# Each bucket ends here, in milliseconds; the last one does not end.
_ENDS = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700),
    *(1000, 1500, 2000, 3000, 5000, 10_000),
)


def bucket(milliseconds: float) -> str:
    """The name under which an answer that took so long is counted."""
    end = next((one for one in _ENDS if milliseconds <= one), None)
    return f"{_LATENCY}<={end}" if end else f"{_LATENCY}>{_ENDS[-1]}"


def add(to: Counts, counts: Mapping[Key, Mapping[str, int]]) -> None:
    for key, numbers in counts.items():
        to.setdefault(key, Counter()).update(numbers)


def total(counts: Iterable[Counter[str]]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for one in counts:
        summed.update(one)
    return summed


def figures(numbers: Mapping[str, int]) -> dict[str, Any]:
    """As people and programs read it: counts, characters, and milliseconds."""
    counted = ("shown", *OUTCOMES, "characters")
    after = [f"{how}{at}" for at in MOMENTS for how in ("looked", "survived", "unchanged")]
    return {
        **{name: numbers.get(name, 0) for name in (*counted, *after)},
        "medianMilliseconds": median(numbers),
    }


def median(numbers: Mapping[str, int]) -> float | None:
    """Half of the answers took no longer, in milliseconds; within its bucket it is estimated."""
    ends = [0, *_ENDS, _ENDS[-1]]
    names = [*(bucket(end) for end in _ENDS), bucket(_ENDS[-1] + 1)]
    half = sum(numbers.get(name, 0) for name in names) / 2
    passed = 0
    for name, (start, end) in zip(names, pairwise(ends), strict=True):
        count = numbers.get(name, 0)
        if count and passed + count >= half:
            return round(start + (end - start) * (half - passed) / count, 1)
        passed += count
    return None
