"""A source that does not change: arrays of suffixes, searched as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from polylsp.engine.array import Array, Key, Numbers
from polylsp.engine.memory import COUNTED, LEAST, Kind, Match, counted

_STEPS = 8  # Ranks that are found sooner one after the other than by search.
_APART = 1 << 24  # Of two arrays, the places.

LeftOut = Sequence[tuple[int, int]] | Numbers
EMPTY: Mapping[int, LeftOut] = MappingProxyType({})


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
        self._left_out = {
            index: _LeftOut(np.asarray(one, np.int64).reshape(-1, 2))
            for index, one in left_out.items()
            if len(one)
        }

    def look(self, history: Sequence[int]) -> list[Match]:
        if not self._arrays:
            return []
        key = Key.of(history, self._arrays[0].width)  # All have tokens of the same width.
        ranges = [
            _Range(array, key, self._left_out.get(index))
            for index, array in enumerate(self._arrays)
        ]
        matches: list[Match] = []
        known = 0
        while len(matches) < 2 and known < COUNTED:
            length = max([one.next for one in ranges])
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
        tokens: list[int] = array.numbers(max(0, place - most), place)[::-1].tolist()
        return tokens[: tokens.index(array.border)] if array.border in tokens else tokens

    def _match(self, order: int, length: int, ranges: Sequence[_Range]) -> Match:
        found = [
            (token, index * _APART + place)
            for index, one in enumerate(ranges)
            for place, token in one.followed
        ]
        following = counted([token for token, _ in found])
        total = sum([count for _, count in following])
        return Match(self.kind, order, length, following, total, self, found)


class _LeftOut:
    """Ranges of places, in order."""

    def __init__(self, ranges: Numbers) -> None:
        self._starts = ranges[:, 0].copy()
        self._ends = np.append(0, ranges[:, 1])  # Of the last range that starts before a place.

    def rest(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those places that are in none of them."""
        places = np.array([place for place, _ in found], np.int64)
        inside = places < self._ends[self._starts.searchsorted(places, "right")]
        return [pair for pair, out in zip(found, inside.tolist(), strict=True) if not out]


class _Range:
    """The ranks of one array whose contexts have the most in common with a history; then those with less."""

    __slots__ = (
        "_above",
        "_array",
        "_below",
        "_high",
        "_key",
        "_left_out",
        "_low",
        "followed",
    )

    # What the ranks next to its own have in common with the history.
    _below: int
    _above: int

    def __init__(self, array: Array, key: Key, left_out: _LeftOut | None) -> None:
        # Of the ranks so far, places that a token follows, with that token; `COUNTED` at the most.
        self.followed: list[tuple[int, int]] = []
        self._array = array
        self._left_out = left_out
        self._key = key
        at = array.first(key)
        self._stand(at, at)

    @property
    def next(self) -> int:
        """Tokens in common of the ranks that come next."""
        return max(self._below, self._above)

    def widen(self) -> int:
        """Take those ranks in; how many more places that makes."""
        self._spread(self.next)
        found = self._array.followed(self._low, self._high)
        if self._left_out is not None:
            found = self._left_out.rest(found)
        before, self.followed = len(self.followed), found[:COUNTED]
        return len(self.followed) - before

    def _spread(self, least: int) -> None:
        """Take in all ranks that have `least` tokens in common: step by step, where that is not far."""
        array, key = self._array, self._key
        for _ in range(_STEPS):
            if self._below >= least:
                self._low -= 1
                self._below = array.in_common(self._low - 1, key)
            elif self._above >= least:
                self._high += 1
                self._above = array.in_common(self._high, key)
            else:
                return
        self._stand(*array.starting(key.start(least * array.width)))

    def _stand(self, low: int, high: int) -> None:
        """Have these ranks, and see what those next to them have in common with the history."""
        self._low, self._high = low, high
        self._below = self._array.in_common(low - 1, self._key)
        self._above = self._array.in_common(high, self._key)
