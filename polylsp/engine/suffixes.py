"""A source that does not change: a suffix array over many streams, as bytes that may lie in a mapped file.

Tokens are kept backwards, so what stood before a place reads forward, and big-endian, so bytes sort as numbers do:
a look-up is a binary search with slices of bytes (Manber & Myers 1993; infini-gram, Liu et al. 2024). The order
looks at `LONGEST` tokens, no further.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from mmap import mmap
from types import MappingProxyType
from typing import Any

import numpy as np

from polylsp.engine.memory import COUNTED, LEAST, LONGEST, Kind, Match, Place, counted

# Places in one array: what a position of 20 bits can say. Sorting them takes some 50 MB.
MOST = 1 << 20
_EXAMINED = 128  # Places of a match that are looked at to find some that are not left out.
_FEW = 8  # Places that are read sooner one by one than as arrays.
_APART_SIGNS = 16  # Ranks from one that is found without a search to the next.

_APART = 1 << 24  # Of two arrays, the places.

Bytes = bytes | memoryview | mmap
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Signs = np.ndarray[Any, np.dtype[np.uint64]]
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
        self._signs = self._sign()  # At once: later somebody waits for it.

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

    def place(self, rank: int) -> int:
        """The place of a rank in the order."""
        order = self.order
        upper = order[2 * self._count + (rank >> 1)] >> ((rank & 1) << 2) & 15
        return order[2 * rank] | order[2 * rank + 1] << 8 | upper << 16

    def context(self, rank: int) -> bytes:
        """What stands before the place of a rank, as bytes that sort as it does."""
        at = self.place(rank) * self.width
        found = bytes(self.tokens[at : at + self._key])
        return found if len(found) == self._key else found.ljust(self._key, b"\xff")  # Borders.

    def first(self, key: bytes) -> int:
        """The first rank whose context is not less than `key`."""
        low, high = self._between(key)
        return bisect_left(range(high), key, low, high, key=self.context)

    def starting(self, prefix: bytes) -> tuple[int, int]:
        """The ranks whose contexts start with `prefix`: the first, and the first behind them."""
        beyond = prefix.ljust(self._key + 1, b"\xff")  # Longer than any context.
        low, high = self._between(beyond)
        return self.first(prefix), bisect_left(range(high), beyond, low, high, key=self.context)

    def in_common(self, rank: int, key: bytes) -> int:
        """How many tokens the context of a rank has in common with `key`; 0 where there is no such rank."""
        if not 0 <= rank < self._count:
            return 0
        length = len(key)
        here = int.from_bytes(self.context(rank)[:length], "big")
        differing = (here ^ int.from_bytes(key, "big")).bit_length()
        return (8 * length - differing) // (8 * self.width)

    def followed(self, low: int, high: int) -> list[tuple[int, int]]:
        """Places of some ranks that a token follows, with that token; of very many, some from all over them."""
        if high - low <= _FEW:
            places = [at for rank in range(low, high) if (at := self.place(rank))]
            read, size = self.tokens, self.width
            tokens = [int.from_bytes(read[(at - 1) * size : at * size], "big") for at in places]
        else:
            ranks = np.arange(low, high, max(1, (high - low) // _EXAMINED))
            upper = self._high[ranks >> 1] >> ((ranks & 1) << 2) & 15
            found = self._low[ranks].astype(np.int64) | upper.astype(np.int64) << 16
            places = found[found > 0].tolist()
            tokens = self._at(np.array(places, np.int64) - 1).tolist()
        border = self.border
        return [pair for pair in zip(places, tokens, strict=True) if pair[1] != border]

    def _between(self, key: bytes) -> tuple[int, int]:
        """Ranks between which the first is whose context is not less than `key`."""
        sign = np.uint64(int.from_bytes(key[:8].ljust(8, b"\0"), "big"))
        before = behind = int(self._signs.searchsorted(sign))
        if before < len(self._signs) and self._signs[before] == sign:
            behind = int(self._signs.searchsorted(sign, "right"))
        return max(0, before - 1) * _APART_SIGNS, min(self._count, behind * _APART_SIGNS)

    def _sign(self) -> Signs:
        """The first eight bytes of every so many contexts, in order: nearly all of a search is over there."""
        ranks = np.arange(0, self._count, _APART_SIGNS)
        upper = self._high[ranks >> 1] >> ((ranks & 1) << 2) & 15
        places = (self._low[ranks].astype(np.int64) | upper.astype(np.int64) << 16) * self.width
        data = np.frombuffer(self.tokens, np.uint8)
        signs = np.zeros(len(ranks), np.uint64)
        for column in range(8):
            at = places + column
            inside = at < len(data)
            signs = signs << np.uint64(8) | np.where(inside, data[at * inside], 0xFF).astype(
                np.uint64
            )
        return signs

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
        # Starts and ends, in order.
        self._left_out = {
            index: np.asarray(one, np.int64).reshape(-1, 2).T
            for index, one in left_out.items()
            if len(one)
        }

    def look(self, history: Sequence[int]) -> list[Match]:
        if not self._arrays:
            return []
        key = self._arrays[0].key(history)  # All have tokens of the same width.
        ranges = [
            _Range(array, key, self._left_out.get(index))
            for index, array in enumerate(self._arrays)
        ]
        matches: list[Match] = []
        known = 0
        while len(matches) < 2 and known < COUNTED:
            length = max(one.next for one in ranges)
            if length < LEAST:
                break
            count = known
            for one in ranges:
                if one.next == length and count < COUNTED:
                    count += one.widen()
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
            (index * _APART + place, token)
            for index, one in enumerate(ranges)
            for place, token in one.followed
        ]
        following = counted([token for _, token in places])
        most = following[0][0]
        place = next(place for place, token in places if token == most)
        return Match(self.kind, order, length, following, Place(self, place))


class _Range:
    """The ranks of one array whose contexts have the most in common with a history; then those with less."""

    def __init__(self, array: Array, key: bytes, left_out: Numbers | None) -> None:
        # Of the ranks so far, places that a token follows, with that token; `COUNTED` at the most.
        self.followed: list[tuple[int, int]] = []
        self._array = array
        self._left_out = left_out
        self._key = key
        self._low = self._high = array.first(self._key)
        self.next = self._outside()  # Tokens in common of the ranks that come next.

    def widen(self) -> int:
        """Take the ranks in that have `next` tokens in common; how many more places that makes."""
        array, before = self._array, len(self.followed)
        self._low, self._high = array.starting(self._key[: self.next * array.width])
        found = array.followed(self._low, self._high)
        if self._left_out is not None:
            starts, ends = self._left_out
            places = np.array([place for place, _ in found], np.int64)
            inside = places < np.append(0, ends)[np.searchsorted(starts, places, "right")]
            found = [pair for pair, out in zip(found, inside.tolist(), strict=True) if not out]
        self.followed = found[:COUNTED]
        self.next = self._outside()
        return len(self.followed) - before

    def _outside(self) -> int:
        array = self._array
        return max(
            array.in_common(self._low - 1, self._key), array.in_common(self._high, self._key)
        )
