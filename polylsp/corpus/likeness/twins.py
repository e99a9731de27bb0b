"""Which of many texts say the same as another: by hash, and nearly, by signature.

Of those that are alike the first one stays, in the order of packages and paths; so it is always the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from polylsp.corpus.likeness.shingles import BANDS, Signature, bands

ALIKE = 0.7  # Jaccard similarity of the sets of shingles, as estimated by signatures.
_Pairs = np.ndarray[Any, np.dtype[np.int64]]


def same(hashes: Sequence[str]) -> list[bool]:
    """Of each text whether one before it is the same."""
    seen: set[str] = set()
    found = []
    for one in hashes:
        found.append(one in seen)
        seen.add(one)
    return found


def alike(signatures: Signature, alike_from: float = ALIKE) -> list[bool]:
    """Of each text whether it belongs to a group that an earlier one leads. # [N, 120] → N"""
    leader = np.arange(len(signatures))
    found = bands(signatures) if len(signatures) else np.empty((0, BANDS), np.uint64)
    for band in range(BANDS):
        for pairs in _candidates(found[:, band]):
            shares = np.mean(signatures[pairs[0]] == signatures[pairs[1]], axis=1)
            for one, other in pairs[:, shares >= alike_from].T.tolist():
                _join(leader, one, other)
    return [_lead(leader, at) != at for at in range(len(signatures))]


def _candidates(band: Any) -> Iterator[_Pairs]:
    """Pairs that share a band: each text with the first that has it, and with the last before it. # [2, P]"""
    order = np.argsort(band, kind="stable")
    ordered = band[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(band) else order
    first = np.repeat(starts, np.diff(np.r_[starts, len(band)]))
    at = np.flatnonzero(first != np.arange(len(band)))
    yield np.stack([order[first[at]], order[at]])
    yield np.stack([order[at - 1], order[at]])


def _join(leader: Any, one: int, other: int) -> None:
    first, second = sorted((_lead(leader, one), _lead(leader, other)))
    leader[second] = first


def _lead(leader: Any, at: int) -> int:
    while leader[at] != at:
        leader[at] = leader[leader[at]]  # The way there is halved each time.
        at = int(leader[at])
    return at
