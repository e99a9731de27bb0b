"""A source that changes with every key: one array of tokens, searched from end to end.

Vectorised comparison of some ten thousand tokens takes microseconds, so there is no index to keep up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from polylsp.engine.memory import COUNTED, LEAST, LONGEST, Ids, Kind, Match, counted

BORDER = 0xFFFFFFFF  # No token: parts what never stood side by side.
_LOOKED_AT = 512  # Places that are compared further, the last ones.
_FEW = 32  # Places that are compared further all at once.
_NOWHERE = BORDER - 1
ROOM = LONGEST + 1  # Places before the first token.
_BACK = np.arange(1, ROOM + 1)
_SPREAD = 0x9E3779B1  # Two tokens as one number: few others make the same.
_Places = np.ndarray[Any, np.dtype[np.int64]]


class Live:
    """Tokens of one kind; streams among them are parted by `BORDER`."""

    def __init__(self, kind: Kind, tokens: Ids) -> None:
        """`tokens` must not change any more."""
        self.kind = kind
        # Room before the start: going back over it finds a border, not the array's end.
        self._tokens = np.concatenate([np.full(ROOM, BORDER, np.uint32), tokens])
        # Of every place but the first ones, the two tokens before it.
        self._pairs = self._tokens[:-2] * np.uint32(_SPREAD) ^ self._tokens[1:-1]

    def look(self, history: Sequence[int]) -> list[Match]:
        last = history[: -LONGEST - 1 : -1]
        places = self._after(last[0], last[1])
        if not len(places):
            return []
        length, shorter = LEAST, None
        while len(places) > _FEW and length < len(last):
            closer = places[self._tokens[places - length - 1] == last[length]]
            if not len(closer):
                break
            if len(closer) < len(places):
                shorter = (length, places)
            places, length = closer, length + 1
        else:
            lengths = self._in_common(places, last)
            length = int(lengths.max())
            far = lengths == length
            if not far.all():
                shorter = (nearly := int(lengths[~far].max()), places[lengths >= nearly])
                places = places[far]
        found = [self._match(0, length, places)]
        return found if shorter is None else [*found, self._match(1, *shorter)]

    def read(self, at: int, most: int) -> list[int]:
        tokens: list[int] = self._tokens[at : at + most].tolist()
        return tokens[: tokens.index(BORDER)] if BORDER in tokens else tokens

    def stream(self, at: int) -> tuple[int, list[int]]:
        """Which of the streams a place is in, counted from 0, and the tokens of that one before it."""
        before = self._tokens[ROOM:at]
        borders = np.flatnonzero(before == BORDER)
        start = int(borders[-1]) + 1 if len(borders) else 0
        return len(borders), before[start:].tolist()

    def _after(self, last: int, before: int) -> _Places:
        """The last places that a token follows, and before which these two stand."""
        tokens = self._tokens
        pair = (before * _SPREAD & 0xFFFFFFFF) ^ last
        places = (self._pairs == np.uint32(pair)).nonzero()[0] + LEAST
        places = places[tokens[places - 1] == last]
        places = places[tokens[places - 2] == before][-_LOOKED_AT:]
        result: _Places = places[tokens[places] != BORDER]
        return result

    def _in_common(self, places: _Places, last: Sequence[int]) -> _Places:
        """How many tokens before each of `places` are those of `last`."""
        # Behind its end stands what is nowhere, so that there always is one that differs.
        wanted = np.array([*last, _NOWHERE], np.uint32)
        same = self._tokens[places[:, np.newaxis] - _BACK[: len(wanted)]] == wanted
        result: _Places = same.argmin(1)
        return result

    def _match(self, order: int, length: int, places: _Places) -> Match:
        places = places[-COUNTED:][::-1]
        tokens: list[int] = self._tokens[places].tolist()
        following = counted(tokens[::-1])
        total = sum([count for _, count in following])
        found = list(zip(tokens, places.tolist(), strict=True))
        return Match(self.kind, order, length, following, total, self, found)
