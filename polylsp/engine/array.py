"""A suffix array over many streams, as bytes that may lie in a mapped file.

Tokens are kept backwards, so what stood before a place reads forward, and big-endian, so bytes sort as numbers do:
a look-up is a binary search with slices of bytes (Manber & Myers 1993; infini-gram, Liu et al. 2024). The order
looks at `LONGEST` tokens, no further.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from mmap import mmap
from typing import Any

import numpy as np

from polylsp.engine.memory import LONGEST

MOST = 1 << 23  # Places in one array.
SHORT = 1 << 20  # Up to so many, a position takes 20 bits, else 24.
_EXAMINED = 128  # Places of a match that are looked at to find some that are not left out.
_FEW = 8  # Places that are read sooner one by one than as arrays.
_APART = 16  # Ranks from one that is found without a search to the next.

Bytes = bytes | memoryview | mmap
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Signs = np.ndarray[Any, np.dtype[np.uint64]]


def width(n_vocab: int) -> int:
    """Bytes of a token, with one value to spare for borders."""
    return 2 if n_vocab < 0xFFFF else 4


def size(count: int, width: int) -> tuple[int, int]:
    """Bytes that the tokens of an array of `count` places take, and those that their order takes."""
    return (count + LONGEST) * width, 2 * count + (count if count > SHORT else (count + 1) // 2)


class Array:
    """Tokens of several streams, backwards, each with a border before it; and the order of all their places.

    What stood before a token at `place - 1` is what stands from `place` on. Behind all tokens stand so many
    borders that there always is as much as is compared. Of the positions the lower 16 bits of all come first, then
    the upper ones: eight each, or four, two to a byte.
    """

    def __init__(self, tokens: Bytes, order: Bytes, width: int) -> None:
        self.tokens = tokens
        self.order = order
        self.width = width
        self.border = (1 << 8 * width) - 1
        count = self._count = len(tokens) // width - LONGEST
        self._tokens = np.frombuffer(tokens, f">u{width}")
        self._lower = np.frombuffer(order, "<u2", count)
        self._upper = np.frombuffer(order, np.uint8, offset=2 * count)
        # Single ones are had sooner from these.
        self._low = memoryview(order)[: 2 * count].cast("H")
        self._high = memoryview(order)[2 * count :]
        self._short = count <= SHORT
        self._signs = self._sign()  # At once: later somebody waits for it.

    def __len__(self) -> int:
        return self._count

    def numbers(self, first: int, end: int) -> Numbers:
        """The tokens from one place to another, as they are kept."""
        result: Numbers = self._tokens[first:end].astype(np.int64)
        return result

    def place(self, rank: int) -> int:
        """The place of a rank in the order."""
        short, high = self._short, self._high
        upper = high[rank >> 1] >> ((rank & 1) << 2) & 15 if short else high[rank]
        return self._low[rank] | upper << 16

    def first(self, key: Key) -> int:
        """The first rank whose context is not less than `key`."""
        low, high = self._between(key)
        return bisect_left(range(high), key.number, low, high, key=self._reader(key))

    def starting(self, key: Key) -> tuple[int, int]:
        """The ranks whose contexts start with `key`: the first, and the first behind them."""
        beyond = key.next()
        low, high = self._between(beyond)
        return self.first(key), bisect_left(
            range(high), beyond.number, low, high, key=self._reader(key)
        )

    def in_common(self, rank: int, key: Key) -> int:
        """How many tokens the context of a rank has in common with `key`; 0 where there is no such rank."""
        if not 0 <= rank < self._count:
            return 0
        at = self.place(rank) * self.width
        here = int.from_bytes(self.tokens[at : at + key.size], "big")
        return (8 * key.size - (here ^ key.number).bit_length()) // (8 * self.width)

    def followed(self, low: int, high: int) -> list[tuple[int, int]]:
        """Places of some ranks that a token follows, with that token; of very many, some from all over them."""
        if high - low <= _FEW:
            places = [at for rank in range(low, high) if (at := self.place(rank))]
            read, size = self.tokens, self.width
            tokens = [int.from_bytes(read[(at - 1) * size : at * size], "big") for at in places]
        else:
            found = self._at(np.arange(low, high, max(1, (high - low) // _EXAMINED)))
            found = found[found > 0]
            places = found.tolist()
            tokens = self._tokens[found - 1].tolist()
        border = self.border
        return [pair for pair in zip(places, tokens, strict=True) if pair[1] != border]

    def _at(self, ranks: Numbers) -> Numbers:
        """The places of some ranks."""
        short, high = self._short, self._upper
        upper = high[ranks >> 1] >> ((ranks & 1) << 2) & 15 if short else high[ranks]
        places: Numbers = self._lower[ranks] | upper.astype(np.int64) << 16
        return places

    def _reader(self, key: Key) -> Callable[[int], int]:
        """What reads of the context of a rank as much as there is of `key`, as a number that sorts as it does."""
        tokens, place, width, size = self.tokens, self.place, self.width, key.size

        def read(rank: int) -> int:
            at = place(rank) * width
            return int.from_bytes(tokens[at : at + size], "big")

        return read

    def _between(self, key: Key) -> tuple[int, int]:
        """Ranks between which the first is whose context is not less than `key`."""
        signs, sign = self._signs, np.uint64(key.sign)
        before = behind = int(signs.searchsorted(sign))
        if before < len(signs) and signs[before] == sign:
            behind = int(signs.searchsorted(sign, "right"))
        return max(0, before - 1) * _APART, min(self._count, behind * _APART)

    def _sign(self) -> Signs:
        """The first eight bytes of every so many contexts, in order: nearly all of a search is over there."""
        places = self._at(np.arange(0, self._count, _APART))
        signs = np.zeros(len(places), np.uint64)
        for at in range(8 // self.width):
            signs <<= np.uint64(8 * self.width)
            signs |= self._tokens[places + at]
        return signs


class Key:
    """A history's end as a context, backwards, or as much of it as is asked for."""

    __slots__ = ("number", "sign", "size")

    def __init__(self, number: int, size: int) -> None:
        """`number`: its tokens' bytes, the first the highest; `size`: how many bytes that is."""
        self.number = number
        self.size = size
        # As `Array` has those of some contexts.
        self.sign = number >> 8 * (size - 8) if size > 8 else number << 8 * (8 - size)

    @classmethod
    def of(cls, history: Sequence[int], width: int) -> Key:
        last = history[: -LONGEST - 1 : -1]
        key = b"".join([token.to_bytes(width, "big") for token in last])
        return cls(int.from_bytes(key, "big"), len(key))

    def start(self, size: int) -> Key:
        """Its first `size` bytes."""
        return Key(self.number >> 8 * (self.size - size), size)

    def next(self) -> Key:
        """The next larger one of the same size."""
        return Key(self.number + 1, self.size)
