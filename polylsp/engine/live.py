"""A source that changes with every key: one array of tokens, searched from end to end.

Vectorised comparison of some ten thousand tokens takes microseconds, so there is no index to keep up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from polylsp.engine.memory import COUNTED, LEAST, LONGEST, Ids, Kind, Match, Place, counted

BORDER = 0xFFFFFFFF  # No token: parts what never stood side by side.
_LOOKED_AT = 512  # Places that are compared further, the last ones.
_BACK = np.arange(1, LONGEST + 1)
_Places = np.ndarray[Any, np.dtype[np.int64]]


class Live:
    """Tokens of one kind; streams among them are parted by `BORDER`."""

    def __init__(self, kind: Kind, tokens: Ids) -> None:
        """`tokens` must not change any more."""
        self.kind = kind
        # Room before the start: going back over it finds a border, not the array's end.
        self._tokens = np.concatenate([np.full(LONGEST, BORDER, np.uint32), tokens])

    def look(self, history: Sequence[int]) -> list[Match]:
        tokens = self._tokens
        last = np.array(history[-LONGEST:], np.uint32)[::-1]
        places = np.flatnonzero((tokens[1:-1] == last[0]) & (tokens[:-2] == last[1])) + LEAST
        if not len(places):
            return []
        places = places[-_LOOKED_AT:]
        places = places[tokens[places] != BORDER]
        if not len(places):
            return []
        lengths = self._in_common(places, last)
        longest = int(lengths.max())
        found = [self._match(0, longest, places[lengths == longest])]
        shorter = lengths[lengths < longest]
        if len(shorter):
            next_longest = int(shorter.max())
            found.append(self._match(1, next_longest, places[lengths >= next_longest]))
        return found

    def read(self, at: int, most: int) -> list[int]:
        tokens: list[int] = self._tokens[at : at + most].tolist()
        return tokens[: tokens.index(BORDER)] if BORDER in tokens else tokens

    def stream(self, at: int) -> tuple[int, list[int]]:
        """Which of the streams a place is in, counted from 0, and the tokens of that one before it."""
        before = self._tokens[LONGEST:at]
        borders = np.flatnonzero(before == BORDER)
        start = int(borders[-1]) + 1 if len(borders) else 0
        return len(borders), before[start:].tolist()

    def _in_common(self, places: _Places, last: Ids) -> _Places:
        """How many tokens before each of `places` are the history's last ones."""
        back = self._tokens[places[:, np.newaxis] - _BACK[: len(last)]] == last
        result: _Places = np.cumprod(back, axis=1, dtype=np.int64).sum(axis=1)
        return result

    def _match(self, order: int, length: int, places: _Places) -> Match:
        places = places[-COUNTED:]
        tokens: list[int] = self._tokens[places].tolist()
        following = counted(tokens)
        newest = len(tokens) - 1 - tokens[::-1].index(following[0][0])
        return Match(self.kind, order, length, following, Place(self, int(places[newest])))
