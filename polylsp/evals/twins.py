"""Near twins: files that say mostly the same, as the copies and variants in a package do.

Alike are two that have half of their runs of five words and signs in common (Jaccard similarity, computed exactly;
large search engines estimate it by MinHash). To foretell one with the other at hand proves nothing.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np

ALIKE = 0.5
_TOGETHER = 5
_WORD = re.compile(r"\w+|[^\w\s]")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # Odd: multiplying by it loses nothing.

Shingles = np.ndarray[Any, np.dtype[np.uint64]]  # Each once, ascending.


def shingles(text: str) -> Shingles:
    """The runs of five words and signs of `text`, as numbers."""
    words = [zlib.crc32(word.encode("utf-8", "replace")) for word in _WORD.findall(text)]
    numbers = np.array(words, np.uint64)
    runs = np.zeros(max(0, len(numbers) - _TOGETHER + 1), np.uint64)
    for at in range(_TOGETHER):
        runs = (runs ^ numbers[at : at + len(runs)]) * _MIX
    return np.unique(runs)


def alike(one: Shingles, other: Shingles) -> bool:
    """Whether two files are near twins."""
    fewer, more = sorted((len(one), len(other)))
    if not fewer or fewer < ALIKE * more:
        return False
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared >= ALIKE * (fewer + more - shared)
