"""Making an array of suffixes: its places in order, by what stood before each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polylsp.engine.array import MOST, SHORT, Array, Numbers
from polylsp.engine.memory import LONGEST, Ids

# Places that are sorted together, unless more start with the same token: what is needed beside the tokens and the
# order stays small.
_SORTED = 1 << 18


def build(streams: Sequence[Ids | Sequence[int]], width: int) -> tuple[Array, list[int]]:
    """The array of `streams`, and behind which place each ends in it.

    Raises ValueError for more than `MOST` tokens, one more counted for each stream.
    """
    # Backwards as a whole: the last stream comes first.
    lengths = [len(stream) + 1 for stream in reversed(streams)]
    count = sum(lengths)
    if count > MOST:
        raise ValueError(f"{count} places do not go into one array: at most {MOST} do")
    tokens = np.full(count + LONGEST, (1 << 8 * width) - 1, np.uint32)
    ends = np.cumsum(lengths, dtype=np.int64)
    for end, stream in zip(ends.tolist(), reversed(streams), strict=True):
        tokens[end - len(stream) : end] = np.asarray(stream, np.uint32)[::-1]
    stored = tokens.astype(f">u{width}").tobytes()
    return Array(stored, _order(tokens, width), width), ends[::-1].tolist()


def _order(tokens: Ids, width: int) -> bytes:
    """All places but the last `LONGEST`, by the `LONGEST` tokens from each on, as `Array` has them."""
    count = len(tokens) - LONGEST
    order = np.empty(count, np.uint32)
    border = (1 << 8 * width) - 1
    first = tokens[:count]
    beyond = int(first.max(where=first < border, initial=0)) + 1
    first = np.minimum(first, beyond)  # Borders sort last all the same, and can be counted.
    starting = np.cumsum(np.bincount(first))  # With a token, or a lower one.
    low = done = 0
    while done < count:
        high = max(low + 1, int(np.searchsorted(starting, done + _SORTED, "right")))
        places = np.flatnonzero((first >= low) & (first < high))
        order[done : done + len(places)] = _sorted(tokens, places, width)
        low, done = high, done + len(places)
    return _packed(order)


def _packed(positions: Ids) -> bytes:
    """Positions as `Array` reads them."""
    lower = (positions & 0xFFFF).astype("<u2").tobytes()
    upper = (positions >> 16).astype(np.uint8)
    if len(positions) > SHORT:
        return lower + upper.tobytes()
    even = np.append(upper, np.zeros(len(upper) % 2, np.uint8))
    return lower + (even[::2] | even[1::2] << 4).tobytes()


def _sorted(tokens: Ids, places: Numbers, width: int) -> Numbers:
    """Some places in order: by the last of the tokens that count first, several to a key."""
    together = 8 // width
    for first in range((LONGEST - 1) // together * together, -1, -together):
        keys = np.zeros(len(places), np.uint64)
        for at in range(first, first + together):
            keys <<= np.uint64(8 * width)
            if at < LONGEST:
                keys |= tokens[places + at]
        places = places[np.argsort(keys, kind="stable")]
    return places
