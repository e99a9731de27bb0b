"""A source that does not change: a suffix array over many streams, as bytes that may lie in a mapped file.

Tokens are kept backwards, so what stood before a place reads forward, and big-endian, so bytes sort as numbers do:
a look-up is a binary search with slices of bytes (Manber & Myers 1993; infini-gram, Liu et al. 2024). The order
looks at `LONGEST` tokens, no further.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from mmap import mmap
from types import MappingProxyType
from typing import Any

import numpy as np

from polylsp.engine.memory import COUNTED, LEAST, LONGEST, Kind, Match, Place, counted

# Places in one array: what a position of 20 bits can say. Sorting them takes some 50 MB.
MOST = 1 << 20
_EXAMINED = 256  # Places of a match that are looked at to find some that are not left out.

_APART = 1 << 24  # Of two arrays, the places.

Bytes = bytes | memoryview | mmap
Numbers = np.ndarray[Any, np.dtype[np.int64]]
LeftOut = Sequence[tuple[int, int]] | Numbers
EMPTY: Mapping[int, LeftOut] = MappingProxyType({})


def width(n_vocab: int) -> int:
    """Bytes of a token, with one value to spare for borders."""
    return 2 if n_vocab < 0xFFFF else 3


class Array:
    """Tokens of several streams, backwards, each with a border before it; and the order of all their places.

    What stood before a token at `place - 1` is what stands from `place` on. Positions have 20 bits: the lower 16
    of all come first, then the upper four, two to a byte.
    """

    def __init__(self, tokens: Bytes, order: Bytes, width: int) -> None:
        self.tokens = tokens
        self.order = order
        self.width = width
        self.border = (1 << 8 * width) - 1
        self._key = LONGEST * width
        self._count = len(tokens) // width
        self._bytes = np.frombuffer(tokens, np.uint8).reshape(-1, width)
        self._low = np.frombuffer(order, "<u2", self._count)
        self._high = np.frombuffer(order, np.uint8, offset=2 * self._count)

    def __len__(self) -> int:
        return self._count

    def read(self, first: int, end: int) -> list[int]:
        """The tokens from one place to another, as they are kept."""
        return [int(token) for token in self._at(np.arange(first, end))]

    def numbers(self, first: int, end: int) -> Numbers:
        """The same as an array."""
        return self._at(np.arange(first, end))

    def key(self, history: Sequence[int]) -> bytes:
        """The history's end as a context: backwards, as bytes."""
        size = self.width
        return b"".join(token.to_bytes(size, "big") for token in reversed(history[-LONGEST:]))

    def context(self, rank: int) -> bytes:
        """What stands before the place of a rank in the order, as bytes that sort as it does."""
        order = self.order
        upper = order[2 * self._count + (rank >> 1)] >> ((rank & 1) << 2) & 15
        at = (order[2 * rank] | order[2 * rank + 1] << 8 | upper << 16) * self.width
        found = bytes(self.tokens[at : at + self._key])
        return found if len(found) == self._key else found.ljust(self._key, b"\xff")  # Borders.

    def in_common(self, rank: int, key: bytes) -> int:
        """How many tokens the context of a rank has in common with `key`; 0 where there is no such rank."""
        if not 0 <= rank < self._count:
            return 0
        context, size = self.context(rank), self.width
        count = min(len(context), len(key)) // size
        while context[: count * size] != key[: count * size]:
            count -= 1
        return count

    def widened(self, low: int, high: int, prefix: bytes) -> tuple[int, int]:
        """The ranks around `low` to `high` whose contexts start with `prefix`, as all between them do."""
        size = len(prefix)
        step = 1
        while low - step >= 0 and self.context(low - step)[:size] == prefix:
            step *= 2
        first = max(0, low - step)
        less = bisect_left(range(first, low), prefix, key=lambda at: self.context(at)[:size])
        step = 1
        while high + step <= self._count and self.context(high + step - 1)[:size] == prefix:
            step *= 2
        last = min(self._count, high + step)
        more = bisect_right(range(high, last), prefix, key=lambda at: self.context(at)[:size])
        return first + less, high + more

    def followed(self, low: int, high: int) -> tuple[Numbers, Numbers]:
        """Places of some ranks that a token follows, and that token; of very many, some from all over them."""
        ranks = np.arange(low, high, max(1, (high - low) // _EXAMINED))
        upper = self._high[ranks >> 1] >> ((ranks & 1) << 2) & 15
        places = self._low[ranks].astype(np.int64) | upper.astype(np.int64) << 16
        places = places[places > 0]
        tokens = self._at(places - 1)
        inside = tokens != self.border
        return places[inside], tokens[inside]

    def _at(self, places: Numbers) -> Numbers:
        data = self._bytes[places].astype(np.int64)
        result = data[:, 0]
        for column in range(1, self.width):
            result = result << 8 | data[:, column]
        return result


def build(streams: Sequence[Sequence[int]], width: int) -> tuple[Array, list[int]]:
    """The array of `streams`, and behind which place each ends in it.

    Raises ValueError for more than `MOST` tokens, one more counted for each stream.
    """
    border = (1 << 8 * width) - 1
    # Backwards as a whole: the last stream comes first.
    pieces = [np.array([*stream, border], np.int64)[::-1] for stream in streams]
    ends = np.cumsum([len(piece) for piece in reversed(pieces)])[::-1]
    tokens = np.concatenate(pieces[::-1]) if pieces else np.zeros(0, np.int64)
    if len(tokens) > MOST:
        raise ValueError(f"{len(tokens)} places do not go into one array: at most {MOST} do")
    stored = tokens.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - width :]
    order = _packed(_sorted(tokens, width))
    return Array(stored.tobytes(), order, width), [int(end) for end in ends]


def _packed(positions: Numbers) -> bytes:
    """Positions of 20 bits each, as `Array` reads them."""
    upper = np.zeros(len(positions) + len(positions) % 2, np.uint8)
    upper[: len(positions)] = positions >> 16
    return (positions & 0xFFFF).astype("<u2").tobytes() + (upper[::2] | upper[1::2] << 4).tobytes()


def _sorted(tokens: Numbers, width: int) -> Numbers:
    """All places, by the `LONGEST` tokens from each on: by the last of them first, several to a key."""
    together = 8 // width
    border = (1 << 8 * width) - 1
    behind = np.full(LONGEST + together, border, np.int64)
    padded = np.concatenate([tokens, behind]).astype(np.uint64)
    order = np.arange(len(tokens))
    for first in range((LONGEST - 1) // together * together, -1, -together):
        keys = np.zeros(len(tokens), np.uint64)
        for at in range(first, first + together):
            keys <<= np.uint64(8 * width)
            if at < LONGEST:
                keys |= padded[at : at + len(tokens)]
        order = order[np.argsort(keys[order], kind="stable")]
    return order


class Suffixes:
    """Several arrays, searched as one."""

    def __init__(
        self,
        kind: Kind,
        arrays: Sequence[Array],
        left_out: Mapping[int, LeftOut] = EMPTY,
    ) -> None:
        """`left_out`: by array, from which to which place nothing counts, since a stream is out of date: in
        order, and none within another.
        """
        self.kind = kind
        self._arrays = tuple(arrays)
        self._left_out = left_out

    def look(self, history: Sequence[int]) -> list[Match]:
        ranges = [
            _Range(array, history, self._left_out.get(index, ()))
            for index, array in enumerate(self._arrays)
        ]
        matches: list[Match] = []
        known = 0
        while ranges and len(matches) < 2:
            length = max(one.next for one in ranges)
            if length < LEAST:
                break
            for one in ranges:
                if one.next == length:
                    one.widen()
            count = sum(len(one.places) for one in ranges)
            if count > known:
                known = count
                matches.append(self._match(len(matches), length, ranges))
        return matches

    def where(self, at: int) -> tuple[int, int]:
        """Which array a place is in, and where in it."""
        return divmod(at, _APART)

    def read(self, at: int, most: int) -> list[int]:
        index, place = self.where(at)
        array = self._arrays[index]
        tokens = array.read(max(0, place - most), place)[::-1]
        return tokens[: tokens.index(array.border)] if array.border in tokens else tokens

    def _match(self, order: int, length: int, ranges: Sequence[_Range]) -> Match:
        places = [
            index * _APART + place for index, one in enumerate(ranges) for place in one.places
        ]
        tokens = [token for one in ranges for token in one.tokens]
        following = counted(tokens)
        place = places[tokens.index(following[0][0])]
        return Match(self.kind, order, length, following, Place(self, place))


class _Range:
    """The ranks of one array whose contexts have the most in common with a history; then those with less."""

    def __init__(self, array: Array, history: Sequence[int], left_out: LeftOut) -> None:
        # Of the ranks so far, places that a token follows, `COUNTED` at the most; and that token.
        self.places: list[int] = []
        self.tokens: list[int] = []
        self._array = array
        self._left_out = np.asarray(left_out, np.int64).reshape(-1, 2)
        self._key = array.key(history)
        self._low = self._high = bisect_left(range(len(array)), self._key, key=array.context)
        self.next = self._outside()  # Tokens in common of the ranks that come next.

    def widen(self) -> None:
        """Take the ranks in that have `next` tokens in common."""
        array = self._array
        prefix = self._key[: self.next * array.width]
        self._low, self._high = array.widened(self._low, self._high, prefix)
        places, tokens = array.followed(self._low, self._high)
        if len(self._left_out):
            starts, ends = self._left_out.T
            inside = places < np.append(0, ends)[np.searchsorted(starts, places, "right")]
            places, tokens = places[~inside], tokens[~inside]
        self.places, self.tokens = places[:COUNTED].tolist(), tokens[:COUNTED].tolist()
        self.next = self._outside()

    def _outside(self) -> int:
        array = self._array
        return max(
            array.in_common(self._low - 1, self._key), array.in_common(self._high, self._key)
        )
